"""Scenes of open land: fields, woods and scrub."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from examples.scenes.canvas import Canvas, Colour, Frame
from examples.scenes.colours import pick, scaled
from examples.scenes.plants import BARE, SCRUB, inside, leaves, plant, scatter
from examples.scenes.textures import gradient, mask_of, noise, soil

CROPS: tuple[Colour, ...] = (
    *((118, 152, 120), (98, 124, 92), (136, 130, 126), (124, 112, 108)),
    *((62, 82, 60), (176, 140, 88), (140, 148, 112)),
)
DRY_EARTHS: tuple[Colour, ...] = (
    *((186, 152, 118), (170, 144, 116), (164, 152, 116)),
    *((150, 140, 124), (190, 162, 124)),
)


def agricultural(canvas: Canvas) -> None:
    """Furrows or rows of a crop, sometimes two fields and a track between them."""
    rng, field = canvas.rng, canvas.anywhere(0)
    canvas.paint(_rows(canvas, field, pick(canvas, CROPS), rng.uniform(0.9, 2.6)))
    if canvas.chance(0.4):
        other = field.moved(0, 0, 90 * int(rng.integers(2)))
        _, across = canvas.grid(other)
        border = across - np.float32(rng.uniform(-0.6, 0.6) * canvas.reach)
        canvas.paint(_rows(canvas, other, pick(canvas, CROPS), rng.uniform(0.9, 4)), mask_of(border))
        if canvas.chance(0.6):
            canvas.paint(soil(canvas), mask_of(1.8 + 0.2 * noise(canvas, 4, 3) - np.abs(border), 0.6))


def _rows(canvas: Canvas, frame: Frame, colour: Colour, spacing: float) -> Image.Image:
    """Plants in rows `spacing` metres apart along the frame's x axis, on bare or shaded earth."""
    along, across = canvas.grid(frame)
    bend = 0.12 * noise(canvas, 20, 2) + np.float32(canvas.rng.uniform(-2e-4, 2e-4)) * along**2
    rows = np.sin((across + bend) * np.float32(2 * math.pi / spacing))
    streaks = noise(canvas, 1.2, 2, stretch=40, heading=frame.heading)
    field = 0.9 * rows + 0.45 * streaks + 0.5 * noise(canvas, 30, 3) + 0.65 * noise(canvas, 1.0, 2)
    dark = canvas.rng.uniform(0.5, 0.85)
    return gradient(field, scaled(colour, dark), colour, scaled(colour, 2.05 - dark), spread=2.4)


def forest(canvas: Canvas) -> None:
    """Closed woodland: crown beside crown, a few of them bare or of another kind."""
    canvas.paint(gradient(noise(canvas, 6, 5), (16, 22, 16), (34, 40, 30), (62, 62, 50)))
    step = canvas.rng.uniform(3.2, 5.2)
    if canvas.chance(0.5):
        plant(canvas, scatter(canvas, 2 * step, 1.0), (0.4 * step, 0.7 * step), BARE, tall=1.6)
    plant(canvas, scatter(canvas, step, 0.7), (0.45 * step, 0.95 * step), leaves(canvas), tall=1.9)
    if canvas.chance(0.6):
        plant(canvas, scatter(canvas, 3 * step, 1.0), (0.5 * step, 0.9 * step), leaves(canvas), tall=2.3)


def chaparral(canvas: Canvas) -> None:
    """Dry scrub: dark round bushes scattered on bare earth, denser in places."""
    canvas.paint(soil(canvas, pick(canvas, DRY_EARTHS)))
    dense = mask_of(noise(canvas, 18, 3) + canvas.rng.uniform(0.2, 1.6), 0.5)
    step = canvas.rng.uniform(1.7, 3.0)
    low, high = (inside(canvas, dense, scatter(canvas, spacing, 0.9)) for spacing in (step, 3 * step))
    plant(canvas, low, (0.3 * step, 0.62 * step), SCRUB, tall=1.0)
    plant(canvas, high, (0.5 * step, 0.85 * step), SCRUB, tall=1.2)
