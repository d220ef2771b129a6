"""What the colours of groups and of likeness mean, each with small pictures of the tiles that have them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.maps.land_use import HIDDEN
from retrieval.maps.scale import TILE_METRES
from retrieval.maps.tile_colours import tile_colours
from retrieval.maps.tile_groups import Groups
from ui.i18n import gettext as _
from ui.i18n import ngettext, number
from ui.render.data_url import data_url
from ui.render.map_layers import GROUP_COLOURS
from ui.whole_maps import WholeMap

#: Side of a small picture of a tile, in pixels: sharp screens show half of them.
TILE_PIXELS = 112


def group_legend(groups: Groups, whole: WholeMap) -> str:
    """HTML: a row for each group with its colour, its most typical tile, hectares and share."""
    picture = whole.image
    names = [_("group {number}", number=group + 1) for group, *_rest in groups.areas]
    rows = "".join(
        f'<tr><th scope="row"><i style="background:{GROUP_COLOURS[group]}"></i>'
        f"{_tile(whole, picture, groups.typical[group], GROUP_COLOURS[group])}"
        f"<span>{name}</span></th>"
        f"<td>{number(hectares, '.1f')} ha</td><td>{number(share, '.0%')}</td></tr>"
        for name, (group, hectares, share) in zip(names, groups.areas, strict=True)
    )
    total = float((groups.cells != HIDDEN).sum()) * groups.tiles.hectares
    caption = ngettext(
        "{hectares:.1f} ha, in one group",
        "{hectares:.1f} ha, in {count} groups of what looks alike",
        len(groups.areas),
        hectares=total,
    )
    heads = "".join(f"<th>{head}</th>" for head in (_("group"), _("area"), _("share")))
    meaning = _(
        "Found by the pictures alone, without any class; the largest group is the first. Beside each, its "
        "most typical tile of {tile:.0f} m.",
        tile=TILE_METRES,
    )
    return (
        f'<table class="legend groups"><caption>{caption}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table><p>{meaning}</p>"
    )


def colour_legend(whole: WholeMap) -> str:
    """HTML: what likeness in colours means, with tiles of colours far apart."""
    rule = _("Alike places have alike colours.")
    meaning = _(
        "The three ways in which the tiles of this map differ most are its red, green and blue. No class is "
        "used, and the same colour on another map means nothing."
    )
    colours = tile_colours(whole.tiles.vectors)
    picture = whole.image
    tiles = "".join(
        f"<li>{_tile(whole, picture, tile, _hex(colours[tile]))}</li>" for tile in _far_apart(colours)
    )
    shown = _("Tiles of this map in the colours that they have:")
    return f'<p><b>{rule}</b> {meaning}</p><p>{shown}</p><ul class="coloured-tiles">{tiles}</ul>'


def _far_apart(colours: NDArray[np.float64], most: int = 8) -> list[int]:
    """Tiles of colours that differ as much as can be: each is the farthest from those before it."""
    chosen = [int(np.abs(colours - 0.5).sum(axis=1).argmax())]
    apart = np.linalg.norm(colours - colours[chosen[0]], axis=1)
    while len(chosen) < most and apart.max() > 0.2:
        chosen.append(int(apart.argmax()))
        apart = np.minimum(apart, np.linalg.norm(colours - colours[chosen[-1]], axis=1))
    return chosen


def _hex(colour: NDArray[np.float64]) -> str:
    return "#" + "".join(f"{round(band * 255):02x}" for band in colour.tolist())


def _tile(whole: WholeMap, picture: Image.Image, tile: int, colour: str) -> str:
    """A tile as a small picture, framed in a colour; it only shows what its row says."""
    times = picture.width / whole.size[0]
    left, top, right, bottom = (edge * times for edge in whole.tiles.square(tile).box)
    box = (max(left, 0.0), max(top, 0.0), min(right, picture.width), min(bottom, picture.height))
    small = picture.resize((TILE_PIXELS, TILE_PIXELS), Image.Resampling.BICUBIC, box=box)
    source = data_url(small, "WEBP", quality=70)
    return f'<img class="tile-of-map" alt="" src="{source}" style="border-color:{colour}">'
