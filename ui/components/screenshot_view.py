"""The page's view of a screenshot: the picture, and on it a square, a scale bar, and a layer of colours."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.components.html_component import html_component

#: No screenshot has as many pixels in a row; some whole numbers of Python are beyond any float.
FARTHEST = 1_000_000


def screenshot_view(label: str, **options: Any) -> gr.HTML:  # noqa: ANN401
    """A view; its event `pick` tells where the visitor clicked, as {'x', 'y'} in pixels of the screenshot.

    Its value is what `ui.render.screenshots.view_value` gives, and its property `picture` a data URL,
    apart from the value because it is large and seldom changes.

    Args:
        label: What a screen reader says of it.
        options: Of `gr.HTML`.
    """
    return html_component("screenshot_view", {"label": label}, picture="", **options)


def clicked_place(click: Any) -> tuple[float, float] | None:  # noqa: ANN401 - whatever a browser sends
    """The place of a `pick`, in pixels of the screenshot; None of anything else."""
    match click:
        case {"x": int(x) | float(x), "y": int(y) | float(y)} if abs(x) < FARTHEST and abs(y) < FARTHEST:
            return float(x), float(y)
    return None
