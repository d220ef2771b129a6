"""Overhead scenes of the UC Merced classes, drawn from noise and geometry: `draw("harbor", 7)`.

A contact sheet of them: `python -m examples.scenes --sheet sheet.png --seeds 6`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from examples.scenes import airport, freeways, industry, land, residential, sports, streets, waters
from examples.scenes.canvas import METRES_PER_PIXEL, Canvas

__all__ = ["CLASSES", "METRES_PER_PIXEL", "draw"]

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
        size: Side of the image in pixels of `METRES_PER_PIXEL`: a larger image shows more ground.

    Returns:
        An RGB image of size x size pixels.

    Raises:
        ValueError: If the label is not one of `CLASSES`.
    """
    if label not in _SCENES:
        raise ValueError(f"There is no scene of '{label}'; the known ones are {', '.join(CLASSES)}.")
    # crc32, because Python's own hash of a string changes from run to run.
    rng = np.random.default_rng([zlib.crc32(label.encode()), seed])
    canvas = Canvas.blank(size, rng)
    _SCENES[label](canvas)
    return canvas.photograph()
