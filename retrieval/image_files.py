"""A path -> the bytes of an image file, or the open file of a large raster; what is too large is not read."""

from __future__ import annotations

import re
from pathlib import Path

from retrieval.errors import Message, UserError
from retrieval.files import NotRegularError, open_regular
from retrieval.raster_file import MAX_RASTER_BYTES, OpenRaster

MAX_BYTES = 25 * 1000 * 1000

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


def driver_of(data: bytes | OpenRaster) -> str | None:
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
    data = source if isinstance(source, bytes) else _opened(Path(source), may_be_large=False)
    assert isinstance(data, bytes)
    if not data:
        raise ImageError("This file is empty: choose another one.")
    _check_bytes(len(data), MAX_BYTES)
    return data


def open_image_file(path: str | Path) -> bytes | OpenRaster:
    """As `read_image_file`; but a TIFF or JPEG 2000 with more bytes, up to `MAX_RASTER_BYTES`, is open."""
    opened = _opened(Path(path), may_be_large=True)
    return read_image_file(opened) if isinstance(opened, bytes) else opened


def _opened(path: Path, *, may_be_large: bool) -> bytes | OpenRaster:
    try:
        file = open_regular(path)
        try:
            raster = OpenRaster(file)
            large = may_be_large and len(raster) > MAX_BYTES and driver_of(raster) in LARGE
            most = MAX_RASTER_BYTES if large else MAX_BYTES
            _check_bytes(len(raster), most, Message("The file {name}", name=path.name))
            if large:
                return raster
            data = file.read(MAX_BYTES + 1)  # it may grow meanwhile
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


def _check_bytes(count: int, most: int, file: Message | None = None) -> None:
    if count > most:
        file = file or Message("This file")
        raise ImageError(
            "{file} has {size:.1f} MB, and at most {most} MB are read: save it smaller, or as JPEG.",
            file=file,
            size=count / 1e6,
            most=most // 10**6,
        )
