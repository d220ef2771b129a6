"""Photos that stay where they lie: in a folder of this machine, of any depth, that a collection was made of.

A manifest that names such a folder counts only where it was made. It has a mark for that, which only who has
this machine's key can make: an artifact folder of a stranger's names no folder here, however it came.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
import stat
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from retrieval.collections.cache import cache_folder
from retrieval.files import atomic_write

KEY = "machine.key"
_KEY_BYTES = 32


def mark(folder: str) -> str:
    """What a manifest that names a folder of this machine has to have, to be believed here."""
    return _mark(folder, _key() or _new_key())


def is_marked(folder: str, given: str) -> bool:
    """Whether a folder's mark was made on this machine."""
    key = _key()
    return key is not None and hmac.compare_digest(_mark(folder, key), given)


def _mark(folder: str, key: bytes) -> str:
    return hmac.new(key, folder.encode(), hashlib.sha256).hexdigest()


def _key() -> bytes | None:
    """This machine's key: 32 bytes that were drawn once, and that this user alone may read."""
    with suppress(OSError):
        key = (cache_folder() / KEY).read_bytes()
        return key if len(key) == _KEY_BYTES else None
    return None


def _new_key() -> bytes:
    path = cache_folder() / KEY
    with FileLock(path.with_suffix(".lock")):
        if key := _key():  # another process was quicker
            return key
        with atomic_write(path) as partial:
            partial.touch(0o600)
            partial.write_bytes(secrets.token_bytes(_KEY_BYTES))
        return path.read_bytes()


class OwnFolder:
    """The photos of a folder of this machine, by their paths in it.

    Only regular files are photos, and no link is followed, as none was when the collection was made.

    Args:
        root: The folder; may itself be a link.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._resolved = root.resolve()

    def find(self, file: str) -> Path | None:
        """The photo at a path, which has no '..' in it; None where it is not, or no longer."""
        path = self._resolved / file
        return path if _is_file(path) and _has_no_link(path.parent) else None

    def count(self, files: Iterable[str]) -> int:
        """How many of these are here; one that is named more than once counts as often."""
        rows = Counter(files)  # many may be parts of one
        has_no_link = functools.cache(_has_no_link)  # once for each folder, where many lie
        paths = ((self._resolved / file, count) for file, count in rows.items())
        return sum(count for path, count in paths if _is_file(path) and has_no_link(path.parent))


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _has_no_link(folder: Path) -> bool:
    try:
        return folder.resolve(strict=True) == folder
    except (OSError, RuntimeError):
        return False
