"""A screenshot -> what a visitor reads and sees of it: sentences, layers, the legend. No Gradio in here."""

from __future__ import annotations

import base64
import html
import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collection import Collection
from retrieval.landuse import HIDDEN, UNLIKE, LandUse, Tiles
from retrieval.picture import Picture
from retrieval.reading import Reading
from retrieval.retriever import SearchResult
from retrieval.scale import METRES_PER_PIXEL, TILE
from retrieval.screenshot import BAR, COVERED, FILE, GUESS, HAND, LINK, ZOOM, Coverage, Grid, Scale, Square
from texts import readable

#: Longer side of the picture that the browser is given; the search has all pixels.
SHOWN_PIXELS = 1600

#: Coarser than this, a photo's 256 pixels are made of fewer than 128, and it is worth a word.
COARSE = TILE / 128

_SOURCES = {
    LINK: "from the map's link",
    ZOOM: "from the zoom",
    BAR: "from the scale bar",
    FILE: "from the file itself",
}

_KINDS = {
    "street map": "This looks like a street map, which shows no photos: switch the map to satellite.",
    "blank": "This looks like a map without imagery: zoom out a step, or move, until it shows photos.",
    "covered": "This looks like a page of text and buttons: take the screenshot of the map alone.",
}

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

#: Near, then far: how like the marked place a cell is (ColorBrewer's YlOrRd, reversed).
_HEAT = np.array([(189, 0, 38), (240, 59, 32), (253, 141, 60), (254, 204, 92), (255, 255, 178)], float)


def shown(image: Image.Image) -> str:
    """A picture as a data URL, small enough to send and sharp enough to point at."""
    small = image.copy()
    small.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    return _data_url(small, "JPEG", quality=85)


def view_value(
    picture: Picture, square: Square, scale: Scale, layer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the page draws over a screenshot: the square, a scale bar, and a layer; see `web/shot.js`."""
    metres = _round_length(square.side * scale.metres_per_pixel)
    return {
        "width": picture.image.width,
        "height": picture.image.height,
        "square": {"x": square.x, "y": square.y, "side": square.side},
        "bar": {"pixels": metres / scale.metres_per_pixel, "label": f"{metres:g} m"},
        "layer": layer,
    }


def _round_length(metres: float) -> float:
    """The longest of 1, 2, 5, 10, 20, … that is no longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres * 1.0001)


def scale_line(picture: Picture, reading: Reading) -> str:
    """Two sentences of Markdown: the scale and who says so, and how much ground the square shows."""
    scale, metres = reading.scale, reading.metres
    each = f"{scale.metres_per_pixel:.2g} m per pixel"
    if scale.source == GUESS:
        return (
            f"**Scale: a guess.** At {each} the neighbours agree best, so the square is taken for "
            f"{metres:.0f} m. Paste the map's link to be sure. If you cannot make out single cars in "
            "it, as in a view of a whole town from space, it is far too coarse: zoom in to 18, 19 or 20."
        )
    if scale.source == HAND:
        return f"**Scale: by your hand.** The square is taken for {metres:.0f} m, which makes {each}."
    line = f"**Scale: {each}**, {_SOURCES[scale.source]}. The square shows {metres:.0f} m of ground"
    if abs(metres / TILE - 1) < 0.1:
        line += ", as the collection's photos do."
    else:
        line += f"; the collection's photos show {TILE:.0f} m."
    by_zoom = scale.source == ZOOM or (scale.source == LINK and reading.said.view_by_zoom)
    if by_zoom and not reading.said.ratio and picture.probable_ratio != 1:
        line += (
            f" By its size, this is of a screen with {picture.probable_ratio:g} pixels for one of the map."
        )
    return line


def remarks(picture: Picture, reading: Reading) -> list[str]:
    """What stands in the way of a good search, a sentence each."""
    told = [picture.note] if picture.note else []
    kind, scale = picture.furniture.kind, reading.scale
    view = reading.said.view
    if kind in _KINDS:
        told.append(_KINDS[kind])
    elif view and view.satellite is False:
        told.append("The link opens the street map: switch to satellite before you take the screenshot.")
    covered = Coverage(picture.furniture.mask).of(reading.square)
    if covered > COVERED and kind == "imagery":
        told.append(f"Buttons or labels cover {covered:.0%} of the square: move it to a clear place.")
    if scale.source not in (GUESS, HAND) and scale.side > 1.1 * picture.room:
        told.append(
            f"This screenshot shows only {picture.room * scale.metres_per_pixel:.0f} m, and a photo of the "
            f"collection {TILE:.0f} m: zoom out a step for better neighbours."
        )
    elif scale.metres_per_pixel > COARSE:
        told.append(
            f"A pixel shows {scale.metres_per_pixel / METRES_PER_PIXEL:.1f} times as much ground as in the "
            "collection's photos: zoom in, to 18 or 19, for better neighbours."
        )
    return told


