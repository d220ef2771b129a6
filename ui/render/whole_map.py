"""A mapped screenshot, shown in one of several ways: its layer, its legend, and what files hold of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.maps.land_use import HIDDEN, UNLIKE, distances_to, land_use
from retrieval.maps.outlines import areas_of
from retrieval.maps.placement import Placement
from retrieval.maps.tile_colours import colour_picture
from retrieval.maps.tile_groups import group_tiles
from ui.i18n import gettext as _
from ui.i18n import language
from ui.render.escaping import plain
from ui.render.land_use import alike_line, heat_legend, legend
from ui.render.map_files import area_feature, cell_feature
from ui.render.map_layers import (
    GROUP_COLOURS,
    Layer,
    colour_layer,
    colour_of_class,
    group_layer,
    heat_layer,
    land_use_layer,
)
from ui.render.map_legends import colour_legend, group_legend
from ui.whole_maps import ALIKE, COLOURS, GROUPS, LAND_USE, WholeMap

#: Beyond this distance two photos have little in common, in a collection that is not calibrated.
MAX_LIKENESS_DISTANCE = 0.5

#: What whoever uses a file has to know of its coordinates.
ACCURACY = Message(
    "Placed on Earth by the map's link, whose place is taken for the middle of the map: a screenshot that "
    "was cropped lies beside its place by half of what was cut off."
)
DRAWN = Message("This view is drawn: only its place is real.")


@dataclass(frozen=True)
class MapAnswer:
    """What is shown of a map.

    Attributes:
        layer: Over the picture; None for the picture alone.
        line: A sentence of Markdown above the picture.
        legend: HTML.
        features: Of GeoJSON, where the map's place on Earth is given; None where there are none.
    """

    layer: Layer | None
    line: str
    legend: str
    features: Callable[[Placement], Iterator[dict[str, Any]]] | None = None

    @property
    def bytes(self) -> int:
        """That it takes in memory, or a little less."""
        return (int(self.layer.pixels.nbytes) if self.layer else 0) + len(self.legend)


def show_map(whole: WholeMap, layer: str, groups: int, tile: int, collection: Collection) -> MapAnswer:
    """What one of `ui.whole_maps.LAYERS` shows of a map.

    Args:
        whole: The map.
        layer: Which.
        groups: How many, where it is `GROUPS`.
        tile: The one that is marked.
        collection: In which it is looked up.
    """
    if layer == LAND_USE and not collection.has_classes:
        return MapAnswer(None, _no_classes(collection), "")
    if layer == LAND_USE:
        return _land_use(whole, collection)
    if layer == COLOURS:
        return _kept(whole, (COLOURS, language()), lambda: _colours(whole))
    if layer == GROUPS:
        return _kept(whole, (GROUPS, groups, language()), lambda: _groups(whole, groups))
    if layer == ALIKE:
        return _alike(whole, tile, collection)
    return MapAnswer(None, click_anywhere(), "")


def _kept(whole: WholeMap, key: tuple[Any, ...], make: Callable[[], MapAnswer]) -> MapAnswer:
    """What takes a while to make, and is the same whatever tile is marked."""
    answer: MapAnswer = whole.layers.get(key, make)
    return answer


def click_anywhere() -> str:
    """What a click does, but where more of a place is looked for."""
    return _("**Choose any place on the map** to see which photos of the collection it looks like.")


def _no_classes(collection: Collection) -> str:
    """That land use is told by classes, which a collection may lack."""
    return (
        _(
            "**Nobody labelled the photos of {collection}, so they tell no land use**: choose colours or "
            "groups, which need no classes.",
            collection=plain(_(Message(collection.title))),
        )
        + f" {click_anywhere()}"
    )


def _land_use(whole: WholeMap, collection: Collection) -> MapAnswer:
    found = land_use(whole.tiles, collection)

    def features(placed: Placement) -> Iterator[dict[str, Any]]:
        for area in areas_of(found.cells, HIDDEN):
            label = None if area.kind == UNLIKE else found.labels[area.kind]
            properties = {"class": label, "fill": colour_of_class(found, area.kind)}
            yield area_feature(area, whole, placed, properties)

    return MapAnswer(land_use_layer(found), click_anywhere(), legend(found, collection), features)


def _groups(whole: WholeMap, count: int) -> MapAnswer:
    groups = group_tiles(whole.tiles, count)

    def features(placed: Placement) -> Iterator[dict[str, Any]]:
        for area in areas_of(groups.cells, HIDDEN):
            properties = {"group": area.kind + 1, "fill": GROUP_COLOURS[area.kind]}
            yield area_feature(area, whole, placed, properties)

    return MapAnswer(group_layer(groups), click_anywhere(), group_legend(groups, whole), features)


def _colours(whole: WholeMap) -> MapAnswer:
    def features(placed: Placement) -> Iterator[dict[str, Any]]:
        cells = colour_picture(whole.tiles, 1)
        for row, column in np.argwhere(cells[..., 3] > 0).tolist():
            colour = "#" + bytes(cells[row, column, :3].tolist()).hex()
            yield cell_feature(row, column, whole, placed, {"fill": colour})

    return MapAnswer(colour_layer(whole.tiles), click_anywhere(), colour_legend(whole), features)


def _alike(whole: WholeMap, tile: int, collection: Collection) -> MapAnswer:
    limit = collection.calibration.threshold if collection.calibration else MAX_LIKENESS_DISTANCE
    distances = distances_to(whole.tiles, whole.tiles.vectors[tile])

    def features(placed: Placement) -> Iterator[dict[str, Any]]:
        for row, column in np.argwhere(~np.isnan(distances)).tolist():
            distance = round(float(distances[row, column]), 4)
            properties = {"distance": distance, "alike": distance <= limit}
            yield cell_feature(row, column, whole, placed, properties)

    line = _("**Choose a place** to find more of it:") + f" {alike_line(distances, whole.tiles, limit)}"
    return MapAnswer(heat_layer(distances, whole.tiles, limit), line, heat_legend(limit), features)


def accuracy(whole: WholeMap) -> str:
    """How well the place of a map is known, for whoever uses its files."""
    return " ".join(_(message) for message in (ACCURACY, *([DRAWN] if whole.drawn else [])))
