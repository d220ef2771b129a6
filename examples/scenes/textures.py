"""Noise, and the ground materials that are made from it."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from examples.scenes.canvas import Canvas, Colour, Field
from examples.scenes.colours import GRASSES, SOILS, pick, scaled, varied


def noise(
    canvas: Canvas,
    feature: float,
    octaves: int = 4,
    stretch: float = 1.0,
    heading: float = 0.0,
    decay: float = 0.6,
) -> Field:
    """Smooth random values of several sizes: mean about 0, standard deviation 1.

    Args:
        canvas: Gives the size and the random generator.
        feature: Size of the largest blotches, metres; each octave has half the size of the one before.
        octaves: How many sizes are added.
        stretch: How many times longer the blotches are along `heading` than across it.
        heading: Degrees.
        decay: Strength of an octave, relative to the one before.
    """
    cos, sin = math.cos(math.radians(heading)), math.sin(math.radians(heading))
    total = np.zeros((canvas.picture.width,) * 2, dtype=np.float32)
    for octave in range(octaves):
        cell = feature * canvas.density / 2**octave
        reduced = 4 if cell > 16 else 1  # large blotches need no full resolution on their way
        side, along, across = total.shape[0] // reduced, reduced / (cell * stretch), reduced / cell
        rows, columns = (math.ceil(side * 1.5 * step) + 6 for step in (across, along))
        values = canvas.rng.standard_normal((rows, columns)).astype(np.float32)
        turn = (
            *(cos * along, sin * along, columns / 2 - side / 2 * (cos + sin) * along),
            *(-sin * across, cos * across, rows / 2 - side / 2 * (cos - sin) * across),
        )
        smooth = Image.Resampling.BILINEAR if reduced == 1 else Image.Resampling.BICUBIC
        layer = Image.fromarray(values).transform((side, side), Image.Transform.AFFINE, turn, smooth)
        total += np.asarray(layer.resize(total.shape, smooth)) * np.float32(decay**octave)
    even: Field = (total - total.mean()) / (total.std() + np.float32(1e-6))
    return even


def gradient(field: Field, *colours: Colour, spread: float = 2.0) -> Image.Image:
    """Colour a field: the first colour stands for -spread and below, the last for +spread and above."""
    levels = np.clip(field * (127.5 / spread) + 127.5, 0, 255).astype(np.uint8)
    stops = np.linspace(0, 255, len(colours))
    channels = [np.interp(np.arange(256), stops, channel) for channel in zip(*colours, strict=True)]
    return Image.fromarray(np.stack(channels, axis=1).astype(np.uint8)[levels])


def mask_of(field: Field, softness: float = 0.3, opacity: float = 1.0) -> Image.Image:
    """A mask (mode L) of where the field is above 0.

    Args:
        field: Any values, one for each supersampled pixel.
        softness: Over how many units of the field the mask fades in.
        opacity: Value of the mask where it is fully set, 0-1.
    """
    return Image.fromarray((np.clip(field / softness + 0.5, 0, 1) * (255 * opacity)).astype(np.uint8))


def grass(canvas: Canvas, colour: Colour | None = None, rough: float = 1.0) -> Image.Image:
    """Grass: tufts, and paler and darker patches; `rough` scales how much they show."""
    colour = colour or pick(canvas, GRASSES)
    field = 0.6 * noise(canvas, 20, 4) + 0.8 * noise(canvas, 2.5, 5, decay=0.8)
    dark, dry = scaled(colour, 1 - 0.3 * rough), varied(canvas, scaled(colour, 1 + 0.24 * rough), 6)
    return gradient(field, dark, colour, dry)


def soil(canvas: Canvas, colour: Colour | None = None, rough: float = 1.0) -> Image.Image:
    """Bare earth, gravel or sand; `rough` scales how blotchy it is."""
    colour = colour or pick(canvas, SOILS)
    dark, pale = scaled(colour, 1 - 0.18 * rough), scaled(colour, 1 + 0.14 * rough)
    return gradient(noise(canvas, 20, 7, decay=0.72), dark, colour, pale)


def thicket(canvas: Canvas, colour: Colour) -> Image.Image:
    """Wild ground: weeds, reeds and brushwood, too low to be drawn as plants."""
    field = 0.7 * noise(canvas, 16, 4) + 0.9 * noise(canvas, 2.0, 4, decay=0.85)
    return gradient(field, scaled(colour, 0.5), scaled(colour, 0.85), colour, scaled(colour, 1.3))


def paving(canvas: Canvas, colour: Colour, heading: float = 0.0, wear: float = 1.0) -> Image.Image:
    """Asphalt or concrete, worn in streaks along `heading`; `wear` scales how much."""
    field = noise(canvas, 1.2, 3, stretch=30, heading=heading) + noise(canvas, 12, 7, decay=0.75)
    return gradient(field, scaled(colour, 1 - 0.22 * wear), colour, scaled(colour, 1 + 0.2 * wear), spread=3)


def water(canvas: Canvas, colour: Colour, heading: float = 0.0, ripple: float = 1.0) -> Image.Image:
    """Open water with ripples across `heading`; `ripple` scales how much they show."""
    field = 0.6 * noise(canvas, 30, 3) + ripple * noise(
        canvas, 1.6, 3, stretch=3, heading=heading + 90, decay=0.8
    )
    return gradient(field, scaled(colour, 0.78), colour, scaled(colour, 1.3), spread=3)
