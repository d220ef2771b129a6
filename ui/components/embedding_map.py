"""The collection as a map, on which near is similar: zoomable, with photos on hover and on click."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval import SearchResult
from retrieval.collections.collection import Collection
from ui.components.html_component import html_component
from ui.i18n import gettext as _
from ui.i18n import label_name, language


def embedding_map(**options: Any) -> gr.HTML:  # noqa: ANN401
    """A map; its value is what `whole` or `around` gives. Its event `follow` tells of a photo.

    Args:
        options: Of `gr.HTML`.
    """
    return html_component(
        "embedding_map",
        {
            "map": _(
                "Map of the collection: every photo is a dot, near is similar. Arrow keys move it, "
                "plus and minus zoom, 0 shows all. The same photos are in the grid by class."
            ),
            "query": _("query"),
            "follow": _("Search with it"),
            "in": _("Zoom in"),
            "out": _("Zoom out"),
            "all": _("Show all"),
            "none": _("There is no map of this collection yet."),
        },
        scripts=("embedding_map_names",),
        **options,
    )


def whole(collection: Collection) -> dict[str, Any]:
    """The map of a collection."""
    return {
        "collection": collection.name,
        "labels": {label: label_name(label, collection.has_classes) for label in collection.labels},
        "preview": language() if collection.missing_photos else "",
    }


def around(result: SearchResult) -> dict[str, Any]:
    """The map of a result's collection, with the query's place and the neighbours marked."""
    value = whole(result.collection)
    position = result.surroundings.position if result.surroundings else None
    if position and result.neighbours:
        x, y = position
        value |= {
            "query": [round(x, 4), round(y, 4)],
            "rows": [neighbour.row for neighbour in result.neighbours],
        }
    return value
