"""The page's view of a screenshot: the picture, and on it a square, a scale bar, and a layer of colours."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr

from ui.components.html_component import html_component


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
        case {"x": int(x) | float(x), "y": int(y) | float(y)} if math.isfinite(x) and math.isfinite(y):
            return float(x), float(y)
    return None
