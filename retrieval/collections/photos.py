"""Where a collection's photos are: beside its artifacts, in a folder of the person's, or on the Hub.

Photos that the project may not pass on are never in the repository. They are found in a folder, or
downloaded once, on request, and cached as they are.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, BinaryIO, cast

from filelock import FileLock
from pydantic import AfterValidator, Field, Strict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections.artifacts import file_sha256
from retrieval.collections.cache import cache_folder, download_folder
from retrieval.collections.fields import (
    CLOSED,
    FolderPath,
    PathInside,
    PlainName,
    Sha256,
    path_inside,
    problem,
)
from retrieval.collections.new_folder import new_folder
from retrieval.collections.own_folder import is_marked, mark
from retrieval.collections.unpack import unpack
from retrieval.errors import Message, UserError

PROJECT = Path(__file__).resolve().parents[2]

#: What every current browser shows; other formats are converted once.
BROWSER_SUFFIXES = (".webp", ".png", ".jpg", ".jpeg", ".avif", ".gif")
SUFFIXES = (
    *(*BROWSER_SUFFIXES, ".tif", ".tiff", ".bmp"),
    *(".jpe", ".jfif", ".jp2", ".j2k", ".heic", ".heif"),
)


class DownloadError(UserError, RuntimeError):
    """Photos could not be downloaded. The message says why and what to do; nothing was changed."""


#: Of an archive: more than any collection that this project is for.
MAX_ARCHIVE_BYTES = 20 * 1000**3
#: How a ZIP file begins.
_ZIP = b"PK\x03\x04"


def _beside(path: str) -> str:
    """Check a path like '../data/photos': out of the project by one step at most."""
    path_inside(path.removeprefix("../"))
    return path


@dataclass(frozen=True, config=CLOSED)
class HubArchive:
    """A ZIP file in a data set of the Hugging Face Hub, pinned.

    Attributes:
        repository: 'owner/name' of the data set.
        revision: The commit.
        file: Its path in the data set.
        sha256: Of the file.
        bytes: Its size.
        folder: The folder inside the archive that holds the class folders.
    """

    repository: Annotated[str, Strict(), Field(pattern=r"^[\w-][\w.-]*/[\w-][\w.-]*$", max_length=200)]
    revision: Annotated[str, Strict(), Field(pattern=r"^[\w-][\w.-]*$", max_length=200)]
    file: PathInside
    sha256: Sha256
    bytes: Annotated[int, Strict(), Field(ge=1, le=MAX_ARCHIVE_BYTES)]
    folder: PathInside


@dataclass(frozen=True, config=CLOSED)
class PhotoSource:
    """Where to look for a collection's photos, as its manifest says.

    Attributes:
        bundled: A folder inside the artifact folder, or None.
        environment: The variable that names a folder of the person's, or None. Its name ends in '_DIR'.
        beside: A folder relative to the project where photos may lie, or None; beside it, or in it.
        archive: Where to download them from, or None.
        folder: The folder of the machine where the collection was made that holds them, as they lie, or None.
        mark: Says that it was this machine, see `retrieval.collections.own_folder`.
    """

    bundled: PlainName | None = None
    environment: Annotated[str, Strict(), Field(pattern=r"^[A-Z][A-Z0-9_]{0,58}_DIR$")] | None = None
    beside: Annotated[str, Strict(), Field(max_length=1000), AfterValidator(_beside)] | None = None
    archive: HubArchive | None = None
    folder: FolderPath | None = None
    mark: Sha256 | None = None

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> PhotoSource:
        """From the manifest's field 'photos'. Raises ValueError where it does not fit."""
        try:
            return TypeAdapter(cls).validate_python(fields)
        except ValidationError as error:
            raise ValueError(problem(error)) from None

    def elsewhere(self) -> PhotoSource:
        """What a folder from another machine may say: no variable and no folder of this one."""
        return replace(self, environment=None, beside=None, folder=None, mark=None)

    @classmethod
    def of_folder(cls, folder: Path) -> PhotoSource:
        """Photos that stay in a folder of this machine. Raises ValueError if its name is no text."""
        return cls.from_dict({"folder": str(folder), "mark": mark(str(folder))})

    @property
    def own_folder(self) -> Path | None:
        """The folder of this machine that holds them as they lie; None of a collection from elsewhere."""
        is_ours = self.folder and self.mark and is_marked(self.folder, self.mark)
        return Path(self.folder) if self.folder and is_ours else None

    def folders(self, name: str, artifacts: Path) -> list[Path]:
        """The places to look, in this order: bundled, the variable's, the download's, beside the project."""
        places = []
        if self.bundled and not (artifacts / self.bundled).is_symlink():
            places.append(artifacts / self.bundled)
        if self.environment and os.environ.get(self.environment):
            places.append(Path(os.environ[self.environment]).expanduser())
        if self.archive:
            places.append(download_folder(name))
        if self.beside:
            places.append((PROJECT / self.beside).resolve())
        return places


