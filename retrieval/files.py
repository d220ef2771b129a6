"""Files and folders that are there whole or not at all, and reading what may be a stranger's.

Files are written under a temporary name, and renamed when complete. A process may be killed at any moment:
what it leaves under temporary names is removed by the next that writes there.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import functools
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PARTIAL = ".partial"
#: Of a folder that is being replaced, where a system cannot exchange two in one step.
OLD = ".old.partial"


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """A path to write to, which takes its real name only when the block ends without an error.

    Args:
        target: The final name; a file of that name is replaced. Its folder is made if there is none.

    Yields:
        A path beside it, that nobody else writes to, with the suffix '.partial'.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}{PARTIAL}")
    claim = partial.with_name(f".{partial.name}")
    with claim.open("wb") as file:
        with suppress(OSError):  # a disk without locks
            fcntl.flock(file, fcntl.LOCK_EX)  # until this process ends, however it does: see `_sweep`
        try:
            yield partial
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
            claim.unlink(missing_ok=True)


@functools.lru_cache(maxsize=64)
def _sweep(folder: Path) -> None:
    """Remove what processes that were killed left half-written in a folder; once a process."""
    for claim in folder.glob(f".*{PARTIAL}"):
        with suppress(OSError), claim.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an error where its writer is at it
            claim.with_name(claim.name[1:]).unlink(missing_ok=True)
            claim.unlink(missing_ok=True)


class NotRegularError(OSError):
    """What should be read is a device, a pipe or a folder."""


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read its bytes. Raises OSError, as NotRegularError, without waiting."""
    _check_regular(path, path.stat())  # so that a device is not even opened
    # And what is open then, since the path may be another file's by now. Opening a pipe would wait for its
    # writer but for O_NONBLOCK.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        _check_regular(path, os.fstat(descriptor))
    except NotRegularError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _check_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularError(errno.EINVAL, "it is no regular file", str(path))


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a regular file. Raises OSError if there are more than `most`, before they are read."""
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", str(path))
    return data


def exchange(first: Path, second: Path) -> bool:
    """Give two files or folders each other's name in one step. Returns False where the system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE; on macOS RENAME_SWAP is 2 as well
    names = os.fsencode(first), os.fsencode(second)
    try:
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, ctypes.c_uint(swap))
        else:
            failed = library.renameat2(here, names[0], here, names[1], ctypes.c_uint(swap))
    except AttributeError:  # an older library
        return False
    return not failed


def restore(folder: Path) -> None:
    """Give a folder its name back, where replacing it was cut off between two steps: see `exchange`."""
    old = folder.with_name(folder.name + OLD)
    if not folder.exists() and old.is_dir():
        old.rename(folder)
