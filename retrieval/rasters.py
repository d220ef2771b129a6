"""TIFF, JPEG 2000 and PNG of 16 bits -> an upright RGB image and its place on earth, by rasterio (GDAL).

Only the bytes of one file are read, from memory or from an open file: no file beside it, no network, and by
the one driver that its first bytes name, so never by one that leads to other files. What of it is decoded is
bounded before: a raster that is too large is read smaller, from its overviews where it has them; squares of
it are read with all their pixels.
"""

from __future__ import annotations

import logging
import math
import signal
import warnings
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic

import rasterio
from PIL import Image
from rasterio.enums import WktVersion
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import DatasetReader, MemoryFile
from rasterio.windows import Window

from retrieval.errors import Message
from retrieval.georeference import Georeference, georeference
from retrieval.raster_bands import CACHE_BYTES, Bands, UnreadableRasterError
from retrieval.raster_file import Larger, OpenFile, Tones
from retrieval.stretch import Stretch
from retrieval.tiff_structure import ExcessiveFileError, TiffFacts, tiff_facts

#: Of GDAL and PROJ: nothing but the file that is given, one thread, and a small cache of blocks.
OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": False,
    "GTIFF_GEOREF_SOURCES": "INTERNAL",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "GDAL_HTTP_MAX_RETRY": 0,
    "GDAL_HTTP_TIMEOUT": 1,
    "PROJ_NETWORK": "OFF",
    "GDAL_NUM_THREADS": 1,
    "GDAL_CACHEMAX": CACHE_BYTES // 1_000_000,
    "OPJ_NUM_THREADS": 1,
}

#: Of samples that are decoded for an image: 20,000 x 20,000 pixels of three bands of 16 bits. Where there are
#: overviews, what they spare is not counted.
MAX_DECODED_BYTES = 2_500_000_000

#: Where the process is ended after some time, a raster is given up after so much of it: with a sentence that
#: says what would help.
SHARE_OF_TIME = 0.55

#: An overview is taken as it is where the image becomes at most so many times smaller by that.
OVERVIEW_STEP = 2.0

#: Side of what is read of a square, pixels; a square of more is read from overviews, or smaller.
WINDOW_PIXELS = 1024

#: Of a strip or tile, of which GDAL takes a copy or two: 50 megapixels of red, green and blue in one.
MAX_BLOCK_BYTES = 256_000_000

#: Metres per pixel, as the photos of the collections have them: what is finer is not seen in a search.
METRES_ENOUGH = 0.3048

_FEW = 6  # parts of a raster of huge blocks: each part has GDAL go through all of the block
_DRAWN_ROWS = 128
_STRIP_BYTES = 32_000_000  # of samples that are in memory at a time
#: TIFF's numbers for compressions that the readers here may lack.
COMPRESSIONS = {
    6: "JPEG (the old way)", 32766: "NeXT", 32809: "ThunderScan", 33003: "JPEG 2000 (Aperio)",
    33005: "JPEG 2000 (Aperio)", 34661: "JBIG", 34676: "SGILog", 34677: "SGILog24", 34712: "JPEG 2000",
    34887: "LERC", 34892: "JPEG (lossy DNG)", 34925: "LZMA", 34926: "Zstandard", 34927: "WebP",
    34933: "PNG", 34934: "JPEG XR", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
    65000: "JPEG (EER)",
}  # fmt: skip
_USUAL_COMPRESSIONS = {0, 1, 2, 3, 4, 5, 7, 8, 32771, 32773, 32946}

warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)  # as most files are
logging.getLogger("rasterio").setLevel(logging.CRITICAL)  # it would tell the log about strangers' files


@dataclass(frozen=True)
class Raster:
    """What was read.

    Attributes:
        image: Mode RGB, as it lies in the file.
        facts: What a TIFF file says of itself, such as how it has to be turned.
        note: A sentence, where there is something to say.
        georeference: Its place; None if it does not say.
        metres_per_pixel: Of the image, as it was read; None if it does not say.
        profile: Of its colours (ICC); empty without one.
        larger: What squares of it are read by, where the image is smaller than the raster; else None.
    """

    image: Image.Image
    facts: TiffFacts
    note: Message | None
    georeference: Georeference | None
    metres_per_pixel: float | None
    profile: bytes
    larger: Larger | None = None


