"""The dialog that tells why a neighbour is alike: how near that is, both photos, and heat maps on them."""

from __future__ import annotations

import logging
import time
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from retrieval import Retriever, SearchResult
from retrieval.collections.collection import Collection
from retrieval.collections.pair_distances import PairDistances
from retrieval.explain import explain, heat_image
from retrieval.georeference import Position
from retrieval.query import GONE, PhotoRef, Query, QueryError
from retrieval.results import Neighbour
from ui.components.html_component import html_component
from ui.components.photo_grid import clicked_photo, tile_name
from ui.events import AT_ONCE, EXPLAIN, bind, bind_clicks
from ui.i18n import class_name, number
from ui.i18n import gettext as _
from ui.render import sentences
from ui.render.charts import pair_distances
from ui.render.data_url import data_url
from ui.state import SearchState
from ui.uploads import UploadStore
from ui.urls import photo_url, upload_url, web_map_url

logger = logging.getLogger(__name__)

#: A distance is usual for one class while at most this share of its pairs is nearer, and rare for different
#: classes while at most this share of their pairs is.
USUAL, RARE = 0.9, 0.05


class ExplainDialog:
    """The component and what it does; made where it is constructed, in a `gr.Blocks`.

    Args:
        retriever: Has the collections and the network.
        uploads: Has the photos of visitors.
    """

    def __init__(self, retriever: Retriever, uploads: UploadStore) -> None:
        self.retriever, self.uploads = retriever, uploads
        texts = {
            "waiting": _("Looking for what makes them alike …"),
            "toggle": _("Show what makes them alike"),
            "close": _("Close"),
            "before": _("Neighbour before"),
            "after": _("Next neighbour"),
            "follow": _("Search with this photo"),
            "where": _("Where is this?"),
        }
        self.dialog = html_component("explain_dialog", texts, elem_id="why", heat={})

    def listen(self, state: gr.State, grid: gr.HTML, clicks: gr.JSON) -> None:
        """Open when a grid asks why, and go on from neighbour to neighbour."""
        behind = EXPLAIN | {"show_progress": "hidden"}
        asks = [(grid, "why"), (self.dialog, "look")]
        opens = bind_clicks(asks, self.open, [state, clicks], self.dialog, **AT_ONCE)
        bind(opens.then, self.heat, [state, self.dialog], self.dialog, **behind)

    def open(self, state: SearchState, click: Any) -> Any:  # noqa: ANN401 - from a browser, and an update
        """All that is known at once: the photos, their distance, how it ranks."""
        if state.result is None:
            return gr.skip()
        result = state.result
        try:
            clicked = clicked_photo(click)
        except QueryError:
            return gr.skip()
        step = {-1: -1, 1: 1}.get(click.get("step"), 0)
        places = [place for place, found in enumerate(result.neighbours) if found.id == clicked.id]
        place = places[0] + step if places else -1
        if not 0 <= place < len(result.neighbours):
            return gr.skip()
        neighbour = result.neighbours[place]
        collection, entry = result.collection, result.collection.entries[neighbour.row]
        query = self._nearest_part(state.query, result, neighbour)
        name, label = tile_name(collection, neighbour.row), class_name(collection.label_of(neighbour.row))
        pairs = collection.pair_distances
        return {
            "collection": collection.name,
            "id": entry.id,
            "step": step,
            "title": _("Why does this look like {label}?", label=label)
            if label
            else _("Why does this look alike?"),
            "answer": _answer(pairs, neighbour.distance),
            "query": {"src": query[0], "alt": _("The query"), "caption": query[1], "file": query[2]},
            "neighbour": {
                "src": photo_url(collection, neighbour.row, "whole"),
                "alt": _(
                    "{label}, distance {distance}", label=name, distance=number(neighbour.distance, ".3f")
                ),
                "caption": label or entry.id,
                "file": entry.id if label else "",
            },
            "lines": _lines(result, neighbour),
            "where": web_map_url(centre) if (centre := _centre(collection, neighbour.row)) else "",
            "chart": pair_distances(pairs, neighbour.distance) if pairs else "",
            "place": _("{rank} of {count}", rank=place + 1, count=len(result.neighbours)),
            "first": place == 0,
            "last": place == len(result.neighbours) - 1,
            "opened": time.time_ns(),  # or nothing would change where the same neighbour is opened again
        }

    def heat(self, state: SearchState, shown: dict[str, Any] | None) -> Any:  # noqa: ANN401 - an update
        """The heat maps of what the dialog shows, which take the network a moment."""
        if state.result is None or not shown or "id" not in shown:
            return gr.skip()
        heat: dict[str, Any] = {"id": shown["id"]}
        try:
            result = state.result
            neighbour = next((found for found in result.neighbours if found.id == shown["id"]), None)
            if neighbour is None:  # another search was quicker
                return gr.skip()
            part = self._part(state.query, result, neighbour)
            one, other = self._image(part), result.collection.photo_image(neighbour.row)
            if one is None or other is None:
                gone = one is None and isinstance(part, str)
                heat["told"] = (
                    _(GONE)
                    if gone
                    else _(
                        "The photos are not on the computer that serves this page, so that what makes them "
                        "alike cannot be shown on them."
                    )
                )
            else:
                made = explain(self.retriever.embedder, one, other, self._height(part))
                heat |= {
                    "query": data_url(heat_image(made.query, made.max_share), "PNG"),
                    "neighbour": data_url(heat_image(made.neighbour, made.max_share), "PNG"),
                    "told": _("Bright: what makes them alike. Dark: what adds little to it."),
                }
        except Exception:
            logger.exception("An explanation failed")
            heat["told"] = sentences.our_fault()
        return gr.update(heat=heat)

    def _part(self, query: Query, result: SearchResult, neighbour: Neighbour) -> PhotoRef | str:
        """Of the photos that were looked for and are here, the one that the neighbour is nearest to."""
        kept = self.uploads.vectors(query.uploads)
        parts: list[PhotoRef | str] = [*query.stored, *kept]
        if not parts:
            return query.uploads[0]
        vectors = [
            self.retriever.stored_vector(part) if isinstance(part, PhotoRef) else kept[part] for part in parts
        ]
        likeness = np.stack(vectors) @ result.collection.vector(neighbour.row)
        return parts[int(np.argmax(likeness))]

    def _nearest_part(self, query: Query, result: SearchResult, neighbour: Neighbour) -> tuple[str, str, str]:
        """Where its picture is, what it is, and its id if it has one."""
        part = self._part(query, result, neighbour)
        if isinstance(part, PhotoRef):
            collection, row = self.retriever.resolve(part)
            return photo_url(collection, row, "whole"), _("The query"), part.id
        several = len(query.stored) + len(query.uploads) > 1
        kept = self.uploads.get(part)
        title = _(kept.title) if kept and kept.title else _("Your photo")
        return upload_url(part), _("Of your photos, the nearest to it") if several else title, ""

    def _image(self, part: PhotoRef | str) -> Image.Image | None:
        if isinstance(part, str):
            kept = self.uploads.get(part)
            return kept.image if kept else None
        collection, row = self.retriever.resolve(part)
        return collection.photo_image(row)

    def _height(self, part: PhotoRef | str) -> float:
        kept = self.uploads.get(part) if isinstance(part, str) else None
        return kept.height if kept else 1.0


