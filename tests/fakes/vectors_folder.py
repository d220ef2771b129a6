"""A collection of vectors drawn by chance, with strangers' labels and with places: for stores of vectors."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from retrieval.collections.artifacts import CATALOGUE, INDEX, PLACES, read_manifest, write_manifest
from retrieval.collections.catalogue import read_catalogue, write_catalogue
from retrieval.collections.places import Place, write_places
from retrieval.index import VectorIndex
from retrieval.retriever import SHIPPED_SCENES

DIMENSION = 32

#: Classes that would be more than a text, if they were not written as one into a search.
LABELS = (
    "beach",
    'a "quoted" field',
    "back\\slash",
    "ends in a backslash\\",
    "o'clock",
    '"] or row >= 0 or label in ["',
    "' or true or '",
    "{row} %s % _",
    "\\\" or \\'",
    "plajă 海滩 🏖️ with\u3000wide\u00a0spaces",
    "🏖" * 200,
    "\\u0062each \\n \\x00",
)


def unit_vectors(count: int, seed: int = 0, dimension: int = DIMENSION):
    """Vectors of unit length in all directions."""
    drawn = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def place(row: int) -> Place:
    """Each fifth lies nowhere, the others around the Earth, some across the 180th meridian."""
    if row % 5 == 0:
        return Place()
    west, south = (row * 7) % 360 - 180.05, (row * 3) % 160 - 80.0
    edges = [((east + 180) % 360 - 180) for east in (west, west + 0.1)]
    return Place(
        footprint=(
            (edges[0], south + 0.1),
            (edges[1], south + 0.1),
            (edges[1], south),
            (edges[0], south),
        )
    )


def write_placed(
    folder: Path,
    vectors,
    labels=LABELS,
    name: str = "placed",
    weights: str | None = None,
) -> Path:
    """An artifact folder with a row for each vector; there are no photos."""
    folder.mkdir(parents=True, exist_ok=True)
    entry = read_catalogue(SHIPPED_SCENES / CATALOGUE)[0]
    ids = [f'flight "1"/it\'s {row}\\{row}' if row % 2 else f"photo{row}" for row in range(len(vectors))]
    entries = [
        replace(entry, id=each.replace("\\", "_"), label=labels[row % len(labels)], file=f"a/{row}.png")
        for row, each in enumerate(ids)
    ]
    write_catalogue(folder / CATALOGUE, entries)
    VectorIndex.build(vectors).save(folder / INDEX)
    write_places(folder / PLACES, [place(row) for row in range(len(vectors))])
    shipped = read_manifest(SHIPPED_SCENES)
    model = replace(shipped.model, dimension=vectors.shape[1], sha256=weights or shipped.model.sha256)
    write_manifest(folder, replace(shipped, name=name, count=len(vectors), model=model, calibration={}))
    return folder
