"""A small artifact folder: the first scenes, so that a thousand copies cost little; and ways to spoil it."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

from retrieval.collections.artifacts import CATALOGUE, INDEX, MANIFEST, MAP, read_manifest, write_manifest
from retrieval.collections.catalogue import read_catalogue, write_catalogue
from retrieval.collections.embedding_map import read_coordinates, write_coordinates
from retrieval.index import VectorIndex
from retrieval.retriever import SHIPPED_SCENES


def write_small_folder(folder: Path, rows: int = 4, photos: bool = True) -> Path:
    """The first rows of the shipped scenes, which are of one class, with their photos."""
    folder.mkdir(parents=True)
    entries = read_catalogue(SHIPPED_SCENES / CATALOGUE)
    index = VectorIndex.load(SHIPPED_SCENES / INDEX, gpu=False)
    write_catalogue(folder / CATALOGUE, entries[:rows])
    VectorIndex.build(index.vectors()[:rows]).save(folder / INDEX)
    write_coordinates(folder / MAP, read_coordinates(SHIPPED_SCENES / MAP, len(entries))[:rows])
    write_manifest(folder, replace(read_manifest(SHIPPED_SCENES), count=rows))
    for entry in entries[:rows] if photos else ():
        copy = folder / "photos" / entry.file
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED_SCENES / "photos" / entry.file, copy)
    return folder


def change_manifest(folder: Path, **changes):
    """Give fields of the manifest other values, or what functions make of their values."""
    fields = json.loads((folder / MANIFEST).read_text())
    for name, value in changes.items():
        fields[name] = value(fields.get(name)) if callable(value) else value
    (folder / MANIFEST).write_text(json.dumps(fields))


def replace_file(folder: Path, name: str, data: bytes):
    """Give a file other bytes, and the manifest the checksum that fits them."""
    (folder / name).write_bytes(data)
    change_manifest(folder, files=lambda files: files | {name: hashlib.sha256(data).hexdigest()})
