"""The history: the searches of a visit and the views between them, back and forward; and sharing a link."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr

from retrieval import Retriever, SearchResult
from retrieval.query import FIELDS, Query
from ui.components.html_component import html_component
from ui.i18n import gettext as _
from ui.render import link_words, sentences
from ui.uploads import UploadStore
from ui.urls import photo_url, small_upload_url
from ui.views import FOLDERS_VIEW, SEARCH_TAB, VIEW_FIELDS, VIEWS

#: What a search does to the browser's history: a new step, another form of this one, or none.
PUSH, REPLACE = "push", "replace"


def history_bar(*, managing: bool = False) -> gr.HTML:
    """The bar; its value is what `entry` or `view_entry` gives.

    Its events are `random`, `travel` and, for each view, `visit_NAME`: see `visited_address`. A further one,
    `unread`, comes when a value has "unread": a preview is shown, and its file to be read.

    Args:
        managing: Whether folders are managed on the page, in a tab of their own.
    """
    texts = {
        "trail": _("Trail of searches"),
        "start": _("Start"),
        "page": link_words.page_name(),
        "back": _("Back to the search before"),
        "forward": _("Forward"),
        "random": _("Random"),
        "random_long": _("Random photo of the collection"),
    }
    there = [*VIEWS, FOLDERS_VIEW] if managing else VIEWS
    views = [
        {"name": view.name, "tab": view.tab, "title": _(view.title), "words": _(view.words)} for view in there
    ]
    places = {
        "fields": list(dict.fromkeys((*FIELDS, *VIEW_FIELDS))), "views": views, "tab": SEARCH_TAB,
    }  # fmt: skip
    return html_component("history", texts | _sharing() | places, scripts=("share_panel",), elem_id="trail")


def share_bar() -> gr.HTML:
    """A button that shares the view that is open, for a tab that the history is not in."""
    return html_component("share", _sharing(), scripts=("share_panel",))


def _sharing() -> dict[str, str]:
    return {
        "share": _("Share"),
        "share_long": _("Share: copy a link to what is shown"),
        "address": _("Link to what is shown"),
        "copied": _("Copied."),
        "copy": _("Press Ctrl+C to copy it."),
    }


def entry(
    retriever: Retriever,
    uploads: UploadStore,
    query: Query,
    how: str = PUSH,
    result: SearchResult | None = None,
) -> dict[str, Any]:
    """The bar's value for a search.

    Args:
        retriever: Has the photos.
        uploads: Keeps the photos of visitors.
        query: Not empty.
        how: See `PUSH`.
        result: Its answer; without one, as many photos are spoken of as were asked for.
    """
    places = [retriever.resolve(photo) for photo in query.stored]
    labels = [collection.label_of(row) for collection, row in places]
    title = named = ""
    if query.stored:
        thumb = photo_url(*places[0])
    else:
        thumb = small_upload_url(query.uploads[0])
        kept = uploads.get(query.uploads[0])
        title = _(kept.title) if kept and kept.title else ""
        named = _(kept.named) if kept and kept.named else ""
    label = labels[0] if labels else ""
    return {
        "address": query.address(),
        "title": sentences.history_title(query, label, title),
        "heading": link_words.search_heading(sentences.history_title(query, label, named)),
        "words": link_words.search_words(
            query,
            link_words.query_name(query, labels, named),
            retriever.searched(query),
            len(result.neighbours) if result else query.k,
        ),
        "thumb": thumb,
        "life": sentences.life_line(uploads.until(query.uploads), query),
        "step": how,
    }


def view_entry(
    view: str, address: str, heading: str, words: str, how: str = REPLACE, life: str = ""
) -> dict[str, Any]:
    """The bar's value for what is chosen in a view.

    Args:
        view: Its name, one of `ui.views.VIEWS`.
        address: As `ui.views.view_address` gives it.
        heading: What it shows, in few words.
        words: The same in a sentence, for a link.
        how: See `PUSH`.
        life: How long the link works, where it does not for good.
    """
    return {
        "view": view,
        "address": address,
        "title": heading,
        "heading": heading,
        "words": words,
        "life": life,
        "step": how,
        "told": time.time_ns(),  # told again, it is news: another tab may have been open meanwhile
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
