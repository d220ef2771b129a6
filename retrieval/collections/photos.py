"""Where a collection's photos are: beside its artifacts, in a folder of the person's, or on the Hub.

Photos that the project may not pass on are never in the repository. They are found in a folder, or
downloaded once, on request, and cached as they are.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock

from retrieval.collections.artifacts import file_sha256, new_folder
from retrieval.errors import Message, UserError

PROJECT = Path(__file__).resolve().parents[2]

#: What every current browser shows; other formats are converted once.
BROWSER_SUFFIXES = (".webp", ".png", ".jpg", ".jpeg", ".avif", ".gif")
SUFFIXES = (*BROWSER_SUFFIXES, ".tif", ".tiff", ".bmp")


class DownloadError(UserError, RuntimeError):
    """Photos could not be downloaded. The message says why and what to do; nothing was changed."""


@dataclass(frozen=True)
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

    repository: str
    revision: str
    file: str
    sha256: str
    bytes: int
    folder: str


@dataclass(frozen=True)
class PhotoSource:
    """Where to look for a collection's photos, as its manifest says.

    Attributes:
        bundled: A folder inside the artifact folder, or None.
        environment: The variable that names a folder of the person's, or None.
        beside: A folder relative to the project where photos may lie, or None.
        archive: Where to download them from, or None.
    """

    bundled: str | None = None
    environment: str | None = None
    beside: str | None = None
    archive: HubArchive | None = None

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> PhotoSource:
        """From the manifest's field 'photos'. Raises TypeError where a field is missing or unknown."""
        archive = dict(fields).get("archive")
        source = cls(**{**fields, "archive": HubArchive(**archive) if archive else None})
        if source.bundled == ".." or (source.bundled and Path(source.bundled).name != source.bundled):
            raise TypeError(f"'bundled' is a folder in the artifact folder, not {source.bundled}")
        return source

    def folders(self, name: str, artifacts: Path) -> list[Path]:
        """The places to look, in this order: bundled, the variable's, the download's, beside the project."""
        places = [artifacts / self.bundled] if self.bundled else []
        if self.environment and os.environ.get(self.environment):
            places.append(Path(os.environ[self.environment]).expanduser())
        if self.archive:
            places.append(download_folder(name))
        if self.beside:
            places.append((PROJECT / self.beside).resolve())
        return places


class PhotoFolder:
    """The photos found in one folder, by their name without the suffix ('airplane/airplane00').

    The suffix is left open because the same photo may be kept as TIFF, PNG or lossless WebP.

    Args:
        root: A folder of class folders.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._paths = {
            f"{path.parent.name}/{path.stem}": path
            for path in sorted(root.glob("*/*"))
            if path.suffix.lower() in SUFFIXES
        }

    def find(self, file: str) -> Path | None:
        """The photo that a catalogue calls `file` ('airplane/airplane00.tif'), whatever its suffix here."""
        return self._paths.get(_key(file))

    def count(self, files: Iterable[str]) -> int:
        """How many of these are here."""
        return sum(_key(file) in self._paths for file in files)


def cache_folder() -> Path:
    """Where downloads and converted pictures are kept.

    $AERIAL_CACHE, else the user's cache folder; where that cannot be written to, a temporary one.
    """
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(os.environ.get("AERIAL_CACHE") or f"{base}/aerial-image-retrieval").expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):  # a read-only disk; a user without a home
        pass
    return Path(tempfile.gettempdir()) / f"aerial-image-retrieval-{os.getuid()}"


def download_folder(name: str) -> Path:
    """Where `download` puts the photos of a collection."""
    return cache_folder() / "photos" / name


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
    if target.is_dir() and not again:
        return target
    from huggingface_hub import constants  # here: it costs start-up time

    downloads = cache_folder() / "downloads" / name
    file = downloads / f"{archive.sha256}.zip"
    downloads.mkdir(parents=True, exist_ok=True)
    with FileLock(downloads.with_suffix(".lock")):  # the page and the command line may both be at it
        if target.is_dir() and not again:
            return target
        try:
            _fetch(archive, file, progress)
        except Exception as error:  # the library, its transport and the disk each raise their own
            reason = _reason(error)
            raise DownloadError(
                "The photos could not be downloaded from {hub} ({reason}). Try again later: it goes "
                "on where it stopped.",
                hub=constants.ENDPOINT,
                reason=reason,
            ) from error
        found = file_sha256(file)
        if found != archive.sha256:
            file.unlink()
            expected = archive.sha256[:12]
            raise DownloadError(
                "The downloaded {file} is not the expected file (SHA-256 {found}…, expected "
                "{expected}…). It was removed: try again.",
                file=archive.file,
                found=found[:12],
                expected=expected,
            )
        try:
            with new_folder(target, replace=again) as folder, zipfile.ZipFile(file) as contents:
                _unpack(contents, archive.folder, folder)
        except (OSError, ValueError, UserError, zipfile.BadZipFile) as error:
            reason = _reason(error)
            raise DownloadError(
                "The downloaded {file} could not be unpacked ({reason}).", file=archive.file, reason=reason
            ) from error
        shutil.rmtree(downloads, ignore_errors=True)  # the photos are kept once, not twice
    return target


def _fetch(archive: HubArchive, file: Path, progress: type[Any] | None) -> None:
    """Download an archive, or the rest of it where a part is in the file already.

    Not by `hf_hub_download`, which since its version 2 removes what an interrupted download has got.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get

    with file.open("ab") as part:
        if part.tell() > archive.bytes:  # no beginning of this archive
            part.truncate(0)
            part.seek(0)
        http_get(
            hf_hub_url(archive.repository, archive.file, repo_type="dataset", revision=archive.revision),
            part,
            resume_size=part.tell(),
            expected_size=archive.bytes,
            displayed_filename=archive.file,
            tqdm_class=progress,
        )


def _reason(error: BaseException) -> str | Message:
    """An error as part of a sentence: its first line, without a full stop."""
    if isinstance(error, UserError):
        return error.message
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return re.sub(r"^\[Errno -?\d+\] ", "", lines[0].strip()).rstrip(".:")


def pictures_folder(collection: str) -> Path:
    """Where the pictures are kept that were made for a collection: converted photos, and previews."""
    return cache_folder() / "pictures" / collection


def _key(file: str) -> str:
    return str(PurePosixPath(file).with_suffix(""))


def _unpack(contents: zipfile.ZipFile, inside: str, folder: Path) -> None:
    """Extract the photos below one folder of the archive, and nothing that would land elsewhere."""
    members = 0
    for member in contents.infolist():
        path = PurePosixPath(member.filename)
        if (
            member.is_dir()
            or path.suffix.lower() not in SUFFIXES
            or path.parent.parent != PurePosixPath(inside)
            or path.parent.name == ".."
        ):
            continue
        target = folder / path.parent.name / path.name
        target.parent.mkdir(exist_ok=True)
        with contents.open(member) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        members += 1
    if not members:
        raise UserError("it has no photos in {folder}", folder=inside)
