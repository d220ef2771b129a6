"""Shapes and colours that landscapes are drawn of, see `train.fit.landscapes`.

Positions are pixels of a view of `SIDE`, from its upper left corner; masks and images have its size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE = 256
#: Shapes are drawn so many times as large, then shrunk: their edges are smooth.
FINE = 2
#: Backgrounds are made larger, then turned by any angle and cut.
WIDE = 420

Point = tuple[float, float]
Colour = tuple[int, int, int]
Vector = NDArray[np.float64]


def parcels(smallest: float, aspect: float, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    """Divide the land again and again, across its longer side, until its parcels are small."""
    found, stack = [], [(0, 0, WIDE, WIDE)]
    while stack:
        x0, y0, x1, y1 = stack.pop()
        width, height = x1 - x0, (y1 - y0) * aspect
        if max(width, height) <= smallest * rng.uniform(1.2, 2.4) or min(x1 - x0, y1 - y0) < 4:
            found.append((x0, y0, x1, y1))
        elif width > height:
            cut = x0 + round((x1 - x0) * rng.uniform(0.35, 0.65))
            stack += [(x0, y0, cut, y1), (cut, y0, x1, y1)]
        else:
            cut = y0 + round((y1 - y0) * rng.uniform(0.35, 0.65))
            stack += [(x0, y0, x1, cut), (x0, cut, x1, y1)]
    return found


def vary(colour: Colour, most: float, rng: np.random.Generator) -> Colour:
    """A colour near another: at most so much brighter or darker, and half as much in hue."""
    shift = rng.uniform(-most, most) + rng.uniform(-most / 2, most / 2, 3)
    return tuple(int(value) for value in np.clip(np.array(colour) + shift, 0, 255))  # type: ignore[return-value]


def flat(colour: Colour, rng: np.random.Generator, noise: float) -> Image.Image:
    """A colour over the whole view, with changes that are slow, and grain."""
    coarse = rng.normal(0, noise, (8, 8, 1)).astype(np.float32)
    slow = np.asarray(Image.fromarray(coarse[..., 0]).resize((SIDE, SIDE), Image.Resampling.BICUBIC))[
        ..., None
    ]
    grain = rng.normal(0, noise / 2, (SIDE, SIDE, 1)).astype(np.float32)
    return Image.fromarray(np.clip(np.array(colour, np.float32) + slow + grain, 0, 255).astype(np.uint8))


def tinted(image: Image.Image, rng: np.random.Generator, most: float) -> Image.Image:
    """An image brighter or darker by at most a share, and a third as much in hue."""
    gains = 1 + rng.uniform(-most, most) + rng.uniform(-most / 3, most / 3, 3)
    tables = [np.clip(np.arange(256) * gain, 0, 255).astype(np.uint8) for gain in gains]
    return image.point(np.concatenate(tables).tolist())


def bend(
    rng: np.random.Generator, angle: float, swing: float, length: float, aside: float | None = None,
    middle: Vector | None = None,
) -> list[Point]:  # fmt: skip
    """A wavy line across the view, `swing` pixels to either side of its direction."""
    middle = np.array([128.0, 128.0]) if middle is None else middle
    along = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-along[1], along[0]])
    aside = float(rng.uniform(-40, 40)) if aside is None else aside
    phase = rng.uniform(0, 2 * math.pi)
    points = []
    for t in np.linspace(-230, 230, 60):
        wave = swing * (math.sin(2 * math.pi * t / length + phase) - math.sin(phase))
        points.append(tuple(middle + along * t + across * (wave + aside)))
    return points


def shape(draw: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    """A mask of what `draw` draws, with smooth edges."""
    mask = Image.new("L", (SIDE * FINE, SIDE * FINE))
    draw(ImageDraw.Draw(mask))
    return mask.resize((SIDE, SIDE), Image.Resampling.BOX)


def stroke(points: Sequence[Point], width: float) -> Image.Image:
    """A mask of a line of so many pixels' width."""
    fine = [(FINE * x, FINE * y) for x, y in points]
    return shape(lambda pen: pen.line(fine, fill=255, width=max(1, round(FINE * width)), joint="curve"))


def half(line: Sequence[Point], shift: Vector, side: Vector) -> Image.Image:
    """A mask of all that lies on one side of a line."""
    near = [(FINE * (x + shift[0]), FINE * (y + shift[1])) for x, y in line]
    far = [(x + FINE * 600 * side[0], y + FINE * 600 * side[1]) for x, y in (near[-1], near[0])]
    return shape(lambda pen: pen.polygon([*near, *far], fill=255))


def near(middle: Vector, radius: float) -> Image.Image:
    """A mask of a disc."""
    return shape(lambda pen: pen.ellipse(box(middle, radius), fill=255))


def box(middle: Vector, radius: float) -> tuple[float, float, float, float]:
    """The box of a circle, in the pixels of `shape`."""
    x, y = FINE * middle
    return (x - FINE * radius, y - FINE * radius, x + FINE * radius, y + FINE * radius)


def turned(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The middle of a canvas of `WIDE` pixels, turned by any angle."""
    image = canvas.rotate(rng.uniform(0, 360), Image.Resampling.BILINEAR)
    edge = (WIDE - SIDE) // 2
    return image.crop((edge, edge, edge + SIDE, edge + SIDE))


def shrunk(photo: Image.Image, side: int) -> Image.Image:
    """A photo as a small square. `reducing_gap` averages blocks first, which costs a fraction."""
    return photo.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2)
