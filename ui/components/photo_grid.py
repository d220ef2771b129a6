"""A grid of photos of a collection: neighbours with their distances, or photos to start from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

import gradio as gr

from retrieval import Neighbour, SearchResult
from retrieval.collections.collection import Collection
from retrieval.plain_text import one_line
from retrieval.query import PhotoRef, Query, QueryError
from ui.components.html_component import html_component
from ui.i18n import class_name, label_name, number
from ui.i18n import gettext as _
from ui.render import sentences
from ui.render.likeness import likeness
from ui.urls import photo_url


def photo_grid(
    value: dict[str, Any] | None = None,
    *,
    tools: bool = False,
    **options: Any,  # noqa: ANN401
) -> gr.HTML:
    """A grid; its value is what `answer` or `photos` gives.

    Its events `follow` and `why` tell of a photo, see `clicked_photo`; `again` tells what was marked, see
    `submitted_marks`. All are bound with `ui.events.bind_clicks`.

    Args:
        value: What it shows at first.
        tools: Whether neighbours can be marked and asked why they are alike.
        options: Of `gr.HTML`.
    """
    texts: dict[str, Any] = {
        "follow": _("Search with this photo"),
        "right": _("Right"),
        "wrong": _("Wrong"),
        "why": _("Why?"),
        "why_long": _("Why is it alike?"),
        "again": _("Search again"),
        "clear": _("Clear"),
    }
    texts["marked"] = _("{right} right, {wrong} wrong", right="RIGHT", wrong="WRONG")
    return html_component("photo_grid", texts | {"tools": tools}, value, **options)


def answer(
    result: SearchResult,
    query: Query = Query(),  # noqa: B008 - it is frozen
    neighbours: Sequence[Neighbour] | None = None,
    *,
    far: bool = False,
    compared: bool = True,
) -> dict[str, Any]:
    """Neighbours as a grid's value, with the marks that the query has.

    Args:
        result: What was found.
        query: What was asked.
        neighbours: Which to show; those of the result by default.
        far: Whether none is close, so that all are dimmed.
        compared: Whether the distances mean anything: those of a picture from too far away do not.
    """
    collection = result.collection
    tiles = []
    for neighbour in result.neighbours if neighbours is None else neighbours:
        distance = number(neighbour.distance, ".3f")
        label = tile_name(collection, neighbour.row)
        tiles.append(
            _tile(collection, neighbour.row)
            | {
                "distance": distance,
                "alt": _("{label}, distance {distance}", label=label, distance=distance),
                "mark": sentences.mark_of(query, PhotoRef(collection.name, neighbour.id)),
                "likeness": likeness(collection.pair_distances, neighbour.distance) if compared else {},
            }
        )
    marks = {"right": len(query.relevant), "wrong": len(query.irrelevant)}
    name = _("Neighbours, nearest first")
    return {"kind": "answer", "name": name, "tiles": tiles, "marks": marks, "far": far}


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
        "label": tile_name(collection, row),
        "small": photo_url(collection, row),
        "alt": _("{label}, {id}", label=label_name(entry.label, collection.has_classes), id=entry.id),
    }


def tile_name(collection: Collection, row: int) -> str:
    """What a photo is called under its picture: its class, or its file's name where there are no classes.

    Of a tile of a raster, the raster's name and its own.
    """
    label = collection.label_of(row)
    if label:
        return class_name(label)
    path = PurePosixPath(collection.entries[row].id)
    return one_line(f"{path.parent.name} {path.name}" if collection.window(row) else path.name)


def clicked_photo(click: Any) -> PhotoRef:  # noqa: ANN401 - whatever a browser sends
    """The photo that a grid's, a map's or the dialog's event is about. Raises QueryError of anything else."""
    match click:
        case {"collection": str(collection), "id": str(id_)}:
            return PhotoRef(collection, id_)
    raise QueryError("This tells of no photo: click one on the page.")


def submitted_marks(click: Any) -> tuple[list[PhotoRef], list[PhotoRef]] | None:  # noqa: ANN401 - likewise
    """The photos that are marked right, and those that are marked wrong; None to forget all marks.

    Raises:
        QueryError: Of anything else.
    """
    match click:
        case {"forget": True}:
            return None
        case {"right": [*right], "wrong": [*wrong]}:
            return [clicked_photo(photo) for photo in right], [clicked_photo(photo) for photo in wrong]
    raise QueryError("This tells of no marks: mark photos on the page.")
