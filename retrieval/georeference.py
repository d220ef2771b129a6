"""Where on earth a raster lies, or a part of one, and how much ground a pixel shows, for any projection.

Positions are transformed to WGS 84 by PROJ, and distances are measured on its ellipsoid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

#: Metres per pixel that are believed: from a microscope's to a weather map's.
PLAUSIBLE = (0.001, 100_000.0)

#: How much longer one side of a pixel may be than the other, and how far from a right angle its corners.
MAX_STRETCH = 2.0

#: Pixels, at most, between the two points whose distance is measured: near each other, as the scale changes
#: from place to place, and not too near, as PROJ finds places to within some tenths of a millimetre.
SPAN = 64

MAX_NAME = 200

Position = tuple[float, float]
#: The upper left, upper right, lower right and lower left corner.
Corners = tuple[Position, Position, Position, Position]

_WGS_84 = "EPSG:4326"


@dataclass(frozen=True)
class Georeference:
    """The place of an upright image.

    Attributes:
        crs: The name of the coordinate system of its file, such as 'WGS 84 / UTM zone 35N'.
        corners: Longitude and latitude in degrees (WGS 84) of the upper left, upper right, lower right and
            lower left corner.
    """

    crs: str
    corners: Corners

    def __post_init__(self) -> None:
        for longitude, latitude in self.corners:
            if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
                raise ValueError("a corner that is not on earth")

    def position(self, right: float, down: float) -> Position:
        """A place of the image, by its shares of the width and the height.

        It lies on straight lines between the corners: a metre off, at most, in four kilometres.
        """
        first = self.corners[0][0]
        longitudes = [first + math.remainder(longitude - first, 360) for longitude, _ in self.corners]
        weights = ((1 - right) * (1 - down), right * (1 - down), right * down, (1 - right) * down)
        longitude = sum(weight * each for weight, each in zip(weights, longitudes, strict=True))
        latitude = sum(weight * each for weight, (_, each) in zip(weights, self.corners, strict=True))
        return math.remainder(longitude, 360), latitude

    def turned(self, turn: Image.Transpose) -> Georeference:
        """The place of the image after Pillow has turned or mirrored it."""
        numbers = Image.frombytes("L", (2, 2), bytes((0, 1, 3, 2))).transpose(turn).tobytes()
        first, second, fourth, third = (self.corners[number] for number in numbers)
        return Georeference(self.crs, (first, second, third, fourth))


def georeference(
    wkt: str, transform: Sequence[float], size: tuple[int, int]
) -> tuple[Georeference | None, float | None]:
    """The place of a raster, and the size of its pixels on the ground, in its middle.

    Where a pixel is no square on the ground, the size is the side of the square of the same area.

    Args:
        wkt: The coordinate system, as well-known text; empty if the file names none.
        transform: Six numbers (a, b, c, d, e, f): a column and a row, counted from the corner of the first
            pixel, are at x = a column + b row + c, y = d column + e row + f.
        size: Width and height, pixels.

    Returns:
        The place, and metres per pixel; None for what the file does not say, or cannot be true.
    """
    a, b, c, d, e, f = transform[:6]
    if not _is_placed(wkt, transform):
        return None, None
    width, height = size
    corners = ((0, 0), (width, 0), (width, height), (0, height))
    pixels = [*corners, *_middle_lines(size)]
    name, positions = _positions(wkt, [(a * i + b * j + c, d * i + e * j + f) for i, j in pixels])
    sides = _pixel_sides(positions[4:], size)
    metres = math.sqrt(sides[0] * sides[1]) if sides else None
    first, second, third, fourth = positions[:4]
    if metres is None or first is None or second is None or third is None or fourth is None:
        return None, metres
    return Georeference(name[:MAX_NAME], (first, second, third, fourth)), metres


def pixel_sides(wkt: str, transform: Sequence[float], size: tuple[int, int]) -> tuple[float, float] | None:
    """Metres of ground across a pixel and down one, in the middle of a raster; see `georeference`.

    Of a pixel that is no rectangle, as much less as its area is. None for what cannot be true.
    """
    if not _is_placed(wkt, transform):
        return None
    a, b, c, d, e, f = transform[:6]
    points = [(a * i + b * j + c, d * i + e * j + f) for i, j in _middle_lines(size)]
    return _pixel_sides(_positions(wkt, points)[1], size)


def footprints(
    wkt: str, transform: Sequence[float], windows: Sequence[tuple[int, int, int, int]]
) -> list[Corners | None]:
    """The corners of parts of a raster, each by its left, top, right and bottom; see `georeference`.

    None of a part that does not lie on earth as a whole.
    """
    if not _is_placed(wkt, transform):
        return [None] * len(windows)
    a, b, c, d, e, f = transform[:6]
    points = [
        (a * i + b * j + c, d * i + e * j + f)
        for left, top, right, bottom in windows
        for i, j in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    _, found = _positions(wkt, points) if points else ("", [])
    corners: list[Corners | None] = []
    for start in range(0, len(found), 4):
        first, second, third, fourth = found[start : start + 4]
        is_whole = first and second and third and fourth
        corners.append((first, second, third, fourth) if is_whole else None)  # type: ignore[arg-type]
    return corners


def square_around(middle: Position, side: float) -> Corners:
    """A square of so many metres with north at the top."""
    import pyproj

    geod, reach = pyproj.Geod(ellps="WGS84"), side / math.sqrt(2)
    first, second, third, fourth = (geod.fwd(*middle, bearing, reach)[:2] for bearing in (-45, 45, 135, 225))
    return first, second, third, fourth


def _is_placed(wkt: str, transform: Sequence[float]) -> bool:
    numbers = tuple(transform[:6])
    return bool(wkt) and numbers != (1, 0, 0, 0, 1, 0) and all(map(math.isfinite, numbers))


def _middle_lines(size: tuple[int, int]) -> list[tuple[float, float]]:
    """The ends of a short line across the middle of a raster, and of one down, in pixels."""
    width, height = size
    x, y = width / 2, height / 2
    right, down = min(width, SPAN) / 2, min(height, SPAN) / 2
    return [(x - right, y), (x + right, y), (x, y - down), (x, y + down)]


def _positions(wkt: str, points: list[Position]) -> tuple[str, list[Position | None]]:
    """The name of a coordinate system, and the longitude and latitude of each point of it.

    None of a point that is nowhere on earth, and of all where the system is not the earth's.
    """
    import pyproj  # takes a tenth of a second, and is for few files
    from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

    set_network_enabled(active=False)
    try:
        crs = pyproj.CRS.from_wkt(wkt)
        transformer = pyproj.Transformer.from_crs(crs, _WGS_84, always_xy=True)
        xs, ys = zip(*points, strict=True)
        found = transformer.transform(xs, ys)
    except pyproj.exceptions.ProjError:  # a drawing's coordinates, or those of another planet
        return "", [None] * len(points)
    positions: list[Position | None] = []
    for longitude, latitude in zip(*found, strict=True):
        on_earth = math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 540
        positions.append(((longitude + 180) % 360 - 180, latitude) if on_earth else None)
    return str(crs.name), positions


def _pixel_sides(ends: Sequence[Position | None], size: tuple[int, int]) -> tuple[float, float] | None:
    """The size of a pixel across and down, from the ends of `_middle_lines`.

    None where the two are hardly the sides of a square, or no camera has such pixels.
    """
    import pyproj

    left, right, top, bottom = ends
    if left is None or right is None or top is None or bottom is None:
        return None
    geod = pyproj.Geod(ellps="WGS84")
    first, _, width = geod.inv(*left, *right)
    second, _, height = geod.inv(*top, *bottom)
    width, height = width / min(size[0], SPAN), height / min(size[1], SPAN)
    area = width * height * abs(math.sin(math.radians(first - second)))
    if max(width, height) > MAX_STRETCH * min(width, height) or area * MAX_STRETCH < width * height:
        return None
    if not PLAUSIBLE[0] <= math.sqrt(area) <= PLAUSIBLE[1]:
        return None
    narrower = math.sqrt(area / (width * height))
    return width * narrower, height * narrower
