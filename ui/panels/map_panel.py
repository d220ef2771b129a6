"""A mapped screenshot on the page: the picture with a layer, what that means, and a place's neighbours."""

from __future__ import annotations

from typing import Any

import gradio as gr

from examples.map_views import MapView, map_views
from retrieval import Retriever
from retrieval.errors import Message
from retrieval.maps.tile_groups import LEAST, MOST
from ui.components import photo_grid
from ui.components.collection_choice import collection_choice
from ui.components.history import PUSH, REPLACE, view_entry
from ui.components.map_picker import map_picker, views_value
from ui.components.map_tools import map_tools, tools_value
from ui.components.query_image import UploadPhotosButton
from ui.components.screenshot_view import clicked_place, screenshot_view
from ui.i18n import gettext as _
from ui.panels.mapping import NO_EXAMPLE, NO_SCREENSHOT
from ui.render import link_words, sentences
from ui.render.escaping import plain
from ui.render.land_use import tile_line
from ui.render.map_texts import ground_line, place_line, scale_warning, start_line
from ui.render.screenshots import view_value
from ui.render.whole_map import MapAnswer, show_map
from ui.state import Updates
from ui.uploads import UploadStore
from ui.urls import map_export_url, map_view_url
from ui.views import VIEWS, view_address
from ui.whole_maps import (
    GROUP_COUNT,
    GROUPS,
    LAND_USE,
    LAYER_NAMES,
    MAP_GONE,
    MapAddress,
    ShownMap,
    WholeMap,
    WholeMaps,
    elsewhere,
    valid_groups,
)

NEIGHBOURS = 6


