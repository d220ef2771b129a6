"""A file -> a photo, or a screenshot with what covers it. Which of the two it is, is decided here alone."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError  # of 3.10, where it is one of its own
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from retrieval.camera import CAMERA, SCREEN
from retrieval.decode_limits import BUSY, BusyError, one_budget, place_to_work
from retrieval.errors import Message
from retrieval.georeference import Georeference
from retrieval.images import DecodedImage, ImageError
from retrieval.maps.crops import (
    COARSEST,
    CROP_PIXELS,
    FILE,
    GIVEN,
    Scale,
    Square,
    checked_scale,
    crop,
    initial_square,
)
from retrieval.maps.overlays import Overlays, find_overlays
from retrieval.raster_file import Larger
from retrieval.recent import Recent
from retrieval.stretch import NEUTRAL_GREY
from retrieval.untrusted import decode_untrusted, read_square

#: A picture whose shorter side is above this may show more than one photo of the collection does.
LARGEST_PHOTO = 400

#: The share of a picture that has to be covered for a map page to have drawn it. A little looks drawn in
#: photos too, such as lines on a court and tiny roofs; a page's search box, buttons and names are more.
LEAST_COVERED = 0.02

#: Pictures stay decoded so that moving the square does not decode again: those of all visitors within so many
#: bytes (one of 50 megapixels has 250 MB), each for so many seconds after its last use.
KEPT_BYTES, KEPT_SECONDS = 300 * 1000 * 1000, 300.0

#: Likewise squares that were read of larger rasters, some 20 of them: each is asked for twice.
SQUARES_BYTES = 5 * 1000 * 1000


@dataclass(frozen=True)
class Screenshot:
    """A screenshot of a map, and what is known of it before anybody says its scale.

    Attributes:
        image: RGB, upright.
        note: How it was read, see `retrieval.images.decode`.
        overlays: What covers it.
        file_scale: Metres per pixel that the file says of itself, or one beside it; or None.
        georeference: Where on earth it lies, if the file says so.
        pixel_ratio: Pixels of the screen for one of the page, if the file says so.
        larger: The raster of which the picture shows all, smaller; or None.
    """

    image: Image.Image
    note: Message | None
    overlays: Overlays
    file_scale: float | None
    georeference: Georeference | None = None
    pixel_ratio: float | None = None
    larger: Larger | None = None

    @property
    def detail(self) -> float:
        """Pixels of its file for one of the picture, each way."""
        return _detail(self)

    def crop(self, square: Square) -> Image.Image:
        """A square of the picture as the network sees it. Raises BusyError if it cannot be read now."""
        return sharp_crop(self, square)

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the whole picture: a visitor may put the square wherever it fits."""
        return 0, 0, *self.image.size

    @property
    def room(self) -> int:
        """The shorter side of the map in it, pixels."""
        left, top, right, bottom = self.overlays.map_area
        return min(right - left, bottom - top)

    @property
    def probable_pixel_ratio(self) -> float:
        """Pixels per pixel of the map: as the file says, or as screens of its size have them.

        A phone is 390 wide for a map.
        """
        if self.pixel_ratio is not None:
            return self.pixel_ratio
        width, height = self.image.size
        if height > 1.6 * width and width <= 1500:
            return float(max(round(width / 390), 1))
        return 2.0 if width >= (1500 if height > width else 2800) else 1.0


Picture = Screenshot | DecodedImage


def load_image(path: str, file_scale: float | None = None) -> Picture:
    """Read a stranger's file, once: as a screenshot of a map, or as a photo that is to be searched whole.

    Who asks for a file that is being read waits for that.

    Args:
        path: Of the file.
        file_scale: Metres per pixel, where a file beside it says so.

    Raises:
        ImageError: If it cannot be used.
        BusyError: If there is too much to read.
    """
    while True:
        with _lock:
            picture = _recent.get((path, file_scale))
            if picture is not None:
                return picture
            reading = _being_read.get((path, file_scale))
            if reading is None:
                mine = _being_read[path, file_scale] = Future()
        if reading is None:
            return _read_for_all(path, file_scale, mine)
        try:
            with one_budget() as budget, budget.waiting() as seconds:
                return reading.result(seconds)
        except FutureTimeoutError:
            raise BusyError(BUSY) from None
        except BusyError:  # the other one's turn or budget was at its end, not this one's
            continue


def recent_image(path: str, file_scale: float | None = None) -> Picture | None:
    """As `load_image`, of what is decoded already; None of anything else, at once."""
    return _recent.get((path, file_scale))


def forget_decoded() -> None:
    """Have every file read anew."""
    _recent.clear()
    _squares.clear()


def _read_for_all(path: str, file_scale: float | None, reading: Future[Picture]) -> Picture:
    """Read a file, and give the outcome to all who wait for it."""
    try:
        picture = _read(path, file_scale)
        _recent.put((path, file_scale), picture)
    except BaseException as error:
        outcome = error if isinstance(error, Exception) else BusyError(BUSY)
        with _lock:
            del _being_read[path, file_scale]
        reading.set_exception(outcome)
        raise
    with _lock:
        del _being_read[path, file_scale]
    reading.set_result(picture)
    return picture