def read_raster(data: bytes | OpenFile, driver: str, most_pixels: int) -> Raster:
    """Read a file.

    Args:
        data: Its bytes, or the open file.
        driver: GDAL's name of what reads it.
        most_pixels: Of the image; a larger raster is read smaller.

    Raises:
        UnreadableRasterError: If it is of a kind that is not read here.
        ExcessiveFileError: If decoding it would take far too much time or memory.
        Exception: Of many kinds, if it is damaged.
    """
    with _readable(data, driver) as (source, facts):
        return _read(source, facts, most_pixels)


def read_square(
    data: bytes | OpenFile, driver: str, tones: Tones, box: tuple[float, float, float, float], side: int
) -> tuple[Image.Image, bytes]:
    """Read a square of a raster with all its pixels, and resample it.

    Args:
        data: Its bytes, or the open file.
        driver: GDAL's name of what reads it.
        tones: As `read_raster` found them, of the whole.
        box: Left, top, right, bottom in pixels of the raster.
        side: Of the image, pixels.

    Returns:
        The image, mode RGB, and the profile of its colours.

    Raises:
        UnreadableRasterError, ExcessiveFileError, Exception: As `read_raster`.
    """
    with _readable(data, driver) as (source, facts):
        # The filter looks so far beyond the square.
        around = math.ceil(2 * max(1.0, max(box[2] - box[0], box[3] - box[1]) / side)) + 1
        left, top = (max(0, math.floor(edge) - around) for edge in box[:2])
        right, bottom = (
            min(most, math.ceil(edge) + around)
            for most, edge in zip((source.width, source.height), box[2:], strict=True)
        )
        if right <= left or bottom <= top:
            raise ValueError("a square beside the raster")
        shrink = max(1.0, max(right - left, bottom - top) / WINDOW_PIXELS)
        bands = Bands(source, facts, shrink)
        check_blocks(source, bands.bytes_per_pixel)
        size = max(1, round((right - left) / shrink)), max(1, round((bottom - top) / shrink))
        part = bands.read(Window(left, top, right - left, bottom - top), size[::-1])
        stretch = Stretch.between(*tones.between) if tones.between else None
        image = Image.fromarray(bands.drawn(part, stretch, tones.opaque))
        across, down = size[0] / (right - left), size[1] / (bottom - top)
        inner = (
            *(max((box[0] - left) * across, 0.0), max((box[1] - top) * down, 0.0)),
            *(min((box[2] - left) * across, size[0]), min((box[3] - top) * down, size[1])),
        )
        return image.resize((side, side), Image.Resampling.BICUBIC, box=inner), colour_profile(source)


@contextmanager
def _readable(data: bytes | OpenFile, driver: str) -> Iterator[tuple[DatasetReader, TiffFacts]]:
    """An open raster, and what its file says of itself. What fails within is named by its compression."""
    facts = tiff_facts(data) if driver == "GTiff" else TiffFacts()
    try:
        with _opened(data, driver, facts) as source:
            yield source, facts
    except (UnreadableRasterError, ExcessiveFileError, MemoryError):
        raise
    except Exception:
        if facts.compression in _USUAL_COMPRESSIONS:
            raise
        name = COMPRESSIONS.get(facts.compression, Message("number {code}", code=facts.compression))
        raise UnreadableRasterError(
            Message(
                "The compression of this TIFF ({name}) is not read here, or the file is damaged: save it "
                "with LZW or Deflate compression, or as PNG.",
                name=name,
            )
        ) from None


@contextmanager
def _opened(data: bytes | OpenFile, driver: str, facts: TiffFacts) -> Iterator[DatasetReader]:
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(**OPTIONS))
        if isinstance(data, bytes):
            name = stack.enter_context(MemoryFile(data)).name
        else:  # a name that is nobody's choice, and beside which nothing else can lie
            name = f"/dev/fd/{data.descriptor}"
        # Of a document the first page alone: its others might be thousands.
        name = f"GTIFF_DIR:1:{name}" if facts.has_pages else name
        with rasterio.open(name, driver=driver, sharing=False) as source:
            yield source


