"""The folder of this process for what visitors upload, and the end of those that dead processes left.

Each process has a folder of its own, and holds a lock on a file beside it for as long as it lives. The system
lets go of the lock when the process ends, however it ends: so a folder whose lock can be had is nobody's.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.collections.cache import temporary_folder
from ui.limits.shares import forget_all_old

logger = logging.getLogger(__name__)

#: Of the folders' names: what else lies in the same place is left alone.
PREFIX = "aerial-uploads-"

#: Gradio deletes what it knows of within two hours. This is for what it does not: uploads that were broken
#: off, and empty folders.
OLD_SECONDS = 6600
SWEEP_SECONDS = 60


@contextmanager
def upload_folder() -> Iterator[Path]:
    """Have Gradio keep uploads in a new folder inside the block; it is deleted at the end.

    It lies in the folder that GRADIO_TEMP_DIR names, or in one of this user's in the system's folder for
    temporary files. Folders of processes that have ended are deleted first.

    Raises:
        OSError: If there is no place to write, with a sentence.
    """
    before = os.environ.get("GRADIO_TEMP_DIR")
    place = _place(before)
    sweep_dead(place)
    lock, folder = _claim(place)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            os.environ.pop("GRADIO_TEMP_DIR", None)
        else:
            os.environ["GRADIO_TEMP_DIR"] = before
        _delete(folder, lock)


def sweep_dead(place: Path) -> int:
    """Delete the folders of processes that have ended. Returns how many."""
    swept = 0
    for path in sorted(place.glob(f"{PREFIX}*.lock")):
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # a living process's, or another user's
            continue
        _delete(path.with_suffix(""), lock)
        swept += 1
    return swept


def sweep_old(folder: Path, keep: Callable[[], set[str]], seconds: float = OLD_SECONDS) -> int:
    """Delete files that have not changed for a time, and folders that are empty since. Returns how many.

    Args:
        folder: Of this process's uploads.
        keep: Gives the paths that are never deleted.
        seconds: How long a file may lie.
    """
    deleted, kept, now = 0, keep(), time.time()
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(parent, name)
            try:
                if str(path) not in kept and now - path.lstat().st_ctime > seconds:
                    path.unlink()
                    deleted += 1
            except FileNotFoundError:  # Gradio was quicker
                continue
        try:
            # One that is new may be about to get its file.
            if parent != str(folder) and now - Path(parent).lstat().st_ctime > seconds / 2:
                Path(parent).rmdir()
        except OSError:  # not empty, or gone
            continue
    return deleted


class Sweeper:
    """Sweeps a folder, and what is kept in memory, again and again; in a thread that ends with the process.

    Args:
        folder: Of this process's uploads.
        keep: Gives the paths that are never deleted.
        seconds: Between two times.
    """

    def __init__(self, folder: Path, keep: Callable[[], set[str]], seconds: float = SWEEP_SECONDS) -> None:
        self._folder, self._keep, self._seconds = folder, keep, seconds
        self._stop = threading.Event()
        threading.Thread(target=self._run, name="sweep-uploads", daemon=True).start()

    def stop(self) -> None:
        """Sweep no more."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self._sweep()

    def _sweep(self) -> None:
        for sweep in (forget_all_old, partial(sweep_old, self._folder, self._keep)):
            try:
                sweep()
            except Exception:  # noqa: PERF203 - the next time may do better, and must come
                logger.exception("Old uploads could not be deleted")


def _place(named: str | None) -> Path:
    """The folder in which those of all processes lie."""
    with _in_a_sentence(Path(named or tempfile.gettempdir())):
        place = Path(named) if named else temporary_folder(os.getuid()) / "uploads"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place.resolve()


def _claim(place: Path) -> tuple[FileLock, Path]:
    """A new folder with its lock, which is had before the folder is there."""
    while True:
        folder = place / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        lock = FileLock(f"{folder}.lock")
        with _in_a_sentence(place), suppress(Timeout, FileExistsError):
            # Where another process swept in between, another name is taken.
            lock.acquire(timeout=0)
            folder.mkdir(mode=0o700)
            return lock, folder


@contextmanager
def _in_a_sentence(place: Path) -> Iterator[None]:
    """What the system says of a place inside the block, as a sentence."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"There is no folder for uploads: {place} cannot be used ({error.strerror or error}). Name "
            "another in the variable GRADIO_TEMP_DIR."
        ) from error


def _delete(folder: Path, lock: FileLock) -> None:
    """Delete a folder and the file of its lock, which this process holds."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()
