"""Folders that appear, or are replaced, whole: at whatever moment the process is killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.collections.artifacts import ArtifactError
from retrieval.files import OLD, PARTIAL, exchange, restore


@contextmanager
def new_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A folder to write into, which takes its real name only when the block ends without an error.

    Args:
        target: The final name.
        replace: Whether an existing folder may be replaced, which happens in the last moment.

    Yields:
        The folder under its temporary name, `target` + '.partial'.

    Raises:
        ArtifactError: If the target exists and may not be replaced.
    """
    restore(target)
    if target.exists() and not replace:
        raise ArtifactError(
            f"{target} exists already: name another folder, or allow it to be replaced with --replace."
        )
    partial = target.with_name(target.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        _take_the_place(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _take_the_place(partial: Path, target: Path) -> None:
    """Give a folder its real name; what had it before is left under the temporary one, or removed."""
    if not target.exists():
        partial.rename(target)
    elif not exchange(partial, target):
        old = target.with_name(target.name + OLD)
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)  # killed between these two, `restore` undoes it
        partial.rename(target)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def changed_folder(folder: Path) -> Iterator[Path]:
    """A copy of a folder, in which files may be replaced, and which takes its place at the end, whole.

    The files are the same ones by hard links, where the disk has them: write by `atomic_write`, which
    replaces a file and does not change it.
    """
    with new_folder(folder, replace=True) as copy:
        shutil.copytree(folder, copy, symlinks=True, copy_function=_link, dirs_exist_ok=True)
        yield copy


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
