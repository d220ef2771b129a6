"""What a collection, and a run that was cut off, know of photos: so that nothing is embedded twice."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import CATALOGUE, INDEX, Manifest, read_manifest
from retrieval.collections.catalogue import Entry, read_catalogue
from retrieval.index import VectorIndex
from train.folders.ledger import Photo
from train.folders.walk import Found

#: In the collection's folder, beside what its manifest names: the state of each file when it was read.
RECORD = "record.csv"
FIELDS = ("file", "size", "modified", "content")


@dataclass
class Known:
    """Photos whose vectors are known.

    Attributes:
        photos: By their paths in the folder.
        vectors: Content -> vector.
        contents: Content -> a photo with it.
    """

    photos: dict[str, Photo] = field(default_factory=dict)
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    contents: dict[str, Photo] = field(default_factory=dict)

    def add(self, photos: Sequence[Photo], vectors: NDArray[np.float32]) -> None:
        """Add photos, which may be known in an older state."""
        for photo, vector in zip(photos, vectors, strict=True):
            if not photo.content:
                continue
            self.photos[photo.file] = self.contents[photo.content] = photo
            self.vectors[photo.content] = vector

    def has(self, found: Found) -> bool:
        """Whether a file is as it was when it was read."""
        photo = self.photos.get(found.file)
        return photo is not None and (photo.size, photo.modified) == (found.size, found.modified)


@dataclass(frozen=True)
class Published:
    """A collection that is there already.

    Attributes:
        manifest: As read.
        entries: Likewise.
        photos: Of each entry, what is known of its file; its content is '' where the record lacks it.
        vectors: (n, dimension) float32.
    """

    manifest: Manifest
    entries: list[Entry]
    photos: list[Photo]
    vectors: NDArray[np.float32]


def read_published(folder: Path) -> Published:
    """Read a collection. Raises ArtifactError if it does not hold together."""
    manifest = read_manifest(folder)
    entries = read_catalogue(folder / CATALOGUE)
    vectors = VectorIndex.load(folder / INDEX, gpu=False).vectors()
    record = _record(folder / RECORD)
    photos = [
        Photo(entry.file, *record.get(entry.file, (0, 0, "")), entry.sha256, entry.blurhash)
        for entry in entries
    ]
    return Published(manifest, entries, photos, vectors)


def _record(path: Path) -> dict[str, tuple[int, int, str]]:
    """File -> size, time, content; nothing where that cannot be read: then all is embedded again."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file, strict=True)
            if tuple(head) != FIELDS:
                return {}
            return {name: (int(size), int(modified), content) for name, size, modified, content in rows}
    except (OSError, ValueError, csv.Error):
        return {}


def write_record(folder: Path, photos: Iterable[Photo]) -> None:
    """Write what `read_published` reads."""
    with (folder / RECORD).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FIELDS)
        rows.writerows([photo.file, photo.size, photo.modified, photo.content] for photo in photos)