def _read(source: DatasetReader, facts: TiffFacts, most_pixels: int) -> Raster:
    """Read all of it, some rows at a time."""
    seconds = signal.getitimer(signal.ITIMER_REAL)[0]
    until = monotonic() + SHARE_OF_TIME * seconds if seconds else math.inf
    shrink = max(1.0, math.sqrt(source.width * source.height / most_pixels))
    if shrink > 1:  # an overview as it is takes far less time than one that is resampled
        fitting = [each for each in source.overviews(1) if shrink <= each <= OVERVIEW_STEP * shrink]
        shrink = float(min(fitting, default=shrink))
    bands = Bands(source, facts, shrink)
    _check_work(source, bands.bytes_per_pixel, shrink)
    width, height = max(1, int(source.width / shrink)), max(1, int(source.height / shrink))
    image, scale = Image.new("RGB", (width, height)), source.height / height
    stretch, full = bands.look()
    step = max(1, _STRIP_BYTES // (width * bands.bytes_per_pixel))
    block = source.block_shapes[0][0] / scale
    if step > block >= 1:  # so that none is decoded twice; larger ones GDAL keeps
        step = int(step // block * block)
    if bands.has_huge_blocks:
        step = -(-height // _FEW)
    for top in range(0, height, step):
        if monotonic() > until and shrink > 1:
            raise UnreadableRasterError(_too_many(source))
        rows = min(step, height - top)
        part = bands.read(Window(0, top * scale, source.width, rows * scale), (rows, width))
        for start in range(0, rows, _DRAWN_ROWS):
            drawn = bands.drawn(part.rows(start, start + _DRAWN_ROWS), stretch, full)
            image.paste(Image.fromarray(drawn), (0, top + start))
    place, metres = georeference(wkt_of(source), source.transform[:6], (source.width, source.height))
    if metres is not None:
        metres *= math.sqrt(source.width * source.height / (width * height))
    upright = facts.turn == 1
    note = None
    seen_less = shrink > 1 and (metres is None or metres > METRES_ENOUGH)
    if seen_less and metres is not None and upright:
        note = Message(
            "This raster has {full_width} x {full_height} pixels: its picture here is smaller, and the "
            "square is read from the file with all of them.",
            full_width=source.width, full_height=source.height,
        )  # fmt: skip
    elif seen_less:
        note = Message(
            "Of {full_width} x {full_height} pixels, {width} x {height} were read, as more are too many: cut "
            "out the part that you look for to see all of it.",
            full_width=source.width, full_height=source.height, width=width, height=height,
        )  # fmt: skip
    tones = Tones(stretch.ends if stretch else None, full)
    larger = Larger((source.width, source.height), tones) if shrink > 1 and upright else None
    return Raster(image, facts, note, place, metres, colour_profile(source), larger)


def _check_work(source: DatasetReader, bytes_per_pixel: int, shrink: float) -> None:
    """Raises UnreadableRasterError before anything is decoded."""
    check_blocks(source, bytes_per_pixel)
    spared = max((each for each in source.overviews(1) if each <= shrink), default=1) ** 2
    if source.width * source.height * bytes_per_pixel / spared > MAX_DECODED_BYTES:
        raise UnreadableRasterError(_too_many(source))


def _too_many(source: DatasetReader) -> Message:
    return Message(
        "This raster has {width} x {height} pixels, too many to be read whole: give it overviews "
        "(gdaladdo FILE), or save it as a Cloud Optimized GeoTIFF (gdal_translate -of COG FILE NEW).",
        width=source.width,
        height=source.height,
    )


def check_blocks(source: DatasetReader, bytes_per_pixel: int) -> None:
    """Raises UnreadableRasterError where what has to be decoded at once is too much."""
    block = max(height * width for height, width in source.block_shapes) * bytes_per_pixel
    if block > MAX_BLOCK_BYTES:
        raise UnreadableRasterError(
            Message(
                "This raster is stored in pieces of {size:.0f} MB, too large to be read: save it again in "
                "tiles, or in strips of a few rows.",
                size=block / 1e6,
            )
        )


def wkt_of(source: DatasetReader) -> str:
    """Of the coordinate system; empty without one, or if it is damaged."""
    try:
        return str(source.crs.to_wkt(version=WktVersion.WKT2_2019)) if source.crs else ""
    except Exception:  # of several kinds, some of them GDAL's own
        return ""


def colour_profile(source: DatasetReader) -> bytes:
    """The profile of its colours (ICC); empty without one."""
    return b64decode(source.tags(ns="COLOR_PROFILE").get("SOURCE_ICC_PROFILE", ""))
