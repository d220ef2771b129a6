"""Under a mapped picture: how strong the colours over it are, and the files that it can be saved as."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.components.html_component import html_component


def map_tools(view: str, strength: str, **options: Any) -> gr.HTML:  # noqa: ANN401
    """The tools; their value is what `tools_value` gives.

    Args:
        view: The `elem_id` of the picture's part.
        strength: What the control of the layer is called.
        options: Of `gr.HTML`.
    """
    return html_component("map_tools", {"view": view, "strength": strength}, **options)


def tools_value(strength: float | None, files: dict[str, str], note: str) -> dict[str, Any]:
    """The component's value.

    Args:
        strength: Of the layer unless the visitor says, in [0, 1]; None where there is no layer.
        files: What a link says, and where it leads.
        note: What has to be known of the files.
    """
    return {
        "strength": None if strength is None else round(100 * strength),
        "files": [{"text": text, "url": url} for text, url in files.items()],
        "note": note,
    }
