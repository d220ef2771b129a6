"""A mapped screenshot -> what lies over it, and its legend: land use, or how like a place each part is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval import SearchResult
from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.maps.crops import Grid
from retrieval.maps.land_use import HIDDEN, UNLIKE, LandUse, Tiles
from retrieval.maps.scale import TILE_METRES
from ui.i18n import class_name, number
from ui.i18n import gettext as _
from ui.render.data_url import data_url
from ui.render.escaping import escape, plain

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


def _kind_colour(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return _UNLIKE_COLOUR
    return _COLOURS.get(found.labels[kind], _OTHERS[kind % len(_OTHERS)])


def _kind_name(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return _("like nothing in the collection")
    return escape(class_name(found.labels[kind]))


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
        "src": data_url(Image.fromarray(pixels), "PNG"),
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
        collection=escape(_(Message(collection.title))),
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
            collection=plain(_(Message(result.collection.title))),
            distance=nearest.distance,
        )
    if not result.votes:
        return _("**The marked square.** The nearest, at {distance:.3f}:", distance=nearest.distance)
    label, count = result.votes[0]
    return _(
        "**The marked square: {label}**, say {count} of its {total} nearest photos.",
        label=plain(class_name(label)),
        count=count,
        total=len(result.neighbours),
    )
