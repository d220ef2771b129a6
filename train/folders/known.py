"""What a collection, and a run that was cut off, know of photos: so that nothing is embedded twice."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import CATALOGUE, INDEX, PLACES, Manifest, read_manifest
from retrieval.collections.catalogue import Entry, read_catalogue
from retrieval.collections.places import Place, read_places
from retrieval.index_file import mapped_vectors
from train.folders.ledger import Photo
from train.folders.walk import Found

#: In the collection's folder, beside what its manifest names: the state of each file when it was read.
RECORD = "record.csv"
FIELDS = ("file", "size", "modified", "content", "tile")
#: In the collection's folder: what was left out of it, and why.
REPORT = "left-out.csv"


@dataclass
class Known:
    """Photos whose vectors are known.

    Attributes:
        photos: By their ids.
        tiles: Of each raster that is in the collection as a whole, by its path, its tiles.
        metres: Of ground, that those tiles are wide; 0 where none were made.
        vectors: Content -> vector.
        contents: Content -> a photo with it.
    """

    photos: dict[str, Photo] = field(default_factory=dict)
    tiles: dict[str, list[Photo]] = field(default_factory=dict)
    metres: float = 0.0
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    contents: dict[str, Photo] = field(default_factory=dict)

    def add(self, photos: Sequence[Photo], vectors: NDArray[np.float32]) -> None:
        """Add photos, which may be known in an older state."""
        for photo, vector in zip(photos, vectors, strict=True):
            if not photo.content:
                continue
            self.photos[photo.id] = self.contents[photo.content] = photo
            self.vectors[photo.content] = vector

    def add_published(self, published: Published) -> None:
        """Add all that a collection holds."""
        self.add(published.photos, published.vectors)
        self.metres = published.metres
        tiles = defaultdict[str, list[Photo]](list)
        for photo in published.photos:
            if photo.part and photo.content and photo.file not in published.left_out:
                tiles[photo.file].append(photo)
        self.tiles = dict(tiles)

    def of(self, found: Found, metres: float) -> list[Photo]:
        """The photos of a file, where it is as it was when it was read; none else.

        Args:
            found: The file.
            metres: Of ground, that tiles are wide.
        """
        if (tiles := self.tiles.get(found.file)) and self.metres == metres:
            return tiles if _is_state(tiles[0], found) else []
        photo = self.photos.get(found.file)
        return [photo] if photo and _is_state(photo, found) else []


@dataclass(frozen=True)
class Published:
    """A collection that is there already.

    Attributes:
        manifest: As read.
        entries: Likewise.
        photos: Of each entry, what is known of its file; its content is '' where the record lacks it.
        vectors: (n, dimension) float32, which stay on the disk.
        metres: Of ground, that tiles of rasters are wide; 0 where that is not known.
        left_out: Files of which something is not in it.
    """

    manifest: Manifest
    entries: list[Entry]
    photos: list[Photo]
    vectors: NDArray[np.float32]
    metres: float
    left_out: frozenset[str]


def read_published(folder: Path) -> Published:
    """Read a collection. Raises ArtifactError if it does not hold together."""
    manifest = read_manifest(folder)
    entries = read_catalogue(folder / CATALOGUE)
    vectors = mapped_vectors(folder / INDEX)
    has_places = PLACES in manifest.files
    places: Iterable[Place] = read_places(folder / PLACES, len(entries)) if has_places else repeat(Place())
    record, metres = _record(folder / RECORD)
    photos = [
        Photo(
            *(entry.file, *record.get(entry.id, (0, 0, "")), entry.sha256, entry.blurhash),
            part=entry.id.removeprefix(f"{entry.file}/") if place.window else "",
            window=place.window,
            footprint=place.footprint,
        )
        for entry, place in zip(entries, places, strict=False)
    ]
    return Published(manifest, entries, photos, vectors, metres, _left_out(folder / REPORT))


def _is_state(photo: Photo, found: Found) -> bool:
    return (photo.size, photo.modified) == (found.size, found.modified)


def _left_out(path: Path) -> frozenset[str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return frozenset(row[0] for row in csv.reader(file) if row)
    except (OSError, ValueError, csv.Error):
        return frozenset()


def _record(path: Path) -> tuple[dict[str, tuple[int, int, str]], float]:
    """Id -> size, time, content; and metres of tiles. Nothing where that cannot be read.

    A record of before there were tiles lacks those metres.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file, strict=True)
            if tuple(head) not in (FIELDS, FIELDS[:-1]):
                return {}, 0.0
            metres = float(rows[0][4]) if rows and len(head) == len(FIELDS) else 0.0
            return {row[0]: (int(row[1]), int(row[2]), row[3]) for row in rows}, metres
    except (OSError, ValueError, IndexError, csv.Error):
        return {}, 0.0


def write_record(folder: Path, photos: Iterable[Photo], metres: float) -> None:
    """Write what `read_published` reads; of tiles, how many metres of ground they are wide."""
    with (folder / RECORD).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FIELDS)
        rows.writerows([photo.id, photo.size, photo.modified, photo.content, metres] for photo in photos)
