"""Where on Earth an answer lies: a map of footprints, over a grid, or over streets where a visitor asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr

from retrieval import SearchResult
from retrieval.collections.collection import Collection
from retrieval.collections.places import Footprint, Places
from retrieval.vector_store import Area
from ui.components.html_component import html_component
from ui.components.photo_grid import tile_name
from ui.i18n import class_name, language, number
from ui.i18n import gettext as _
from ui.render.footprints import outline
from ui.render.likeness import likeness
from ui.urls import WEB_MAP, photo_url

#: The most photos of a collection that are drawn behind the neighbours: of more, every second, third, ….
MOST_DRAWN = 5000

#: Decimals of a degree that are drawn: ten centimetres.
DECIMALS = 6


def place_map(**options: Any) -> gr.HTML:  # noqa: ANN401
    """A map; its value is what `around` gives. Its event `follow` tells of a photo, see `clicked_photo`.

    Args:
        options: Of `gr.HTML`.
    """
    texts = {
        "map": _(
            "Map of where the photos found lie: each has its rank. Arrow keys move it, plus and minus zoom; "
            "the Tab key goes from photo to photo. The same photos are in the grid of neighbours."
        ),
        "in": _("Zoom in"),
        "out": _("Zoom out"),
        "all": _("Show all found"),
        "query": _("query"),
        "follow": _("Search with it"),
        "where": _("Where is this?"),
        "close": _("Close"),
        "here": _("Search in this part of the map"),
        "streets": _("Show streets (asks openstreetmap.org)"),
        "contributors": _("© OpenStreetMap contributors"),
        "rank": _("{rank}. {label}, distance {distance}", rank="RANK", label="LABEL", distance="DISTANCE"),
        "drawn": _("Faint: the other photos of the collection."),
        "thinned": _("Faint: {drawn} of the {count} photos of the collection.", drawn="DRAWN", count="COUNT"),
        "unknown": _("Nobody knows where these photos lie."),
        "failed": _("The map could not be loaded: reload the page to try again."),
        "address": WEB_MAP.format(latitude=0, longitude=0).replace("0.000000", "{}"),
    }
    return html_component("place_map", texts, scripts=("place_map_grid",), **options)


def around(result: SearchResult, asked: Iterable[Footprint] = (), area: Area | None = None) -> dict[str, Any]:
    """The map of an answer; nothing where the collection does not say where its photos lie.

    Args:
        result: What was found.
        asked: The ground that the query shows, as far as it is known.
        area: The part of the map that was searched; None for all of it.
    """
    collection = result.collection
    if collection.places is None:
        return {}
    found = []
    for rank, neighbour in enumerate(result.neighbours, start=1):
        if corners := _drawn(collection.places[neighbour.row].footprint):
            near = likeness(collection.pair_distances, neighbour.distance)
            found.append(
                {
                    "id": neighbour.id,
                    "rank": rank,
                    "label": tile_name(collection, neighbour.row),
                    "distance": number(neighbour.distance, ".3f"),
                    "share": near.get("share", 1.0),
                    "word": near.get("word", ""),
                    "small": photo_url(collection, neighbour.row),
                    "corners": corners,
                }
            )
    return {
        "collection": collection.name,
        "labels": {label: class_name(label) for label in collection.classes},
        "found": found,
        "query": [corners for footprint in asked if (corners := _drawn(footprint))],
        "area": _corners(area) if area else None,
        "preview": language() if collection.missing_photos else "",
    }


def _corners(area: Area) -> list[list[float]]:
    """Latitude and longitude of each corner; across the 180th meridian longitudes go on."""
    west, south, east, north = area
    east += 360 if east < west else 0
    return [[north, west], [north, east], [south, east], [south, west]]


def all_places(collection: Collection) -> dict[str, Any]:
    """Where the photos of a collection lie, thinned to `MOST_DRAWN`, as `place_map.js` fetches it."""
    places = collection.places or Places.of(())
    step = max(-(-len(places) // MOST_DRAWN), 1)
    rows = [
        (collection.entries[row].id, collection.label_of(row), corners)
        for row in range(0, len(places), step)
        if (corners := _drawn(places[row].footprint))
    ]
    return {
        "count": len(places),
        "ids": [identifier for identifier, _label, _corners in rows],
        "labels": [label for _identifier, label, _corners in rows],
        "corners": [corners for _identifier, _label, corners in rows],
    }


def _drawn(footprint: Footprint | None) -> list[list[float]] | None:
    """Latitude and longitude of each corner, as Leaflet has them."""
    corners = outline(footprint) if footprint else None
    return [[round(y, DECIMALS), round(x, DECIMALS)] for x, y in corners] if corners else None
