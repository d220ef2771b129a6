"""An upload -> a picture with what covers it: what is known of a screenshot before anybody says its scale."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from PIL import Image

from retrieval.images import decode
from retrieval.maps.overlays import Furniture, find
from ui.i18n import language

#: A picture whose shorter side is above this shows more than one photo of the collection does, as a rule.
LARGEST_PHOTO = 400

#: Pictures that stay decoded, so that moving the square does not decode again: at most 150 MB each.
KEPT = 4


@dataclass(frozen=True)
class Picture:
    """An upload, read.

    Attributes:
        image: RGB, upright.
        note: How it was read, see `retrieval.images.decode`.
        furniture: What covers it.
        file_scale: Metres per pixel that a GeoTIFF says of itself, or a file beside it; or None.
    """

    image: Image.Image
    note: str
    furniture: Furniture
    file_scale: float | None

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the whole picture: a visitor may put the square wherever it fits."""
        return 0, 0, *self.image.size

    @property
    def room(self) -> int:
        """The shorter side of the map in it, pixels."""
        left, top, right, bottom = self.furniture.view
        return min(right - left, bottom - top)

    @property
    def probable_ratio(self) -> float:
        """Pixels per pixel of the map, as screens of this size have them: a phone is 390 wide for a map."""
        width, height = self.image.size
        if height > 1.6 * width and width <= 1500:
            return float(max(round(width / 390), 1))
        return 2.0 if width >= (1500 if height > width else 2800) else 1.0


def open_picture(path: str, file_scale: float | None = None) -> Picture | None:
    """Read a file as a screenshot; None if it is a photo, to be searched whole.

    Args:
        path: Of the file.
        file_scale: Metres per pixel, where a file beside it says so.

    Raises:
        ImageError: If it cannot be used.
    """
    return _opened(path, file_scale, language())


@functools.lru_cache(maxsize=KEPT)
def _opened(path: str, file_scale: float | None, spoken: str) -> Picture | None:
    """A picture for each language that is spoken, as its note is in that one."""
    decoded = decode(path)
    file_scale = file_scale or decoded.metres_per_pixel
    if min(decoded.image.size) <= LARGEST_PHOTO and file_scale is None:
        return None
    return Picture(decoded.image, decoded.note, find(decoded.image), file_scale)
