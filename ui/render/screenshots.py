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

from retrieval.collections.collection import Collection
from retrieval.maps.crops import COVERED, GUESS, HAND, LINK, ZOOM, Coverage, Grid, Scale, Square
from retrieval.maps.land_use import HIDDEN, UNLIKE, LandUse, Tiles
from retrieval.maps.locate import Reading
from retrieval.maps.scale import METRES_PER_PIXEL, TILE
from retrieval.maps.screenshot import Picture
from retrieval.retriever import SearchResult
from ui.i18n import readable, say

#: Longer side of the picture that the browser is given; the search has all pixels.
SHOWN_PIXELS = 1600

#: Coarser than this, a photo's 256 pixels are made of fewer than 128, and it is worth a word.
COARSE = TILE / 128

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
    """What the page draws over a screenshot: the square, a bar, and a layer; see `screenshot_view.js`."""
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
    each = scale.metres_per_pixel
    if scale.source == GUESS:
        return say("shot.guess", each=each, metres=metres)
    if scale.source == HAND:
        return say("shot.by_hand", each=each, metres=metres)
    alike = abs(metres / TILE - 1) < 0.1
    lines = [
        say("shot.scale", each=each, source=say(f"shot.source.{scale.source}")),
        say("shot.as_photos" if alike else "shot.unlike_photos", metres=metres, photo=TILE),
    ]
    by_zoom = scale.source == ZOOM or (scale.source == LINK and reading.said.view_by_zoom)
    if by_zoom and not reading.said.ratio and picture.probable_ratio != 1:
        lines.append(say("shot.ratio.assumed", ratio=picture.probable_ratio))
    return " ".join(lines)


def remarks(picture: Picture, reading: Reading) -> list[str]:
    """What stands in the way of a good search, a sentence each."""
    told = [picture.note] if picture.note else []
    kind, scale = picture.furniture.kind, reading.scale
    view = reading.said.view
    if kind != "imagery":
        told.append(say(f"furniture.kind.{kind.replace(' ', '_')}"))
    elif view and view.satellite is False:
        told.append(say("shot.not_satellite"))
    covered = Coverage(picture.furniture.mask).of(reading.square)
    if covered > COVERED and kind == "imagery":
        told.append(say("shot.covered", share=covered))
    if scale.source not in (GUESS, HAND) and scale.side > 1.1 * picture.room:
        told.append(say("shot.too_near", metres=picture.room * scale.metres_per_pixel, photo=TILE))
    elif scale.metres_per_pixel > COARSE:
        told.append(say("shot.coarse", times=scale.metres_per_pixel / METRES_PER_PIXEL))
    return told


def unlike_at_any_scale(reading: Reading, result: SearchResult) -> str:
    """What to say when even the best guess of the scale finds nothing alike; else empty."""
    if not result.is_novel or reading.scale.source != GUESS:
        return ""
    return say("shot.unlike_at_any_scale")


def _kind_colour(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return _UNLIKE_COLOUR
    return _COLOURS.get(found.labels[kind], _OTHERS[kind % len(_OTHERS)])


def _kind_name(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return say("whole.unlike")
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
        distances: (rows, columns), as `retrieval.maps.land_use.distances_to` gives them.
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
    cell = max(tiles.grid.cell_size) * tiles.metres_per_pixel
    heads = "".join(
        f"<th>{head}</th>" for head in (say("whole.class"), say("whole.area"), say("whole.share"))
    )
    lines = [
        say("whole.tiles", count=len(tiles.places), tile=TILE, cell=cell),
        say("whole.hidden", hectares=found.hidden) if found.hidden else "",
        say("whole.finer"),
    ]
    return (
        f'<table class="legend"><caption>'
        f"{say('whole.caption', hectares=total, collection=html.escape(collection.title))}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table><p>{' '.join(filter(None, lines))}</p>"
    )


def alike_line(distances: NDArray[np.float64], tiles: Tiles, usual: float) -> str:
    """How much of the screenshot is like the marked place; arguments as for `heat_layer`."""
    alike = int((distances <= usual).sum())
    seen = int((~np.isnan(distances)).sum())
    return say("whole.alike", alike=alike * tiles.hectares, seen=seen * tiles.hectares)


def heat_legend(usual: float) -> str:
    """HTML: what the colours of `heat_layer` mean."""
    colours = ", ".join(f"rgb{tuple(int(band) for band in colour)}" for colour in _HEAT)
    return (
        f'<p class="heat-legend"><span>{say("whole.same")}</span>'
        f'<i style="background:linear-gradient(90deg, {colours})"></i><span>{usual:.2f}</span></p>'
        f"<p>{say('whole.distance')}</p>"
    )


def tile_line(result: SearchResult) -> str:
    """One line of Markdown on what the marked square looks like."""
    nearest = result.neighbours[0]
    if result.is_novel:
        return say("whole.novel", collection=result.collection.title, distance=nearest.distance)
    label, count = result.votes[0]
    return say("whole.voted", label=readable(label), count=count, total=len(result.neighbours))


def _data_url(image: Image.Image, kind: str, **options: Any) -> str:  # noqa: ANN401
    data = io.BytesIO()
    image.save(data, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"
