"""What a caller names as a file has to be one that was uploaded here: the one place where paths come in.

A payload is any JSON that somebody sends, to any event. Gradio checks its path only where the payload says
of itself that it is a file (`meta._type`, in 6.31), so `{"path": "/any/photo/of/the/server.png"}` would be
opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from gradio_client.utils import is_http_url_like

from ui.i18n import gettext as _

#: Files that one event may name; the page looks at twenty, and each costs two questions to the disk.
MAX_FILES = 100


def uploaded_path(path: object, folder: Path | None = None) -> str:
    """The path, links followed, if it is that of a regular file inside the folder of uploads.

    Args:
        path: As a caller sent it.
        folder: As `upload_folder` gives it, where many are checked.

    Raises:
        gr.Error: If it is anything else: another file, a folder, a pipe, a device, or nothing at all. The
            sentence is one for all, so that nobody learns what else the server has.
    """
    try:
        resolved = Path(str(path or "")).resolve()
        if resolved.is_relative_to(folder or upload_folder()) and resolved.is_file():
            return str(resolved)
    except (OSError, RuntimeError, ValueError):  # too long, a null byte, a loop of links
        pass
    raise gr.Error(
        _(
            "This is not a file that was uploaded here: upload it first, and name the path that "
            "the upload answered."
        ),
        print_exception=False,
    )


def upload_folder() -> Path:
    """The folder of uploads, links followed."""
    return Path(get_upload_folder()).resolve()


def refuse_foreign_files(inputs: object, addresses: bool = False) -> None:
    """Check every file that the inputs of an event name, of whatever component, before anything opens it.

    Args:
        inputs: As the caller sent them, parsed from JSON.
        addresses: Whether a file may be behind an http(s) address: `ui.remote_images` fetches those of the
            endpoints, and the components take no other path. The page itself uploads all that it is given.

    Raises:
        gr.Error: As `uploaded_path`, or if there are more than `MAX_FILES`.
    """
    pending: list[Any] = [inputs]
    folder = upload_folder()
    named = 0
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            path = value.get("path")
            named += path is not None
            if named > MAX_FILES:
                raise gr.Error(
                    _("These are too many files: bring at most {most} at a time.", most=MAX_FILES),
                    print_exception=False,
                )
            if path is not None and not (addresses and is_http_url_like(path)):
                uploaded_path(path, folder)
            pending += value.values()
        elif isinstance(value, (list, tuple)):
            pending += value
