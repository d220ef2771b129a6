"""A collection of a folder whose photos nobody labelled, without the network: scenes and their vectors."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path

from retrieval.collections.artifacts import CATALOGUE, GROUPS, INDEX, MAP, read_manifest, write_manifest
from retrieval.collections.catalogue import read_catalogue, write_catalogue
from retrieval.collections.embedding_map import read_coordinates, write_coordinates
from retrieval.collections.photos import PhotoSource
from retrieval.index import VectorIndex
from retrieval.retriever import SHIPPED_SCENES

ROWS = 60  # of the scenes, five of a class


def write_unlabelled(folder: Path, photos: Path, rows: int = ROWS) -> Path:
    """The first scenes under paths of folders, in three groups. $AERIAL_CACHE has to be the page's own."""
    folder.mkdir(parents=True)
    entries = read_catalogue(SHIPPED_SCENES / CATALOGUE)
    paths = [f"flight {row % 2}/part {row % 3}/{Path(entry.file).name}" for row, entry in enumerate(entries)]
    for entry, path in list(zip(entries, paths, strict=True))[:rows]:
        (photos / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED_SCENES / "photos" / entry.file, photos / path)
    write_catalogue(
        folder / CATALOGUE,
        [
            replace(entry, id=path, file=path, label=f"group {1 + row * 3 // rows}")
            for row, (entry, path) in enumerate(zip(entries[:rows], paths[:rows], strict=True))
        ],
    )
    VectorIndex.build(VectorIndex.load(SHIPPED_SCENES / INDEX, gpu=False).vectors()[:rows]).save(
        folder / INDEX
    )
    write_coordinates(folder / MAP, read_coordinates(SHIPPED_SCENES / MAP, len(entries))[:rows])
    source = {key: value for key, value in asdict(PhotoSource.of_folder(photos)).items() if value}
    manifest = read_manifest(SHIPPED_SCENES)
    write_manifest(
        folder, replace(manifest, name="mine", title="My photos", count=rows, photos=source, labels=GROUPS)
    )
    return folder
