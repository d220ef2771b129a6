"""The images of one part of a data set, with their classes: UC Merced, or any folder of class folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from PIL import Image
from tqdm import tqdm

from retrieval.collections.photos import SUFFIXES, PhotoFolder
from retrieval.images import ImageError, decode
from train.data import ucmerced
from train.data.ucmerced import DataError, make_split, read_split


class OpenedWhenAsked(Sequence[Image.Image]):
    """Decoded RGB images; each is read from its file when indexed.

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
    def __getitem__(self, row: slice) -> OpenedWhenAsked: ...
    def __getitem__(self, row: int | slice) -> Image.Image | OpenedWhenAsked:
        """The image of a row. Raises DataError if its file cannot be read."""
        if isinstance(row, slice):
            return OpenedWhenAsked(self._paths[row])
        try:
            return decode(self._paths[row]).image
        except ImageError as error:
            raise DataError(f"{self._paths[row]}: {error}") from error


@dataclass(frozen=True)
class Photos:
    """One part of a data set.

    Attributes:
        files: 'class/name.suffix' of each image.
        labels: The class of each.
        images: Decoded RGB images of any size, read when indexed.
    """

    files: list[str]
    labels: list[str]
    images: Sequence[Image.Image]


def read(part: str, root: Path | None = None, folder: Path | None = None, *, keep: bool = False) -> Photos:
    """The images of a part of a data set.

    Args:
        part: See `find_files`, as for the next two.
        root: Where UC Merced is.
        folder: Another data set in its place.
        keep: Whether to read all images now and hold them in memory, for training, which comes back to them
            every epoch.

    Raises:
        DataError: See `find_files`; an image that cannot be read.
        retrieval.collections.photos.DownloadError: If UC Merced has to be downloaded and that fails.
    """
    photos, files = find_files(part, root, folder)
    paths = [path for file in files if (path := photos.find(file))]
    images: Sequence[Image.Image] = OpenedWhenAsked(paths)
    if keep:
        with tqdm(images, desc=f"read {part}", unit="image") as bar:
            images = list(bar)
    return Photos(files, [file.split("/")[0] for file in files], images)


def find_files(
    part: str, root: Path | None = None, folder: Path | None = None
) -> tuple[PhotoFolder, list[str]]:
    """Where a data set is, and the names of a part's images ('class/name.suffix').

    Args:
        part: 'train', 'validation', 'test' or 'all'.
        root: Where UC Merced is; by default the usual places, or a download.
        folder: Another data set in its place: a folder of class folders of any names and numbers of images,
            divided as `make_split` does.

    Raises:
        DataError: If the data set is not whole, the folder holds no class folders, or the part is empty.
        retrieval.collections.photos.DownloadError: If UC Merced has to be downloaded and that fails.
    """
    if folder:
        photos, files = _folder(folder)
        chosen = files if part == "all" else make_split(files)[part]
    else:
        photos = ucmerced.find(root)
        chosen = ucmerced.files() if part == "all" else read_split(part)
    if not chosen:
        raise DataError(
            f"{photos.root} leaves no image for {part}: a class needs at least 7 images for one to be held "
            "out for validation and one for the test."
        )
    return photos, chosen


def _folder(folder: Path) -> tuple[PhotoFolder, list[str]]:
    """A folder of class folders, and its images. A class with a folder but without images is an error."""
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
