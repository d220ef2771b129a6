"""A collection: the index, what each of its rows is, and its photo or preview."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.collections import hub, photos, previews
from retrieval.collections.artifacts import (
    CATALOGUE,
    INDEX,
    MAP,
    WEIGHTS,
    ArtifactError,
    Manifest,
    read_manifest,
)
from retrieval.collections.calibration import Calibration
from retrieval.collections.embedding_map import read_coordinates
from retrieval.collections.pair_distances import PairDistances
from retrieval.collections.photos import PhotoFolder, PhotoSource
from retrieval.images import ImageError, decode, pixel_sha256
from retrieval.index import VectorIndex
from retrieval.plain_text import one_line


@dataclass(frozen=True)
class Entry:
    """One row of the catalogue, and of the index.

    Attributes:
        id: Unique in the collection, e.g. 'airplane00'.
        label: The class.
        file: The photo's path in the data set, e.g. 'airplane/airplane00.tif'.
        sha256: Of the photo's pixels, see `retrieval.images.pixel_sha256`.
        blurhash: The preview.
    """

    id: str
    label: str
    file: str
    sha256: str
    blurhash: str


FIELDS = ("id", "label", "file", "sha256", "blurhash")


def write_catalogue(path: Path, entries: list[Entry]) -> None:
    """Write entries as CSV, a row each, under a header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FIELDS)
        rows.writerows([getattr(entry, name) for name in FIELDS] for entry in entries)


def read_catalogue(path: Path) -> list[Entry]:
    """Read what `write_catalogue` wrote. Raises ArtifactError naming the line that does not fit."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.reader(file)
        if tuple(next(rows, ())) != FIELDS:
            raise ArtifactError(
                f"{path} has to begin with the header {','.join(FIELDS)}: build the folder again."
            )
        entries: dict[str, Entry] = {}
        for row in rows:
            if len(row) != len(FIELDS) or row[0] in entries or not previews.is_valid(row[-1]):
                raise ArtifactError(
                    f"{path}, line {rows.line_num}: each line needs {len(FIELDS)} fields, an id of its own "
                    "and a BlurHash of at most 5 x 5: build the folder again."
                )
            entries[row[0]] = Entry(*row)
    return list(entries.values())


class Collection:
    """Photos that can be searched.

    Args:
        folder: An artifact folder.
        photo_folder: Where its photos are; by default the places that the manifest names are tried.
        gpu: Whether the index may move to a GPU.

    Raises:
        ArtifactError: If the folder does not hold together.
    """

    def __init__(self, folder: Path, photo_folder: Path | None = None, *, gpu: bool = True) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self.entries = read_catalogue(folder / CATALOGUE)
        self.index = VectorIndex.load(folder / INDEX, gpu=gpu)
        sizes = {len(self.index), len(self.entries), self.manifest.count}
        if len(sizes) > 1 or self.index.dimension != self.manifest.model.dimension:
            raise ArtifactError(
                f"{folder} contradicts itself: the index has {len(self.index)} vectors of "
                f"{self.index.dimension} features, the catalogue {len(self.entries)} rows, and the manifest "
                f"says {self.manifest.count} of {self.manifest.model.dimension}. Build the folder again."
            )
        #: The map: (n, 2) float32 in [0, 1], see `embedding_map`; None where the folder has none.
        self.coordinates: NDArray[np.float32] | None = (
            read_coordinates(folder / MAP, len(self.index)) if MAP in self.manifest.files else None
        )
        try:
            self.source = PhotoSource.from_dict(self.manifest.photos)
        except TypeError as error:
            raise ArtifactError(f"{folder}: the manifest's 'photos' do not fit ({error}).") from error
        try:
            self.calibration = Calibration.from_dict(self.manifest.calibration)
        except ValueError as error:
            raise ArtifactError(f"{folder}: the manifest's 'calibration' does not fit ({error}).") from error
        self._named_folder = photo_folder
        self.photos: PhotoFolder | None = None
        #: How many photos are not on this machine; counted once, as every search asks for it.
        self.missing_photos = len(self.entries)
        self.find_photos()

    @property
    def name(self) -> str:
        """What the API calls it."""
        return self.manifest.name

    @property
    def title(self) -> str:
        """What people call it, on one line."""
        return one_line(self.manifest.title)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {entry.id: row for row, entry in enumerate(self.entries)}

    def row(self, identifier: str) -> int:
        """The row of a photo by its id. Raises KeyError where there is none."""
        return self._rows[identifier]

    @cached_property
    def labels(self) -> list[str]:
        """The classes, in alphabetical order."""
        return sorted({entry.label for entry in self.entries})

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The vector of each row, copied from the index once: (n, dimension) float32."""
        return self.index.vectors()

    @cached_property
    def pair_distances(self) -> PairDistances | None:
        """How far its photos are apart, within a class and between classes; None of a single photo."""
        return PairDistances.measure(self.vectors, [entry.label for entry in self.entries])

    @cached_property
    def first_of_classes(self) -> list[int]:
        """The row of the first photo of each class, in the order of `labels`."""
        first = {entry.label: row for row, entry in reversed(list(enumerate(self.entries)))}
        return [first[label] for label in self.labels]

    def find_photos(self) -> None:
        """Look for the photos again, for instance after a download.

        Of the folders that fit, the one with the most photos is taken. A folder fits when the photo of
        each class that is first in the catalogue, if it is there at all, has the pixels that the catalogue
        says: another data set may use the same file names.
        """
        if self._named_folder:
            places = [self._named_folder, photos.download_folder(self.name)]
        else:
            places = self.source.folders(self.name, self.folder)
        fitting = [found for place in places if (found := self._fitting(PhotoFolder(place)))]
        self.photos = max(fitting, key=self._count, default=None)
        self.missing_photos = len(self.entries) - (self._count(self.photos) if self.photos else 0)

    def _count(self, found: PhotoFolder) -> int:
        return found.count(entry.file for entry in self.entries)

    def _fitting(self, found: PhotoFolder) -> PhotoFolder | None:
        first = [self.entries[row] for row in self.first_of_classes]
        checked = [(entry, path) for entry in first if (path := found.find(entry.file))]
        try:
            same = all(pixel_sha256(decode(path).image) == entry.sha256 for entry, path in checked)
        except ImageError:
            same = False
        return found if checked and same else None

    def photo(self, row: int) -> Path | None:
        """The file with the photo of a row; None where it is not on this machine."""
        return self.photos.find(self.entries[row].file) if self.photos else None


