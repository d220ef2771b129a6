"""How many metres of ground a pixel of a map screenshot shows, from a zoom, a scale bar or a map's view.

Public map pages draw Web Mercator in tiles of 256 pixels, so that a zoom and a latitude say the scale
(Yandex's own Mercator differs by a third of a percent). `links` reads the view from a map's link.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from retrieval.errors import UserError

METRES_PER_PIXEL = 0.3048  #: of UC Merced's photos: one foot
TILE_METRES = 256 * METRES_PER_PIXEL  #: metres on the ground that one photo shows across

#: Metres: of the sphere that Web Mercator is drawn on.
RADIUS = 6_378_137.0
#: Metres per pixel on the equator at zoom 0: its length on one tile of 256 pixels.
EQUATOR = 2 * math.pi * RADIUS / 256

MAX_LATITUDE = 85.05  # degrees: where the square of Web Mercator ends
MAX_ZOOM = 23
PIXEL_RATIOS = (0.5, 5.0)  # from a browser that is zoomed out to a phone


class ScaleError(UserError, ValueError):
    """A scale cannot be told. The message is a sentence for the person who asked."""


def metres_per_pixel(latitude: float, zoom: float, pixel_ratio: float = 1.0) -> float:
    """The ground scale of Web Mercator, `156543.03392 * cos(latitude) / 2**zoom / pixel_ratio`.

    It is the ground resolution of Microsoft's 'Bing Maps Tile System', which all services here share.

    Args:
        latitude: Of the screenshot's middle, in degrees, within -85.05 and 85.05.
        zoom: Of tiles of 256 pixels, in [0, 23]; need not be whole.
        pixel_ratio: Pixels of the screenshot per pixel of the map, in [0.5, 5]: 2 or 3 on most phones.

    Returns:
        Metres per pixel of the screenshot, more than 0.

    Raises:
        ScaleError: If an argument is out of its range, or no number.
    """
    check_place(latitude, 0.0)
    check_zoom(zoom)
    if not PIXEL_RATIOS[0] <= pixel_ratio <= PIXEL_RATIOS[1]:
        least, most = PIXEL_RATIOS
        raise ScaleError(
            "A pixel ratio of {ratio:g} is no screen's: give one between {least:g} and {most:g}, "
            "such as 1 for most monitors.",
            ratio=pixel_ratio,
            least=least,
            most=most,
        )
    return EQUATOR * math.cos(math.radians(latitude)) / 2**zoom / pixel_ratio


def from_scale_bar(metres: float, pixels: float) -> float:
    """The ground scale that the scale bar of a screenshot says.

    Args:
        metres: What is written at the bar; more than 0.
        pixels: How long the bar is in the screenshot; more than 0.

    Returns:
        Metres per pixel, more than 0.

    Raises:
        ScaleError: If one of them is not more than 0, not finite, or no number.
    """
    if not (metres > 0 and pixels > 0 and 0 < metres / pixels < math.inf):
        raise ScaleError("A scale bar needs two lengths above zero: what it says in metres, and its pixels.")
    return metres / pixels


@dataclass(frozen=True)
class MapView:
    """The part of the world that a map's link opens.

    Attributes:
        service: Such as 'Google Maps'.
        latitude: Of the middle, in degrees, within -85.05 and 85.05.
        longitude: Of the middle, in degrees, within -180 and 180.
        zoom: Of tiles of 256 pixels, in [0, 23]; None where the link gives the height instead, or neither.
        height: Metres of ground from the top of the view to its bottom; None where the link gives the zoom,
            or neither.
        satellite: Whether it shows photos; None where the link does not say.
        by_names: Whether the site is not known, and the numbers were taken by the names that they have in the
            address. Some sites count zooms for tiles of 512 pixels, and so one lower.
    """

    service: str
    latitude: float
    longitude: float
    zoom: float | None
    height: float | None
    satellite: bool | None
    by_names: bool = False

    @property
    def has_scale(self) -> bool:
        """Whether the link says more than a place."""
        return self.zoom is not None or self.height is not None

    def metres_per_pixel(self, height_pixels: int, pixel_ratio: float = 1.0) -> float:
        """The ground scale of a screenshot of this view.

        Args:
            height_pixels: Height of the whole view in the screenshot; counts only where the link gives the
                height in metres. A screenshot that was cropped, or shows bars around the map, has another.
            pixel_ratio: See `metres_per_pixel`; counts only where the link gives the zoom. The other way the
                screenshot's own pixels are counted, and a sharper screen has more of them by itself.

        Returns:
            Metres per pixel of the screenshot, more than 0.

        Raises:
            ScaleError: If the argument that counts is out of range.
        """
        if self.zoom is not None:
            return metres_per_pixel(self.latitude, self.zoom, pixel_ratio)
        if self.height is None or height_pixels < 1:
            raise ScaleError(
                "The scale needs a zoom, or the view's height in metres and in pixels: give both."
            )
        return self.height / height_pixels


def check_place(latitude: float, longitude: float) -> None:
    """Refuse a place that no map shows.

    Args:
        latitude: Degrees; has to be within -85.05 and 85.05.
        longitude: Degrees; has to be within -180 and 180.

    Raises:
        ScaleError: If one of them is out of its range, or no number.
    """
    if not -MAX_LATITUDE <= latitude <= MAX_LATITUDE:
        raise ScaleError(
            "Maps go from latitude -{most} to {most} degrees, and this is {latitude:g}: give the "
            "latitude of the place that the screenshot shows.",
            most=MAX_LATITUDE,
            latitude=latitude,
        )
    if not -180 <= longitude <= 180:
        raise ScaleError(
            "Longitudes go from -180 to 180 degrees, and this is {longitude:g}: copy the address again.",
            longitude=longitude,
        )


def check_zoom(zoom: float) -> None:
    """Refuse a zoom that no map has.

    Args:
        zoom: Of tiles of 256 pixels; has to be in [0, 23].

    Raises:
        ScaleError: If it is out of its range, or no number.
    """
    if not 0 <= zoom <= MAX_ZOOM:
        raise ScaleError(
            "Maps have zooms from 0 to {most}, and this is {zoom:g}: give the zoom of the screenshot.",
            most=MAX_ZOOM,
            zoom=zoom,
        )
