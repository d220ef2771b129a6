"""Where this program keeps what it can fetch or make again."""

from __future__ import annotations

import functools
import os
import stat
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

NAME = "aerial-image-retrieval"

#: Of all pictures that are kept, those used last: thumbnails and converted photos, which can be made again.
#: Each process that writes may be past it by `UNCOUNTED_SHARE` of it.
PICTURES_BYTES = 500_000_000
#: Of the bound: so much may be written between two looks at all files.
UNCOUNTED_SHARE = 0.05


def cache_folder() -> Path:
    """Where downloads and converted pictures are kept.

    $AERIAL_CACHE, else the user's cache folder; where that cannot be written to, a temporary one.
    """
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(os.environ.get("AERIAL_CACHE") or f"{base}/{NAME}").expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):  # a read-only disk; a user without a home
        pass
    return temporary_folder(os.getuid())


@functools.cache
def temporary_folder(user: int) -> Path:
    """A folder that this user alone writes to: somebody else may have made one of the usual name first."""
    folder = Path(tempfile.gettempdir()) / f"{NAME}-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o022:
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix=f"{NAME}-"))


def download_folder(name: str) -> Path:
    """Where the photos of a collection are put that are downloaded."""
    return cache_folder() / "photos" / name


def collections_folder() -> Path:
    """Where the collections are kept that were made from the page."""
    return cache_folder() / "collections"


def pictures_folder(collection: str) -> Path:
    """Where the pictures are kept that were made for a collection: converted photos, and previews."""
    return _pictures() / collection


def _pictures() -> Path:
    return cache_folder() / "pictures"


class BoundedFiles:
    """Files that can be made again, below one folder: beyond a bound the least recently used are removed.

    Any number of threads and processes may use and add files. They agree on what was used last by the files'
    times of access, which `use` sets itself, since many disks do not keep them.

    Args:
        folder: Gives the folder, which may not be there yet.
        most: Bytes of all files in it, and in folders in it.
        suffix: Of these files; others are left alone.
    """

    def __init__(self, folder: Callable[[], Path], most: int, suffix: str) -> None:
        self._folder, self._most, self._suffix = folder, most, suffix
        self._uncounted = float(most)  # nobody has looked yet
        self._lock = threading.Lock()

    def use(self, path: Path) -> bool:
        """Whether a file is here; if so, it is now the one that was used last."""
        try:
            modified = path.stat().st_mtime_ns  # left as it is: browsers are told of it
        except OSError:
            return False
        with suppress(OSError):  # a read-only disk
            os.utime(path, ns=(time.time_ns(), modified))
        return True

    def added(self, path: Path) -> None:
        """After a file was written: make room where too much is kept. Mostly it only adds up."""
        with self._lock, suppress(OSError):
            self._uncounted += path.stat().st_size
            if self._uncounted > self._most * UNCOUNTED_SHARE:
                self._remove_the_oldest()
                self._uncounted = 0

    def _remove_the_oldest(self) -> None:
        found = []
        for path in self._folder().rglob(f"*{self._suffix}"):
            with suppress(OSError):  # removed by another process
                status = path.lstat()
                found.append((status.st_atime_ns, status.st_size, path))
        surplus = sum(size for _, size, _ in found) - self._most
        for _, size, path in sorted(found):
            if surplus <= 0:
                break
            with suppress(OSError):
                path.unlink()
            surplus -= size


PICTURES = BoundedFiles(_pictures, PICTURES_BYTES, ".webp")
