"""The history: the searches of a visit, forwards and backwards, a random start, and the link to share."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.query import FIELDS, Query
from ui.components.html_component import html_component
from ui.i18n import gettext as _
from ui.render import sentences
from ui.uploads import UploadStore
from ui.urls import photo_url, small_upload_url

#: What a search does to the browser's history: a new step, another form of this one, or none.
PUSH, REPLACE = "push", "replace"


def history_bar() -> gr.HTML:
    """The bar; its value is what `entry` gives, its events `travel`, see `visited_address`, and `random`.

    A third one, `unread`, comes when a value has "unread": a preview is shown, and its file to be read.
    """
    texts = {
        "trail": _("Trail of searches"),
        "start": _("Start"),
        "back": _("Back to the search before"),
        "forward": _("Forward"),
        "random": _("Random photo"),
        "random_long": _("Random photo of the collection"),
        "share": _("Share"),
        "share_long": _("Share: copy a link to this search"),
        "address": _("Link to this search"),
        "copied": _("Copied."),
        "copy": _("Press Ctrl+C to copy it."),
    }
    return html_component("history", texts | {"fields": list(FIELDS)}, elem_id="trail")


def entry(retriever: Retriever, uploads: UploadStore, query: Query, how: str = PUSH) -> dict[str, Any]:
    """The bar's value for a search."""
    label = thumb = title = ""
    if query.stored:
        first = query.stored[0]
        collection, row = retriever.resolve(first)
        label, thumb = collection.entries[row].label, photo_url(collection, row)
    else:
        thumb = small_upload_url(query.uploads[0])
        kept = uploads.get(query.uploads[0])
        title = _(kept.title) if kept and kept.title else ""
    return {
        "address": query.address(),
        "title": sentences.history_title(query, label, title),
        "thumb": thumb,
        "life": sentences.life_line(uploads.until(query.uploads), query),
        "step": how,
    }


def empty_entry(query: Query, opened: str, how: str = REPLACE) -> dict[str, Any]:
    """The bar's value before anything was searched: what was chosen by then is in the address, too.

    Args:
        query: An empty one.
        opened: The collection that the page opens with.
        how: See `PUSH`.
    """
    return {"address": "" if query == Query(opened) else query.address(), "step": how}


def visited_address(click: Any) -> str:  # noqa: ANN401 - whatever a browser sends
    """The address that the browser's buttons led to; empty of anything else."""
    match click:
        case {"address": str(address)}:
            return address
    return ""
