"""The bounding box of a square of ground, in the coordinates of a map server.

The earth is taken as the sphere of Web Mercator, so lengths around Bucharest are right within 0.2 %.
"""

from __future__ import annotations

import math

from retrieval.maps.scale import RADIUS

MERCATOR = "EPSG:3857"

#: The coordinate systems to ask for, the best first: metres, then degrees. EPSG:4258 is the European datum,
#: less than a metre apart from WGS 84.
SYSTEMS = (MERCATOR, "EPSG:4326", "CRS:84", "EPSG:4258")

Box = tuple[float, float, float, float]


def box(system: str, latitude: float, longitude: float, side: float) -> Box:
    """The box around a square of ground with north at the top.

    Args:
        system: One of `SYSTEMS`, in any case of letters.
        latitude: Of the centre, degrees north; not near a pole.
        longitude: Of the centre, degrees east.
        side: Metres on the ground.

    Returns:
        West, south, east, north; metres for EPSG:3857, else degrees. The order is the same for every
        system; the caller swaps the axes where a protocol puts latitude first.
    """
    # Web Mercator enlarges lengths by 1 / cos(latitude): at 44.4 degrees, 307.2 m on the ground are 430 m
    # on the map. A degree of longitude shrinks by the same factor.
    stretch = 1 / math.cos(math.radians(latitude))
    if system.upper() == MERCATOR:
        x = RADIUS * math.radians(longitude)
        y = RADIUS * math.asinh(math.tan(math.radians(latitude)))
        half = side / 2 * stretch
        return x - half, y - half, x + half, y + half
    half_height = math.degrees(side / 2 / RADIUS)
    half_width = half_height * stretch
    return longitude - half_width, latitude - half_height, longitude + half_width, latitude + half_height
