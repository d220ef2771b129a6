"""Files to begin with: each accepted format, in the kinds that its decoder treats differently, made here."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from random import Random
from typing import Any

import numpy as np
import tifffile
from affine import Affine
from numpy.typing import NDArray
from PIL import Image, features
from rasterio.io import MemoryFile

from benchmarks.fuzz.heic import HEIC
from benchmarks.fuzz.mutations import png_chunk

_AFFINE = Affine(0.5, 0, 4e5, 0, -0.5, 4.9e6)
SIDE = 24  # pixels: small, since the work of a case is what costs


def images() -> dict[str, list[bytes]]:
    """Format -> files."""
    colours = _picture()
    grey, palette, clear = colours.convert("L"), colours.convert("P"), colours.convert("RGBA")
    clear.putalpha(grey)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    frames = {"save_all": True, "append_images": [colours.rotate(90), colours.rotate(180)]}
    seeds = {
        "jpeg": [
            _saved(colours, "JPEG", exif=exif.tobytes(), comment=b"a comment"),
            _saved(colours, "JPEG", progressive=True, subsampling=0, icc_profile=b"profile" * 9),
            _saved(grey, "JPEG", restart_marker_blocks=1),
            _saved(colours.convert("CMYK"), "JPEG"),
            _saved(colours, "MPO", **frames),
        ],
        "png": [
            _saved(colours, "PNG", exif=exif.tobytes(), icc_profile=b"profile" * 9),
            _saved(palette, "PNG", transparency=3),
            _saved(clear, "PNG"),
            _saved(grey.convert("I;16"), "PNG"),
            _saved(colours.convert("1"), "PNG"),
            _saved(colours, "PNG", **frames),
            sixteen_bit_png(SIDE, SIDE, 2),
            sixteen_bit_png(SIDE, SIDE, 6),
        ],
        "webp": [
            _saved(colours, "WEBP", exif=exif.tobytes()),
            _saved(clear, "WEBP", lossless=True, icc_profile=b"profile" * 9),
            _saved(clear, "WEBP", **frames),
        ],
        "tiff": [
            *(_saved(colours, "TIFF", compression=kind) for kind in ("raw", "tiff_lzw", "jpeg", "packbits")),
            _saved(colours.convert("1"), "TIFF", compression="group4"),
            _saved(palette, "TIFF", compression="tiff_adobe_deflate"),
            _saved(colours.convert("CMYK"), "TIFF"),
            _tiff(np.uint8, pages=3),
            *map(_tiff, (np.uint8, np.uint16, np.int16, np.float32, np.float64)),
            _tiff(np.uint16, bands=4, planarconfig="separate"),
            _tiff(np.uint8, bands=4, tile=(16, 16), compression="zlib"),
            _tiff(np.uint16, bands=3, bigtiff=True),
            _tiff(np.uint16, bands=3, byteorder=">"),
            *(_raster("GTiff", compress=kind) for kind in ("zstd", "lerc", "webp", "jpeg", "lzma")),
            _raster("GTiff", nodata=7, crs="EPSG:32635", transform=_AFFINE, interleave="band"),
        ],
        "jpeg2000": [
            _raster("JP2OpenJPEG", quality=100, reversible="YES"),
            _raster("JP2OpenJPEG", quality=20, bands=1),
            _raster("JP2OpenJPEG", codec="J2K"),
        ],
        "heic": [HEIC],
        "bmp": [_saved(image, "BMP") for image in (colours, palette, grey, colours.convert("1"), clear)],
        "gif": [
            _saved(palette, "GIF", transparency=1), _saved(palette, "GIF", **frames), _saved(grey, "GIF"),
        ],
    }  # fmt: skip
    if features.check("avif"):
        seeds["avif"] = [
            _saved(colours, "AVIF", exif=exif.tobytes()), _saved(clear, "AVIF"),
            _saved(colours, "AVIF", **frames),
        ]  # fmt: skip
    return seeds


def _picture() -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401 - of Pillow's save
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _tiff(kind: Any, bands: int = 1, pages: int = 1, **options: Any) -> bytes:  # noqa: ANN401 - of tifffile
    shape = (bands, SIDE, SIDE) if options.get("planarconfig") else (SIDE, SIDE, bands)
    samples: NDArray[Any] = np.random.default_rng(1).integers(0, 99, shape).astype(kind)
    file = io.BytesIO()
    writer = {name: options.pop(name) for name in ("bigtiff", "byteorder") if name in options}
    with tifffile.TiffWriter(file, **writer) as tiff:
        for _ in range(pages):
            tiff.write(samples, photometric="rgb" if bands > 2 else "minisblack", **options)
    return file.getvalue()


def _raster(driver: str, bands: int = 3, **options: Any) -> bytes:  # noqa: ANN401 - of GDAL's driver
    samples = np.random.default_rng(2).integers(0, 99, (bands, SIDE, SIDE)).astype(np.uint8)
    size = {"count": bands, "height": SIDE, "width": SIDE, "dtype": "uint8"}
    with MemoryFile() as file:
        with file.open(driver=driver, **size, **options) as target:
            target.write(samples)
        file.seek(0)
        data: bytes = file.read()
        return data


def sixteen_bit_png(width: int, height: int, colour: int, fill: int | None = None) -> bytes:
    """A PNG with 16 bits a band, which Pillow does not write. `colour` is 2 for RGB, 6 for RGBA."""
    row = width * {2: 3, 6: 4}[colour] * 2
    rows = b"".join(
        b"\0" + (bytes([fill]) * row if fill is not None else np.random.default_rng(y).bytes(row))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)


def geotiff(random: Random) -> bytes:
    """A TIFF with GeoTIFF's tags, of any type, count and value."""
    doubles = [0.0, 1.0, -1.0, 0.3, 1e-300, 1e300, float("nan"), float("inf"), 44.4, 26.1, 1e6]
    keys = [1024, 1025, 2048, 2054, 3072, 3075, 3076, 3077, 0, 65535]
    tags: list[tuple[int, int, int, Any, bool]] = []
    for code in random.sample((33550, 33922, 34264, 34736), random.randrange(1, 5)):
        count = random.choice((0, 1, 2, 3, 6, 16, 17, 600))
        values = tuple(random.choice(doubles) for _ in range(max(count, 1)))
        kind = random.choice((12, 12, 12, 3, 2))
        if kind == 12:
            tags.append((code, 12, len(values), values, False))
        elif kind == 3:
            tags.append((code, 3, 2, (random.randrange(65536), 1), False))
        else:
            tags.append((code, 2, 0, "text", False))
    entries = [1, 1, 0, random.choice((0, 1, 4, 65535))]
    for _ in range(random.randrange(6)):
        place = random.choice((0, 0, 0, 34736, 34737))
        entries += [
            random.choice(keys),
            place,
            random.choice((0, 1, 9)),
            random.choice((0, 1, 2, 7, 3857, 32767, 9001)),
        ]
    tags.append((34735, 3, len(entries), tuple(entries), False))
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((8, 8), np.uint8), extratags=tags, metadata=None)
    return file.getvalue()


