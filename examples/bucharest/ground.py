"""A square of ground -> its box in the coordinates of a map server.

The earth is taken for the sphere of Web Mercator; around Bucharest lengths are right within 0.2 %.
"""

from __future__ import annotations

import math

RADIUS = 6_378_137.0  # metres; of the sphere that EPSG:3857 is defined with

MERCATOR = "EPSG:3857"

#: What a map can be asked for in, the best first: square pixels, then degrees. EPSG:4258 is Europe's own
#: WGS 84, less than a metre apart from it.
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
        system: which one a protocol wants first is left to whoever speaks it.
    """
    # Web Mercator shows the equator at scale 1 and everything else larger, by 1 / cos(latitude): at
    # 44.4 degrees, 307.2 m on the ground are 430 m on the map. A degree of longitude shrinks alike.
    stretch = 1 / math.cos(math.radians(latitude))
    if system.upper() == MERCATOR:
        x = RADIUS * math.radians(longitude)
        y = RADIUS * math.asinh(math.tan(math.radians(latitude)))
        half = side / 2 * stretch
        return x - half, y - half, x + half, y + half
    high = math.degrees(side / 2 / RADIUS)
    wide = high * stretch
    return longitude - wide, latitude - high, longitude + wide, latitude + high
