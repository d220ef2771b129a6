"""A collection: the index, what each of its rows is, and its photo or preview."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collections import hub
from retrieval.collections.artifacts import (
    CATALOGUE,
    CLASSES,
    FEATURES,
    INDEX,
    MAP,
    PLACES,
    WEIGHTS,
    ArtifactError,
    Manifest,
    read_manifest,
)
from retrieval.collections.cache import download_folder
from retrieval.collections.calibration import Calibration
from retrieval.collections.catalogue import read_catalogue
from retrieval.collections.embedding_map import read_coordinates
from retrieval.collections.own_folder import OwnFolder
from retrieval.collections.pair_distances import PairDistances, sample
from retrieval.collections.photos import PhotoFolder, PhotoSource
from retrieval.collections.places import Places, Window, read_places
from retrieval.decode_limits import BusyError
from retrieval.fast_index import load_fast
from retrieval.images import ImageError, decode, pixel_sha256
from retrieval.index import VectorIndex
from retrieval.milvus_database import Address
from retrieval.milvus_store import MilvusStore
from retrieval.plain_text import one_line
from retrieval.row_choice import RowChoice
from retrieval.untrusted import decode_own, decode_untrusted
from retrieval.vector_store import VectorStore
from retrieval.weights import check_model

logger = logging.getLogger(__name__)

#: Photos that are decoded in the server at a time, however many a page asks for: one may have 200 MB.
_PLACES = threading.BoundedSemaphore(4)


class Collection:
    """Photos that can be searched.

    Args:
        folder: An artifact folder.
        photo_folder: Where its photos are; by default the places that the manifest names are tried.
        gpu: Whether the index may move to a GPU.
        elsewhere: Whether the folder comes from another machine: then no variable and no folder of this one
            is looked into for photos, whatever the manifest names, and they are decoded as strangers' files.
        store: The database that holds the vectors in place of the folder's index; None for that index.

    Raises:
        ArtifactError: If the folder does not hold together, or the store does not hold its vectors.
    """

    def __init__(
        self,
        folder: Path,
        photo_folder: Path | None = None,
        *,
        gpu: bool = True,
        elsewhere: bool = False,
        store: Address | None = None,
    ) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder, unneeded={INDEX} if store else ())
        self.entries = read_catalogue(folder / CATALOGUE)
        fast = None if store else load_fast(folder, self.manifest)
        self.index: VectorStore = (
            MilvusStore(store, self.manifest)
            if store
            else VectorIndex.load(folder / INDEX, gpu=gpu, fast=fast)
        )
        #: Of the 10 nearest photos, the share that a search finds; None where it is all of them, or unknown.
        self.recall = self.manifest.index.recall if fast and self.manifest.index else None
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
        #: Where each photo lies on Earth, and in its file; None where the folder does not say.
        self.places: Places | None = (
            read_places(folder / PLACES, len(self.index)) if PLACES in self.manifest.files else None
        )
        #: Labels and places of the rows, to narrow searches by.
        self.choice = RowChoice([entry.label for entry in self.entries], self.places)
        if isinstance(self.index, VectorIndex):  # a database has them itself
            self.index.describe(self.choice)
        try:
            source = PhotoSource.from_dict(self.manifest.photos)
        except ValueError as error:
            raise ArtifactError(f"{folder}: the manifest's 'photos' do not fit ({error}).") from error
        self.source = source.elsewhere() if elsewhere else source
        self._elsewhere = elsewhere
        try:
            self.calibration = Calibration.from_dict(self.manifest.calibration)
        except ValueError as error:
            raise ArtifactError(f"{folder}: the manifest's 'calibration' does not fit ({error}).") from error
        self._named_folder = photo_folder
        self.photos: PhotoFolder | OwnFolder | None = None
        #: Row -> the state of its photo's file when it was compared with the catalogue, and how that ended.
        self._compared: dict[int, tuple[object, bool]] = {}
        #: How many photos are not on this machine; counted once, as every search asks for it.
        self.missing_photos = len(self.entries)
        self.find_photos()
        if store:
            _ = self.pair_distances  # while the database answers; what the page says of itself needs them

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
        return sorted({entry.label for entry in self.entries}, key=_in_order)

    @property
    def has_classes(self) -> bool:
        """Whether its labels are classes that somebody gave; else they are groups, and vote for nothing."""
        return self.manifest.labels == CLASSES

    @property
    def classes(self) -> list[str]:
        """The classes, in alphabetical order; none where its labels are groups."""
        return self.labels if self.has_classes else []

    def label_of(self, row: int) -> str:
        """The class of a row; '' where the collection has none."""
        return self.entries[row].label if self.has_classes else ""

    def vector(self, row: int) -> NDArray[np.float32]:
        """The vector of a row: (dimension,) float32."""
        vector: NDArray[np.float32] = self.index.vectors_of(np.array([row]))[0]
        return vector

    @property
    def vectors(self) -> NDArray[np.float32]:
        """A copy of the vector of each row: (n, dimension) float32, which may be many."""
        return self.index.vectors_of(np.arange(len(self.index)))

    @cached_property
    def pair_distances(self) -> PairDistances | None:
        """How far its photos are apart, within a class and between classes; None of a single photo.

        Without classes there are pairs of two photos only, which count as different.
        """
        rows = sample(len(self.entries))
        entries = [self.entries[row] for row in rows.tolist()]
        labels = [entry.label if self.has_classes else entry.id for entry in entries]
        return PairDistances.measure(self.index.vectors_of(rows), labels)

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

        Where photos stay in a folder of the operator's, they come and go there, and each is compared by
        itself when it is shown.
        """
        if self.manifest.photos.get("folder"):
            own = self._named_folder or self.source.own_folder
            if own is None and not self._elsewhere:
                logger.warning(
                    "%s was made on another machine or by another user, whose folder of photos is not looked "
                    "for here: previews are shown. Run 'python -m train index --images FOLDER --out %s "
                    "--replace' here; it embeds only what is new.", self.folder, self.folder,
                )  # fmt: skip
            self.photos = OwnFolder(own) if own else None
        else:
            if self._named_folder:
                places = [self._named_folder, download_folder(self.name)]
            else:
                places = self.source.folders(self.name, self.folder)
            stored = hub.stored_files(self.folder)
            fitting = [found for place in places if (found := self._fitting(PhotoFolder(place, stored)))]
            self.photos = max(fitting, key=self._count, default=None)
        self.missing_photos = len(self.entries) - (self._count(self.photos) if self.photos else 0)

    def _count(self, found: PhotoFolder | OwnFolder) -> int:
        return found.count(entry.file for entry in self.entries)

    def _fitting(self, found: PhotoFolder) -> PhotoFolder | None:
        first = [self.entries[row] for row in self.first_of_classes]
        checked = [(entry, path) for entry in first if (path := found.find(entry.file))]
        try:
            same = all(pixel_sha256(self._decoded(path)) == entry.sha256 for entry, path in checked)
        except ImageError:
            same = False
        return found if checked and same else None

    def window(self, row: int) -> Window | None:
        """The part of its file that a row is; None where it is all of it."""
        return self.places[row].window if self.places else None

    def photo(self, row: int) -> Path | None:
        """The file with the photo of a row, of which it may be a part; None where it is not on this machine.

        What is in it is not looked at: for that, see `checked_photo` and `photo_image`.
        """
        if self.window(row) and not isinstance(self.photos, OwnFolder):
            return None  # parts are read of the operator's own files alone
        return self.photos.find(self.entries[row].file) if self.photos else None

    def checked_photo(self, row: int) -> Path | None:
        """As `photo`; None also where its pixels are not those that the catalogue says.

        That is found out once, and again when the file changes. Raises BusyError as `photo_image`.
        """
        path = self.photo(row)
        if path is None:
            return None
        state, same = self._compared.get(row, (None, False))
        if state is None or state != file_state(path):
            same = self.photo_image(row) is not None
        return path if same else None

    def photo_image(self, row: int) -> Image.Image | None:
        """The photo of a row, RGB; None where it is not on this machine, damaged, or another picture.

        Raises:
            BusyError: If it is a stranger's or large, and too many of those are being read.
        """
        path = self.photo(row)
        if path is None:
            return None
        state = file_state(path)
        image = self._with_pixels(path, self.entries[row].sha256, self.window(row))
        self._compared[row] = (state, image is not None)
        return image

    def other_photo(self, file: str, sha256: str) -> Image.Image | None:
        """A photo that lies with the collection's and is none of them, RGB; else as `photo_image`.

        Args:
            file: As a catalogue calls it.
            sha256: Of its pixels.
        """
        path = self.photos.find(file) if self.photos else None
        return self._with_pixels(path, sha256) if path else None

    def _with_pixels(self, path: Path, sha256: str, window: Window | None = None) -> Image.Image | None:
        """The picture in a file, RGB; None where it is damaged or has other pixels. Raises BusyError."""
        try:
            image = self._decoded(path) if window is None else _part(path, window)
        except BusyError:  # which says nothing of the photo
            raise
        except ImageError:
            return None
        return image if pixel_sha256(image) == sha256 else None

    def _decoded(self, path: Path) -> Image.Image:
        """The picture in a file, RGB. Raises ImageError."""
        if self._elsewhere:
            return decode_untrusted(path).image
        with _PLACES:
            return (decode_own if isinstance(self.photos, OwnFolder) else decode)(path).image


