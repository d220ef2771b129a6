"""Results -> the sentences that a person reads. Pure functions without Gradio."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from retrieval.collections.collection import Collection
from retrieval.collections.places import Footprint, Place
from retrieval.errors import Message
from retrieval.georeference import Position
from retrieval.plain_text import one_line
from retrieval.query import GONE, PhotoRef, Query
from ui.i18n import class_name, ngettext
from ui.i18n import gettext as _
from ui.render.escaping import plain as plain  # for those who join sentences
from ui.urls import web_map_url


def query_line(query: Query, labels: Sequence[str]) -> str:
    """What was searched for, where it is not one photo of the visitor's alone; else empty.

    Args:
        query: What was asked.
        labels: The classes of its stored photos; '' for one of a collection without.
    """
    parts = []
    photos = len(query.stored) + len(query.uploads)
    if photos > 1:
        parts.append(_("{count} photos, looked for together.", count=photos))
    elif query.stored:
        parts.append(
            _(
                "**{id}**, {label}: a photo of the collection.",
                id=plain(one_line(query.stored[0].id)),
                label=plain(class_name(labels[0])),
            )
            if labels[0]
            else _("**{id}**: a photo of the collection.", id=plain(one_line(query.stored[0].id)))
        )
    marks = []
    if count := len(query.relevant):
        marks.append(ngettext("one marked right", "{count} marked right", count))
    if count := len(query.irrelevant):
        marks.append(ngettext("one marked wrong", "{count} marked wrong", count))
    if marks:
        parts.append(_("With {marks}.", marks=", ".join(marks)))
    return " ".join(parts)


def where_line(footprint: Footprint) -> str:
    """A link, in Markdown, to where a visitor's photo lies on Earth."""
    centre = Place(footprint=footprint).centre
    return where_link(centre) if centre else ""


def where_link(position: Position) -> str:
    """A link, in Markdown, to a place on a map of the web: longitude and latitude in degrees."""
    words = _("Where is this?")
    return f"[{words}]({web_map_url(position)})"


def history_title(query: Query, label: str, title: str = "") -> str:
    """What a search is called in the history: the photo's id, or the title of a visitor's photo."""
    if len(query.stored) + len(query.uploads) > 1:
        return _("several photos")
    if not query.stored:
        return title or _("your photo")
    return " · ".join(filter(None, (one_line(query.stored[0].id), class_name(label))))


def life_line(until: float | None, query: Query) -> str:
    """How long a link to a search lives."""
    if not query.uploads or until == math.inf:
        return _("This link brings back this search for as long as the page has these photos.")
    if until is None:
        return _(GONE)
    return _(
        "This link works until {until} UTC, or until the page restarts: then your photo is "
        "gone. Until then, whoever has the link sees it.",
        until=time.strftime("%H:%M", time.gmtime(until)),
    )


def map_life_line(until: float | None) -> str:
    """How long a link to the map of a visitor's screenshot lives, and who sees it."""
    if until is None:
        return _(GONE)
    return _(
        "This link works until {until} UTC, or until the page restarts: then your screenshot is gone. Until "
        "then, whoever has the link sees the whole of it.",
        until=time.strftime("%H:%M", time.gmtime(until)),
    )


def choice(collection: Collection) -> str:
    """A collection as something to choose: its title and how many images it holds."""
    return _("{title} ({count:,})", title=Message(collection.title), count=collection.manifest.count)


def mark_of(query: Query, photo: PhotoRef) -> str:
    """'right', 'wrong' or an empty string: how an answer was marked."""
    return "right" if photo in query.relevant else "wrong" if photo in query.irrelevant else ""


def waiting() -> str:
    """What stands in place of an answer before anything was searched: with keys and a mouse, or by touch."""
    ways = {
        "by-keys": _(
            "Drop a photo anywhere, paste one with Ctrl+V, or choose an example: the search starts by itself."
        ),
        "by-touch": _("Tap to choose a photo or take one, or tap an example: the search starts by itself."),
    }
    rest = _("Several photos at once are looked for together. Or start from a photo of the collection:")
    return " ".join([*(f'<span class="{name}">{way}</span>' for name, way in ways.items()), rest])


def our_fault() -> str:
    """What to say where the program failed."""
    return _("The search failed, and your photo is not to blame: try again, or tell who runs this page.")
