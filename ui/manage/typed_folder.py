"""A folder as somebody types it -> its path, checked before anything is started."""

from __future__ import annotations

import os
from pathlib import Path

from retrieval.errors import UserError
from retrieval.plain_text import one_line

PROJECT = Path(__file__).resolve().parents[2]

#: Characters of a path; Linux takes no longer ones.
MAX_PATH = 4096

#: Folders of the system, in which there are no photos but endless files.
SYSTEM = tuple(map(Path, ("/proc", "/sys", "/dev", "/run")))


class FolderError(UserError):
    """A folder cannot become a collection, or there is none of that name. The message is a sentence."""


def typed_folder(typed: object, kept: Path) -> Path:
    """The folder that is meant, from the root and without links.

    Args:
        typed: Whatever a browser sends.
        kept: Where collections are kept, which are no photos.

    Raises:
        FolderError: Says what is wrong.
    """
    text = typed.strip() if isinstance(typed, str) else ""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":  # as copied from a terminal
        text = text[1:-1]
    if not text:
        raise FolderError("Type the path of the folder that holds your photos, such as /home/ana/photos.")
    if len(text) > MAX_PATH or not text.isprintable():
        raise FolderError("This is no path of a folder: it is too long, or has signs that no path has.")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise FolderError("'{path}' names a user who is not known on this computer.", path=text) from None
    if not path.is_absolute():
        raise FolderError(
            "'{path}' does not say where it begins: type the whole path, such as /home/ana/photos or "
            "~/photos.",
            path=text,
        )
    try:
        folder = path.resolve(strict=True)
        is_folder = folder.is_dir()
    except FileNotFoundError:
        raise FolderError("There is no folder '{path}' on this computer.", path=text) from None
    except (OSError, RuntimeError):  # not allowed; a name that is too long; links that loop
        raise FolderError("'{path}' cannot be opened by the user who runs this page.", path=text) from None
    if not is_folder:
        raise FolderError("'{path}' is a file: type the path of the folder that it lies in.", path=text)
    if not os.access(folder, os.R_OK | os.X_OK):
        raise FolderError("'{path}' cannot be opened by the user who runs this page.", path=text)
    _check_place(folder, kept, text)
    return folder


def _check_place(folder: Path, kept: Path, text: str) -> None:
    if folder == Path(folder.anchor):
        raise FolderError("'{path}' is the whole disk: choose a folder of photos on it.", path=text)
    if any(folder == each or each in folder.parents for each in SYSTEM):
        raise FolderError("'{path}' belongs to the system: choose a folder of photos.", path=text)
    if folder == PROJECT or folder in PROJECT.parents:
        raise FolderError("'{path}' holds this program: choose a folder of photos.", path=text)
    kept = kept.resolve()
    if folder == kept or kept in folder.parents:
        raise FolderError("'{path}' holds collections: choose a folder of photos.", path=text)


def typed_title(typed: object, folder: Path) -> str:
    """What a collection is called: what was typed, else the folder's name."""
    return one_line(typed if isinstance(typed, str) else "") or one_line(folder.name) or "photos"
