"""Scenes of the airport: airplane and runway."""

from __future__ import annotations

import numpy as np

from examples.scenes.buildings import block, stains
from examples.scenes.canvas import Canvas, Frame
from examples.scenes.colours import ASPHALTS, CONCRETES, FLAT_ROOFS, PAINT, YELLOW, pick, scaled
from examples.scenes.textures import grass, mask_of, noise, paving, soil
from examples.scenes.vehicles import airliner, propeller_plane, traffic


def airplane(canvas: Canvas) -> None:
    """One airliner at its stand or several aircraft side by side, on an apron of concrete slabs."""
    rng, far = canvas.rng, canvas.far
    frame = Frame(heading=rng.uniform(0, 360))
    colour, slab = pick(canvas, (*CONCRETES, (192, 172, 148))), rng.uniform(5, 8)
    canvas.paint(paving(canvas, colour, frame.heading, wear=0.8))
    for turn in (0, 90):
        rows = frame.moved(0, 0, turn)
        for y in np.arange(-far, far, slab):
            canvas.line(rows.at([(-far, y), (far, y)]), 0.15, scaled(colour, 0.84))
    canvas.paint(scaled(colour, 0.45), mask_of(noise(canvas, 5, 4) - 2.1, 1.5))
    canvas.line(frame.at([(-far, 0), (far, 0)]), 0.35, YELLOW)
    kind = rng.random()
    if kind < 0.45:
        _stand(canvas, frame)
        return
    if canvas.chance(0.5):
        canvas.paint(grass(canvas), canvas.mask(frame.box(rng.uniform(24, 32), -far, far, far)))
    if kind < 0.8:
        length = rng.uniform(24, 38)
        for y in np.arange(-far, far, 1.05 * length):
            airliner(canvas, frame.moved(rng.uniform(-2, 2), y, 180 * int(rng.integers(2))), length)
    else:
        for x in np.arange(-26, far, 26):
            for y in np.arange(-far, far, 14):
                if canvas.chance(0.8):
                    propeller_plane(canvas, frame.moved(x, y, rng.uniform(-8, 8)), rng.uniform(8, 11))


def _stand(canvas: Canvas, frame: Frame) -> None:
    """An airliner whose nose points along the frame, its ground crew, and a terminal with a jet bridge."""
    rng, length = canvas.rng, canvas.rng.uniform(34, 44)
    plane = frame.moved(rng.uniform(-7, -2), rng.uniform(-6, 6))
    if canvas.chance(0.6):
        roof = pick(canvas, FLAT_ROOFS)
        hall = frame.moved(length / 2 + rng.uniform(3, 6), -canvas.far)
        block(canvas, hall, 30, 2 * canvas.far, roof, 9.0, stains(canvas))
        door = plane.at([(0.4 * length, -2), (0.43 * length, -6), (length / 2 + 12, -9)])
        canvas.line(door, 2.8, scaled(roof, 0.9), 5.0)
    airliner(canvas, plane, length)
    for _ in range(int(rng.integers(4, 10))):
        spot = frame.moved(rng.uniform(-34, 14), canvas.side() * rng.uniform(9, 34), rng.uniform(0, 360))
        traffic(canvas, spot, lorries=0.2)


def runway(canvas: Canvas) -> None:
    """A runway with its centre line, edge lines and rubber marks."""
    rng, far = canvas.rng, canvas.far
    frame = canvas.anywhere(12)
    half = rng.uniform(16, 26)
    shoulder = half + rng.uniform(2, 8)
    colour = pick(canvas, (*ASPHALTS, *ASPHALTS, CONCRETES[1], CONCRETES[3]))
    verge = paving(canvas, scaled(colour, rng.uniform(0.75, 1.2)), frame.heading)
    canvas.paint(grass(canvas) if canvas.chance(0.55) else soil(canvas))
    canvas.paint(verge, canvas.mask(frame.box(-far, -shoulder, far, shoulder)))
    surface = paving(canvas, colour, frame.heading, wear=0.7)
    canvas.paint(surface, canvas.mask(frame.box(-far, -half, far, half)))
    for y in np.arange(-half, half, rng.uniform(3.5, 7.5)):
        canvas.line(frame.at([(-far, y), (far, y)]), 0.15, scaled(colour, 0.86))
    _, across = canvas.grid(frame)
    streaks = noise(canvas, 1.5, 3, stretch=30, heading=frame.heading)
    rubber = 0.5 - np.abs(across) / np.float32(rng.uniform(4, 10)) + 0.6 * streaks
    canvas.paint(scaled(colour, 0.4), mask_of(rubber, 2.4, opacity=0.75))
    for y in (1.2 - half, half - 1.2):
        canvas.line(frame.at([(-far, y), (far, y)]), 0.9, PAINT)
    for x in np.arange(-far - rng.uniform(0, 50), far, 50):
        canvas.fill(frame.box(x, -0.45, x + 30, 0.45), PAINT)
    if canvas.chance(0.45):
        mark = frame.moved(rng.uniform(-25, 5), 0)
        for y in (-12, -9, -6, 4.2, 7.2, 10.2):
            canvas.fill(mark.box(0, y, 22, y + 1.8), PAINT)
    if canvas.chance(0.4):
        for x in np.arange(-far, far, 15):
            for side in (-1, 1):
                stripe = [(x, side * (half + 1)), (x + 5, side * (shoulder + 4))]
                canvas.line(frame.at(stripe), 0.6, YELLOW)
