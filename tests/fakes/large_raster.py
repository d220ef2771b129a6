"""An orthophoto of 20,000 x 20,000 pixels whose file has more than 25 MB, made within two seconds.

Most of its blocks are not written, which GDAL reads as 0. In its middle is a scene with a line in each pixel,
which no smaller picture has; beside it noise takes the bytes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.windows import Window

SIDE, METRES = 20_000, 0.5

#: The part with the scene: left and top, and its side.
PLACE, SCENE = (9216, 9216), 1536


def scene() -> np.ndarray:
    """Red, green and blue of the scene: (3, rows, columns)."""
    rows, columns = np.mgrid[:SCENE, :SCENE]
    stripes = np.where((columns + rows // 7) % 2, 40, 0)
    red = 70 + columns * 100 // SCENE + stripes
    return np.stack([red, 200 - rows * 90 // SCENE - stripes, 90 + (rows // 64 % 2) * 50 + stripes]).astype(
        np.uint8
    )


def write(path: Path, noise: int = 3072, overviews: tuple[int, ...] = (4, 16, 64)) -> Path:
    """Write it; without noise it has less than 25 MB."""
    options = {
        "crs": "EPSG:32635", "transform": from_origin(4e5, 4.9e6, METRES, METRES), "photometric": "rgb",
        "tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate", "zlevel": 1,
        "sparse_ok": True, "bigtiff": "yes",
    }  # fmt: skip
    with rasterio.open(path, "w", "GTiff", SIDE, SIDE, 3, dtype="uint8", **options) as target:
        target.write(scene(), window=Window(*PLACE, SCENE, SCENE))
        if noise:
            samples = np.random.default_rng(1).integers(0, 256, (3, noise, noise), np.uint8)
            target.write(samples, window=Window(2048, 2048, noise, noise))
        if overviews:
            target.build_overviews(overviews, Resampling.average)
    return path
