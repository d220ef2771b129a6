"""The operator's folders, and the progress of the work on one."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr

from ui.components.html_component import html_component
from ui.i18n import gettext as _

#: Milliseconds between two looks at the work, and at whether another page began some.
LOOK_EVERY, LOOK_IDLE = 1000, 5000


def folder_list() -> gr.HTML:
    """The list; its value is what `folders_now` gives.

    Its events `update`, `remove` and `stop` tell what was clicked, see `clicked_folder`; `look` asks for the
    present state, see `seen_version`.
    """
    texts = {
        "stop": _("Stop"),
        "search": _("Search in it"),
        "update": _("Update"),
        "resume": _("Go on"),
        "remove": _("Remove from the page"),
        "sure": _("Remove it from the page? The photos stay where they are."),
        "yes": _("Remove"),
        "no": _("Keep"),
        "of": _("{action}: {title}", action="ACTION", title="TITLE"),
        "none": _("No folder was added yet."),
        "progress": _("Progress"),
        "folders": _("Your folders"),
        "interval": LOOK_EVERY,
        "idle": LOOK_IDLE,
    }
    return html_component("folder_list", texts, elem_id="folder-list")


def folders_now(value: dict[str, Any]) -> dict[str, Any]:
    """The component's value, of what `ui.render.own_folders` says: each is news, so the page looks on."""
    return value | {"told": time.time_ns()}


def clicked_folder(click: Any) -> object:  # noqa: ANN401 - whatever a browser sends
    """The name of the folder that was clicked; None of anything else."""
    return click.get("name") if isinstance(click, dict) else None


def seen_version(click: Any) -> object:  # noqa: ANN401 - whatever a browser sends
    """The version of the collections that the page knows; None where it knows none."""
    return click.get("version") if isinstance(click, dict) else None
