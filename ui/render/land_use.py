"""A mapped screenshot -> what its land use means, and how like a place each part is, in words and tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval import SearchResult
from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.maps.land_use import HIDDEN, UNLIKE, LandUse, Tiles
from retrieval.maps.scale import TILE_METRES
from ui.i18n import class_name, number
from ui.i18n import gettext as _
from ui.render.escaping import escape, plain
from ui.render.map_layers import HEAT, colour_of_class


def _kind_name(found: LandUse, kind: int) -> str:
    if kind == UNLIKE:
        return _("like nothing in the collection")
    return escape(class_name(found.labels[kind]))


def legend(found: LandUse, collection: Collection) -> str:
    """HTML: a row for each class with its colour, hectares and share, and what was left out."""
    rows = "".join(
        f'<tr><th scope="row"><i style="background:{colour_of_class(found, kind)}"></i>'
        f"{_kind_name(found, kind)}</th>"
        f"<td>{number(hectares, '.1f')} ha</td><td>{number(share, '.0%')}</td></tr>"
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
    colours = ", ".join(f"rgb{tuple(int(band) for band in colour)}" for colour in HEAT)
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
    if result.is_novel and result.collection.has_classes:
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
