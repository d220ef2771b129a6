"""A path -> the bytes of an image file, or the open file of a large one; what is too large is not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from retrieval.errors import Message, UserError
from retrieval.files import NotRegularError, open_regular
from retrieval.raster_file import MAX_RASTER_BYTES, OpenFile

MAX_BYTES = 25 * 1000 * 1000

#: Of a file in a folder of the operator's own, of which all has to be in memory: as many as the largest
#: image (`images.MAX_PIXELS`) takes with four bands of 16 bits, and without compression.
MAX_OWN_BYTES = 400 * 1000 * 1000

#: What GDAL reads, by its first bytes, and by which of its drivers.
RASTERS = {
    re.compile(rb"II[*+]\0|MM\0[*+]"): "GTiff",
    re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"): "JP2OpenJPEG",
    re.compile(rb"\x89PNG\r\n\x1a\n.{16}\x10", re.DOTALL): "PNG",  # 16 bits, of which Pillow keeps 8
}

#: Of these a part can be read without the rest, so that they may be larger.
LARGE = ("GTiff", "JP2OpenJPEG")

#: Bytes that say which driver reads a file.
BEGINNING = 32


class ImageError(UserError, ValueError):
    """An image cannot be used. The message is a sentence for the person who gave it."""


def driver_of(data: bytes | OpenFile) -> str | None:
    """GDAL's driver for a file, by its first bytes; None where Pillow reads it, or nothing does."""
    beginning = data[:BEGINNING]
    return next((driver for begins, driver in RASTERS.items() if begins.match(beginning)), None)


def read_image_file(source: str | Path | bytes) -> bytes:
    """The bytes of a file, at least one and at most `MAX_BYTES`.

    Args:
        source: A path, or the bytes themselves.

    Raises:
        ImageError: If the file is missing, empty, too large, or no regular file.
    """
    data = source if isinstance(source, bytes) else _opened(Path(source), lambda _: MAX_BYTES)
    assert isinstance(data, bytes)
    if not data:
        raise ImageError("This file is empty: choose another one.")
    _check_bytes(len(data), MAX_BYTES)
    return data


def open_image_file(path: str | Path) -> bytes | OpenFile:
    """As `read_image_file`; but a TIFF or JPEG 2000 with more bytes, up to `MAX_RASTER_BYTES`, is open."""
    opened = _opened(Path(path), lambda driver: MAX_RASTER_BYTES if driver in LARGE else MAX_BYTES)
    return read_image_file(opened) if isinstance(opened, bytes) else opened


def open_own_file(path: str | Path) -> bytes | OpenFile:
    """As `read_image_file`, of a file in a folder of the operator's own; with more bytes it is open.

    Its size matters only where all of it has to be in memory, up to `MAX_OWN_BYTES`.
    """
    opened = _opened(Path(path), lambda driver: None if driver in LARGE else MAX_OWN_BYTES)
    return read_image_file(opened) if isinstance(opened, bytes) else opened


def _opened(path: Path, most: Callable[[str | None], int | None]) -> bytes | OpenFile:
    """The bytes of a file, or from `MAX_BYTES` on the open file.

    Args:
        path: Of the file.
        most: How many bytes it may have, by its driver; None for any number.
    """
    try:
        file = OpenFile(open_regular(path))
        try:
            _check_bytes(len(file), most(driver_of(file)), Message("The file {name}", name=path.name))
            if len(file) > MAX_BYTES:
                return file
            data = file.from_start().read(MAX_BYTES + 1)  # it may grow meanwhile
        except BaseException:
            file.close()
            raise
        file.close()
        return data
    except ImageError:
        raise
    except NotRegularError:
        raise ImageError(
            "{name} is not a file but a folder, a device or the like: choose an image.", name=path.name
        ) from None
    except (OSError, ValueError) as error:  # such as a null byte in its name
        raise ImageError(
            "The file {name} cannot be read ({reason}): choose another one.",
            name=path.name,
            reason=getattr(error, "strerror", None) or str(error),
        ) from error


def too_large(count: int, most: int, file: Message | None = None) -> ImageError:
    """What is said of a file with more bytes than are read.

    Args:
        count: The bytes that it has.
        most: That are read of such a file.
        file: How it is called; 'This file' without that.
    """
    return ImageError(
        "{file} has {size:.1f} MB, and at most {most} MB are read: save it smaller, or as JPEG.",
        file=file or Message("This file"),
        size=count / 1e6,
        most=most // 10**6,
    )


def _check_bytes(count: int, most: int | None, file: Message | None = None) -> None:
    if most is not None and count > most:
        raise too_large(count, most, file)
