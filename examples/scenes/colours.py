"""The palettes of the scenes, and functions that vary a colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from examples.scenes.canvas import Canvas, Colour

GRASSES: tuple[Colour, ...] = ((92, 116, 78), (78, 104, 70), (120, 130, 92), (134, 134, 100), (72, 112, 66))
LAWNS: tuple[Colour, ...] = ((84, 122, 80), (110, 132, 96), (64, 108, 66), (132, 140, 112), (74, 130, 92))
SOILS: tuple[Colour, ...] = ((176, 148, 120), (162, 142, 118), (186, 160, 126), (150, 130, 112))
ASPHALTS: tuple[Colour, ...] = ((104, 104, 104), (84, 86, 90), (126, 122, 116), (112, 102, 94))
CONCRETES: tuple[Colour, ...] = ((178, 176, 164), (160, 158, 148), (190, 182, 166), (166, 158, 146))
ROOFS: tuple[Colour, ...] = (
    *((128, 112, 102), (104, 98, 96), (146, 116, 98)),
    *((120, 122, 126), (90, 84, 82), (160, 146, 130)),
)
FLAT_ROOFS: tuple[Colour, ...] = (
    *((214, 210, 200), (186, 180, 168), (150, 146, 140)),
    *((228, 228, 224), (128, 118, 108), (198, 184, 162)),
)
WHITES: tuple[Colour, ...] = ((226, 226, 226), (214, 212, 204), (238, 238, 238), (224, 216, 200))
PAINT: Colour = (222, 222, 214)
WORN_PAINT: Colour = (178, 176, 168)
YELLOW: Colour = (204, 170, 74)


def scaled(colour: Colour, factor: float) -> Colour:
    """The colour with its brightness multiplied by `factor`."""
    red, green, blue = (min(255, int(value * factor)) for value in colour)
    return red, green, blue


def varied(canvas: Canvas, colour: Colour, amount: float = 12.0) -> Colour:
    """The colour, made brighter or darker and slightly tinted at random (standard deviation, 0-255)."""
    shift = canvas.rng.normal(0, amount) + canvas.rng.normal(0, amount / 3, 3)
    red, green, blue = (int(value) for value in np.clip(np.add(colour, shift), 0, 255))
    return red, green, blue


def pick(canvas: Canvas, choices: Sequence[Colour]) -> Colour:
    """One of the colours, slightly varied."""
    return varied(canvas, choices[int(canvas.rng.integers(len(choices)))], 6)
