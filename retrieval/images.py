"""Bytes, a file or a picture in memory -> an upright RGB image, or an error that says what is wrong.

This is the only module that decodes. Everything after it may rely on the contract: a `PIL.Image` of mode
RGB, upright, at most `MAX_PIXELS` large.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image

from retrieval.errors import Message, UserError
from retrieval.file_structure import ExcessiveFileError, check_exif, check_structure, webp_size
from retrieval.files import NotRegularError, open_regular
from retrieval.geotiff import pixel_size
from retrieval.sample_depth import (
    NEUTRAL_GREY,
    decode_sixteen_bit_bands,
    fourth_band_is_no_alpha,
    sixteen_bit_rawmodes,
    stretch_grey,
)

MAX_BYTES = 25 * 1000 * 1000
MAX_PIXELS = 50 * 1000 * 1000

#: What Pillow is allowed to try, and no more: each further format is a further parser open to strangers.
#: (A phone's MPO opens as JPEG.)
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")

ACCEPTED = Message("JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF")

_WEB_PAGE = Message("This is not an image but a web page: save the picture itself.")
#: Files that people take for images, by their first bytes.
_LOOKALIKES = {
    b"%PDF": Message("This is not an image but a PDF document: take a screenshot of the page."),
    b"<svg": Message("This is not an image but an SVG drawing: export it as PNG."),
    b"<?xml": Message("This is not an image but an XML or SVG document: export it as PNG."),
    b"PK\x03\x04": Message("This is not an image but a ZIP archive: unpack it and choose one image."),
    b"<!DO": _WEB_PAGE,
    b"<htm": _WEB_PAGE,
}

#: How files of the accepted formats begin. One that begins so and cannot be opened is damaged, or too rare.
_SIGNATURE = re.compile(
    rb"\xff\xd8\xff|\x89PNG|GIF8|II[*+]\0|MM\0[*+]|RIFF....WEBP|....ftypavi[fs]", re.DOTALL
)

#: What undoes each orientation of EXIF but 1, which is upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_STRIP_PIXELS = 1 << 18

TOO_DEMANDING = Message(
    "This image takes too much time or memory to read: save it again as JPEG or PNG, or choose another one."
)

Source = str | Path | bytes | Image.Image


class ImageError(UserError, ValueError):
    """An image cannot be used. The message is a sentence for the person who gave it."""


@dataclass(frozen=True)
class DecodedImage:
    """An upright RGB image, and what the person should know about how it was read.

    Attributes:
        image: Mode RGB, upright.
        note: A sentence such as 'This is an animation: …', where there is something to say.
        metres_per_pixel: What a GeoTIFF says of itself; None for everything else.
    """

    image: Image.Image
    note: Message | None = None
    metres_per_pixel: float | None = None


def decode(source: Source) -> DecodedImage:
    """Read an image from a path, from bytes, or take over one that is already in memory.

    EXIF orientation is applied, palettes, greys and CMYK become RGB, transparency is composited on
    neutral grey, and 16-bit or float samples are stretched by percentiles. Of an animation or a
    document of several pages the first is taken, and the note says so.

    Args:
        source: A path, the bytes of a file, or a `PIL.Image` of any mode.

    Returns:
        The image (mode RGB, upright), a note, and the pixel size of a GeoTIFF.

    Raises:
        ImageError: If it is missing, empty, too large, not an image, damaged or cut off.
    """
    if isinstance(source, Image.Image):
        _check_size(source.size)
        try:
            return DecodedImage(_to_rgb(source))
        except (ExcessiveFileError, MemoryError):
            raise ImageError(TOO_DEMANDING) from None
        except Exception as error:  # it may be a file that is read only now
            raise _damaged(source) from error
    return _decode_bytes(read_image_file(source))


def pixel_sha256(image: Image.Image) -> str:
    """SHA-256 of the decoded pixels: the bytes R, G, B, row by row, of an RGB image.

    The same photo has the same sum in every lossless format.
    """
    return hashlib.sha256(image.tobytes()).hexdigest()


def read_image_file(source: str | Path | bytes) -> bytes:
    """The bytes of a file, at least one and at most `MAX_BYTES`.

    Args:
        source: A path, or the bytes themselves.

    Raises:
        ImageError: If the file is missing, empty, too large, or no regular file.
    """
    data = source if isinstance(source, bytes) else _read(Path(source))
    if not data:
        raise ImageError("This file is empty: choose another one.")
    _check_bytes(len(data))
    return data


def _read(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            _check_bytes(size, Message("The file {name}", name=path.name))  # before it is read into memory
            return file.read(MAX_BYTES + 1)  # it may grow meanwhile
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


def _check_bytes(count: int, file: Message | None = None) -> None:
    if count > MAX_BYTES:
        file = file or Message("This file")
        raise ImageError(
            "{file} has {size:.1f} MB, and at most {most} MB are read: save it smaller, or as JPEG.",
            file=file,
            size=count / 1e6,
            most=MAX_BYTES // 10**6,
        )


def _decode_bytes(data: bytes) -> DecodedImage:
    try:
        check_structure(data)
        if size := webp_size(data):
            _check_size(size)
        return _decode_checked(data)
    except (ExcessiveFileError, MemoryError):
        raise ImageError(TOO_DEMANDING) from None


def _decode_checked(data: bytes) -> DecodedImage:
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ImageError(
            "This image has far more than {most} megapixels: crop it or scale it down first.",
            most=MAX_PIXELS // 10**6,
        ) from None
    except MemoryError:
        raise
    except Exception as error:  # each parser has its own ways to fail on rubbish
        raise ImageError(_not_an_image(data)) from error
    _check_size(image.size)
    try:
        # Not a photo's second picture (MPO), but a film's or a document's. Counting them would take minutes
        # for a file that is made of thousands of pages.
        several = image.format != "MPO" and getattr(image, "is_animated", False)
        metres_per_pixel = pixel_size(image)
        rgb = _to_rgb(image, lambda: Image.open(io.BytesIO(data), formats=FORMATS))
    except (ExcessiveFileError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(image) from error
    note = (
        (
            Message("This is a document of several pages: only the first picture was searched.")
            if image.format == "TIFF"
            else Message("This is an animation: only the first picture was searched.")
        )
        if several
        else None
    )
    return DecodedImage(rgb, note, metres_per_pixel)


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        millions, most = width * height / 1e6, MAX_PIXELS // 10**6
        raise ImageError(
            "This image has {width} x {height} pixels ({size:.0f} megapixels), and at most {most}"
            " megapixels are read: crop it or scale it down first.",
            width=width,
            height=height,
            size=millions,
            most=most,
        )
    if width < 1 or height < 1:
        raise ImageError("This image has no pixels: choose another one.")


def _not_an_image(data: bytes) -> Message:
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return Message(
            "This is a HEIC photo, which is not read here: export it as {accepted}.", accepted=ACCEPTED
        )
    for first_bytes, sentence in _LOOKALIKES.items():
        if data[:64].lstrip().lower().startswith(first_bytes.lower()):
            return sentence
    if _SIGNATURE.match(data):
        return Message(
            "This image is damaged or cut off, or of a rare kind that is not read here: export it"
            " again as JPEG or PNG, or choose another one."
        )
    return Message("This is not an image that can be read: choose a {accepted} file.", accepted=ACCEPTED)


def _damaged(image: Image.Image) -> ImageError:
    if image.format:
        return ImageError(
            "This {format} image is damaged or cut off: download or export it again, or choose another one.",
            format=image.format,
        )
    return ImageError("This image is damaged or cut off: download or export it again, or choose another one.")


def _to_rgb(image: Image.Image, reopen: Callable[[], Image.Image] | None = None) -> Image.Image:
    """Any mode -> upright RGB, with at most three copies of the pixels in memory at a time.

    Args:
        image: Opened, not necessarily loaded. Closed, if it can be opened again.
        reopen: Gives the same file again, undecoded; without it, samples of 16 bits a band are as Pillow
            made them.
    """
    has_alpha = not fourth_band_is_no_alpha(image)
    has_deep_bands = reopen is not None and bool(sixteen_bit_rawmodes(image))  # before they are decoded
    image.load()
    check_exif(image)  # all of it is read by now
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    shallow = image
    if reopen is not None and has_deep_bands:
        shallow = decode_sixteen_bit_bands(image, reopen())
    elif image.mode.startswith(("I", "F")):
        shallow = stretch_grey(image)
    if reopen is not None and shallow is not image:
        image.close()
    transparent = has_alpha and shallow.has_transparency_data
    rgb = _on_grey(shallow) if transparent else shallow.convert("RGB")
    if reopen is not None:
        shallow.close()
    return rgb if turn is None else rgb.transpose(turn)


def _on_grey(image: Image.Image) -> Image.Image:
    """Composited on neutral grey; in strips, since each step of it takes a copy of the pixels."""
    rgb = Image.new("RGB", image.size)
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows))).convert("RGBA")
        backdrop = Image.new("RGBA", strip.size, (*NEUTRAL_GREY, 255))
        rgb.paste(Image.alpha_composite(backdrop, strip).convert("RGB"), (0, top))
    return rgb