def load_collections(
    artifacts: str | Path,
    further: Sequence[str | Path] | None,
    photos: str | Path | None,
    default: Path,
    *,
    gpu: bool,
) -> list[Collection]:
    """Load collections whose vectors were made by the same weights, which are in the first one's folder.

    Args:
        artifacts: The folder of the first, here or on the Hub.
        further: The folders of others; by default that of `default`, if it is of the same weights.
        photos: The folder of the first one's photos, where they are not in their usual places.
        default: See `further`.
        gpu: Whether indexes may move to a GPU.

    Raises:
        ArtifactError: If there are no weights, if they are not those of another folder's vectors, or if two
            collections have one name.
    """
    first = Collection(hub.local_folder(artifacts), Path(photos) if photos else None, gpu=gpu)
    if not first.manifest.has_weights:
        raise ArtifactError(f"{artifacts} holds no weights ({WEIGHTS}): name a folder that does first.")
    collections = [first]
    for folder in (default,) if further is None else further:
        collection = Collection(hub.local_folder(folder), gpu=gpu)
        if collection.manifest.model != first.manifest.model:
            if further is None:
                continue
            raise ArtifactError(
                f"The vectors in {folder} were made by other weights or settings than those of "
                f"{artifacts}: build it again with these weights."
            )
        if collection.name in {known.name for known in collections}:
            raise ArtifactError(
                f"Two collections are called '{collection.name}': rename one in its manifest."
            )
        collections.append(collection)
    return collections
