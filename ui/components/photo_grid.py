"""A grid of photos of a collection: neighbours with their distances, or photos to start from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr

from retrieval.collections.collection import Collection
from retrieval.query import Question, Stored
from retrieval.retriever import SearchResult
from ui.components.html_component import html_component
from ui.i18n import readable, say
from ui.render import sentences
from ui.routes import photo_url


def photo_grid(
    value: dict[str, Any] | None = None,
    *,
    tools: bool = False,
    **options: Any,  # noqa: ANN401
) -> gr.HTML:
    """A grid; its value is what `answer` or `photos` gives.

    Its events `follow` and `why` tell of a photo, see `told_photo`; `again` tells what was marked, see
    `told_marks`.

    Args:
        value: What it shows at first.
        tools: Whether neighbours can be marked and asked why they are alike.
        options: Of `gr.HTML`.
    """
    names = ("follow", "right", "wrong", "why", "again", "clear")
    texts: dict[str, Any] = {name: say(f"grid.{name}") for name in names}
    texts["marked"] = say("grid.marked", right="RIGHT", wrong="WRONG")
    return html_component("photo_grid", texts | {"tools": tools}, value, **options)


def answer(result: SearchResult, question: Question = Question()) -> dict[str, Any]:  # noqa: B008 - frozen
    """The neighbours of a result as a grid's value, with the marks that the question has."""
    collection = result.collection
    tiles = []
    for each in result.neighbours:
        tile = _tile(collection, each.row)
        distance = f"{each.distance:.3f}"
        tiles.append(
            tile
            | {
                "distance": distance,
                "alt": say("grid.neighbour", label=readable(each.label), distance=distance),
                "mark": sentences.mark_of(question, Stored(collection.name, each.id)),
            }
        )
    marks = {"right": len(question.right), "wrong": len(question.wrong)}
    return {"kind": "answer", "name": say("grid.neighbours"), "tiles": tiles, "marks": marks}


def photos(collection: Collection, rows: Iterable[int], name: str) -> dict[str, Any]:
    """Photos of a collection as a grid's value.

    Args:
        collection: Whose.
        rows: Which.
        name: What a screen reader calls them.
    """
    return {"kind": "photos", "name": name, "tiles": [_tile(collection, row) for row in rows]}


def _tile(collection: Collection, row: int) -> dict[str, Any]:
    entry = collection.entries[row]
    return {
        "collection": collection.name,
        "id": entry.id,
        "label": readable(entry.label),
        "small": photo_url(collection, row),
        "alt": say("grid.photo", label=readable(entry.label), id=entry.id),
    }


def told_photo(event: gr.EventData) -> Stored:
    """The photo that a grid's, a map's or the dialog's event is about."""
    data = event._data  # where Gradio puts what the event of a component brings
    return Stored(str(data["collection"]), str(data["id"]))


def told_marks(event: gr.EventData) -> tuple[list[Stored], list[Stored]] | None:
    """The photos that are marked right, and those that are marked wrong; None to forget all marks."""
    if event._data.get("forget"):
        return None
    right, wrong = (
        [Stored(str(each["collection"]), str(each["id"])) for each in event._data[name]]
        for name in ("right", "wrong")
    )
    return right, wrong
