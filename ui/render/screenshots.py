"""A screenshot -> what a visitor reads and sees of it: the picture, the square, sentences."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from retrieval import SearchResult
from retrieval.errors import Message
from retrieval.maps.crops import (
    BAR,
    CONFIRMED,
    COVERED,
    FILE,
    GUESS,
    HAND,
    LINK,
    TOO_FAR,
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
from ui.render.sentences import where_link

#: Longer side of the picture that the browser is given; the search has all pixels.
SHOWN_PIXELS = 1600

#: The bar of a small square is longer than that, up to this share of the picture's width, to be read.
BAR_WIDTH = 0.25

#: Coarser than this, a photo's 256 pixels are made of fewer than 128, and it is worth a word.
COARSE = TILE_METRES / 128

#: Who says the scale.
SOURCES = {
    LINK: Message("from the map's link"),
    ZOOM: Message("from the zoom"),
    BAR: Message("from the scale bar"),
    FILE: Message("from the file itself"),
}
BY_NAMES = Message("read from the names in the link's address")

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

    A scale that was guessed has no bar. See `screenshot_view.js`.
    """
    return {
        "width": size[0],
        "height": size[1],
        "square": {"x": square.x, "y": square.y, "side": square.side},
        "bar": None if scale.source in (GUESS, TOO_FAR) else _bar(size[0], square, scale),
        "layer": layer,
    }


def _bar(width: int, square: Square, scale: Scale) -> dict[str, Any]:
    metres = _round_length(max(square.side, BAR_WIDTH * width) * scale.metres_per_pixel)
    about = "≈ " if scale.source == CONFIRMED else ""
    return {"pixels": metres / scale.metres_per_pixel, "label": f"{about}{number(metres, 'g')} m"}


def _round_length(metres: float) -> float:
    """The longest of 1, 2, 5, 10, 20, … that is no longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres * 1.0001)


def scale_line(screenshot: Screenshot, located: LocatedSquare) -> str:
    """A few sentences of Markdown: the scale and who says so, and how much ground the square shows."""
    scale, metres = located.scale, located.metres
    each = scale.metres_per_pixel / screenshot.detail
    if scale.source == GUESS:
        return _("**Scale: a guess.** Paste the map's link to be sure.")
    if scale.source == CONFIRMED:
        return _("**Scale: as you said.** The square is taken for about {metres:.0f} m.", metres=metres)
    if scale.source == TOO_FAR:
        return ""  # the answer to the question says it
    if scale.source == HAND:
        return _(
            "**Scale: by your hand.** The square is taken for {metres:.0f} m, which makes "
            "{each:.2g} m per pixel.",
            each=each,
            metres=metres,
        )
    alike = abs(metres / TILE_METRES - 1) < 0.1
    view = located.hints.view if scale.source == LINK else None
    source = BY_NAMES if view and view.by_names else SOURCES[scale.source]
    lines = [
        _("**Scale: {each:.2g} m per pixel**, {source}.", each=each, source=_(source)),
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
    if source is BY_NAMES:
        lines.append(_("Sites count zooms differently: compare the square with the map's scale bar."))
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


def where_line(screenshot: Screenshot, located: LocatedSquare) -> str:
    """A link, in Markdown, to where the square lies; empty where the file does not say so."""
    if screenshot.georeference is None:
        return ""
    width, height = screenshot.image.size
    square = located.square
    position = screenshot.georeference.position(square.x / width, square.y / height)
    return where_link(position)


def remarks(screenshot: Screenshot, located: LocatedSquare) -> list[str]:
    """What stands in the way of a good search, a sentence each."""
    warnings = [_(screenshot.note)] if screenshot.note else []
    content, scale = screenshot.overlays.content, located.scale
    view = located.hints.view
    if content != "imagery":
        warnings.append(_(CONTENTS[content]))
    elif view and view.has_scale and view.satellite is False:
        warnings.append(
            _("The link opens the street map: switch to satellite before you take the screenshot.")
        )
    if view and not view.has_scale and scale.source == GUESS:
        warnings.append(
            _(
                "This {service} link says the place, at latitude {latitude:g}, but not the zoom: give"
                " the zoom yourself.",
                service=view.service,
                latitude=view.latitude,
            )
        )
    covered = CoverageSums(screenshot.overlays.mask).of(located.square)
    if covered > COVERED and content == "imagery":
        warnings.append(
            _("Buttons or labels cover {share:.0%} of the square: move it to a clear place.", share=covered)
        )
    guessed = scale.source in (GUESS, CONFIRMED, TOO_FAR)
    if not guessed and scale.source != HAND and scale.side > 1.1 * screenshot.room:
        warnings.append(
            _(
                "This screenshot shows only {metres:.0f} m, and a photo of the collection {photo:.0f}"
                " m: zoom out a step for better neighbours.",
                metres=screenshot.room * scale.metres_per_pixel,
                photo=TILE_METRES,
            )
        )
    elif not guessed and scale.metres_per_pixel > COARSE * screenshot.detail:
        warnings.append(
            _(
                "A pixel shows {times:.1f} times as much ground as in the collection's photos: zoom "
                "in, to 18 or 19, for better neighbours.",
                times=scale.metres_per_pixel / screenshot.detail / METRES_PER_PIXEL,
            )
        )
    return warnings


def question(located: LocatedSquare, result: SearchResult, picture: str) -> dict[str, Any]:
    """What is asked of a scale that was guessed, see `scale_question`; {} of one that is known.

    Args:
        located: What was searched.
        result: What was found: where even the best guess finds nothing alike, the question leans to no.
        picture: Where the square is fetched from.
    """
    states = {GUESS: "open", CONFIRMED: "yes", TOO_FAR: "no"}
    if located.scale.source not in states:
        return {}
    return {"state": states[located.scale.source], "picture": picture, "leans": result.is_novel}
