"""What is said of a whole map: how it begins, whether its scale is a guess, and where it lies on Earth."""

from __future__ import annotations

from retrieval.maps.crops import CONFIRMED, FILE, HAND, TOO_FAR
from ui.i18n import gettext as _
from ui.render.whole_map import accuracy
from ui.whole_maps import WholeMap


def start_line() -> str:
    """What the tab is for, in Markdown."""
    return _(
        "**See a whole map at a glance**: what the ground is used for, which places are alike, and where "
        "there is more of what you click. Click a view, or map a screenshot of your own."
    )


def scale_warning(whole: WholeMap) -> str:
    """Of a scale that no map says: Markdown about whose it is, and what that is worth; else empty."""
    each = whole.scale.metres_per_pixel
    if whole.scale.source == TOO_FAR:
        return _(
            "⚠ **You said that single cars cannot be made out**: then classes and areas mean nothing here."
        )
    if whole.guessed:
        return _(
            "⚠ **The scale is a guess**, {each:.2g} m per pixel. If you cannot make out single cars, classes "
            "and areas mean nothing. Paste the map's link below, and it is mapped anew.",
            each=each,
        )
    if whole.scale.source == CONFIRMED:
        return _("The scale is as you said, about {each:.2g} m per pixel.", each=each)
    if whole.scale.source == HAND:
        return _("The scale is by your hand, {each:.2g} m per pixel.", each=each)
    return ""


def ground_line(whole: WholeMap) -> str:
    """How much ground the map shows, and in how many tiles."""
    left, top, right, bottom = whole.tiles.grid.view
    return _(
        "{width:.0f} x {height:.0f} m of ground, in {count} tiles.",
        width=(right - left) * whole.scale.metres_per_pixel,
        height=(bottom - top) * whole.scale.metres_per_pixel,
        count=len(whole.tiles.places),
    )


def place_line(whole: WholeMap) -> str:
    """How well the place of the map on Earth is known, or why it is not."""
    if whole.placement is None and whole.scale.source == FILE:
        return _(
            "The file says its scale; its place is not read as yet, so there is no file for programs that "
            "know maps."
        )
    if whole.placement is None:
        return _(
            "Nobody says where on Earth this is, so there is no file for programs that know maps: the map's "
            "link would say it."
        )
    return accuracy(whole)
