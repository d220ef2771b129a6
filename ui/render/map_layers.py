"""A mapped screenshot -> what lies over it: a layer of colours, the same on the page and in files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.maps.land_use import HIDDEN, UNLIKE, LandUse, Tiles
from retrieval.maps.tile_colours import colour_picture
from retrieval.maps.tile_groups import Groups
from ui.render.data_url import data_url

#: A colour for each class, by what it is: homes red, traffic grey, water blue, plants green, sports yellow.
_COLOURS = {
    "agricultural": "#d9c64a", "airplane": "#8e5bd0", "baseballdiamond": "#e8a33d", "beach": "#ffe08a",
    "buildings": "#7a3b4b", "chaparral": "#a08f4e", "denseresidential": "#d7301f", "forest": "#1a7a35",
    "freeway": "#444b57", "golfcourse": "#7fd068", "harbor": "#2f7ed8", "intersection": "#6f7785",
    "mediumresidential": "#f06a4a", "mobilehomepark": "#f7a58b", "overpass": "#2b2f38",
    "parkinglot": "#a9afba", "river": "#4fb3e8", "runway": "#5a3fa0", "sparseresidential": "#fbc9b5",
    "storagetanks": "#b8389b", "tenniscourt": "#12b5a6",
}  # fmt: skip
_OTHERS = ("#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#4472a8")
_UNLIKE_COLOUR = "#ffffff"

#: A colour for each group, the first ones the farthest apart.
GROUP_COLOURS = (
    "#2f7ed8", "#f2c12e", "#d7301f", "#1a9850", "#8e44ad", "#f58231", "#12b5a6", "#e754a6", "#7a4b2a",
    "#a6d854", "#1f3c88", "#ff9da7", "#556b2f", "#63c5f0", "#800040", "#c9b18b", "#5e5ce6", "#00593d",
    "#b0b7c3", "#3b3f4a",
)  # fmt: skip

#: Near, then far: how like the marked place a cell is (ColorBrewer's YlOrRd, reversed).
HEAT = np.array([(189, 0, 38), (240, 59, 32), (253, 141, 60), (254, 204, 92), (255, 255, 178)], float)

#: Pixels of the colours along a cell, which are a mixture between the places of tiles.
COLOUR_PIXELS = 8


@dataclass(frozen=True)
class Layer:
    """Colours over a picture.

    Attributes:
        pixels: (rows, columns, 4) RGBA.
        box: Left, top, right, bottom of what they cover, in pixels of the screenshot.
        smooth: Whether they run into each other.
        strength: How much they hide of the picture unless a visitor says, in [0, 1].
    """

    pixels: NDArray[np.uint8]
    box: tuple[int, int, int, int]
    smooth: bool
    strength: float

    @property
    def for_page(self) -> dict[str, Any]:
        """As `screenshot_view.js` draws it."""
        left, top, right, bottom = self.box
        return {
            "src": data_url(Image.fromarray(self.pixels), "PNG"),
            "left": left,
            "top": top,
            "width": right - left,
            "height": bottom - top,
            "smooth": self.smooth,
        }

    def over(self, picture: Image.Image, width: int, strength: float) -> Image.Image:
        """A picture with the layer on it.

        Args:
            picture: The screenshot, RGB, of any size.
            width: Of the screenshot as it was mapped, pixels.
            strength: As of the layer.
        """
        times = picture.width / width
        left, top, right, bottom = (round(edge * times) for edge in self.box)
        way = Image.Resampling.BILINEAR if self.smooth else Image.Resampling.NEAREST
        layer = Image.fromarray(self.pixels).resize((right - left, bottom - top), way)
        alpha = layer.getchannel("A").point(lambda value: round(value * strength))
        made = picture.copy()
        made.paste(layer.convert("RGB"), (left, top), alpha)
        return made


def colour_of_class(found: LandUse, kind: int) -> str:
    """The colour of a class of land use, or of what is like none."""
    if kind == UNLIKE:
        return _UNLIKE_COLOUR
    return _COLOURS.get(found.labels[kind], _OTHERS[kind % len(_OTHERS)])


def land_use_layer(found: LandUse) -> Layer:
    """A pixel for each cell, in the colour of its class."""
    colours = {kind: colour_of_class(found, kind) for kind, *_ in found.areas}
    return Layer(_painted(found.cells, colours), found.tiles.grid.view, smooth=False, strength=0.5)


def group_layer(groups: Groups) -> Layer:
    """A pixel for each cell, in the colour of its group."""
    pixels = _painted(groups.cells, dict(enumerate(GROUP_COLOURS)))
    return Layer(pixels, groups.tiles.grid.view, smooth=False, strength=0.45)


def colour_layer(tiles: Tiles) -> Layer:
    """The tiles' own colours, see `retrieval.maps.tile_colours`."""
    return Layer(colour_picture(tiles, COLOUR_PIXELS), tiles.grid.view, smooth=True, strength=0.55)


def heat_layer(distances: NDArray[np.float64], tiles: Tiles, limit: float) -> Layer:
    """How like a place each cell is, from red (the same) to pale yellow, and nothing where it is not like it.

    Args:
        distances: (rows, columns), as `retrieval.maps.land_use.distances_to` gives them.
        tiles: What they were made of.
        limit: The distance from which on two photos have little in common.
    """
    depth = np.clip(np.nan_to_num(distances / limit, nan=1.0), 0, 1) * (len(HEAT) - 1)
    colours = [np.interp(depth, range(len(HEAT)), band) for band in HEAT.T]
    alpha = np.where(np.isnan(distances) | (distances > limit), 0, 255)
    pixels = np.stack([*colours, alpha], axis=2).astype(np.uint8)
    return Layer(pixels, tiles.grid.view, smooth=True, strength=0.65)


def _painted(cells: NDArray[np.int64], colours: dict[int, str]) -> NDArray[np.uint8]:
    pixels = np.zeros((*cells.shape, 4), np.uint8)
    for kind in np.unique(cells[cells != HIDDEN]).tolist():
        pixels[cells == kind] = (*bytes.fromhex(colours[kind][1:]), 255)
    return pixels
