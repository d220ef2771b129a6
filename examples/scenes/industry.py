"""Scenes of large buildings and of industry: buildings and storage tanks."""

from __future__ import annotations

import numpy as np

from examples.scenes.buildings import block, house, stains, tank
from examples.scenes.canvas import Canvas, Colour, Field, Frame
from examples.scenes.colours import (
    ASPHALTS,
    CONCRETES,
    FLAT_ROOFS,
    ROOFS,
    SOILS,
    WHITES,
    pick,
    scaled,
    varied,
)
from examples.scenes.plants import inside, leaves, plant, scatter
from examples.scenes.textures import grass, mask_of, noise, paving, soil
from examples.scenes.vehicles import parked, traffic

GRAVELS: tuple[Colour, ...] = (*SOILS, (138, 136, 126), (160, 156, 148))


def buildings(canvas: Canvas) -> None:
    """Large flat-roofed buildings of several heights, with yards and streets between them."""
    frame, far = canvas.anywhere(15), canvas.far
    canvas.paint(paving(canvas, pick(canvas, (*ASPHALTS, *CONCRETES)), frame.heading))
    wear, lawn, foliage = stains(canvas), grass(canvas), leaves(canvas)
    for corner, right, down in _parcels(canvas, frame.moved(-far, -far), 2 * far, 2 * far):
        use = canvas.rng.random()
        if use < 0.1:
            park = canvas.mask(corner.box(1, 1, right - 1, down - 1))
            canvas.paint(lawn, park)
            plant(canvas, inside(canvas, park, scatter(canvas, 7, 0.9)), (1.2, 4.5), foliage)
        elif use < 0.24:
            for y in (3.0, down - 3.0):
                parked(canvas, corner.moved(2, y), right - 4, full=0.7)
        elif use < 0.32 and down < 20:
            roof = pick(canvas, (*ROOFS, (166, 92, 74)))
            house(canvas, corner.moved(right / 2, down / 2), 0.85 * right, 0.7 * down, roof)
        else:
            _storeys(canvas, corner, right, down, wear)


def _parcels(canvas: Canvas, corner: Frame, right: float, down: float) -> list[tuple[Frame, float, float]]:
    """Divide a block of land at random: corner, longer and shorter side (metres) of each parcel."""
    if right < down:
        return _parcels(canvas, corner.moved(right, 0, 90), down, right)
    if right < canvas.rng.uniform(30, 68):
        return [(corner, right, down)]
    gap = 11.0 if right > 90 else 5.0 * canvas.chance(0.25)  # a street, an alley or a shared wall
    left = canvas.rng.uniform(0.35, 0.65) * (right - gap)
    other = corner.moved(left + gap, 0)
    return _parcels(canvas, corner, left, down) + _parcels(canvas, other, right - gap - left, down)


def _storeys(canvas: Canvas, corner: Frame, right: float, down: float, wear: Field) -> None:
    """A building that fills its parcel, often with higher parts on it."""
    rng = canvas.rng
    colour, tall = pick(canvas, FLAT_ROOFS), rng.triangular(6, 10, 30)
    block(canvas, corner, right, down, colour, tall, wear)
    for _ in range(int(rng.integers(0, 3))):
        place = corner.moved(rng.uniform(0, 0.6) * right, rng.uniform(0, 0.6) * down)
        upper, tone = canvas.lifted(place, tall), colour if canvas.chance(0.6) else pick(canvas, FLAT_ROOFS)
        a, b = rng.uniform(0.2, 0.4, 2) * (right, down)
        canvas.fill(upper.box(0, 0, a, b), scaled(tone, 1.15), tall + 4)
        canvas.fill(upper.box(0.5, 0.5, a - 0.5, b - 0.5), tone, tall + 3.6)


def storagetanks(canvas: Canvas) -> None:
    """Round white tanks within a bund, with pipes, sheds and service roads."""
    rng, frame, far = canvas.rng, canvas.anywhere(12), canvas.far
    canvas.paint(grass(canvas) if canvas.chance(0.15) else soil(canvas, pick(canvas, GRAVELS)))
    canvas.paint(soil(canvas), mask_of(noise(canvas, 18, 4) - 0.6))
    radius = rng.uniform(6, 14)
    pitch = 2 * radius + rng.uniform(1.5, 5)
    columns, rows = (max(1, round(length / pitch)) for length in rng.uniform((35, 22), (60, 45)))
    right, down = columns * pitch / 2 + 2.5, rows * pitch / 2 + 2.5
    x, y = right + rng.uniform(8, 14), down + rng.uniform(7, 12)
    roads = frame.box(x - 3.5, -far, x + 3.5, far), frame.box(-far, y - 3, far, y + 3)
    canvas.paint(paving(canvas, pick(canvas, ASPHALTS), frame.heading), canvas.mask(*roads, blur=0.3))
    pad = paving(canvas, pick(canvas, (*CONCRETES, *ASPHALTS)), frame.heading, wear=0.6)
    white, wall = scaled(pick(canvas, WHITES), 1.06), pick(canvas, CONCRETES)
    for bund in (frame, frame.moved(2 * x, 0), frame.moved(-2 * right - 5, 0)):
        edge = bund.box(-right, -down, right, down)
        canvas.paint(pad, canvas.mask(edge))
        canvas.line(np.vstack([edge, edge[:1]]), 0.5, wall, 1.2)
        for column in range(columns):
            for row in range(rows):
                spot = bund.moved((column + 0.5) * pitch + 2.5 - right, (row + 0.5) * pitch + 2.5 - down)
                for offset in (-0.5, 0.5):
                    pipe = spot.at([(offset, 0), (offset, (rows - row - 0.5) * pitch + 4)])
                    canvas.line(pipe, 0.35, (206, 204, 198), 0.8)
                turned = spot.moved(0, 0, rng.uniform(0, 360))
                size, tall = rng.uniform((0.85 * radius, 7), (radius, 13))
                tank(canvas, turned, size, tall, varied(canvas, white, 4))
    wear = stains(canvas)
    for _ in range(int(rng.integers(4, 10))):
        shed = frame.moved(x, rng.uniform(-far, far), canvas.side() * 90 - 90).moved(rng.uniform(4.5, 6), 0)
        long, wide = rng.uniform((2, 2), (7, 5))
        block(canvas, shed, wide, long, pick(canvas, FLAT_ROOFS), 3.0, wear)
    for _ in range(int(rng.integers(2, 7))):
        traffic(canvas, frame.moved(x + rng.uniform(-2, 2), rng.uniform(-far, far), 90), lorries=0.3)
