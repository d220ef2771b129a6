"""A screenshot -> what a visitor reads and sees of it: the picture, the square, sentences."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from retrieval import SearchResult
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
    Scale,
    Square,
)
from retrieval.maps.locate import LocatedSquare
from retrieval.maps.scale import METRES_PER_PIXEL, TILE_METRES
from retrieval.maps.screenshot import Screenshot
from ui.i18n import gettext as _
from ui.i18n import number
from ui.render.data_url import data_url

#: Longer side of the picture that the browser is given; the search has all pixels.
SHOWN_PIXELS = 1600

#: Coarser than this, a photo's 256 pixels are made of fewer than 128, and it is worth a word.
COARSE = TILE_METRES / 128

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
    return data_url(small, "JPEG", quality=85)


def view_value(
    size: tuple[int, int], square: Square, scale: Scale, layer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the page draws over a screenshot of width and height: the square, a bar, and a layer.

    See `screenshot_view.js`.
    """
    metres = _round_length(square.side * scale.metres_per_pixel)
    return {
        "width": size[0],
        "height": size[1],
        "square": {"x": square.x, "y": square.y, "side": square.side},
        "bar": {"pixels": metres / scale.metres_per_pixel, "label": f"{number(metres, 'g')} m"},
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
    if by_zoom and not located.hints.ratio:
        ratio = screenshot.probable_pixel_ratio
        if screenshot.pixel_ratio is not None:
            lines.append(
                _("Its file says that the screen has {ratio:g} pixels for one of the map.", ratio=ratio)
            )
        elif ratio != 1:
            lines.append(
                _("By its size, this is of a screen with {ratio:g} pixels for one of the map.", ratio=ratio)
            )
        else:
            lines.append(
                _("It is taken for a screen with one pixel for one of the map: if yours is sharper, say so.")
            )
    return " ".join(lines)


def remarks(screenshot: Screenshot, located: LocatedSquare) -> list[str]:
    """What stands in the way of a good search, a sentence each."""
    warnings = [_(screenshot.note)] if screenshot.note else []
    content, scale = screenshot.overlays.content, located.scale
    view = located.hints.view
    if content != "imagery":
        warnings.append(_(CONTENTS[content]))
    elif view and view.satellite is False:
        warnings.append(
            _("The link opens the street map: switch to satellite before you take the screenshot.")
        )
    covered = CoverageSums(screenshot.overlays.mask).of(located.square)
    if covered > COVERED and content == "imagery":
        warnings.append(
            _("Buttons or labels cover {share:.0%} of the square: move it to a clear place.", share=covered)
        )
    if scale.source not in (GUESS, HAND) and scale.side > 1.1 * screenshot.room:
        warnings.append(
            _(
                "This screenshot shows only {metres:.0f} m, and a photo of the collection {photo:.0f}"
                " m: zoom out a step for better neighbours.",
                metres=screenshot.room * scale.metres_per_pixel,
                photo=TILE_METRES,
            )
        )
    elif scale.metres_per_pixel > COARSE:
        warnings.append(
            _(
                "A pixel shows {times:.1f} times as much ground as in the collection's photos: zoom "
                "in, to 18 or 19, for better neighbours.",
                times=scale.metres_per_pixel / METRES_PER_PIXEL,
            )
        )
    return warnings


def unlike_at_any_scale(located: LocatedSquare, result: SearchResult) -> str:
    """What to say when even the best guess of the scale finds nothing alike; else empty."""
    if not result.is_novel or located.scale.source != GUESS:
        return ""
    return _("At none of the scales that were tried does this look like the collection.")
