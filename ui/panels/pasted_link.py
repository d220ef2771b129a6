"""What is said of a link that came without a picture; a map's is kept for the next screenshot.

A link is read as text alone: nothing is ever fetched. The browser keeps it, so it is checked again when it
comes back.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import gradio as gr

from retrieval.maps.crops import COARSEST
from retrieval.maps.links import MAX_LENGTH, UnknownMapError, read_link
from retrieval.maps.locate import ScaleHints
from retrieval.maps.scale import MapView, ScaleError
from ui.components.html_component import html_component
from ui.events import AT_ONCE, bind_clicks
from ui.i18n import gettext as _
from ui.i18n import number
from ui.state import Updates

#: The sharpest screen, and the tallest picture of a map, by which a link's scale may still be fine enough.
SHARPEST, TALLEST = 2.0, 2160


class PastedLink:
    """The note and what it does; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        self.note = html_component("pasted_link", {"close": _("Close")}, elem_id="pasted-link")

    def listen(self, clicks: gr.JSON) -> None:
        """Answer each link, and forget one where that is wanted."""
        bind_clicks([(self.note, "link")], self.answer, [clicks], self.note, **AT_ONCE)

    def answer(self, click: Any) -> Any:  # noqa: ANN401 - whatever a browser sends, and an update
        """What to say of a link, and the link if it says a scale. Text that is no link changes nothing."""
        match click:
            case {"link": ""}:
                return gr.update(value={})
            case {"link": str(link)} if len(link) <= MAX_LENGTH:
                told, kept = answer_to(link.strip())
                return gr.update(value={"told": told, "link": kept}) if told else gr.skip()
        return gr.skip()

    def used(self, screenshot: bool) -> Updates:
        """Updates that put the note away once a screenshot had its link, or cannot be searched by it."""
        return {self.note: gr.update(value={}) if screenshot else gr.skip()}


def answer_to(link: str) -> tuple[str, str]:
    """What to say of a link, and the link if a screenshot may be searched by it; nothing of other text."""
    what_to_do = _(
        "A link has no picture in it: open it, take a screenshot, and drop, paste or choose it here."
    )
    try:
        view = read_link(link)
    except UnknownMapError:
        if not re.match("https?://", link, re.IGNORECASE):
            return "", ""
        return _(
            "This page opens no links: save the picture behind it, or copy the picture itself, and bring "
            "that here."
        ), ""
    except ScaleError as error:
        return f"{_(error.message)} {what_to_do}", ""
    if view.has_scale and view.metres_per_pixel(TALLEST, SHARPEST) > COARSEST:
        too_far = _("That is too far away to search: zoom in to 18, 19 or 20, and copy the link again.")
        return f"{_shows(view)} {too_far}", ""
    of_scale = (
        _("Its scale is kept for that screenshot.")
        if view.has_scale
        else _("It says no zoom: choose that for the screenshot.")
    )
    return f"{_shows(view)} {what_to_do} {of_scale}", link


def kept_hints(note: Any) -> ScaleHints | None:  # noqa: ANN401 - the note's value, from a browser
    """What a kept link says of the scale; None where there is none, or none that can be read."""
    match note:
        case {"link": str(link)} if 0 < len(link) <= MAX_LENGTH:
            with suppress(ScaleError):
                read_link(link)
                return ScaleHints(link)
    return None


def _shows(view: MapView) -> str:
    place = {"latitude": number(view.latitude, ".2f"), "longitude": number(view.longitude, ".2f")}
    if view.zoom is not None:
        return _("That link shows {latitude}, {longitude} at zoom {zoom:g}.", **place, zoom=view.zoom)
    if not view.has_scale:
        return _("That link shows {latitude}, {longitude}.", **place)
    return _("That link shows {latitude}, {longitude}, {height:,.0f} m from top to bottom.", **place,
             height=view.height)  # fmt: skip