def _part(path: Path, window: Window) -> Image.Image:
    """A part of a raster of the operator's, RGB. Raises ImageError."""
    from retrieval.raster_windows import read_window  # GDAL takes memory, and time to start

    with _PLACES:
        return read_window(path, file_state(path), window)


def _in_order(label: str) -> list[tuple[int, str]]:
    """By what a label is compared: 'group 10' comes after 'group 9'."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", label)]


def file_state(path: Path) -> tuple[str, int, int, int] | None:
    """What changes when a file is replaced or written to; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_ino, found.st_size, found.st_mtime_ns


def load_collections(
    artifacts: str | Path,
    further: Sequence[str | Path] | None,
    photos: str | Path | None,
    default: Path,
    *,
    gpu: bool,
    store: str | None = None,
) -> list[Collection]:
    """Load collections whose vectors were made by the same weights, which are in the first one's folder.

    Args:
        artifacts: The folder of the first, here or on the Hub.
        further: The folders of others; by default that of `default`, if it is of the same weights.
        photos: The folder of the first one's photos, where they are not in their usual places.
        default: See `further`.
        gpu: Whether indexes may move to a GPU.
        store: Where the vectors of all that are named are: 'milvus:URI'; by default in their folders.

    Raises:
        ArtifactError: If there are no weights, if they are not those of another folder's vectors, or if two
            collections have one name.
    """
    address = Address.parse(store) if store else None
    first = Collection(
        hub.local_folder(artifacts),
        Path(photos) if photos else None,
        gpu=gpu,
        elsewhere=hub.is_address(artifacts),
        store=address,
    )
    if not first.manifest.has_weights:
        raise ArtifactError(f"{artifacts} holds no weights ({WEIGHTS}): name a folder that does first.")
    if first.manifest.model.dimension != FEATURES:
        raise ArtifactError(
            f"{artifacts} has vectors of {first.manifest.model.dimension} features, and its network makes "
            f"{FEATURES}: build the folder again."
        )
    check_model(first.folder / WEIGHTS, first.manifest.model)
    collections = [first]
    for folder in (default,) if further is None else further:
        collection = Collection(
            hub.local_folder(folder),
            gpu=gpu,
            elsewhere=hub.is_address(folder),
            store=address if further is not None else None,  # nobody imported what was not named
        )
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
