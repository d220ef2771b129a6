"""The photos of Bucharest as a collection: orthophotos that know their place, cut into tiles by `train`.

A downloaded photo is a picture with a text beside it. Here it becomes a GeoTIFF with the same pixels, as GIS
programs write it, which is what `python -m train index --images` takes.
"""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

from examples.bucharest.ground import Box
from examples.bucharest.places import Example, find_examples, sidecar
from retrieval.collections.photos import PROJECT
from retrieval.files import atomic_write
from retrieval.images import ImageError, decode

#: In the folder of the photos: the same as GeoTIFFs.
ORTHOPHOTOS = "orthophotos"
DEFAULT_OUT = PROJECT / "runs" / "bucharest"
TITLE = "Bucharest"


class NoPlaceError(ValueError):
    """A photo whose place nobody knows."""


def make_collection(out: Path, folder: Path) -> int:
    """Make the collection of all photos in a folder that know their place, or bring it up to date.

    Args:
        out: The collection.
        folder: Of the photos.

    Returns:
        The exit status of the command that indexes them.

    Raises:
        ValueError: If there are none.
        OSError: If the disk takes nothing.
    """
    placed, attributions = write_orthophotos(folder)
    if not placed:
        raise ValueError(
            f"{folder} holds no photo that knows its place: download some with 'python -m "
            "examples.bucharest'."
        )
    if importlib.util.find_spec("sklearn") is None:
        raise ValueError("What makes collections is not installed here: run 'make train' once.")
    command = [
        *(sys.executable, "-m", "train", "index", "--images", str(folder.resolve() / ORTHOPHOTOS)),
        *("--out", str(out), "--title", TITLE),
        *("--data-licence", "; ".join(attributions) or "Not stated."),
    ]
    return subprocess.run(command, cwd=Path.cwd(), check=False).returncode


def write_orthophotos(folder: Path) -> tuple[list[Path], list[str]]:
    """Write a GeoTIFF of each photo that knows its place, unless it is there; remove those of others.

    Returns:
        The GeoTIFFs, and whom to name.
    """
    target = folder / ORTHOPHOTOS
    placed: list[Path] = []
    attributions: list[str] = []
    for example in find_examples(folder):
        path = target / f"{example.path.stem}.tif"
        try:
            _write(example, path)
        except (NoPlaceError, ImageError) as error:
            print(f"{example.path.name} is left out: {error}", file=sys.stderr)
            continue
        placed.append(path)
        attributions += [example.attribution] if example.attribution not in ("", *attributions) else []
    for other in target.glob("*.tif"):
        if other not in placed:
            other.unlink()
    return placed, attributions


def _write(example: Example, path: Path) -> None:
    """Raises NoPlaceError, ImageError."""
    system, box = _place(example.path)
    newest = max(each.stat().st_mtime_ns for each in (example.path, sidecar(example.path)))
    if path.is_file() and path.stat().st_mtime_ns > newest:
        return
    import numpy as np  # here, with GDAL, as few runs need them
    from rasterio.errors import RasterioError
    from rasterio.io import MemoryFile
    from rasterio.transform import from_bounds

    pixels = np.asarray(decode(example.path).image).transpose(2, 0, 1)
    _, height, width = pixels.shape
    options = {
        "driver": "GTiff", "count": 3, "dtype": "uint8", "width": width, "height": height,
        "photometric": "rgb", "compress": "deflate", "predictor": 2, "tiled": True,
    }  # fmt: skip
    try:
        transform = from_bounds(*box, width, height)
        with MemoryFile() as file:
            with file.open(crs=system, transform=transform, **options) as raster:
                raster.write(pixels)
                raster.update_tags(TIFFTAG_COPYRIGHT=example.attribution)
            file.seek(0)
            data = file.read()
    except (RasterioError, ValueError) as error:
        raise NoPlaceError("its coordinate system is not known.") from error
    with atomic_write(path) as partial:
        partial.write_bytes(data)


def _place(photo: Path) -> tuple[str, Box]:
    """The coordinate system of a photo, and its box, as its sidecar says. Raises NoPlaceError."""
    try:
        fields: Any = json.loads(sidecar(photo).read_text(encoding="utf-8"))
        west, south, east, north = map(float, fields["bbox"])
        system = str(fields["crs"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise NoPlaceError("no file beside it says its place.") from None
    if not (west < east and south < north and all(map(math.isfinite, (west, south, east, north)))):
        raise NoPlaceError("the file beside it says a place that is none.")
    return system.upper().replace("CRS:84", "OGC:CRS84"), (west, south, east, north)
