"""Overhead scenes of the UC Merced classes, drawn from noise and geometry: `draw("harbor", 7)`.

python -m examples.scenes --sheet sheet.png --seeds 6
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from examples import airport, freeways, industry, land, residential, sports, streets, waters
from examples.canvas import METRES_PER_PIXEL, Canvas

__all__ = ["CLASSES", "METRES_PER_PIXEL", "draw", "sheet"]

_SCENES: dict[str, Callable[[Canvas], None]] = {
    "agricultural": land.agricultural,
    "airplane": airport.airplane,
    "baseballdiamond": sports.baseballdiamond,
    "beach": waters.beach,
    "buildings": industry.buildings,
    "chaparral": land.chaparral,
    "denseresidential": residential.denseresidential,
    "forest": land.forest,
    "freeway": freeways.freeway,
    "golfcourse": sports.golfcourse,
    "harbor": waters.harbor,
    "intersection": streets.intersection,
    "mediumresidential": residential.mediumresidential,
    "mobilehomepark": residential.mobilehomepark,
    "overpass": freeways.overpass,
    "parkinglot": streets.parkinglot,
    "river": waters.river,
    "runway": airport.runway,
    "sparseresidential": residential.sparseresidential,
    "storagetanks": industry.storagetanks,
    "tenniscourt": sports.tenniscourt,
}
CLASSES: tuple[str, ...] = tuple(_SCENES)


def draw(label: str, seed: int, size: int = 256) -> Image.Image:
    """Draw one scene; the same arguments always give the same pixels.

    Args:
        label: One of `CLASSES`.
        seed: Any whole number from 0.
        size: Side of the picture, pixels of `METRES_PER_PIXEL`: a larger one shows more ground.

    Returns:
        An RGB image of size x size pixels.

    Raises:
        ValueError: If the label is none of `CLASSES`.
    """
    if label not in _SCENES:
        raise ValueError(f"There is no scene of '{label}'; the known ones are {', '.join(CLASSES)}.")
    # crc32, because Python's own hash of a string differs from run to run.
    rng = np.random.default_rng([zlib.crc32(label.encode()), seed])
    canvas = Canvas.blank(size, rng)
    _SCENES[label](canvas)
    return canvas.photograph()


def sheet(seeds: int, size: int = 256) -> Image.Image:
    """A contact sheet: a row for each class, with its name, and a column for each seed below `seeds`."""
    margin, gap = 120, 4
    step = size + gap
    picture = Image.new("RGB", (margin + seeds * step, len(CLASSES) * step), (24, 24, 24))
    pen = ImageDraw.Draw(picture)
    for row, label in enumerate(CLASSES):
        pen.text((8, row * step + size // 2), label, fill=(235, 235, 235))
        for seed in range(seeds):
            picture.paste(draw(label, seed, size), (margin + seed * step, row * step))
    return picture


def main() -> None:
    """Save a contact sheet."""
    parser = argparse.ArgumentParser(prog="python -m examples.scenes", description=__doc__.splitlines()[0])
    parser.add_argument("--sheet", type=Path, metavar="PATH", required=True, help="PNG to write")
    parser.add_argument("--seeds", type=int, default=6, metavar="N", help="scenes of each class (default: 6)")
    options = parser.parse_args()
    sheet(options.seeds).save(options.sheet)


if __name__ == "__main__":
    main()
