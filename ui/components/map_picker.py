"""Example views of a map, as pictures of which one click maps one."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr

from ui.components.html_component import html_component


def map_picker(told: str, views: list[dict[str, str]], **options: Any) -> gr.HTML:  # noqa: ANN401
    """The pictures; their event `open` tells which was clicked, see `clicked_view`.

    A second event, `unmapped`, comes when a value has something `to_be_mapped`, and brings that back.

    Args:
        told: What stands above them.
        views: Each with its slug, name and detail, and the address of its small picture.
        options: Of `gr.HTML`.
    """
    return html_component("map_picker", {"told": told}, views_value(views), **options)


def views_value(
    views: list[dict[str, str]], opened: str = "", to_be_mapped: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The component's value.

    Args:
        views: As for `map_picker`.
        opened: The slug of the one that is shown.
        to_be_mapped: What the browser has to ask for the map of, if anything.
    """
    unmapped = to_be_mapped | {"asked": str(time.time_ns())} if to_be_mapped else None
    return {"views": views, "opened": opened, "unmapped": unmapped}


def clicked_view(click: Any) -> str:  # noqa: ANN401 - whatever a browser sends
    """The slug of the view that was clicked; empty of anything else."""
    match click:
        case {"slug": str(slug)}:
            return slug
    return ""
