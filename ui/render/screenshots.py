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

from retrieval import SearchResult
from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.maps.crops import (
    BAR,
    COVERED,
    FILE,
    GUESS,
    HAND,
    LINK,
    ZOOM,
    CoverageSums,
    Grid,
    Scale,
    Square,
)
from retrieval.maps.land_use import HIDDEN, UNLIKE, LandUse, Tiles
from retrieval.maps.locate import LocatedSquare
from retrieval.maps.scale import METRES_PER_PIXEL, TILE_METRES
from retrieval.maps.screenshot import Screenshot
from ui.i18n import class_name, number
from ui.i18n import gettext as _

#: Longer side of the picture that the browser is given; the search has all pixels.
SHOWN_PIXELS = 1600

#: Coarser than this, a photo's 256 pixels are made of fewer than 128, and it is worth a word.
COARSE = TILE_METRES / 128

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

#: Who says the scale.
SOURCES = {
    LINK: Message("from the map's link"),
    ZOOM: Message("from the zoom"),
    BAR: Message("from the scale bar"),
    FILE: Message("from the file itself"),
}

#: What a picture shows in place of imagery.
CONTENTS = {
    "street map": Message(
        "This looks like a street map, which shows no photos: switch the map to satellite."
    ),
    "blank": Message(
        "This looks like a map without imagery: zoom out a step, or move, until it shows photos."
    ),
    "covered": Message("This looks like a page of text and buttons: take the screenshot of the map alone."),
}


def shown(image: Image.Image) -> str:
    """A picture as a data URL, small enough to send and sharp enough to point at."""
    small = image.copy()
    small.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    return _data_url(small, "JPEG", quality=85)


def view_value(
    screenshot: Screenshot, square: Square, scale: Scale, layer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the page draws over a screenshot: the square, a bar, and a layer; see `screenshot_view.js`."""
    metres = _round_length(square.side * scale.metres_per_pixel)
    return {
        "width": screenshot.image.width,
        "height": screenshot.image.height,
        "square": {"x": square.x, "y": square.y, "side": square.side},
        "bar": {"pixels": metres / scale.metres_per_pixel, "label": f"{metres:g} m"},
        "layer": layer,
    }


def _round_length(metres: float) -> float:
    """The longest of 1, 2, 5, 10, 20, … that is no longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres * 1.0001)


def scale_line(screenshot: Screenshot, located: LocatedSquare) -> str:
    """Two sentences of Markdown: the scale and who says so, and how much ground the square shows."""
    scale, metres = located.scale, located.metres
    each = scale.metres_per_pixel
    if scale.source == GUESS:
        return _(
            "**Scale: a guess.** At {each:.2g} m per pixel the neighbours agree best, so the "
            "square is taken for {metres:.0f} m. Paste the map's link to be sure. If you cannot "
            "make out single cars in it, as in a view of a whole town from space, it is far too "
            "coarse: zoom in to 18, 19 or 20.",
            each=each,
            metres=metres,
        )
    if scale.source == HAND:
        return _(
            "**Scale: by your hand.** The square is taken for {metres:.0f} m, which makes "
            "{each:.2g} m per pixel.",
            each=each,
            metres=metres,
        )
    alike = abs(metres / TILE_METRES - 1) < 0.1
    lines = [
        _("**Scale: {each:.2g} m per pixel**, {source}.", each=each, source=_(SOURCES[scale.source])),
        (
            _(
                "The square shows {metres:.0f} m of ground, as the collection's photos do.",
                metres=metres,
                photo=TILE_METRES,
            )
            if alike
            else _(
                "The square shows {metres:.0f} m of ground; the collection's photos show {photo:.0f} m.",
                metres=metres,
                photo=TILE_METRES,
            )
        ),
    ]
    by_zoom = scale.source == ZOOM or (scale.source == LINK and located.hints.view_by_zoom)
    if by_zoom and not located.hints.ratio and screenshot.probable_pixel_ratio != 1:
        lines.append(
            _(
                "By its size, this is of a screen with {ratio:g} pixels for one of the map.",
                ratio=screenshot.probable_pixel_ratio,
            )
        )
    return " ".join(lines)


def remarks(screenshot: Screenshot, located: LocatedSquare) -> list[str]:
    """What stands in the way of a good search, a sentence each."""
    told = [_(screenshot.note)] if screenshot.note else []
    content, scale = screenshot.overlays.content, located.scale
    view = located.hints.view
    if content != "imagery":
        told.append(_(CONTENTS[content]))
    elif view and view.satellite is False:
        told.append(_("The link opens the street map: switch to satellite before you take the screenshot."))
    covered = CoverageSums(screenshot.overlays.mask).of(located.square)
    if covered > COVERED and content == "imagery":
        told.append(
            _("Buttons or labels cover {share:.0%} of the square: move it to a clear place.", share=covered)
        )
    if scale.source not in (GUESS, HAND) and scale.side > 1.1 * screenshot.room:
        told.append(
            _(
                "This screenshot shows only {metres:.0f} m, and a photo of the collection {photo:.0f}"
                " m: zoom out a step for better neighbours.",
                metres=screenshot.room * scale.metres_per_pixel,
                photo=TILE_METRES,
            )
        )
    elif scale.metres_per_pixel > COARSE:
        told.append(
            _(
                "A pixel shows {times:.1f} times as much ground as in the collection's photos: zoom "
                "in, to 18 or 19, for better neighbours.",
                times=scale.metres_per_pixel / METRES_PER_PIXEL,
            )
        )
    return told


