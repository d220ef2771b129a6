"""The example photos to click, drawn by this project."""

from __future__ import annotations

import gradio as gr

from examples.catalog import example_paths
from ui.components.photo_grid import photo_grid
from ui.i18n import class_name
from ui.i18n import gettext as _


def example_photos() -> gr.HTML:
    """A grid of them, whose event `follow` names one; made where it is called, in a `gr.Blocks`."""
    tiles = [
        {
            "collection": "examples",
            "id": path.stem,
            "label": class_name(path.stem),
            "small": f"examples/{path.stem}",
            "alt": _("Example: {label}", label=class_name(path.stem)),
        }
        for path in example_paths()
    ]
    gr.Markdown(_("Examples (drawn by this project)"))
    return photo_grid(
        {"kind": "examples", "name": _("Examples (drawn by this project)"), "tiles": tiles},
        elem_id="examples",
    )
