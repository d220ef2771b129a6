"""Where this program keeps what it can fetch or make again."""

from __future__ import annotations

import functools
import os
import stat
import tempfile
from pathlib import Path

NAME = "aerial-image-retrieval"


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
    return _temporary_folder(os.getuid())


@functools.cache
def _temporary_folder(user: int) -> Path:
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


def pictures_folder(collection: str) -> Path:
    """Where the pictures are kept that were made for a collection: converted photos, and previews."""
    return cache_folder() / "pictures" / collection