def bomb(random: Random) -> bytes:
    """A small file that asks for much work: tags that share their data, many segments, huge pictures."""
    match random.randrange(5):
        case 0:
            return _shared_tags(random.choice((10, 300, 3000)), random.choice((1000, 100_000, 600_000)))
        case 1:
            tags = _shared_tags(random.choice((10, 300, 3000)), random.choice((1000, 100_000, 600_000)))
            return _saved(_picture(), random.choice(("PNG", "WEBP")), exif=b"Exif\0\0" + tags)
        case 2:
            segment = b"\xff\xe1\xff\xfeExif\0\0" + _shared_tags(300, 60_000)[:65_526].ljust(65_526, b"\0")
            plain = _saved(_picture(), "JPEG")
            return plain[:2] + segment * random.choice((2, 40, 320)) + plain[2:]
        case 3:
            return _huge_png(random.choice((1000, 3000, 7000)), random.choice((2, 6)))
        case _:
            return _huge_tiff(random.choice((1000, 7000)), random.choice((1, 64, 7000)))


@cache
def _huge_png(side: int, colour: int) -> bytes:
    return sixteen_bit_png(side, side, colour, 7)


@cache
def _huge_tiff(side: int, rows: int) -> bytes:
    file = io.BytesIO()
    samples = np.zeros((side, side, 4), np.uint16)
    tifffile.imwrite(file, samples, photometric="rgb", compression="zlib", rowsperstrip=rows)
    return file.getvalue()


@cache
def _shared_tags(count: int, size: int) -> bytes:
    """A TIFF of one pixel whose directory has many tags that point at the same bytes."""
    entries = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
               (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, 1)]  # fmt: skip
    start = 8 + 8
    data = start + 2 + 12 * (len(entries) + count) + 4
    entries += [(40_000 + number, 1, size, data) for number in range(count)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", start) + b"\x07" * 8 + directory + bytes(4) + b"\x01" * size
