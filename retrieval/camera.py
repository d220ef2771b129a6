"""What a file tells of who made it: a camera, and how high above the ground it looked down; or a screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image

from retrieval.errors import Message

#: Who made an image.
CAMERA, SCREEN, UNKNOWN = MAKERS = "camera", "screen", ""

FILM_WIDTH = 0.036  # metres: what focal lengths 'as of 35 mm film' are meant for

#: Degrees from straight down, from which on a photo has no one scale.
MAX_TILT = 10.0

#: Metres above the ground, and millimetres of focal length, that are believed.
HEIGHTS, FOCAL_LENGTHS = (1.0, 10_000.0), (5, 3000)

#: Dots per inch that screens with several pixels for one of a page write: macOS counts 72 for each.
_DPI_OF_RATIOS = {144: 2.0, 216: 3.0, 288: 4.0}
_WINDOWS_DPI = 96

#: Formats that no camera writes, but web pages hold.
_OF_PAGES = ("WEBP", "GIF")

_MAX_XMP = 1 << 20  # bytes that are searched: XMP stands at the beginning

_HEIGHT, _PITCH = (
    re.compile(rb"\b(?:%s)\s*(?:=\s*[\"']|>)\s*([+-]?\d{1,6}(?:\.\d{1,9})?)(?:/(\d{1,6}))?" % names)
    for names in (b"RelativeAltitude|AboveGroundAltitude", b"GimbalPitchDegree")
)


@dataclass(frozen=True)
class Origin:
    """Who made an image, and what that says.

    Attributes:
        made_by: `CAMERA`, `SCREEN` or `UNKNOWN`.
        metres_per_pixel: Of a drone that looked straight down; None of anything else.
        pixel_ratio: Pixels of a screen for one of the page; None where the file does not say.
        note: A sentence, where there is something to say.
    """

    made_by: str = UNKNOWN
    metres_per_pixel: float | None = None
    pixel_ratio: float | None = None
    note: Message | None = None


def origin(image: Image.Image) -> Origin:
    """What an image tells by its Exif and XMP data and its dots per inch.

    Args:
        image: Opened; its Exif data is known to be of a sensible size.
    """
    base, details = _exif(image)
    if base.get(ExifTags.Base.Make) or base.get(ExifTags.Base.Model):
        return _of_camera(image, details)
    density = image.info.get("dpi", (0, 0))[0] if image.format == "PNG" else 0
    ratio = next((ratio for dpi, ratio in _DPI_OF_RATIOS.items() if abs(density - dpi) <= 1), None)
    says_so = "screenshot" in f"{details.get(ExifTags.Base.UserComment)} {image.info.get('Software')}".lower()
    if ratio or says_so or abs(density - _WINDOWS_DPI) <= 1 or image.format in _OF_PAGES:
        return Origin(SCREEN, pixel_ratio=ratio)
    return Origin()


def _of_camera(image: Image.Image, details: dict[int, Any]) -> Origin:
    xmp = image.info.get("xmp", b"")
    xmp = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else xmp
    height, pitch = (_number(pattern, xmp[:_MAX_XMP]) for pattern in (_HEIGHT, _PITCH))
    if pitch is not None and abs(pitch + 90) > MAX_TILT:
        return Origin(
            CAMERA,
            note=Message(
                "The camera of this photo looked {angle:.0f} degrees away from straight down, so the photo "
                "has no one scale.",
                angle=abs(pitch + 90),
            ),
        )
    focal_length = details.get(ExifTags.Base.FocalLengthIn35mmFilm)
    if height is None or not HEIGHTS[0] <= height <= HEIGHTS[1]:
        return Origin(CAMERA)
    if not isinstance(focal_length, int) or not FOCAL_LENGTHS[0] <= focal_length <= FOCAL_LENGTHS[1]:
        return Origin(CAMERA)
    # The film's width is its longer side, however the photo was turned.
    return Origin(CAMERA, height * FILM_WIDTH / (focal_length / 1000 * max(image.size)))


def _exif(image: Image.Image) -> tuple[dict[int, Any], dict[int, Any]]:
    """The tags of the first directory, and of the one with the details; empty where they are damaged."""
    try:
        exif = image.getexif()
        return dict(exif), dict(exif.get_ifd(ExifTags.IFD.Exif))
    except Exception:  # strangers' data, of any type
        return {}, {}


def _number(pattern: re.Pattern[bytes], xmp: bytes) -> float | None:
    found = pattern.search(xmp)
    return float(found[1]) / max(int(found[2] or 1), 1) if found else None
