"""Trees and bushes: bumps in the map of heights, lit by the scene's sun."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from examples.scenes.canvas import Canvas, Colour, Field, Points
from examples.scenes.textures import gradient, mask_of, noise

Palette = tuple[Colour, Colour, Colour]  # of the shaded side, of the middle and of the lit side

LEAVES: tuple[Palette, ...] = (
    ((20, 36, 24), (56, 84, 50), (120, 148, 96)),
    ((26, 40, 30), (70, 92, 66), (138, 154, 118)),
    ((16, 28, 20), (44, 66, 42), (98, 122, 80)),
    ((34, 42, 28), (86, 96, 60), (150, 156, 108)),
)
BARE: Palette = ((52, 44, 44), (112, 100, 96), (164, 152, 146))  # a leafless crown, in winter
SCRUB: Palette = ((42, 40, 30), (84, 78, 56), (126, 116, 86))


def leaves(canvas: Canvas) -> Palette:
    """A palette of foliage for a scene."""
    return LEAVES[int(canvas.rng.integers(len(LEAVES)))]


def scatter(canvas: Canvas, spacing: float, jitter: float = 0.5) -> Points:
    """Points about `spacing` metres apart over the whole frame and a little beyond it.

    Args:
        canvas: Gives the extent and the random generator.
        spacing: Metres between neighbours of the grid that the points start from.
        jitter: How far each point is moved at most along either axis, in units of `spacing`.
    """
    reach = canvas.reach + spacing
    line = np.arange(-reach, reach, spacing)
    grid: Points = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    return grid + canvas.rng.uniform(-jitter, jitter, grid.shape) * spacing


def inside(canvas: Canvas, mask: Image.Image, points: Points) -> Points:
    """The points that lie in the frame where the mask is set."""
    columns, rows = ((points + canvas.reach) * canvas.density).astype(np.int64).T
    framed = (columns >= 0) & (rows >= 0) & (columns < mask.width) & (rows < mask.height)
    kept: Points = points[framed][np.asarray(mask)[rows[framed], columns[framed]] > 127]
    return kept


def plant(
    canvas: Canvas, places: Points, radius: tuple[float, float], palette: Palette, tall: float = 1.7
) -> None:
    """Draw a crown at each place.

    Args:
        canvas: Where to draw.
        places: Middles of the crowns, metres.
        radius: Smallest and largest radius of a crown, metres.
        palette: Colours from shade to light.
        tall: Height of a crown in units of its radius.
    """
    side = canvas.picture.width
    heights = np.zeros((side, side), dtype=np.float32)
    tones = np.zeros_like(heights)
    lumps = noise(canvas, max(1.6, radius[0] * 0.8), 3, decay=0.75)
    for x, y in places:
        size = canvas.rng.triangular(radius[0], radius[0], radius[1] + 1e-6)
        reach = math.ceil(size * 1.3 * canvas.density)
        column, row = (round((value + canvas.reach) * canvas.density) for value in (x, y))
        top, left = max(0, row - reach), max(0, column - reach)
        window = np.s_[top : max(0, row + reach), left : max(0, column + reach)]
        crown = heights[window]
        if not crown.size:
            continue
        down = (np.arange(top, top + crown.shape[0], dtype=np.float32) - row)[:, None]
        right = (np.arange(left, left + crown.shape[1], dtype=np.float32) - column)[None, :]
        ragged = (down**2 + right**2) / np.float32((size * canvas.density) ** 2) + 0.22 * lumps[window]
        bump = np.float32(size * tall) * np.sqrt(np.clip(1 - ragged, 0, 1))
        higher = bump > crown
        crown[higher] = bump[higher]
        tones[window][higher] = canvas.rng.normal(0, 0.45)
    _light(canvas, heights, tones + 0.45 * lumps, palette)


def _light(canvas: Canvas, heights: Field, tones: Field, palette: Palette) -> None:
    """Paint crowns of these heights, brighter on the sunny side, and add them to the scene's heights."""
    down, right = np.gradient(heights)
    run = math.hypot(*canvas.sun)
    slope = (right * canvas.sun[0] + down * canvas.sun[1]) * np.float32(canvas.density / run)
    light = 1.1 * np.tanh(0.7 * slope) + tones + 0.5 * noise(canvas, 0.7, 2) - 0.15
    canvas.paint(gradient(light, *palette, spread=2.2), mask_of(heights - 0.15, 0.3))
    canvas.heights.paste(Image.fromarray(np.maximum(np.asarray(canvas.heights), heights)))
