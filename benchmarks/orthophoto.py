"""One large orthophoto becomes a collection: how long that takes, and how much memory.

`python -m benchmarks.orthophoto` writes a GeoTIFF of 20,000 x 20,000 pixels of 0.3 m by windows (JPEG inside,
tiled, with overviews), makes a collection of it in a process of its own, and reads a thumbnail's picture.
`--small-network` takes a network of random numbers that costs little: the time is that of reading then.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.windows import Window

from examples.scenes import CLASSES, draw
from retrieval.collections.artifacts import WEIGHTS
from retrieval.collections.collection import Collection
from retrieval.network import new_network, save_weights
from retrieval.retriever import SHIPPED

#: Pixels of the scenes that the orthophoto is put together of, each in another light.
PATCH = 500
METRES = 0.3


def write_orthophoto(path: Path, side: int) -> None:
    """Write the orthophoto, a patch at a time."""
    scenes = [np.asarray(draw(label, 1, 250).resize((PATCH, PATCH))).transpose(2, 0, 1) for label in CLASSES]
    rng = np.random.default_rng(0)
    options = {
        "driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "crs": "EPSG:32635",
        "transform": from_origin(4.2e5, 4.93e6, METRES, METRES), "tiled": True, "blockxsize": 512,
        "blockysize": 512, "compress": "jpeg", "photometric": "ycbcr", "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    with rasterio.open(path, "w", **options) as target:
        for top in range(0, side, PATCH):
            rows = min(PATCH, side - top)
            strip = np.concatenate(
                [scenes[rng.integers(len(scenes))] * rng.uniform(0.6, 1) for _ in range(-(-side // PATCH))],
                axis=2,
            )
            strip = strip[:, :rows, :side].astype(np.uint8)
            target.write(strip, window=Window(0, top, side, rows))
    with rasterio.open(path, "r+") as target:
        target.build_overviews([2, 4, 8, 16, 32], Resampling.average)


def _weights(folder: Path) -> Path:
    path = folder / WEIGHTS
    training = {"test_size": 32}
    about = {"architecture": "resnet14", "pooling": "average", "licence": "own", "training": training}
    save_weights(new_network("resnet14").eval(), path, about)
    return path


def main() -> int:
    """Run the benchmark. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.orthophoto", description=__doc__)
    parser.add_argument("--side", type=int, default=20_000, help="of the orthophoto, in pixels (%(default)s)")
    parser.add_argument("--small-network", action="store_true", help="see above")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        raster = folder / "photos" / "ortho.tif"
        raster.parent.mkdir()
        started = time.perf_counter()
        write_orthophoto(raster, options.side)
        print(
            f"{options.side} x {options.side} pixels, {raster.stat().st_size / 1e6:.0f} MB, written in "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )
        weights = _weights(folder) if options.small_network else SHIPPED / WEIGHTS
        command = [
            *(sys.executable, "-m", "train", "index", "--device", "cpu", "--images", str(raster)),
            *("--out", str(folder / "out"), "--weights", str(weights)),
        ]
        for what in ("made", "again"):
            started = time.perf_counter()
            subprocess.run(command, check=True)
            print(f"{what}: {time.perf_counter() - started:.1f} s", flush=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"most memory of the process: {peak:.0f} MB (an image of it has {3e-6 * options.side**2:.0f} MB)"
        )
        collection = Collection(folder / "out", gpu=False)
        started = time.perf_counter()
        found = sum(collection.photo_image(row) is not None for row in range(0, len(collection.entries), 100))
        taken = (time.perf_counter() - started) / max(found, 1)
        print(f"{found} tiles shown, {1000 * taken:.0f} ms each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
