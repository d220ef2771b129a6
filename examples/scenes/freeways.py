"""Scenes of the freeway: freeway and overpass."""

from __future__ import annotations

import numpy as np
from PIL import Image

from examples.scenes.canvas import Canvas, Frame
from examples.scenes.colours import ASPHALTS, CONCRETES, PAINT, YELLOW, pick, scaled
from examples.scenes.plants import SCRUB, inside, leaves, plant, scatter
from examples.scenes.textures import grass, mask_of, noise, paving, soil
from examples.scenes.vehicles import traffic

LANE = 3.6  # metres
EDGE = 2.4  # metres of hard shoulder on either side


def carriageway(
    canvas: Canvas, frame: Frame, lanes: int, surface: Image.Image, busy: float, base: float = 0.0
) -> None:
    """One direction of a freeway along the frame's x axis, its middle at y = 0.

    Args:
        canvas: Where to draw.
        frame: Its middle; traffic runs along x.
        lanes: How many.
        surface: See `paving`.
        busy: Vehicles per 100 m of lane.
        base: Height of the surface, metres.
    """
    rng, far, half = canvas.rng, canvas.far, lanes * LANE / 2
    shape = frame.box(-far, -half - EDGE, far, half + EDGE)
    canvas.fill(shape, PAINT, base)
    canvas.paint(surface, canvas.mask(shape))
    for y, paint in ((-half - 0.2, YELLOW), (half + 0.2, PAINT)):
        canvas.line(frame.at([(-far, y), (far, y)]), 0.25, paint)
    for y in np.arange(1, lanes) * LANE - half:
        for x in np.arange(-far, far, 12):
            canvas.line(frame.at([(x, y), (x + 4, y)]), 0.25, PAINT)
    for y in np.arange(0.5, lanes) * LANE - half:
        x = -far + rng.exponential(20)
        while x < far:
            traffic(canvas, frame.moved(x, y + rng.uniform(-0.4, 0.4)), base=base)
            x += 14 + rng.exponential(100 / busy)


def _verge(canvas: Canvas, bushes: float) -> None:
    """Draw what lies beside a road: grass or bare earth; `bushes` from -3 (none) to 3 (everywhere)."""
    dry = canvas.chance(0.4)
    canvas.paint(soil(canvas) if dry else grass(canvas))
    canvas.paint(soil(canvas), mask_of(noise(canvas, 20, 4) - 0.8, 1.5))
    places = inside(canvas, mask_of(noise(canvas, 16, 3) + np.float32(bushes)), scatter(canvas, 3.5, 0.9))
    plant(canvas, places, (0.6, 2.4), SCRUB if dry else leaves(canvas), tall=1.3)


def _both_ways(canvas: Canvas, frame: Frame, lanes: int, gap: float, busy: float) -> Image.Image:
    """Draw two carriageways `gap` metres apart, with a barrier between them if the gap is narrow.

    Returns:
        The texture of their surface.
    """
    colour = pick(canvas, (*ASPHALTS, *CONCRETES))
    surface = paving(canvas, colour, frame.heading)
    middle = (gap + lanes * LANE) / 2 + EDGE
    if gap < 5:
        canvas.fill(frame.box(-canvas.far, -middle, canvas.far, middle), scaled(colour, 0.85))
    carriageway(canvas, frame.moved(0, -middle, 180), lanes, surface, busy)
    carriageway(canvas, frame.moved(0, middle), lanes, surface, busy)
    if gap < 5:
        canvas.fill(frame.box(-canvas.far, -0.35, canvas.far, 0.35), (176, 172, 162), 1.1)
    return surface


def freeway(canvas: Canvas) -> None:
    """Two carriageways with a median, sometimes with a ramp beside them."""
    rng, frame = canvas.rng, canvas.anywhere(8)
    _verge(canvas, rng.uniform(-1.5, 0))
    lanes, gap, busy = int(rng.integers(2, 6)), rng.uniform(0.6, 12), rng.uniform(0.8, 3)
    surface = _both_ways(canvas, frame, lanes, gap, busy)
    if canvas.chance(0.4):
        beside = gap / 2 + lanes * LANE + 3 * EDGE + rng.uniform(3, 10)
        carriageway(canvas, frame.moved(0, beside), 1, surface, busy)


def overpass(canvas: Canvas) -> None:
    """A freeway, and one or two bridges that cast their shadow on it."""
    rng, frame, far = canvas.rng, canvas.anywhere(8), canvas.far
    _verge(canvas, rng.uniform(-3.5, -1.5))
    lanes, gap = int(rng.integers(3, 7)), rng.uniform(0.6, 4)
    _both_ways(canvas, frame, lanes, gap, rng.uniform(1.5, 4))
    bridge = frame.moved(rng.uniform(-8, 8), 0, rng.normal(90, 14))
    height, width = rng.uniform(7, 11), int(rng.integers(2, 4))
    half, foot = width * LANE / 2 + EDGE, gap / 2 + lanes * LANE + 2 * EDGE
    slopes = paving(canvas, pick(canvas, CONCRETES), bridge.heading)
    for side in (-1, 1):
        slope = bridge.box(side * foot, -2 * half, side * (foot + 9), 2 * half)
        canvas.paint(slopes, canvas.mask(slope, blur=0.2))
    colour = pick(canvas, (*ASPHALTS, *CONCRETES))
    surface = paving(canvas, colour, bridge.heading)
    twin = width == 2 and canvas.chance(0.4)
    for turn, y in ((0, half + 1), (180, -half - 1)) if twin else ((0, 0.0),):
        deck = bridge.moved(0, y, turn)
        carriageway(canvas, deck, width, surface, rng.uniform(1, 3), height)
        for edge in (-half, half):
            canvas.fill(deck.box(-far, edge - 0.3, far, edge + 0.3), scaled(colour, 1.25), height + 1)