def unlike_at_any_scale(reading: Reading, result: SearchResult) -> str:
    """What to say when even the best guess of the scale finds nothing alike; else empty."""
    if not result.is_novel or reading.scale.source != GUESS:
        return ""
    return "At none of the scales that were tried does this look like the collection."


def _kind_colour(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return _UNLIKE_COLOUR
    return _COLOURS.get(found.labels[kind], _OTHERS[kind % len(_OTHERS)])


def _kind_name(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return "like nothing in the collection"
    return html.escape(readable(found.labels[kind]))


def land_use_layer(found: LandUse) -> dict[str, Any]:
    """The cells as a picture with a pixel for each, and where it lies on the screenshot."""
    pixels = np.zeros((*found.cells.shape, 4), np.uint8)
    for kind, *_ in found.areas:
        pixels[found.cells == kind] = (*bytes.fromhex(_kind_colour(found, kind)[1:]), 255)
    return _layer(pixels, found.tiles.grid, smooth=False)


def heat_layer(distances: NDArray[np.float64], tiles: Tiles, usual: float) -> dict[str, Any]:
    """How like a place each cell is, from red (the same) to pale yellow, and nothing where it is not like it.

    Args:
        distances: (rows, columns), as `retrieval.landuse.distances_to` gives them.
        tiles: What they were made of.
        usual: The distance from which on two photos have little in common.
    """
    depth = np.clip(np.nan_to_num(distances / usual, nan=1.0), 0, 1) * (len(_HEAT) - 1)
    colours = [np.interp(depth, range(len(_HEAT)), band) for band in _HEAT.T]
    alpha = np.where(np.isnan(distances) | (distances > usual), 0, 255)
    return _layer(np.stack([*colours, alpha], axis=2).astype(np.uint8), tiles.grid, smooth=True)


def _layer(pixels: NDArray[np.uint8], layout: Grid, *, smooth: bool) -> dict[str, Any]:
    left, top, right, bottom = layout.view
    return {
        "src": _data_url(Image.fromarray(pixels), "PNG"),
        "left": left,
        "top": top,
        "width": right - left,
        "height": bottom - top,
        "smooth": smooth,
    }


def legend(found: LandUse, collection: Collection) -> str:
    """HTML: a row for each class with its colour, hectares and share, and what was left out."""
    rows = "".join(
        f'<tr><th scope="row"><i style="background:{_kind_colour(found, kind)}"></i>{_kind_name(found, kind)}'
        f"</th><td>{hectares:.1f} ha</td><td>{share:.0%}</td></tr>"
        for kind, hectares, share in found.areas
    )
    tiles = found.tiles
    total = float((found.cells != HIDDEN).sum()) * tiles.hectares
    covered = f" Buttons and labels hide {found.hidden:.1f} ha more." if found.hidden else ""
    cell = max(tiles.grid.cell_size) * tiles.metres_per_pixel
    return (
        f'<table class="legend"><caption>{total:.1f} ha by the nearest photos of '
        f"{html.escape(collection.title)}</caption>"
        f"<thead><tr><th>class</th><th>area</th><th>share</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p>{len(tiles.places)} tiles of {TILE:.0f} m, in cells of {cell:.0f} m.{covered} "
        "It knows the collection's classes only, and a street between two blocks is finer than a cell.</p>"
    )


def alike_line(distances: NDArray[np.float64], tiles: Tiles, usual: float) -> str:
    """How much of the screenshot is like the marked place; arguments as for `heat_layer`."""
    alike = int((distances <= usual).sum())
    seen = int((~np.isnan(distances)).sum())
    return f"{alike * tiles.hectares:.1f} of {seen * tiles.hectares:.1f} ha look like the marked square."


def heat_legend(usual: float) -> str:
    """HTML: what the colours of `heat_layer` mean."""
    colours = ", ".join(f"rgb{tuple(int(band) for band in colour)}" for colour in _HEAT)
    return (
        f'<p class="heat-legend"><span>the same, 0</span>'
        f'<i style="background:linear-gradient(90deg, {colours})"></i><span>{usual:.2f}</span></p>'
        "<p>Distance to the marked square; what is farther has no colour.</p>"
    )


def tile_line(result: SearchResult) -> str:
    """One line of Markdown on what the marked square looks like."""
    nearest = result.neighbours[0]
    if result.is_novel:
        return (
            f"**The marked square resembles nothing in {result.collection.title}.** The nearest, at "
            f"{nearest.distance:.3f}:"
        )
    label, count = result.votes[0]
    total = len(result.neighbours)
    return f"**The marked square: {readable(label)}**, say {count} of its {total} nearest photos."


def _data_url(image: Image.Image, kind: str, **options: Any) -> str:  # noqa: ANN401
    data = io.BytesIO()
    image.save(data, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"
