"""The dialog that tells why a neighbour is alike: both photos, heat maps on them, and how near that is."""

from __future__ import annotations

import base64
import io
import logging
import time
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from retrieval import ImageError, Retriever, SearchResult
from retrieval.explain import explain, heat_image
from retrieval.images import decode
from retrieval.query import Question, Stored
from retrieval.retriever import Neighbour
from ui.components.html_component import html_component
from ui.components.photo_grid import told_photo
from ui.events import SLOW, TOLD
from ui.i18n import readable, say, spoken
from ui.render.charts import pair_distances
from ui.routes import brought_url, photo_url
from ui.state import Found
from ui.uploads import BroughtPhotos

logger = logging.getLogger(__name__)


class WhyDialog:
    """The component and what it does; made where it is constructed, in a `gr.Blocks`.

    Args:
        retriever: Has the collections and the network.
        brought: Has the photos of visitors.
    """

    def __init__(self, retriever: Retriever, brought: BroughtPhotos) -> None:
        self.retriever, self.brought = retriever, brought
        names = ("waiting", "toggle", "close", "before", "after", "follow")
        self.dialog = html_component(
            "explain_dialog", {name: say(f"why.{name}") for name in names}, elem_id="why", heat={}
        )

    def listen(self, found: gr.State, grid: gr.HTML) -> None:
        """Open on a grid's question why, and go on from neighbour to neighbour."""
        behind = SLOW | {"show_progress": "hidden"}
        for asks in (grid.why, self.dialog.look):
            opens = asks(spoken(self.open), found, self.dialog, **TOLD)
            opens.then(spoken(self.heat), [found, self.dialog], self.dialog, **behind)

    def open(self, found: Found | None, event: gr.EventData) -> Any:  # noqa: ANN401 - an update
        """All that is known at once: the photos, their distance, how it ranks."""
        if found is None or found.result is None:
            return gr.skip()
        result = found.result
        asked, step = told_photo(event), int(event._data.get("step", 0))
        places = [place for place, each in enumerate(result.neighbours) if each.id == asked.id]
        place = places[0] + step if places else -1
        if not 0 <= place < len(result.neighbours):
            return gr.skip()
        neighbour = result.neighbours[place]
        collection, entry = result.collection, result.collection.entries[neighbour.row]
        query = self._nearest_part(found.question, result, neighbour)
        label = readable(entry.label)
        pairs = collection.pair_distances
        return {
            "collection": collection.name,
            "id": entry.id,
            "title": say("why.title", id=entry.id, label=label),
            "query": {"src": query[0], "alt": say("why.query"), "caption": query[1]},
            "neighbour": {
                "src": photo_url(collection, neighbour.row, "whole"),
                "alt": say("grid.neighbour", label=label, distance=f"{neighbour.distance:.3f}"),
                "caption": f"{entry.id} · {label}",
            },
            "lines": _lines(result, neighbour),
            "chart": pair_distances(pairs, neighbour.distance) if pairs else "",
            "place": say("why.place", rank=place + 1, count=len(result.neighbours)),
            "first": place == 0,
            "last": place == len(result.neighbours) - 1,
            "opened": time.time_ns(),  # or nothing would change where the same neighbour is opened again
        }

    def heat(self, found: Found | None, shown: dict[str, Any] | None) -> Any:  # noqa: ANN401 - an update
        """The heat maps of what the dialog shows, which take the network a moment."""
        if found is None or found.result is None or not shown or "id" not in shown:
            return gr.skip()
        heat: dict[str, Any] = {"id": shown["id"]}
        try:
            result = found.result
            neighbour = next((each for each in result.neighbours if each.id == shown["id"]), None)
            if neighbour is None:  # another search was quicker
                return gr.skip()
            part = self._part(found.question, result, neighbour)
            one, other = self._image(part), _photo(neighbour)
            if one is None or other is None:
                gone = one is None and isinstance(part, str)
                heat["told"] = say("question.gone" if gone else "why.no_photo")
            else:
                made = explain(self.retriever.embedder, one, other)
                heat |= {
                    "query": _data_url(heat_image(made.query, made.most)),
                    "neighbour": _data_url(heat_image(made.neighbour, made.most)),
                    "told": say("why.told"),
                }
        except Exception:
            logger.exception("An explanation failed")
            heat["told"] = say("search.our_fault")
        return gr.update(heat=heat)

    def _part(self, question: Question, result: SearchResult, neighbour: Neighbour) -> Stored | str:
        """Of the photos that were looked for and are here, the one that the neighbour is nearest to."""
        kept = self.brought.vectors(question.brought)
        parts: list[Stored | str] = [*question.stored, *kept]
        if not parts:
            return question.brought[0]
        vectors = [
            self.retriever.stored_vector(part) if isinstance(part, Stored) else kept[part] for part in parts
        ]
        likeness = np.stack(vectors) @ result.collection.index.vector(neighbour.row)
        return parts[int(np.argmax(likeness))]

    def _nearest_part(
        self, question: Question, result: SearchResult, neighbour: Neighbour
    ) -> tuple[str, str]:
        """Where its picture is, and what it is called."""
        part = self._part(question, result, neighbour)
        if isinstance(part, Stored):
            collection, row = self.retriever.known(part.collection), self.retriever.row(part)
            return photo_url(collection, row, "whole"), say("why.stored", id=part.id)
        several = len(question.stored) + len(question.brought) > 1
        return brought_url(part), say("why.one_of" if several else "why.brought")

    def _image(self, part: Stored | str) -> Image.Image | None:
        if isinstance(part, str):
            kept = self.brought.get(part)
            return kept.image if kept else None
        path = self.retriever.known(part.collection).photo(self.retriever.row(part))
        return decode(path).image if path else None


def _photo(neighbour: Neighbour) -> Image.Image | None:
    try:
        return decode(neighbour.photo).image if neighbour.photo else None
    except ImageError:
        return None


def _lines(result: SearchResult, neighbour: Neighbour) -> list[str]:
    """How near that is, in sentences."""
    lines = [say("why.distance", distance=neighbour.distance)]
    pairs = result.collection.pair_distances
    if pairs is None:
        return lines
    within, between = pairs.nearer_within(neighbour.distance), pairs.nearer_between(neighbour.distance)
    if within is not None and between is not None:
        lines.append(say("why.ranks", within=100 * within, between=100 * between))
    if result.collection.manifest.training:
        lines.append(say("why.learned"))
    return lines


def _data_url(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
