"""The ground that a photo shows -> the shapes that maps and programs for maps draw.

A footprint has four corners, each with a longitude in [-180, 180]. One that lies across the 180th meridian is
drawn on a map with longitudes that go on beyond it, and is cut in two in files, as RFC 7946 has it (3.1.9).
"""

from __future__ import annotations

import math

from retrieval.collections.places import Footprint
from retrieval.georeference import Position

#: Decimals of a degree: a centimetre.
DECIMALS = 7

#: Corners, the first one again at the end.
Ring = list[Position]


def outline(footprint: Footprint) -> list[Position] | None:
    """The corners in their order, with longitudes that go on; None of one around a pole: it has no inside."""
    longitudes = [footprint[0][0]]
    for longitude, _latitude in (*footprint[1:], footprint[0]):
        longitudes.append(longitudes[-1] + math.remainder(longitude - longitudes[-1], 360))
    if abs(longitudes.pop() - longitudes[0]) > 1:  # once around the Earth
        return None
    return [(longitude, latitude) for longitude, (_, latitude) in zip(longitudes, footprint, strict=True)]


def rings(footprint: Footprint) -> list[Ring]:
    """One ring, or two where it lies across the 180th meridian; counter-clockwise, longitudes in [-180, 180].

    Nothing of a footprint around a pole, or of one without an inside.
    """
    corners = outline(footprint)
    if corners is None:
        return []
    if _area(corners) < 0:
        corners = corners[::-1]
    found = []
    for turns in (-1, 0, 1):  # the parts that lie on each turn around the Earth
        shifted = [(longitude + 360 * turns, latitude) for longitude, latitude in corners]
        part = _cut(_cut(shifted, -180, 1), 180, -1)
        ring = [(round(longitude, DECIMALS), round(latitude, DECIMALS)) for longitude, latitude in part]
        if len(ring) > 2 and _area(ring) > 0:
            found.append([*ring, ring[0]])
    return found


def _cut(corners: list[Position], at: float, side: int) -> list[Position]:
    """The part of a convex shape that lies on one side of a meridian: 1 for east of it, -1 for west."""
    kept = []
    for number, (longitude, latitude) in enumerate(corners):
        before, before_latitude = corners[number - 1]
        if (before - at) * side * (longitude - at) * side < 0:  # the edge crosses it
            share = (at - before) / (longitude - before)
            kept.append((float(at), before_latitude + share * (latitude - before_latitude)))
        if (longitude - at) * side >= 0:
            kept.append((longitude, latitude))
    return kept


def _area(corners: list[Position]) -> float:
    """Twice the area in square degrees; above zero where the corners run counter-clockwise."""
    first, second = corners[0]  # from there, as differences of large numbers are not exact
    moved = [(longitude - first, latitude - second) for longitude, latitude in corners]
    return sum(
        x * moved[(number + 1) % len(moved)][1] - moved[(number + 1) % len(moved)][0] * y
        for number, (x, y) in enumerate(moved)
    )
