"""An upload -> a picture with what covers it: what is known of a screenshot before anybody says its scale."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError  # of 3.10, where it is one of its own
from dataclasses import dataclass

from PIL import Image

from retrieval.decode_limits import BUSY, BusyError, one_budget, place_to_work
from retrieval.errors import Message
from retrieval.images import DecodedImage
from retrieval.maps.overlays import Overlays, find_overlays
from retrieval.recent import Recent
from retrieval.untrusted import decode_untrusted

#: A picture whose shorter side is above this shows more than one photo of the collection does, as a rule.
LARGEST_PHOTO = 400

#: Pictures stay decoded so that moving the square does not decode again: those of all visitors within so many
#: bytes (one of 50 megapixels has 250 MB), each for so many seconds after its last use.
KEPT_BYTES, KEPT_SECONDS = 300 * 1000 * 1000, 300.0


@dataclass(frozen=True)
class Screenshot:
    """A screenshot of a map, and what is known of it before anybody says its scale.

    Attributes:
        image: RGB, upright.
        note: How it was read, see `retrieval.images.decode`.
        overlays: What covers it.
        file_scale: Metres per pixel that a GeoTIFF says of itself, or a file beside it; or None.
    """

    image: Image.Image
    note: Message | None
    overlays: Overlays
    file_scale: float | None

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
        """Pixels per pixel of the map, as screens of this size have them: a phone is 390 wide for a map."""
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
        file_scale = file_scale or decoded.metres_per_pixel
        if min(decoded.image.size) <= LARGEST_PHOTO and file_scale is None:
            return decoded
        return Screenshot(decoded.image, decoded.note, find_overlays(decoded.image), file_scale)


def _bytes(picture: Picture) -> int:
    """Pillow takes four bytes for a pixel of three bands; a screenshot's mask takes one."""
    return 5 * picture.image.width * picture.image.height


_recent: Recent[Picture] = Recent(KEPT_BYTES, KEPT_SECONDS, _bytes)
_being_read: dict[tuple[str, float | None], Future[Picture]] = {}
_lock = threading.Lock()


def _start_anew() -> None:
    """In a forked process: whoever reads a file is not there."""
    global _lock
    _lock = threading.Lock()
    _being_read.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
