"""TIFF, JPEG 2000 and PNG of 16 bits -> an upright RGB image and its place on earth, by rasterio (GDAL).

Only bytes are read: no file beside them, no network, and by the one driver that their first bytes name, so
never by one that leads to other files. What of them is decoded is bounded before: a raster that is too large
is read smaller, from its overviews where it has them.
"""

from __future__ import annotations

import logging
import math
import warnings
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import rasterio
from PIL import Image
from rasterio.enums import WktVersion
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import DatasetReader, MemoryFile
from rasterio.windows import Window

from retrieval.errors import Message
from retrieval.georeference import Georeference, georeference
from retrieval.raster_bands import CACHE_BYTES, Bands, UnreadableRasterError
from retrieval.tiff_structure import ExcessiveFileError, TiffFacts, tiff_facts

#: Of GDAL and PROJ: nothing but the bytes that are given, one thread, and a small cache of blocks.
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

#: Of samples that are decoded for an image: 20,000 x 20,000 pixels of three bands of 16 bits. That takes
#: some ten seconds; where there are overviews, what they spare is not counted.
MAX_DECODED_BYTES = 2_500_000_000

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
    """

    image: Image.Image
    facts: TiffFacts
    note: Message | None
    georeference: Georeference | None
    metres_per_pixel: float | None
    profile: bytes


def read_raster(data: bytes, driver: str, most_pixels: int) -> Raster:
    """Read a file.

    Args:
        data: Its bytes.
        driver: GDAL's name of what reads it.
        most_pixels: Of the image; a larger raster is read smaller.

    Raises:
        UnreadableRasterError: If it is of a kind that is not read here.
        ExcessiveFileError: If decoding it would take far too much time or memory.
        Exception: Of many kinds, if it is damaged.
    """
    facts = tiff_facts(data) if driver == "GTiff" else TiffFacts()
    try:
        with _opened(data, driver, facts) as source:
            return _read(source, facts, most_pixels)
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
def _opened(data: bytes, driver: str, facts: TiffFacts) -> Iterator[DatasetReader]:
    with rasterio.Env(**OPTIONS), MemoryFile(data) as file:
        # Of a document the first page alone: its others might be thousands.
        name = f"GTIFF_DIR:1:{file.name}" if facts.has_pages else file.name
        with rasterio.open(name, driver=driver, sharing=False) as source:
            yield source


def _read(source: DatasetReader, facts: TiffFacts, most_pixels: int) -> Raster:
    """Read all of it, some rows at a time."""
    shrink = max(1.0, math.sqrt(source.width * source.height / most_pixels))
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
        rows = min(step, height - top)
        part = bands.read(Window(0, top * scale, source.width, rows * scale), (rows, width))
        for start in range(0, rows, _DRAWN_ROWS):
            drawn = bands.drawn(part.rows(start, start + _DRAWN_ROWS), stretch, full)
            image.paste(Image.fromarray(drawn), (0, top + start))
    place, metres = georeference(_wkt(source), source.transform[:6], (source.width, source.height))
    if metres is not None:
        metres *= math.sqrt(source.width * source.height / (width * height))
    profile = b64decode(source.tags(ns="COLOR_PROFILE").get("SOURCE_ICC_PROFILE", ""))
    seen_less = shrink > 1 and (metres is None or metres > METRES_ENOUGH)
    note = Message(
        "Of {full_width} x {full_height} pixels, {width} x {height} were read, as more are too many: cut out "
        "the part that you look for to see all of it.",
        full_width=source.width, full_height=source.height, width=width, height=height,
    )  # fmt: skip
    return Raster(image, facts, note if seen_less else None, place, metres, profile)


def _check_work(source: DatasetReader, bytes_per_pixel: int, shrink: float) -> None:
    """Raises UnreadableRasterError before anything is decoded."""
    block = max(height * width for height, width in source.block_shapes) * bytes_per_pixel
    if block > MAX_BLOCK_BYTES:
        raise UnreadableRasterError(
            Message(
                "This raster is stored in pieces of {size:.0f} MB, too large to be read: save it again in "
                "tiles, or in strips of a few rows.",
                size=block / 1e6,
            )
        )
    spared = max((each for each in source.overviews(1) if each <= shrink), default=1) ** 2
    if source.width * source.height * bytes_per_pixel / spared > MAX_DECODED_BYTES:
        raise UnreadableRasterError(
            Message(
                "This raster has {width} x {height} pixels, too many to be read whole: cut it into parts, or "
                "give it overviews.",
                width=source.width,
                height=source.height,
            )
        )


def _wkt(source: DatasetReader) -> str:
    """Of the coordinate system; empty without one, or if it is damaged."""
    try:
        return str(source.crs.to_wkt(version=WktVersion.WKT2_2019)) if source.crs else ""
    except Exception:  # of several kinds, some of them GDAL's own
        return ""
