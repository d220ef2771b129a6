"""How large a pixel of a GeoTIFF is on the ground, from the file's own tags; no pixel is decoded.

The tags and keys are those of the OGC GeoTIFF Standard 1.1 (OGC 19-008r4): three TIFF tags map pixels to the
coordinates of a map, and a directory of keys says what those coordinates are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

# TIFF tags.
_PIXEL_SCALE = 33550
_TIE_POINT = 33922
_TRANSFORMATION = 34264
_KEY_DIRECTORY = 34735
_KEY_DOUBLES = 34736

# GeoKeys.
_MODEL_TYPE = 1024
_ANGULAR_UNITS = 2054
_PROJECTED_CRS = 3072
_PROJECTION_METHOD = 3075
_LINEAR_UNITS = 3076
_LINEAR_UNIT_SIZE = 3077

_PROJECTED, _GEOGRAPHIC = 1, 2  # the model types that have a pixel size
_USER_DEFINED = 32767
_DEGREES = (9102, 9122)
_METRES = {9001: 1.0, 9002: 0.3048, 9003: 1200 / 3937}  # metre, foot, US survey foot

#: Mercator as web maps draw it, under its official code and those that were used before it had one.
_WEB_MERCATOR = (3857, 3785, 900913, 102100, 102113)
_MERCATOR_METHOD = 7

_RADIUS = 6378137.0  # metres: the earth's, on the equator
_METRES_PER_DEGREE = math.radians(_RADIUS)

_MAX_VALUES = 1000  # of a tag; what is needed stands before that
_PLAUSIBLE = (0.001, 100_000.0)  # metres per pixel: from a microscope's to a weather map's
_MAX_STRETCH = 2.0  # how much longer one side of a pixel may be than the other


@dataclass(frozen=True)
class _Grid:
    """How the coordinates of the map change from pixel to pixel: (x, y) each."""

    column: tuple[float, float]  # the step to the right
    row: tuple[float, float]  # the step down
    centre_y: float | None  # of the image's middle; None where the file does not say where it lies


def pixel_size(image: Image.Image) -> float | None:
    """The ground size of a pixel that a GeoTIFF states.

    Projected coordinates in metres, feet or US survey feet (metres if the file names no unit) are taken at
    their word, except for Web Mercator's, which are multiplied by the cosine of the latitude of the image's
    middle. Degrees are counted at that latitude on a sphere, which is within one percent. Where a pixel is no
    square on the ground, this is the side of the square of the same area.

    Args:
        image: As `PIL.Image.open` gives it, of any format; it need not be loaded.

    Returns:
        Metres per pixel; None if this is no GeoTIFF, or its tags are incomplete, damaged or absurd.
    """
    keys = _keys(image)
    grid = _grid(image)
    ground = _metres_per_unit(keys, grid.centre_y) if grid else None
    if grid is None or ground is None:
        return None
    column_x, column_y = grid.column[0] * ground[0], grid.column[1] * ground[1]
    row_x, row_y = grid.row[0] * ground[0], grid.row[1] * ground[1]
    sides = sorted((math.hypot(column_x, column_y), math.hypot(row_x, row_y)))
    area = abs(column_x * row_y - column_y * row_x)
    if sides[1] > _MAX_STRETCH * sides[0] or area * _MAX_STRETCH < sides[0] * sides[1]:  # or a sheared one
        return None
    size = math.sqrt(area)
    return size if _PLAUSIBLE[0] <= size <= _PLAUSIBLE[1] else None


def _values(image: Image.Image, tag: int) -> list[float]:
    """The numbers of a tag; empty if it is missing, or one is no finite number."""
    if not isinstance(image, TiffImageFile):
        return []
    try:
        given = image.tag_v2.get(tag, ())
        values = [float(value) for value in (given if isinstance(given, tuple) else (given,))[:_MAX_VALUES]]
    except Exception:  # a tag of strangers may be of any type, and is unpacked only here
        return []
    return values if all(map(math.isfinite, values)) else []


def _keys(image: Image.Image) -> dict[int, float]:
    """The numeric GeoKeys: after a header of four numbers, entries of (key, tag, count, value or offset)."""
    directory = [int(value) for value in _values(image, _KEY_DIRECTORY)]
    doubles = _values(image, _KEY_DOUBLES)
    keys: dict[int, float] = {}
    for start in range(4, len(directory) - 3, 4):
        key, tag, _, value = directory[start : start + 4]
        if tag == 0:
            keys[key] = value
        elif tag == _KEY_DOUBLES and 0 <= value < len(doubles):
            keys[key] = doubles[value]
    return keys


def _grid(image: Image.Image) -> _Grid | None:
    middle_x, middle_y = image.width / 2, image.height / 2
    scale, tie = _values(image, _PIXEL_SCALE), _values(image, _TIE_POINT)
    if len(scale) >= 2:
        if min(scale[:2]) <= 0:
            return None
        # A tie point is (column, row, level, x, y, z); y grows upwards, rows downwards.
        centre_y = tie[4] - (middle_y - tie[1]) * scale[1] if len(tie) >= 6 else None
        return _Grid((scale[0], 0.0), (0.0, -scale[1]), centre_y)
    matrix = _values(image, _TRANSFORMATION)  # 4 x 4, row by row: (column, row, level, 1) -> (x, y, z, 1)
    if len(matrix) != 16:
        return None
    centre_y = matrix[4] * middle_x + matrix[5] * middle_y + matrix[7]
    return _Grid((matrix[0], matrix[4]), (matrix[1], matrix[5]), centre_y)


def _metres_per_unit(keys: dict[int, float], centre_y: float | None) -> tuple[float, float] | None:
    """Metres on the ground for a unit of x and of y, in the image's middle; None if that is unknown."""
    model = keys.get(_MODEL_TYPE)
    if model == _PROJECTED:
        unit = _metres_per_projected_unit(keys, centre_y)
        return None if unit is None else (unit, unit)
    if model == _GEOGRAPHIC and keys.get(_ANGULAR_UNITS, _DEGREES[0]) in _DEGREES:
        if centre_y is None or abs(centre_y) >= 90:
            return None
        return _METRES_PER_DEGREE * math.cos(math.radians(centre_y)), _METRES_PER_DEGREE
    return None


def _metres_per_projected_unit(keys: dict[int, float], centre_y: float | None) -> float | None:
    code = keys.get(_LINEAR_UNITS, 9001)
    unit = keys.get(_LINEAR_UNIT_SIZE) if code == _USER_DEFINED else _METRES.get(int(code))
    if unit is None or unit <= 0:
        return None
    if not _is_mercator(keys):
        return unit
    if centre_y is None or abs(centre_y * unit) > math.pi * _RADIUS:
        return None
    # Spherical Mercator enlarges by 1 / cos(latitude), which is cosh(y / radius).
    return unit / math.cosh(centre_y * unit / _RADIUS)


def _is_mercator(keys: dict[int, float]) -> bool:
    """Whether this is Web Mercator; 900913 does not fit into a key, and is spelt out as a projection."""
    code = keys.get(_PROJECTED_CRS, _USER_DEFINED)
    return code in _WEB_MERCATOR or (
        code == _USER_DEFINED and keys.get(_PROJECTION_METHOD) == _MERCATOR_METHOD
    )
