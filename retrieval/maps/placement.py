"""Where a screenshot of a map lies on Earth, as far as its link says.

Maps on the web draw Web Mercator (EPSG:3857) with north up, so a pixel of a screenshot is a square of that
projection, and the place of one pixel gives those of all. A map's link says the place in the middle of the
map; here that is the middle of the part of the screenshot that is the map. A screenshot that was cropped, or
a panel that the map page had laid over the map, moves all by as much as is missing on one side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from retrieval.collections.places import Footprint
from retrieval.georeference import Position
from retrieval.maps.crops import LINK
from retrieval.maps.locate import LocatedSquare
from retrieval.maps.overlays import Box
from retrieval.maps.scale import RADIUS
from retrieval.maps.screenshot import Screenshot


@dataclass(frozen=True)
class Placement:
    """Where the pixels of a picture lie in Web Mercator.

    Attributes:
        left: The x of the picture's left edge, in the projection's metres.
        top: The y of its upper edge.
        unit: The projection's metres per pixel; more than those on the ground, but for the equator.
    """

    left: float
    top: float
    unit: float

    def mercator(self, x: float, y: float) -> tuple[float, float]:
        """A place of the picture, in pixels, as x and y of Web Mercator."""
        return self.left + x * self.unit, self.top - y * self.unit

    def wgs84(self, x: float, y: float) -> tuple[float, float]:
        """A place of the picture, in pixels, as longitude and latitude in degrees.

        Beyond the 180th meridian longitudes go on, to 180.01 or -180.01: else what lies across it would
        reach around the Earth.
        """
        east, north = self.mercator(x, y)
        return math.degrees(east / RADIUS), math.degrees(math.atan(math.sinh(north / RADIUS)))

    def reduced(self, times: float) -> Placement:
        """Of the same picture with so many times fewer pixels along each side."""
        return Placement(self.left, self.top, self.unit * times)


def placement(map_area: Box, located: LocatedSquare) -> Placement | None:
    """Where a screenshot lies, by its map's link; None where no link says it.

    Args:
        map_area: Left, top, right, bottom of the map in the screenshot, pixels.
        located: What is known of its scale.
    """
    view = located.hints.view if located.scale.source == LINK else None
    if view is None:
        return None
    left, top, right, bottom = map_area
    latitude = math.radians(view.latitude)
    unit = located.scale.metres_per_pixel / math.cos(latitude)
    east, north = RADIUS * math.radians(view.longitude), RADIUS * math.asinh(math.tan(latitude))
    return Placement(east - (left + right) / 2 * unit, north + (top + bottom) / 2 * unit, unit)


def footprint(screenshot: Screenshot, located: LocatedSquare) -> Footprint | None:
    """The ground that the square shows, by the picture's file or its map's link; None if neither says."""
    left, top, right, bottom = located.square.box
    width, height = screenshot.image.size
    placed = placement(screenshot.overlays.map_area, located)

    def corner(x: float, y: float) -> Position:
        if screenshot.georeference:
            return screenshot.georeference.position(x / width, y / height)
        assert placed is not None
        longitude, latitude = placed.wgs84(x, y)
        return math.remainder(longitude, 360), latitude

    if screenshot.georeference is None and placed is None:
        return None
    return corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)
