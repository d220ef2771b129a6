"""What says that only a part of the map is searched, and takes it back."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval.query import Query, QueryError, checked_area
from retrieval.vector_store import Area
from ui.components.html_component import html_component
from ui.i18n import gettext as _


def area_token() -> gr.HTML:
    """The token; its value is what `area_shown` gives. Its event `area` is read by `clicked_area`."""
    texts = {"told": _("Only a part of the map"), "clear": _("Search everywhere again")}
    return html_component("area_token", texts, elem_id="area")


def area_shown(query: Query) -> dict[str, bool]:
    """Whether a query searches a part of the map only."""
    return {"shown": query.filters.area is not None}


def clicked_area(click: Any) -> Area | None:  # noqa: ANN401 - whatever a browser sends
    """The part of the map that a click is about; None for all of it. Raises QueryError of anything else."""
    match click:
        case {"area": None}:
            return None
        case {"area": [int() | float(), int() | float(), int() | float(), int() | float()]}:
            return checked_area(click["area"])
    raise QueryError("This tells of no part of the map: choose one on the page.")
