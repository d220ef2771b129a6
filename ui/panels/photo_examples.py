"""The example photos to click, drawn by this project."""

from __future__ import annotations

import gradio as gr

from examples.catalog import example_paths
from ui.components.photo_grid import photo_grid
from ui.i18n import readable, say


def example_photos() -> gr.HTML:
    """A grid of them, whose event `follow` names one; made where it is called, in a `gr.Blocks`."""
    tiles = [
        {
            "collection": "examples",
            "id": path.stem,
            "label": readable(path.stem),
            "small": f"examples/{path.stem}",
            "alt": say("examples.one", label=readable(path.stem)),
        }
        for path in example_paths()
    ]
    gr.Markdown(say("examples.label"))
    return photo_grid({"kind": "examples", "name": say("examples.label"), "tiles": tiles}, elem_id="examples")
