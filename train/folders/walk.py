"""The photos of a folder and all folders in it, and what looks like one and cannot be in a collection."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.collections.fields import MAX_PATH, path_inside
from retrieval.collections.photos import SUFFIXES

#: Folders that systems put beside photos, with small copies of them, or with what was thrown away.
NOT_LOOKED_INTO = frozenset({"@eaDir", "__MACOSX", "$RECYCLE.BIN"})


@dataclass(frozen=True)
class Found:
    """A photo's file.

    Attributes:
        file: Its path in the folder, which is its id.
        size: In bytes.
        modified: In nanoseconds.
    """

    file: str
    size: int
    modified: int


@dataclass(frozen=True)
class LeftOut:
    """What should have been a photo, and why it is none.

    Attributes:
        file: Its path in the folder, as it can be written.
        reason: A sentence.
    """

    file: str
    reason: str


@dataclass
class Listing:
    """What is in a folder.

    Attributes:
        found: The photos, in the order of their paths.
        left_out: See `LeftOut`.
        others: How many files are of other kinds, such as texts.
    """

    found: list[Found] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    others: int = 0


def list_photos(root: Path, without: Sequence[Path] = (), only: str | None = None) -> Listing:
    """List a folder. What is hidden is passed over; links are not followed, so that none can lead in circles.

    Args:
        root: The folder.
        without: Folders that are not looked into.
        only: The one file in the folder itself that is listed; None for all.

    Raises:
        OSError: If the folder itself cannot be read.
    """
    listing = Listing()
    with os.scandir(root):  # of all others it is told that they cannot be read
        pass
    if only is not None:
        with os.scandir(root) as entries:
            for entry in entries:
                if entry.name == only:
                    _add(entry, only, listing)
        return listing
    for entry in _entries(root, {path.resolve() for path in without}, listing):
        _add(entry, Path(entry.path).relative_to(root).as_posix(), listing)
    listing.found.sort(key=lambda photo: photo.file)
    listing.left_out.sort(key=lambda left: left.file)
    return listing


def _entries(root: Path, without: set[Path], listing: Listing) -> Iterator[os.DirEntry[str]]:
    """All entries of all folders, but for folders themselves."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name in NOT_LOOKED_INTO:
                        continue
                    if not entry.is_dir(follow_symlinks=False):
                        yield entry
                    elif Path(entry.path).resolve() not in without:
                        waiting.append(Path(entry.path))
        except OSError as error:
            name = folder.relative_to(root).as_posix()
            listing.left_out.append(LeftOut(written(name), f"This folder cannot be read ({_words(error)})."))


def _add(entry: os.DirEntry[str], file: str, listing: Listing) -> None:
    """Add an entry to what it belongs to."""
    looks_like_photo = Path(entry.name).suffix.lower() in SUFFIXES
    if entry.is_symlink():
        listing.left_out.append(LeftOut(written(file), _about_link(entry)))
        return
    if not looks_like_photo:
        listing.others += 1
        return
    try:
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is no file but a device or the like")
        file.encode()
        path_inside(file)
        if len(file) > MAX_PATH:
            raise ValueError(f"its path has more than {MAX_PATH:,} characters")
    except UnicodeEncodeError:
        listing.left_out.append(LeftOut(written(file), "Its name is not UTF-8: rename it."))
    except (OSError, ValueError) as error:
        words = _words(error) if isinstance(error, OSError) else str(error)
        listing.left_out.append(LeftOut(written(file), f"This file cannot be a photo here ({words})."))
    else:
        listing.found.append(Found(file, status.st_size, status.st_mtime_ns))


def _about_link(entry: os.DirEntry[str]) -> str:
    try:
        leads_to_folder = stat.S_ISDIR(entry.stat().st_mode)
    except FileNotFoundError:
        return "This link leads nowhere."
    except OSError as error:
        return f"This link cannot be followed ({_words(error)})."
    if leads_to_folder:
        return "Links are not followed: make a collection of the folder that it leads to by itself."
    return "Links are not followed: what they lead to in the folder is there by itself."


def _words(error: OSError) -> str:
    return error.strerror or str(error)


def written(name: str) -> str:
    """A name of a file as text that can be written: what is no UTF-8 in it by its numbers."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