class MapPanel:
    """The components, and what they show; made where it is constructed, in a `gr.Blocks`.

    Args:
        retriever: Embeds and looks up.
        uploads: Visitors' screenshots.
        maps: Where maps are kept.
        opened: The name of the collection that is open at first.
        history: The trail of the page.
    """

    def __init__(
        self, retriever: Retriever, uploads: UploadStore, maps: WholeMaps, opened: str, history: gr.HTML
    ) -> None:
        self.retriever, self.maps, self.opened = retriever, maps, opened
        self.uploads, self.history = uploads, history
        self.mapped, self.made = gr.State(), gr.State()
        self.line = gr.Markdown(start_line(), elem_id="whole-told")
        with gr.Row(visible=False, elem_id="whole-map") as self.row:
            with gr.Column(scale=7, min_width=320):
                self.layer = gr.Radio(
                    [(_(name), layer) for layer, name in LAYER_NAMES.items()],
                    value=LAND_USE, label=_("Show"), elem_id="layer", container=False, show_label=False,
                )  # fmt: skip
                self.view = screenshot_view(_("The whole screenshot, mapped"), elem_id="whole-view")
                self.tools = map_tools("whole-view", _("Strength of the colours"), elem_id="whole-tools")
            with gr.Column(scale=3, min_width=320):
                self.groups = gr.Slider(
                    LEAST, MOST, GROUP_COUNT, step=1, label=_("How many groups"), elem_id="groups",
                    buttons=[], visible=False,
                )  # fmt: skip
                self.legend = gr.HTML(elem_id="legend")
                self.tile = gr.Markdown(elem_id="tile")
                self.neighbours = photo_grid.photo_grid(elem_id="tile-neighbours")
                # Its own: that of the search has to say where the answer behind this tab was looked up.
                self.collection = collection_choice(
                    retriever, value=opened, label=_("Looked up in"), elem_id="map-collection",
                    container=False, show_label=False,
                )  # fmt: skip
        drawn = all(view.drawn for view in map_views().values())
        told = _("Example map views (drawn)") if drawn else _("Example map views")
        self.views = map_picker(told, _views(), elem_id="whole-views")
        with gr.Row(elem_id="whole-own"):
            self.own = UploadPhotosButton(
                _("Map my own screenshot"), size="md", elem_id="whole-upload", min_width=200, scale=1
            )
            self.link = gr.Textbox(
                label=_("The map's link, for the exact scale"), elem_id="whole-link", max_lines=1, scale=3,
                placeholder="https://www.google.com/maps/@44.43,26.10,19z",
            )  # fmt: skip
        self.controls = [self.layer, self.groups]
        self.outputs = [
            self.mapped, self.line, self.row, self.view, self.tools, self.legend, self.tile,
            self.neighbours, self.views, self.link, *self.controls, self.collection, self.history,
        ]  # fmt: skip

    def bring(self, shown: ShownMap, collection: str, layer: str, groups: int, how: str = PUSH) -> Updates:
        """Show a map that was not shown before: all of it, or the picture until the browser asks for more.

        `how` is what becomes of the browser's history, see `ui.components.history`.
        """
        whole, view = self.maps.find(shown), map_views().get(shown.name) if shown.is_example else None
        picture = map_view_url(view.slug, "whole") if view else ""
        if whole is None and view is None and (trouble := self._trouble(shown)):
            return self.forget() | {self.line: f"**{_(trouble)}**"}
        wanted = {"name": shown.name, "is_example": shown.is_example} if whole is None else None
        opened = views_value(_views(), view.slug if view else "", wanted)
        updates: Updates = {self.mapped: shown, self.row: gr.update(visible=True), self.views: opened}
        if whole is not None:
            updates |= self._of(whole, shown, collection, layer, groups, how)
            updates |= self._place(whole, shown, collection)
            updates[self.view]["picture"] = picture or whole.picture_url
            return updates
        empty = {"width": view.size[0], "height": view.size[1]} if view else {}
        return updates | {
            self.line: _("The tiles of this map are looked up now, once for all who open it.")
            if view
            else _("The tiles of this map are looked up now."),
            self.view: gr.update(value=empty, picture=picture),
            self.tools: {}, self.legend: "", self.tile: "", self.neighbours: {},
            self.history: self._step(self._address(shown, collection, layer, groups), how),
        }  # fmt: skip

    def show(self, collection: str, layer: str, groups: int, shown: ShownMap | None) -> Updates:
        """Another layer, number of groups or collection: the tiles are there, so nothing is embedded."""
        if shown is None or shown.coming:
            return {self.groups: gr.update(visible=layer == GROUPS)}
        whole = self.maps.find(shown)
        if whole is None:
            return self.bring(shown, collection, layer, groups)
        return self._of(whole, shown, collection, layer, groups) | self._place(whole, shown, collection)

    def mark(
        self,
        collection: str,
        layer: str,
        groups: int,
        shown: ShownMap | None,
        click: Any,  # noqa: ANN401 - from a browser
    ) -> Updates:
        """Mark the tile under a click: its vector is there already."""
        place, whole = clicked_place(click), self.maps.find(shown) if shown else None
        if shown is None or shown.coming or place is None:
            return self.nothing()
        if whole is None:
            return self.bring(shown, collection, layer, groups)
        marked = elsewhere(shown, whole.tiles.nearest(*place))
        updates = self._of(whole, marked, collection, layer, groups)
        return updates | self._place(whole, marked, collection) | {self.mapped: marked}

    def forget(self) -> Updates:
        """What the tab shows when there is no map, or the screenshot is another one."""
        return {
            self.mapped: None,
            self.line: start_line(),
            self.row: gr.update(visible=False),
            self.views: views_value(_views()),
        }

    def nothing(self) -> Updates:
        """Change nothing; Gradio wants an update all the same."""
        return {self.line: gr.skip()}

    def _trouble(self, shown: ShownMap) -> Message | None:
        """Why what is no example cannot be mapped; None where it can."""
        upload = None if shown.is_example else self.uploads.get(shown.name)
        if upload is None:
            return NO_EXAMPLE if shown.is_example else MAP_GONE
        return None if upload.screenshot else NO_SCREENSHOT

    def _of(
        self, whole: WholeMap, shown: ShownMap, collection: str, layer: str, groups: int, how: str = REPLACE
    ) -> Updates:
        """The picture with a layer, what that means, and the files."""
        tile, address = shown.marked(whole), self._address(shown, collection, layer, groups)
        answer = show_map(whole, address.layer, address.groups, tile, self.retriever.collection(collection))
        colours = answer.layer.for_page if answer.layer else None
        return {
            self.history: self._step(address, how),
            self.line: "\n\n".join(
                filter(None, [answer.line, scale_warning(whole), plain(whole.attribution)])
            ),
            self.view: gr.update(
                value=view_value(whole.size, whole.tiles.square(tile), whole.scale, colours)
            ),
            self.tools: _tools(whole, address, answer),
            self.groups: gr.update(visible=layer == GROUPS),
            self.legend: answer.legend or f"<p>{ground_line(whole)}</p>",
        }

    def _address(self, shown: ShownMap, collection: str, layer: str, groups: int) -> MapAddress:
        return MapAddress(shown, layer, valid_groups(groups), self.retriever.collection(collection).name)

    def _step(self, address: MapAddress, how: str) -> dict[str, Any]:
        """The step of the trail."""
        shown = address.shown
        if shown is None:
            tab = next(each for each in VIEWS if each.name == "map")
            return view_entry("map", view_address("map", {}), _(tab.title), _(tab.words), how)
        view = map_views().get(shown.name) if shown.is_example else None
        upload = None if shown.is_example else self.uploads.get(shown.name)
        named = view.title if view else upload.title if upload else ""
        title, layer = _(named) if named else _("Your screenshot"), _(LAYER_NAMES[address.layer])
        return view_entry(
            "map", view_address("map", address.fields), link_words.map_heading(title, layer),
            link_words.map_words(title, layer), how, self._life(shown),
        )  # fmt: skip

    def _life(self, shown: ShownMap) -> str:
        """How long a link to it works, and who sees it; empty of an example, which stays."""
        return "" if shown.is_example else sentences.map_life_line(self.uploads.until([shown.name]))

    def _place(self, whole: WholeMap, shown: ShownMap, collection: str) -> Updates:
        """What the marked tile looks like."""
        vector = whole.tiles.vectors[shown.marked(whole)]
        result = self.retriever.search_vector(vector, NEIGHBOURS, collection)
        return {self.tile: tile_line(result), self.neighbours: photo_grid.answer(result)}


def _views() -> list[dict[str, str]]:
    """The examples, as `map_picker` has them."""
    return [_picked(view) for view in map_views().values()]


def _picked(view: MapView) -> dict[str, str]:
    metres = view.metres
    detail = f"{metres[0]:.0f} x {metres[1]:.0f} m" if metres else ""
    return {"slug": view.slug, "name": _(view.place), "detail": detail, "small": map_view_url(view.slug)}


def _tools(whole: WholeMap, address: MapAddress, answer: MapAnswer) -> dict[str, Any]:
    files = {_("Save as PNG"): "png"}
    if whole.placement is not None:
        files |= {_("GeoTIFF"): "tif"} | ({_("GeoJSON"): "geojson"} if answer.features else {})
    links = {text: map_export_url(kind, address.fields) for text, kind in files.items()}
    return tools_value(answer.layer.strength if answer.layer else None, links, place_line(whole))
