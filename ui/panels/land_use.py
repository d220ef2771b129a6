"""The tab 'Whole map': its land use, what looks like a marked place, the neighbours of any tile."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from retrieval import ImageError, Retriever
from retrieval.maps.crops import Scale, Square
from retrieval.maps.land_use import Tiles, TooLargeError, distances_to, embed_tiles, land_use
from retrieval.maps.locate import LocatedSquare
from retrieval.maps.screenshot import Screenshot
from retrieval.query import Query
from ui.components import photo_grid
from ui.components.screenshot_view import clicked_place, screenshot_view
from ui.events import AT_ONCE, LOOK_UP, WHOLE_MAP, bind, bind_clicks
from ui.i18n import gettext as _
from ui.limits.queueing import is_abandoned
from ui.limits.shares import FairStore
from ui.limits.visitors import current_visitor
from ui.render import screenshots, sentences
from ui.render.land_use import (
    alike_line,
    heat_layer,
    heat_legend,
    land_use_layer,
    legend,
    tile_line,
)
from ui.state import SearchState, Updates
from ui.uploads import Upload, load_screenshot

logger = logging.getLogger(__name__)

LAND_USE, ALIKE, NOTHING = "land use", "more of this", "the picture alone"
NEIGHBOURS = 6

#: Beyond this distance two photos have little in common, in a collection that is not calibrated.
MAX_LIKENESS_DISTANCE = 0.5


#: Bytes of all visitors' tiles that are kept, some 130 of usual maps, and for how many seconds.
MAPS_BYTES, MAPS_SECONDS = 100_000_000, 3600


class AbandonedError(Exception):
    """Nobody waits for the map any more."""


@dataclass(frozen=True)
class Mapped:
    """A screenshot whose tiles are embedded: the state of a session, so without the picture and the tiles.

    Attributes:
        name: Of its tiles, in `LandUseTab.maps`.
        size: Width and height of the screenshot, in pixels.
        scale: At which it was cropped into tiles.
        marked: The square that was clicked last, or searched before.
        vector: Of that square: (2048,) float32, unit length.
    """

    name: str
    size: tuple[int, int]
    scale: Scale
    marked: Square
    vector: NDArray[np.float32]


class LandUseTab:
    """The components and what they do; made where it is constructed, in a `gr.Tab`.

    Args:
        retriever: Embeds and looks up.
    """

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever
        self.maps: FairStore[Tiles] = FairStore(MAPS_BYTES, MAPS_SECONDS)
        self.mapped = gr.State(time_to_live=MAPS_SECONDS)
        self.line = gr.Markdown(
            _(
                "All of a screenshot of a map can be mapped here. Search with one first, your own or "
                "a drawn stand-in from the tab 'Search', and press 'Map the whole screenshot' under "
                "it."
            ),
            elem_id="whole-told",
        )
        with gr.Row(visible=False) as self.row:
            with gr.Column(scale=3, min_width=320):
                self.layer = gr.Radio(
                    [
                        (_("Land use"), LAND_USE), (_("Find more of this"), ALIKE),
                        (_("Picture alone"), NOTHING),
                    ],
                    value=LAND_USE, label=_("Show"), elem_id="layer",
                )  # fmt: skip
                self.view = screenshot_view(_("The whole screenshot, mapped"), elem_id="whole-view")
            with gr.Column(scale=2, min_width=320):
                self.legend = gr.HTML(elem_id="legend")
                self.tile = gr.Markdown(elem_id="tile")
                self.neighbours = photo_grid.photo_grid(elem_id="tile-neighbours")
        self.outputs = [
            self.mapped, self.line, self.row, self.view, self.legend, self.tile, self.neighbours,
        ]  # fmt: skip

    def listen(
        self,
        state: gr.State,
        upload: Callable[[Query], Upload | None],
        button: gr.Button,
        collection: gr.Radio,
        tabs: gr.Tabs,
        clicks: gr.JSON,
    ) -> None:
        """Map the screenshot that is searched, and follow what is clicked and chosen.

        Args:
            state: Of the search.
            upload: Gives the visitor's photo of a query.
            button: Asks for the map.
            collection: Says whose classes are shown.
            tabs: Of the page.
            clicks: Brings what was clicked.
        """
        shown = [collection, self.layer, self.mapped]
        look_up = LOOK_UP | {"show_progress_on": self.line}

        def map_whole(
            before: SearchState,
            name: str,
            layer: str,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
        ) -> Updates:
            photo = upload(before.query)
            screenshot = photo.screenshot if photo else None
            if screenshot is None:
                return self.forget()
            try:
                return self.map(load_screenshot(screenshot), screenshot.located, name, layer, progress)
            except (ImageError, AbandonedError):  # the upload is deleted by now
                return self.forget()
            except Exception:
                logger.exception("Mapping a screenshot failed")
                return {self.line: f"**{sentences.our_fault()}**"}

        opens = bind(button.click, lambda: gr.Tabs(selected="whole"), None, tabs, **AT_ONCE)
        bind(opens.then, map_whole, [state, collection, self.layer], self.outputs,
             **WHOLE_MAP, show_progress_on=self.line)  # fmt: skip
        bind_clicks([(self.view, "pick")], self.mark, [*shown, clicks], self.outputs, **look_up)
        for control in (self.layer, collection):
            bind(control.input, self.show, shown, self.outputs, **look_up)

    def map(
        self,
        screenshot: Screenshot,
        located: LocatedSquare,
        collection: str,
        layer: str,
        progress: gr.Progress,
    ) -> Updates:
        """Embed all tiles of a screenshot, and show them."""
        progress(0, desc=_("cutting tiles"))

        def on_batch(done: int, all_: int) -> None:
            if is_abandoned():
                raise AbandonedError
            progress((done, all_), unit=_("tiles"))

        try:
            tiles = embed_tiles(
                screenshot.image, screenshot.overlays, located.scale, self.retriever.embedder, on_batch
            )
        except TooLargeError as error:
            return {
                self.line: f"**{_(error.message)}**",
                self.row: gr.update(visible=False),
                self.mapped: None,
            }
        mapped = Mapped(
            self.keep(tiles), screenshot.image.size, located.scale, located.square, located.vector
        )
        updates = self.show(collection, layer, mapped)
        updates[self.view]["picture"] = screenshots.shown(screenshot.image)
        return updates

    def keep(self, tiles: Tiles) -> str:
        """Keep tiles for the visitor who asked, for a while. Returns their name."""
        name = secrets.token_urlsafe(12)
        self.maps.keep(name, tiles, tiles.vectors.nbytes + tiles.places.nbytes, current_visitor())
        return name

    def show(self, collection: str, layer: str, mapped: Mapped | None) -> Updates:
        """What the tab shows of a mapped screenshot."""
        if mapped is None:
            return {self.line: gr.skip()}
        kept = self.maps.get(mapped.name)
        if kept is None:
            gone = _("This map is no longer on the server: press 'Map the whole screenshot' again.")
            return self.forget() | {self.line: gone}
        tiles = kept.value
        chosen = self.retriever.collection(collection)
        found = land_use(tiles, chosen)
        limit = chosen.calibration.threshold if chosen.calibration else MAX_LIKENESS_DISTANCE
        colours = None
        line = _("**Click anywhere** to see which photos of the collection that place looks like.")
        if layer == LAND_USE:
            colours = land_use_layer(found)
        elif layer == ALIKE:
            cells = distances_to(tiles, mapped.vector)
            colours = heat_layer(cells, tiles, limit)
            alike = alike_line(cells, tiles, limit)
            line = _("**Click a place** to find more of it:") + f" {alike}"
        result = self.retriever.search_vector(mapped.vector, NEIGHBOURS, collection)
        return {
            self.mapped: mapped,
            self.line: line,
            self.row: gr.update(visible=True),
            self.view: gr.update(
                value=screenshots.view_value(mapped.size, mapped.marked, mapped.scale, colours)
            ),
            self.legend: legend(found, chosen) if layer != ALIKE else heat_legend(limit),
            self.tile: tile_line(result),
            self.neighbours: photo_grid.answer(result),
        }

    def mark(
        self,
        collection: str,
        layer: str,
        mapped: Mapped | None,
        click: Any,  # noqa: ANN401 - from a browser
    ) -> Updates:
        """Mark the tile under a click: its vector is there already, so that nothing is embedded."""
        place = clicked_place(click)
        kept = self.maps.get(mapped.name) if mapped else None
        if mapped is None or kept is None or place is None:
            return self.show(collection, layer, mapped)
        tile = kept.value.nearest(*place)
        vector = kept.value.vectors[tile].copy()  # not a view, which would keep all of them
        return self.show(collection, layer, replace(mapped, marked=kept.value.square(tile), vector=vector))

    def forget(self) -> Updates:
        """What the tab shows when there is no screenshot, or another one."""
        return {
            self.mapped: None,
            self.line: _(
                "All of a screenshot of a map can be mapped here. Search with one first, your own or "
                "a drawn stand-in from the tab 'Search', and press 'Map the whole screenshot' under "
                "it."
            ),
            self.row: gr.update(visible=False),
        }
