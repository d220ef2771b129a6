"""Photos of each format whose files have more than 25 MB, as cameras and editors write them, without a place.

Noise without compression takes no time to write. Where a format only knows slow compression, what programs
put behind the picture takes the bytes, and no disk.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import rasterio
import tifffile
from PIL import Image

from tests.fakes.mixed_folder import make_older, scene

SIDE = 3100
BYTES = 27_000_000


def noise(seed: int, side: int = SIDE) -> Image.Image:
    samples = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    return Image.fromarray(samples)


def padded(path: Path, size: int = BYTES) -> Path:
    """A file with zeros behind it that take no disk."""
    os.truncate(path, size)
    return path


def write(folder: Path) -> dict[str, tuple[int, int]]:
    """Write one of each kind. Returns the size of each picture, by its file."""
    folder.mkdir(parents=True, exist_ok=True)
    noise(1).save(folder / "drone.jpg", quality=100, subsampling=0)
    noise(2).save(folder / "edited.png", compress_level=0)
    deep = np.random.default_rng(3).integers(0, 1 << 16, (3700, 3700), np.uint16)
    Image.fromarray(deep).save(folder / "deep.png", compress_level=0)
    tifffile.imwrite(folder / "scan.tif", np.asarray(noise(4)), photometric="rgb")
    noise(5).save(folder / "old.bmp")
    sizes = dict.fromkeys(("drone.jpg", "edited.png", "scan.tif", "old.bmp"), (SIDE, SIDE))
    scene(6, 512).save(folder / "motion.jpg")  # a film behind the photo, as phones write it
    padded(folder / "motion.jpg")
    _write_webp(folder / "lossless.webp")
    _write_jpeg_2000(folder / "survey.jp2")
    for file in folder.iterdir():
        make_older(file)
    return sizes | {"deep.png": (3700, 3700)} | dict.fromkeys(
        ("motion.jpg", "lossless.webp", "survey.jp2"), (512, 512)
    )  # fmt: skip


def _write_webp(path: Path) -> None:
    """With a chunk of a kind that nobody knows, which readers pass over."""
    scene(7, 512).save(path, lossless=True)
    rest = BYTES - path.stat().st_size - 8
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", BYTES - 8))
        file.seek(0, os.SEEK_END)
        file.write(b"JUNK" + struct.pack("<I", rest))
    padded(path)


def _write_jpeg_2000(path: Path) -> None:
    """With a box that is free."""
    samples = np.asarray(scene(8, 512)).transpose(2, 0, 1)
    options = {"driver": "JP2OpenJPEG", "quality": 100, "reversible": "YES"}
    with rasterio.open(path, "w", width=512, height=512, count=3, dtype="uint8", **options) as target:
        target.write(samples)
    with path.open("ab") as file:
        file.write(struct.pack(">I", BYTES - path.stat().st_size) + b"free")
    padded(path)


def write_refused(folder: Path) -> dict[str, str]:
    """Large files that cannot be read -> a word of why."""
    Image.new("L", (8000, 7000)).save(folder / "wide.png", compress_level=0)
    Image.new("RGB", (8, 8)).save(folder / "endless.jpg")
    padded(folder / "endless.jpg", 410_000_000)
    (folder / "zeros.jpg").touch()
    padded(folder / "zeros.jpg")
    (folder / "cut.tif").write_bytes((folder / "scan.tif").read_bytes()[:BYTES])
    (folder / "cut.png").write_bytes((folder / "edited.png").read_bytes()[:BYTES])
    for file in ("wide.png", "endless.jpg", "zeros.jpg", "cut.tif", "cut.png"):
        make_older(folder / file)
    return {
        "wide.png": "8000 x 7000 pixels",
        "endless.jpg": "at most 400 MB",
        "zeros.jpg": "not an image",
        "cut.tif": "damaged",
        "cut.png": "damaged",
    }
