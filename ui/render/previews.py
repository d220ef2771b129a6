"""What is said of photos that are not on this machine, where blurred previews stand in for them."""

from __future__ import annotations

from collections.abc import Iterable

from retrieval.collections.collection import Collection
from retrieval.errors import Message
from ui.i18n import gettext as _
from ui.render.escaping import escape


def previews_line(collection: Collection, rows: Iterable[int]) -> str:
    """HTML that stands over photos in place of a verdict, where previews stand in for all; else empty.

    Args:
        collection: Whose.
        rows: Which are shown.
    """
    rows = list(rows)
    if not rows or any(collection.photo(row) for row in rows):
        return ""
    heading = escape(_("Blurred previews: the photos are not here yet"))
    title = escape(_(Message(collection.title)))
    line = (
        _(
            "Each preview of {collection} has its class and id written on it: only a photo can be judged.",
            collection=title,
        )
        if collection.has_classes
        else _(
            "Each preview of {collection} has its id written on it: only a photo can be judged.",
            collection=title,
        )
    )
    return f'<div class="verdict previews"><h3>{heading}</h3><p>{line}</p></div>'


def some_previews_line(collection: Collection, rows: Iterable[int]) -> str:
    """What is added to an answer in which previews stand in for some photos; empty if there are none."""
    missing = [row for row in rows if not collection.photo(row)]
    return _("Blurred: a photo that is not here.") if missing else ""
