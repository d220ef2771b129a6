"""The collection as a map, on which near is similar: zoomable, with photos on hover and on click."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval.collections import embedding_map
from retrieval.collections.collection import Collection
from retrieval.retriever import SearchResult
from ui.components.html_component import html_component
from ui.i18n import language, readable, say


def atlas(**options: Any) -> gr.HTML:  # noqa: ANN401
    """A map; its value is what `whole` or `around` gives. Its event `follow` tells of a photo.

    Args:
        options: Of `gr.HTML`.
    """
    names = ("map", "query", "follow", "in", "out", "all", "none")
    return html_component("embedding_map", {name: say(f"atlas.{name}") for name in names}, **options)


def whole(collection: Collection) -> dict[str, Any]:
    """The map of a collection."""
    return {
        "collection": collection.name,
        "labels": {label: readable(label) for label in collection.labels},
        "preview": language() if collection.missing_photos else "",
    }


def around(result: SearchResult) -> dict[str, Any]:
    """The map of a result's collection, with the query's place and the neighbours marked."""
    value = whole(result.collection)
    places = result.collection.places
    if places is not None and result.neighbours:
        distances, rows = result.collection.index.search(result.vector[None], embedding_map.NEAREST)
        x, y = embedding_map.place(distances[0], rows[0], places)
        value |= {"query": [round(x, 4), round(y, 4)], "rows": [each.row for each in result.neighbours]}
    return value