def _centre(collection: Collection, row: int) -> Position | None:
    """Longitude and latitude of the middle of a photo, where the collection says so."""
    return collection.places[row].centre if collection.places else None


def _answer(pairs: PairDistances | None, distance: float) -> str:
    """Whether a distance is usual for photos of one class; the distance alone where there are no pairs."""
    shares = _nearer(pairs, distance)
    if shares is None:
        return _("Their distance is {distance:.3f}; 0 would be the same.", distance=distance)
    near, rare = shares[0] <= USUAL, shares[1] <= RARE
    if near and rare:
        return _(
            "Their distance, {distance:.3f}, is usual for photos of one class, and rare for photos of "
            "different classes.",
            distance=distance,
        )
    if near:
        return _(
            "Their distance, {distance:.3f}, is usual for photos of one class, and for photos of different "
            "classes too.",
            distance=distance,
        )
    if rare:
        return _(
            "Their distance, {distance:.3f}, is large for photos of one class, and small for photos of "
            "different classes.",
            distance=distance,
        )
    return _(
        "Their distance, {distance:.3f}, is usual for photos of different classes: these two are hardly "
        "alike.",
        distance=distance,
    )


def _lines(result: SearchResult, neighbour: Neighbour) -> list[str]:
    """What the answer rests on, in sentences."""
    lines = []
    pairs = result.collection.pair_distances
    if pairs and not result.collection.has_classes:
        lines.append(
            _(
                "Of pairs of photos in this collection {share:.1f} % are nearer than these two.",
                share=100 * (pairs.nearer_between(neighbour.distance) or 0.0),
            )
        )
    elif shares := _nearer(pairs, neighbour.distance):
        lines.append(
            _(
                "Of pairs of one class in this collection {within:.1f} % are nearer than these two, "
                "of pairs of different classes {between:.1f} %.",
                within=100 * shares[0],
                between=100 * shares[1],
            )
        )
    if result.collection.manifest.training:
        lines.append(
            _(
                "The network learned from these photos, so they lie nearer to their own kind than new"
                " photos do."
            )
        )
    return lines


def _nearer(pairs: PairDistances | None, distance: float) -> tuple[float, float] | None:
    """The shares of pairs of one class, and of two classes, that are nearer; None where one is not known."""
    within = pairs.nearer_within(distance) if pairs else None
    between = pairs.nearer_between(distance) if pairs else None
    return None if within is None or between is None else (within, between)
