"""The tab 'Whole map': its land use, what looks like a marked place, the neighbours of any tile."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from retrieval import ImageError, Retriever
from retrieval.maps.crops import Scale, Square
from retrieval.maps.land_use import Tiles, TooLargeError, distances_to, embed_tiles, land_use
from retrieval.maps.locate import Reading
from retrieval.maps.screenshot import Picture
from ui.components import photo_grid
from ui.components.screenshot_view import picked, shot_view
from ui.events import AT_ONCE, SLOW, TOLD
from ui.i18n import say, spoken
from ui.render import screenshots as shot_views
from ui.search import Search
from ui.state import Found
from ui.uploads import opened

logger = logging.getLogger(__name__)

LAND_USE, ALIKE, NOTHING = "land use", "more of this", "the picture alone"
NEIGHBOURS = 6

#: Beyond this distance two photos have little in common, in a collection that is not calibrated.
USUAL = 0.5


@dataclass(frozen=True)
class Mapped:
    """A screenshot whose tiles are embedded.

    Attributes:
        picture: The screenshot.
        scale: At which it was cut into tiles.
        tiles: With their vectors.
        marked: The square that was clicked last, or searched before.
        vector: Of that square: (2048,) float32, unit length.
    """

    picture: Picture
    scale: Scale
    tiles: Tiles
    marked: Square
    vector: NDArray[np.float32]


class WholeTab:
    """The components and what they do; made where it is constructed, in a `gr.Tab`.

    Args:
        retriever: Embeds and looks up.
    """

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever
        self.mapped = gr.State(time_to_live=3600)  # it holds the whole screenshot
        self.told = gr.Markdown(say("whole.none_yet"), elem_id="whole-told")
        with gr.Row(visible=False) as self.row:
            with gr.Column(scale=3, min_width=320):
                self.layer = gr.Radio(
                    [
                        (say("whole.land_use"), LAND_USE), (say("whole.find_more"), ALIKE),
                        (say("whole.picture"), NOTHING),
                    ],
                    value=LAND_USE, label=say("whole.show"), elem_id="layer",
                )  # fmt: skip
                self.view = shot_view(say("whole.label"), elem_id="whole-view")
            with gr.Column(scale=2, min_width=320):
                self.legend = gr.HTML(elem_id="legend")
                self.tile = gr.Markdown(elem_id="tile")
                self.neighbours = photo_grid.photo_grid(elem_id="tile-neighbours")
        self.outputs = [
            self.mapped, self.told, self.row, self.view, self.legend, self.tile, self.neighbours,
        ]  # fmt: skip

    def listen(self, search: Search, tabs: gr.Tabs) -> None:
        """Map the screenshot that is searched, and follow what is clicked and chosen."""
        panel, name = search.parts.screenshot, search.parts.refine.collection
        place = gr.State()
        seen = [name, self.layer, self.mapped]
        slow = SLOW | {"show_progress_on": self.told}

        def map_whole(
            before: Found | None,
            name: str,
            layer: str,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
        ) -> dict[Any, Any]:
            shot = search.shot(before)
            try:
                return self.map(opened(shot), shot.reading, name, layer, progress) if shot else self.forget()
            except ImageError:  # the upload is deleted by now
                return self.forget()
            except Exception:
                logger.exception("Mapping a screenshot failed")
                return {self.told: f"**{say('search.our_fault')}**"}

        asked = panel.whole.click(lambda: gr.Tabs(selected="whole"), None, tabs, **AT_ONCE)
        asked.then(spoken(map_whole), [search.parts.found, name, self.layer], self.outputs, **slow)
        picks = self.view.pick(picked, None, place, **TOLD)
        picks.then(spoken(self.pick), [*seen, place], self.outputs, **slow)
        for control in (self.layer, name):
            control.input(spoken(self.show), seen, self.outputs, **slow)

    def map(
        self, picture: Picture, reading: Reading, collection: str, layer: str, progress: gr.Progress
    ) -> dict[Any, Any]:
        """Embed all tiles of a screenshot, and show them."""
        progress(0, desc=say("whole.cutting"))
        try:
            tiles = embed_tiles(
                picture.image, picture.furniture, reading.scale, self.retriever.embedder,
                lambda done, all_: progress((done, all_), unit=say("whole.unit")),
            )  # fmt: skip
        except TooLargeError as error:
            return {self.told: f"**{error}**", self.row: gr.update(visible=False), self.mapped: None}
        mapped = Mapped(picture, reading.scale, tiles, reading.square, reading.vector)
        updates = self.show(collection, layer, mapped)
        updates[self.view]["picture"] = shot_views.shown(picture.image)
        return updates

    def show(self, collection: str, layer: str, mapped: Mapped | None) -> dict[Any, Any]:
        """What the tab shows of a mapped screenshot."""
        if mapped is None:
            return {self.told: gr.skip()}
        chosen = self.retriever.collection(collection)
        found = land_use(mapped.tiles, chosen)
        usual = chosen.calibration.threshold if chosen.calibration else USUAL
        colours, told = None, say("whole.click_anywhere")
        if layer == LAND_USE:
            colours = shot_views.land_use_layer(found)
        elif layer == ALIKE:
            cells = distances_to(mapped.tiles, mapped.vector)
            colours = shot_views.heat_layer(cells, mapped.tiles, usual)
            told = f"{say('whole.click_a_place')} {shot_views.alike_line(cells, mapped.tiles, usual)}"
        result = self.retriever.search_vector(mapped.vector, NEIGHBOURS, collection)
        return {
            self.mapped: mapped,
            self.told: told,
            self.row: gr.update(visible=True),
            self.view: gr.update(
                value=shot_views.view_value(mapped.picture, mapped.marked, mapped.scale, colours)
            ),
            self.legend: shot_views.legend(found, chosen)
            if layer != ALIKE
            else shot_views.heat_legend(usual),
            self.tile: shot_views.tile_line(result),
            self.neighbours: photo_grid.answer(result),
        }

    def pick(
        self, collection: str, layer: str, mapped: Mapped | None, place: tuple[float, float]
    ) -> dict[Any, Any]:
        """Mark the tile under a click: its vector is there already, so that nothing is embedded."""
        if mapped is None:
            return {self.told: gr.skip()}
        tiles = mapped.tiles
        tile = tiles.nearest(*place)
        marked = Mapped(mapped.picture, mapped.scale, tiles, tiles.square(tile), tiles.vectors[tile])
        return self.show(collection, layer, marked)

    def forget(self) -> dict[Any, Any]:
        """What the tab shows when there is no screenshot, or another one."""
        return {self.mapped: None, self.told: say("whole.none_yet"), self.row: gr.update(visible=False)}
