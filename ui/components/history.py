"""The trail: the searches of a visit, forwards and backwards, a random start, and the link to share."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.query import FIELDS, Question
from ui.components.html_component import html_component
from ui.i18n import say
from ui.render import sentences
from ui.routes import brought_url, photo_url
from ui.uploads import BroughtPhotos

#: What a search does to the browser's history: a new step, another form of this one, or none.
PUSH, REPLACE = "push", "replace"


def trail_bar() -> gr.HTML:
    """The bar; its value is what `step` gives, its events `travel`, see `told_address`, and `random`."""
    names = (
        "trail", "start", "back", "forward", "random", "random_long", "share", "share_long", "address",
        "copied", "copy",
    )  # fmt: skip
    texts = {name: say(f"trail.{name}") for name in names}
    return html_component("history", texts | {"fields": list(FIELDS)}, elem_id="trail")


def step(retriever: Retriever, brought: BroughtPhotos, question: Question, how: str = PUSH) -> dict[str, Any]:
    """The bar's value for a search."""
    label = thumb = title = ""
    if question.stored:
        first = question.stored[0]
        collection, row = retriever.known(first.collection), retriever.row(first)
        label, thumb = collection.entries[row].label, photo_url(collection, row)
    else:
        thumb = brought_url(question.brought[0])
        kept = brought.get(question.brought[0])
        title = kept.title if kept else ""
    return {
        "address": question.address(),
        "title": sentences.trail_title(question, label, title),
        "thumb": thumb,
        "life": sentences.life_line(brought.until(question.brought), question),
        "step": how,
    }


def start(question: Question, opened: str, how: str = REPLACE) -> dict[str, Any]:
    """The bar's value before anything was searched: what was chosen by then is in the address, too.

    Args:
        question: An empty one.
        opened: The collection that the page opens with.
        how: See `PUSH`.
    """
    return {"address": "" if question == Question(opened) else question.address(), "step": how}


def told_address(event: gr.EventData) -> str:
    """The address that the browser's buttons led to."""
    return str(event._data["address"])  # where Gradio puts what the event of a component brings