def _read(path: str, file_scale: float | None) -> Picture:
    with place_to_work():
        decoded = decode_untrusted(path)
        return picture_of(decoded, file_scale)


def picture_of(decoded: DecodedImage, file_scale: float | None = None) -> Picture:
    """What an image is.

    A photo is searched whole, by its middle square: it is small, or a camera made it, or nothing in it is
    drawn as map pages draw. Of a screenshot a square of 78 m is searched, and so it is of a photo or raster
    that says its own scale; but not of a small one that is too coarse for that.

    Args:
        decoded: The image.
        file_scale: Metres per pixel, where a file beside it says so.
    """
    scale, is_small = file_scale or decoded.metres_per_pixel, min(decoded.image.size) <= LARGEST_PHOTO
    if scale is None and (is_small or decoded.made_by == CAMERA):
        return decoded
    if file_scale is None and scale is not None and is_small and scale > COARSEST * _detail(decoded):
        return decoded
    overlays = find_overlays(decoded.image)
    if decoded.metres_per_pixel is not None:  # of a raster: squares keep clear of what is no data
        red, green, blue = (np.asarray(band) == NEUTRAL_GREY[0] for band in decoded.image.split())
        no_data = red & green & blue
        overlays = replace(overlays, mask=overlays.mask | no_data)
    if scale is None and decoded.made_by != SCREEN and not _is_drawn_over(overlays):
        return decoded
    return Screenshot(
        *(decoded.image, decoded.note, overlays, scale, decoded.georeference, decoded.pixel_ratio),
        decoded.larger,
    )


def searched_part(
    decoded: DecodedImage, metres_per_pixel: float | None = None
) -> tuple[Image.Image, Square | None]:
    """What is searched of an image, and kept of it in an index.

    Args:
        decoded: The image.
        metres_per_pixel: Of its file, where somebody says that; else it is what the file says of itself.

    Returns:
        A photo whole, and no square; of a picture of a known scale, its first square of 78 m, clear of
        overlays where it can be.

    Raises:
        ScaleError: See `checked_scale`.
    """
    if metres_per_pixel is not None:
        detail = _detail(decoded)
        scale = Scale(checked_scale(metres_per_pixel) * detail, GIVEN)
        square = initial_square(find_overlays(decoded.image), scale.side)
        return sharp_crop(decoded, square), square
    if decoded.metres_per_pixel is None:
        return decoded.image, None
    picture = picture_of(decoded)
    if not isinstance(picture, Screenshot) or picture.file_scale is None:
        return decoded.image, None
    scale = Scale(checked_scale(picture.file_scale, picture.detail), FILE)
    square = initial_square(picture.overlays, scale.side).within(picture.bounds)
    return picture.crop(square), square


def sharp_crop(picture: Picture, square: Square) -> Image.Image:
    """A square of a picture as the network sees it; from the file, where the picture has too few pixels.

    Where the file cannot be read any more, the picture has to do.

    Raises:
        BusyError: If the file cannot be read now.
    """
    larger = picture.larger
    if larger is None or square.side >= CROP_PIXELS:
        return crop(picture.image, square)
    left, top, right, bottom = square.within((0, 0, *picture.image.size)).box
    across, down = (full / less for full, less in zip(larger.size, picture.image.size, strict=True))
    box = (left * across, top * down, right * across, bottom * down)
    read = _squares.get((larger, box))
    if read is None:
        try:
            read = read_square(larger, box, CROP_PIXELS)
        except BusyError:
            raise
        except ImageError:
            return crop(picture.image, square)
        _squares.put((larger, box), read)
    return read


def _detail(picture: Picture) -> float:
    return picture.larger.size[0] / picture.image.width if picture.larger else 1.0


def _is_drawn_over(overlays: Overlays) -> bool:
    height, width = overlays.mask.shape
    return (
        overlays.content != "imagery"
        or overlays.map_area != (0, 0, width, height)
        or float(overlays.mask.mean()) >= LEAST_COVERED
    )


def _bytes(picture: Picture) -> int:
    """Pillow takes four bytes for a pixel of three bands; a screenshot's mask takes one."""
    return 5 * picture.image.width * picture.image.height


_recent: Recent[Picture] = Recent(KEPT_BYTES, KEPT_SECONDS, _bytes)
_squares: Recent[Image.Image] = Recent(
    SQUARES_BYTES, KEPT_SECONDS, lambda square: 4 * square.width * square.height
)
_being_read: dict[tuple[str, float | None], Future[Picture]] = {}
_lock = threading.Lock()


def _start_anew() -> None:
    """In a forked process: whoever reads a file is not there."""
    global _lock
    _lock = threading.Lock()
    _being_read.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
