"""One part of a data set as labeled images: UC Merced, or any folder of class folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
from PIL import Image
from tqdm import tqdm

from retrieval.collections.photos import SUFFIXES, PhotoFolder
from retrieval.images import ImageError, decode
from train.data import ucmerced
from train.data.ucmerced import COMMITTED, DataError, divide, make_split, read_split


class LazyImages(Sequence[Image.Image]):
    """Decoded RGB images, each read from its file when it is indexed.

    Args:
        paths: Their files.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, row: int) -> Image.Image: ...
    @overload
    def __getitem__(self, row: slice) -> LazyImages: ...
    def __getitem__(self, row: int | slice) -> Image.Image | LazyImages:
        """The image of a row. Raises DataError if its file cannot be read."""
        if isinstance(row, slice):
            return LazyImages(self._paths[row])
        try:
            return decode(self._paths[row]).image
        except ImageError as error:
            raise DataError(f"{self._paths[row]}: {error}") from error


@dataclass(frozen=True)
class LabeledImages:
    """One part of a data set.

    Attributes:
        files: 'class/name.suffix' of each image.
        labels: The class of each image.
        images: Decoded RGB images of any size, read when indexed.
    """

    files: list[str]
    labels: list[str]
    images: Sequence[Image.Image]


def read_part(
    part: str,
    root: Path | None = None,
    folder: Path | None = None,
    *,
    division: str = COMMITTED,
    in_memory: bool = False,
) -> LabeledImages:
    """The images of a part of a data set.

    Args:
        part: See `find_files`, also for `root` and `folder`.
        root: The folder of UC Merced.
        folder: Another data set in place of UC Merced.
        division: See `find_files`.
        in_memory: Whether to read all images now and keep them in memory: training needs them in every epoch.

    Raises:
        DataError: See `find_files`; also if `in_memory` and an image cannot be read.
        retrieval.collections.photos.DownloadError: If UC Merced has to be downloaded and that fails.
    """
    photos, files = find_files(part, root, folder, division)
    paths = [path for file in files if (path := photos.find(file))]
    images: Sequence[Image.Image] = LazyImages(paths)
    if in_memory:
        with tqdm(images, desc=f"read {part}", unit="image") as bar:
            images = list(bar)
    return LabeledImages(files, [file.split("/")[0] for file in files], images)


def sample_fraction(images: LabeledImages, fraction: float, seed: int) -> LabeledImages:
    """A random fraction of each class's images, in their order.

    Args:
        images: All images.
        fraction: Of each class, in (0, 1]. With the same seed a smaller fraction is part of a larger one.
        seed: Of the random choice.
    """
    if fraction == 1:
        return images
    rows: list[int] = []
    for label in sorted(set(images.labels)):
        members = [row for row, other in enumerate(images.labels) if other == label]
        rng = np.random.default_rng((seed, len(members)))
        rows += rng.permutation(members)[: round(fraction * len(members))].tolist()
    rows.sort()
    return LabeledImages(
        [images.files[row] for row in rows],
        [images.labels[row] for row in rows],
        [images.images[row] for row in rows],
    )


def find_files(
    part: str, root: Path | None = None, folder: Path | None = None, division: str = COMMITTED
) -> tuple[PhotoFolder, list[str]]:
    """Find the folder of a data set, and list the images of a part.

    Args:
        part: 'train', 'validation', 'test' or 'all'.
        root: The folder of UC Merced; by default the usual places, or a download.
        folder: Another data set in place of UC Merced: a folder of class folders of any names and numbers of
            images, which `make_split` divides.
        division: Another one than the committed, see `train.data.ucmerced.divide`; also for a folder.

    Returns:
        The folder, and 'class/name.suffix' of each image.

    Raises:
        DataError: If the data set is incomplete, the folder holds no class folders, or the part is empty.
        retrieval.collections.photos.DownloadError: If UC Merced has to be downloaded and that fails.
    """
    if folder:
        photos, files = _list_class_folders(folder)
    else:
        photos, files = ucmerced.find_folder(root), ucmerced.file_names()
    if part == "all":
        part_files = files
    elif not folder:
        part_files = read_split(part, division)
    else:
        part_files = (make_split(files) if division == COMMITTED else divide(files, division))[part]
    if not part_files:
        raise DataError(
            f"{photos.root} leaves no image for {part}: a class needs at least 7 images for one to be held "
            "out for validation and one for the test."
        )
    return photos, part_files


def _list_class_folders(folder: Path) -> tuple[PhotoFolder, list[str]]:
    """A folder of class folders, and its images. Raises DataError where a class folder has no images."""
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}: name a folder that holds one folder for each class.")
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    files = [
        f"{path.parent.name}/{path.name}"
        for label in classes
        for path in sorted(label.iterdir())
        if path.suffix.lower() in SUFFIXES
    ]
    counts = Counter(file.split("/")[0] for file in files)
    empty = [path.name for path in classes if path.name not in counts]
    if empty:
        raise DataError(f"{folder} has no image in the class folder '{empty[0]}': add images or remove it.")
    if len(classes) < 2:
        raise DataError(f"{folder} holds {len(classes)} class folders: triplets need two classes or more.")
    return PhotoFolder(folder), files
