"""What a caller names as a file has to be one that was uploaded here: the one place where paths come in.

A payload is any JSON that somebody sends. Gradio checks its path only where the payload says of itself that
it is a file (`meta._type`, in 6.31), so `{"path": "/any/photo/of/the/server.png"}` would be opened.
"""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder, is_in_or_equal

from ui.i18n import gettext as _


def uploaded_path(path: str | None) -> str:
    """The path, if it is that of a regular file inside the folder of uploads, links followed.

    Raises:
        gr.Error: If it is anything else: another file, a folder, a pipe, a device, or nothing at all. The
            sentence is one for all, so that nobody learns what else the server has.
    """
    try:
        inside = bool(path) and is_in_or_equal(str(path), get_upload_folder()) and Path(str(path)).is_file()
    except (OSError, RuntimeError, ValueError):  # too long, a null byte, a loop of links
        inside = False
    if not inside:
        raise gr.Error(
            _(
                "This is not a file that was uploaded here: upload it first, and name the path that "
                "the upload answered."
            ),
            print_exception=False,
        )
    return str(path)
