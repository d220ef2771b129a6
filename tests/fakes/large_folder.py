"""A collection that is large enough for a fast index: scenes, and vectors between them, each at a place."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from retrieval.collections.artifacts import CATALOGUE, INDEX, MAP, PLACES, read_manifest, write_manifest
from retrieval.collections.catalogue import read_catalogue, write_catalogue
from retrieval.collections.embedding_map import read_coordinates, write_coordinates
from retrieval.collections.places import Place, write_places
from retrieval.index import VectorIndex
from retrieval.retriever import SHIPPED_SCENES
from train.artifacts.fast import IndexChoice, write_fast

#: Above what is compared row by row.
ROWS = 2520


def write_large(folder: Path, kind: str = "PCA64,IVF16,SQ8") -> Path:
    """Ten of each scene, nudged towards other scenes; row r lies r hundredths of a degree east of 20."""
    folder.mkdir(parents=True)
    entries = read_catalogue(SHIPPED_SCENES / CATALOGUE)
    vectors = VectorIndex.load(SHIPPED_SCENES / INDEX, gpu=False).vectors()
    count = len(entries)
    rows = np.arange(ROWS)
    chance = np.random.default_rng(0)
    nudge = np.where(rows < count, 0, chance.uniform(0.05, 0.4, ROWS)).astype(np.float32)[:, None]
    mixed = (1 - nudge) * vectors[rows % count] + nudge * vectors[chance.integers(count, size=ROWS)]
    index = VectorIndex.build(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))
    index.save(folder / INDEX)
    many = [replace(entries[row % count], id=f"{entries[row % count].id}-{row}") for row in rows.tolist()]
    write_catalogue(folder / CATALOGUE, many)
    write_coordinates(folder / MAP, read_coordinates(SHIPPED_SCENES / MAP, count)[rows % count])
    write_places(folder / PLACES, [Place(footprint=((20 + row / 100, 45.0),) * 4) for row in rows.tolist()])
    shutil.copytree(SHIPPED_SCENES / "photos", folder / "photos")
    manifest = replace(read_manifest(SHIPPED_SCENES), name="large", title="Many photos", count=ROWS)
    write_manifest(folder, write_fast(folder, manifest, index, IndexChoice(kind)))
    return folder