class PhotoFolder:
    """The photos found in one folder, by their name without the suffix ('airplane/airplane00').

    The suffix is left open because the same photo may be kept as TIFF, PNG or lossless WebP. Only regular
    files are photos, and no link is followed out of the folder but to what is stored for it.

    Args:
        root: A folder of class folders; may itself be a link.
        stored: Where the Hub's cache has the files of this folder, which holds links to them then.
    """

    def __init__(self, root: Path, stored: Path | None = None) -> None:
        self.root, self._stored = root, stored
        self._paths = {
            f"{path.parent.name}/{path.stem}": path
            for path in sorted(root.glob("*/*"))
            if path.suffix.lower() in SUFFIXES and self._holds(path)
        }

    def find(self, file: str) -> Path | None:
        """The photo that a catalogue calls `file` ('airplane/airplane00.tif'), whatever its suffix here.

        None where it is not here, or no longer: photos may be moved while the page runs.
        """
        path = self._paths.get(_key(file))
        return path if path and self._holds(path) else None

    def _holds(self, path: Path) -> bool:
        """Whether a path is that of a regular file in this folder, or stored for it, now."""
        try:
            if stat.S_ISREG(path.lstat().st_mode) and not path.parent.is_symlink():
                return True
            found = path.resolve()
            places = [self.root.resolve(), *([self._stored.resolve()] if self._stored else [])]
            return path.is_file() and any(map(found.is_relative_to, places))
        except (OSError, RuntimeError):  # gone, or a link that leads to itself
            return False

    def count(self, files: Iterable[str]) -> int:
        """How many of these are here."""
        return sum(_key(file) in self._paths for file in files)


def download(
    name: str, archive: HubArchive, progress: type[Any] | None = None, *, again: bool = False
) -> Path:
    """Fetch a collection's photos from the Hub, check them, and unpack them as they are.

    An interrupted download goes on where it stopped. Where their folder is there already, nothing is done.

    Args:
        name: The collection's.
        archive: What to fetch.
        progress: A class with tqdm's interface for the bar; tqdm itself by default.
        again: Replace a folder that is there, because photos are missing in it.

    Returns:
        The folder of class folders.

    Raises:
        DownloadError: If it cannot be reached, is broken, or there is no room.
    """
    target = download_folder(name)
    downloads = cache_folder() / "downloads" / name
    before = _folder_state(target)
    if before and not again:
        return target
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        with FileLock(downloads.with_suffix(".lock")):  # two pages may be at it
            if _folder_state(target) == before:  # else another has brought them meanwhile
                _download(archive, downloads / f"{archive.sha256}.zip", target, progress)
            shutil.rmtree(downloads, ignore_errors=True)  # the photos are kept once, not twice
    except OSError as error:
        raise DownloadError(
            "The photos cannot be kept in {folder} ({reason}): make room there, or name another folder with "
            "AERIAL_CACHE.",
            folder=cache_folder(),
            reason=_reason(error),
        ) from error
    return target


def _folder_state(folder: Path) -> int | None:
    """What changes when a folder is replaced; None where there is none."""
    try:
        return folder.stat().st_ino if folder.is_dir() else None
    except OSError:
        return None


def _download(archive: HubArchive, file: Path, target: Path, progress: type[Any] | None) -> None:
    """Fetch an archive into a file, and unpack it into a folder, which is replaced. As `download`."""
    from huggingface_hub import constants  # here: it costs start-up time

    try:
        _fetch(archive, file, progress)
    except Exception as error:  # the library, its transport and the disk each raise their own
        raise DownloadError(
            "The photos could not be downloaded from {hub} ({reason}). Try again later: it goes "
            "on where it stopped.",
            hub=constants.ENDPOINT,
            reason=_reason(error),
        ) from error
    found = file_sha256(file)
    if found != archive.sha256:
        file.unlink()
        raise DownloadError(
            "The downloaded {file} is not the expected file (SHA-256 {found}…, expected "
            "{expected}…). It was removed: try again.",
            file=archive.file,
            found=found[:12],
            expected=archive.sha256[:12],
        )
    try:
        with new_folder(target, replace=True) as folder:
            unpack(file, archive.folder, folder, SUFFIXES)
    except Exception as error:  # whatever reading a broken or hostile archive ends in
        raise DownloadError(
            "The downloaded {file} could not be unpacked ({reason}).",
            file=archive.file,
            reason=_reason(error),
        ) from error


def _fetch(archive: HubArchive, file: Path, progress: type[Any] | None) -> None:
    """Download an archive, or the rest of it where a part is in the file already.

    Not by `hf_hub_download`, which since its version 2 removes what an interrupted download has got.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get

    with file.open("ab+") as part:
        part.seek(0)
        begun = part.read(len(_ZIP))
        part.seek(0, os.SEEK_END)
        if part.tell() > archive.bytes or not _ZIP.startswith(begun):  # no beginning of this archive
            part.truncate(0)
            part.seek(0)
        http_get(
            hf_hub_url(archive.repository, archive.file, repo_type="dataset", revision=archive.revision),
            cast(BinaryIO, _Bounded(part, archive.bytes)),
            resume_size=part.tell(),
            expected_size=archive.bytes,
            displayed_filename=archive.file,
            tqdm_class=progress,
        )


class _Bounded:
    """A file that takes so many bytes and no more: a server may send without end."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most

    def write(self, data: bytes) -> int:
        if self._file.tell() + len(data) > self._most:
            self._file.truncate(0)  # none of it is of the archive
            raise UserError("more came than the {count:,} bytes that were expected", count=self._most)
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a file has
        return getattr(self._file, name)


def _reason(error: BaseException) -> str | Message:
    """An error as part of a sentence: its first line, without a full stop."""
    if isinstance(error, UserError):
        return error.message
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return re.sub(r"^\[Errno -?\d+\] ", "", lines[0].strip()).rstrip(".:")


def _key(file: str) -> str:
    return str(PurePosixPath(file).with_suffix(""))