def unlike_at_any_scale(located: LocatedSquare, result: SearchResult) -> str:
    """What to say when even the best guess of the scale finds nothing alike; else empty."""
    if not result.is_novel or located.scale.source != GUESS:
        return ""
    return _("At none of the scales that were tried does this look like the collection.")


def _kind_colour(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return _UNLIKE_COLOUR
    return _COLOURS.get(found.labels[kind], _OTHERS[kind % len(_OTHERS)])


def _kind_name(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return _("like nothing in the collection")
    return html.escape(class_name(found.labels[kind]))


def land_use_layer(found: LandUse) -> dict[str, Any]:
    """The cells as a picture with a pixel for each, and where it lies on the screenshot."""
    pixels = np.zeros((*found.cells.shape, 4), np.uint8)
    for kind, _hectares, _share in found.areas:
        pixels[found.cells == kind] = (*bytes.fromhex(_kind_colour(found, kind)[1:]), 255)
    return _layer(pixels, found.tiles.grid, smooth=False)


def heat_layer(distances: NDArray[np.float64], tiles: Tiles, limit: float) -> dict[str, Any]:
    """How like a place each cell is, from red (the same) to pale yellow, and nothing where it is not like it.

    Args:
        distances: (rows, columns), as `retrieval.maps.land_use.distances_to` gives them.
        tiles: What they were made of.
        limit: The distance from which on two photos have little in common.
    """
    depth = np.clip(np.nan_to_num(distances / limit, nan=1.0), 0, 1) * (len(_HEAT) - 1)
    colours = [np.interp(depth, range(len(_HEAT)), band) for band in _HEAT.T]
    alpha = np.where(np.isnan(distances) | (distances > limit), 0, 255)
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
        f"</th><td>{number(hectares, '.1f')} ha</td><td>{number(share, '.0%')}</td></tr>"
        for kind, hectares, share in found.areas
    )
    tiles = found.tiles
    total = float((found.cells != HIDDEN).sum()) * tiles.hectares
    cell = max(tiles.grid.cell_size) * tiles.metres_per_pixel
    heads = "".join(f"<th>{head}</th>" for head in (_("class"), _("area"), _("share")))
    lines = [
        _(
            "{count} tiles of {tile:.0f} m, in cells of {cell:.0f} m.",
            count=len(tiles.places),
            tile=TILE_METRES,
            cell=cell,
        ),
        _("Buttons and labels hide {hectares:.1f} ha more.", hectares=found.hidden) if found.hidden else "",
        _("It knows the collection's classes only, and a street between two blocks is finer than a cell."),
    ]
    caption = _(
        "{hectares:.1f} ha by the nearest photos of {collection}",
        hectares=total,
        collection=html.escape(collection.title),
    )
    return (
        f'<table class="legend"><caption>{caption}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table><p>{' '.join(filter(None, lines))}</p>"
    )


def alike_line(distances: NDArray[np.float64], tiles: Tiles, limit: float) -> str:
    """How much of the screenshot is like the marked place; arguments as for `heat_layer`."""
    alike = int((distances <= limit).sum())
    seen = int((~np.isnan(distances)).sum())
    return _(
        "{alike:.1f} of {seen:.1f} ha look like the marked square.",
        alike=alike * tiles.hectares,
        seen=seen * tiles.hectares,
    )


def heat_legend(limit: float) -> str:
    """HTML: what the colours of `heat_layer` mean."""
    colours = ", ".join(f"rgb{tuple(int(band) for band in colour)}" for colour in _HEAT)
    same = _("the same, 0")
    meaning = _("Distance to the marked square; what is farther has no colour.")
    return (
        f'<p class="heat-legend"><span>{same}</span>'
        f'<i style="background:linear-gradient(90deg, {colours})"></i><span>{number(limit, ".2f")}</span></p>'
        f"<p>{meaning}</p>"
    )


def tile_line(result: SearchResult) -> str:
    """One line of Markdown on what the marked square looks like."""
    nearest = result.neighbours[0]
    if result.is_novel:
        return _(
            "**The marked square resembles nothing in {collection}.** The nearest, at {distance:.3f}:",
            collection=result.collection.title,
            distance=nearest.distance,
        )
    label, count = result.votes[0]
    return _(
        "**The marked square: {label}**, say {count} of its {total} nearest photos.",
        label=class_name(label),
        count=count,
        total=len(result.neighbours),
    )


def _data_url(image: Image.Image, kind: str, **options: Any) -> str:  # noqa: ANN401
    data = io.BytesIO()
    image.save(data, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"
