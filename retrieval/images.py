"""Bytes, a file or a picture in memory -> an upright RGB image, or an error that says what is wrong.

This is the only module that decodes. Everything after it may rely on the contract: a `PIL.Image` of mode
RGB, upright, at most `MAX_PIXELS` large.
"""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from retrieval.camera import UNKNOWN, origin
from retrieval.colours import conversion, converted
from retrieval.cut_off import read_cut_off
from retrieval.errors import Message
from retrieval.file_structure import check_exif, check_structure, png_turn, webp_size
from retrieval.georeference import Georeference
from retrieval.image_files import LARGE, driver_of, open_image_file
from retrieval.image_files import MAX_BYTES as MAX_BYTES
from retrieval.image_files import ImageError as ImageError
from retrieval.image_files import read_image_file as read_image_file
from retrieval.raster_file import Larger, OpenFile, Tones, state_of
from retrieval.tiff_structure import ExcessiveFileError, check_directories
from retrieval.upright_rgb import TURNS, to_rgb

MAX_PIXELS = 50 * 1000 * 1000

#: What Pillow is allowed to try, and no more: each further format is a further parser open to strangers.
#: (A phone's MPO opens as JPEG.)
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "GIF")

#: What libheif reads, by its first bytes: HEVC in one of its brands.
_HEIF = re.compile(rb"....ftyp(?:....){0,8}?(?:hei[cxms]|hev[cxms])", re.DOTALL)

ACCEPTED = Message("JPEG, PNG, WebP, AVIF, HEIC, TIFF, JPEG 2000, BMP or GIF")

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
    rb"\xff\xd8\xff|\x89PNG|GIF8|II[*+]\0|MM\0[*+]|RIFF....WEBP|....ftyp(?:avi[fs]|hei[cxms]|hev[cxms])",
    re.DOTALL,
)

TOO_DEMANDING = Message(
    "This image takes too much time or memory to read: save it again as JPEG or PNG, or choose another one."
)

Source = str | Path | bytes | Image.Image


@dataclass(frozen=True)
class DecodedImage:
    """An upright RGB image, and what the person should know about how it was read.

    Attributes:
        image: Mode RGB, upright.
        note: A sentence such as 'This is an animation: …', where there is something to say.
        metres_per_pixel: What a raster says of itself, or a drone's photo by its height; else None.
        georeference: Where a raster lies on earth; None for everything else.
        made_by: `retrieval.camera.CAMERA` or `SCREEN`, where the file says so; else `UNKNOWN`.
        pixel_ratio: Pixels of a screen for one of the page that it shows, where a screenshot says so.
        larger: The raster that was read smaller, with more of whose pixels squares can be read; else None.
    """

    image: Image.Image
    note: Message | None = None
    metres_per_pixel: float | None = None
    georeference: Georeference | None = None
    made_by: str = UNKNOWN
    pixel_ratio: float | None = None
    larger: Larger | None = None


def decode(source: Source) -> DecodedImage:
    """Read an image from a path, from bytes, or take over one that is already in memory.

    EXIF orientation is applied, palettes, greys and CMYK become RGB, colours those of sRGB, transparency is
    composited on neutral grey, and samples of more than 8 bits are stretched by percentiles. Of an animation
    or a document of several pages the first is taken, and the note says so.

    Args:
        source: A path, the bytes of a file, or a `PIL.Image` of any mode.

    Returns:
        The image (mode RGB, upright), a note, and what the file says of its scale and place.

    Raises:
        ImageError: If it is missing, empty, too large, not an image, damaged or cut off.
    """
    if isinstance(source, Image.Image):
        _check_size(source.size)
        try:
            return DecodedImage(to_rgb(source))
        except (ExcessiveFileError, MemoryError):
            raise ImageError(TOO_DEMANDING) from None
        except Exception as error:  # it may be a file that is read only now
            raise _damaged(source.format) from error
    opened = read_image_file(source) if isinstance(source, bytes) else open_image_file(source)
    if isinstance(opened, bytes):
        return with_source(_decode_bytes(opened), source, None)
    with opened:
        return with_source(decode_open(opened), source, opened)


def with_source(image: DecodedImage, source: str | Path | bytes, opened: OpenFile | None) -> DecodedImage:
    """The same image, with where squares of a larger raster are read from."""
    if image.larger is None:
        return image
    if isinstance(source, bytes):
        return replace(image, larger=replace(image.larger, source=source))
    path, state = Path(source), opened.state if opened else None
    with suppress(OSError):  # it is gone by now
        state = state or state_of(path.stat())
    return replace(image, larger=replace(image.larger, source=path, state=state))


def decode_open(file: OpenFile) -> DecodedImage:
    """As `decode`, of an open file, read into memory unless parts of it suffice. Raises ImageError."""
    try:
        driver = driver_of(file)
        if driver not in LARGE:
            return _decode_bytes(file.from_start().read(len(file)))
        check_directories(file)
        return _decode_raster(file, driver)
    except OSError as error:  # of the disk
        raise _damaged(None) from error
    except (ExcessiveFileError, MemoryError):
        raise ImageError(TOO_DEMANDING) from None


