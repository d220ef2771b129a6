"""Where a whole photo lies on Earth, as its file says: a raster by its corners, a drone's by GPS."""

from __future__ import annotations

import io
import math
from typing import Any

from PIL import ExifTags, Image

from retrieval.camera import CAMERA
from retrieval.collections.places import Footprint
from retrieval.georeference import Position, square_around
from retrieval.images import DecodedImage
from retrieval.raster_file import OpenFile


def footprint(data: bytes | OpenFile, decoded: DecodedImage) -> Footprint | None:
    """The ground that a photo shows; None where its file does not say.

    GPS says the middle of a photo, and not which way the camera was turned: what is known then is the square
    that lies in the photo, whichever way.

    Args:
        data: The file, or its bytes.
        decoded: What was read of it.
    """
    if decoded.georeference is not None:
        return rounded(decoded.georeference.corners)
    if decoded.made_by != CAMERA or decoded.metres_per_pixel is None:
        return None
    middle = _gps(data)
    if middle is None:
        return None
    side = min(decoded.image.size) * decoded.metres_per_pixel / math.sqrt(2)
    return rounded(square_around(middle, side))


def rounded(corners: Footprint) -> Footprint:
    """As `places.csv` keeps it, so that what is read from there is the same."""
    first, second, third, fourth = ((round(east, 7), round(north, 7)) for east, north in corners)
    return first, second, third, fourth


def _gps(data: bytes | OpenFile) -> Position | None:
    """Longitude and latitude in degrees; None where there are none that can be true."""
    try:
        file = io.BytesIO(data) if isinstance(data, bytes) else data.from_start()
        with Image.open(file, formats=("JPEG",)) as image:
            tags: dict[int, Any] = dict(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
        latitude = _degrees(tags[ExifTags.GPS.GPSLatitude], tags[ExifTags.GPS.GPSLatitudeRef], "NS")
        longitude = _degrees(tags[ExifTags.GPS.GPSLongitude], tags[ExifTags.GPS.GPSLongitudeRef], "EW")
    except Exception:  # of many kinds: what cameras and editors leave there
        return None
    is_there = abs(latitude) < 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)
    return (longitude, latitude) if is_there else None


def _degrees(parts: tuple[Any, Any, Any], side: str, sides: str) -> float:
    degrees, minutes, seconds = map(float, parts)
    found = degrees + minutes / 60 + seconds / 3600
    return -found if side.strip("\0 ").upper() == sides[1] else found