def decode_square(
    file: OpenFile, tones: Tones, box: tuple[float, float, float, float], side: int
) -> Image.Image:
    """A square of an open raster with all its pixels, resampled to this side; see `rasters.read_square`.

    Raises:
        ImageError: If it cannot be read.
    """
    from retrieval.rasters import read_square

    try:
        check_directories(file)
        image, profile = read_square(file, driver_of(file) or "", tones, box, side)
        transform = conversion(profile, "RGB")
        return image if transform is None else converted(image, transform)
    except (ExcessiveFileError, MemoryError):
        raise ImageError(TOO_DEMANDING) from None
    except Exception as error:
        raise _damaged(None) from error


def pixel_sha256(image: Image.Image) -> str:
    """SHA-256 of the decoded pixels: the bytes R, G, B, row by row, of an RGB image.

    The same photo has the same sum in every lossless format.
    """
    return hashlib.sha256(image.tobytes()).hexdigest()


def _decode_bytes(data: bytes) -> DecodedImage:
    try:
        check_structure(data)
        if size := webp_size(data):
            _check_size(size)
        return _decode_checked(data)
    except (ExcessiveFileError, MemoryError):
        raise ImageError(TOO_DEMANDING) from None


def _decode_checked(data: bytes) -> DecodedImage:
    if driver := driver_of(data):
        return _decode_raster(data, driver)
    image = _opened(data)
    try:
        # Not a photo's second picture (MPO), but a film's. Counting them would take minutes for a file that
        # is made of thousands.
        several = image.format not in ("MPO", "HEIF") and getattr(image, "is_animated", False)
        image, cut_off = _loaded(image, data)
        check_exif(image)
        origin_of_it = origin(image)
        rgb = to_rgb(image, is_own=True)
    except (ExcessiveFileError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(image.format) from error
    film = Message("This is an animation: only the first picture was searched.") if several else None
    return DecodedImage(
        rgb,
        _together(film, cut_off, origin_of_it.note),
        origin_of_it.metres_per_pixel,
        made_by=origin_of_it.made_by,
        pixel_ratio=origin_of_it.pixel_ratio,
    )


def _opened(data: bytes) -> Image.Image:
    """A file that Pillow reads, or a plugin of it, not loaded yet. Raises ImageError."""
    formats: tuple[str, ...] = FORMATS
    if _HEIF.match(data):
        import pi_heif  # for few files, so only when one comes

        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
        formats = ("HEIF",)
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
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
    return image


def _loaded(image: Image.Image, data: bytes) -> tuple[Image.Image, Message | None]:
    """An opened file with its pixels, and a note if the end of them is missing."""
    try:
        image.load()
    except OSError:
        cut = read_cut_off(data, _opened) if image.format in ("JPEG", "MPO") else None
        if cut is None:
            raise
        return cut
    return image, None


def _decode_raster(data: bytes | OpenFile, driver: str) -> DecodedImage:
    from retrieval.raster_bands import UnreadableRasterError  # GDAL takes memory, and time to start
    from retrieval.rasters import read_raster

    name = {"GTiff": "TIFF", "JP2OpenJPEG": "JPEG 2000"}.get(driver, driver)
    try:
        raster = read_raster(data, driver, MAX_PIXELS)
        rgb, turn = (
            raster.image,
            TURNS.get(png_turn(data) if driver == "PNG" and isinstance(data, bytes) else raster.facts.turn),
        )
        if (transform := conversion(raster.profile, "RGB")) is not None:
            rgb = converted(rgb, transform)
    except UnreadableRasterError as error:
        raise ImageError(error.message) from error
    except (ExcessiveFileError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(name) from error
    place = raster.georeference
    if turn is not None:
        rgb = rgb.transpose(turn)
        place = place and place.turned(turn)
    pages = (
        Message("This is a document of several pages: only the first picture was searched.")
        if raster.facts.has_pages
        else None
    )
    return DecodedImage(
        rgb, _together(pages, raster.note), raster.metres_per_pixel, place, larger=raster.larger
    )


def _together(*notes: Message | None) -> Message | None:
    """Several notes as one."""
    together = None
    for note in filter(None, notes):
        together = note if together is None else Message("{first} {second}", first=together, second=note)
    return together


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
    for first_bytes, sentence in _LOOKALIKES.items():
        if data[:64].lstrip().lower().startswith(first_bytes.lower()):
            return sentence
    if _SIGNATURE.match(data):
        return Message(
            "This image is damaged or cut off, or of a rare kind that is not read here: export it"
            " again as JPEG or PNG, or choose another one."
        )
    return Message("This is not an image that can be read: choose a {accepted} file.", accepted=ACCEPTED)


def _damaged(name: str | None) -> ImageError:
    if name:
        return ImageError(
            "This {format} image is damaged or cut off: download or export it again, or choose another one.",
            format=name,
        )
    return ImageError("This image is damaged or cut off: download or export it again, or choose another one.")
