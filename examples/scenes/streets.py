"""Scenes of town streets: intersection and parking lot."""

from __future__ import annotations

import numpy as np
from PIL import Image

from examples.scenes.buildings import block, house, stains
from examples.scenes.canvas import Canvas, Field, Frame, Points
from examples.scenes.colours import ASPHALTS, CONCRETES, FLAT_ROOFS, ROOFS, WORN_PAINT, YELLOW, pick, scaled
from examples.scenes.freeways import LANE
from examples.scenes.plants import inside, leaves, plant, scatter
from examples.scenes.textures import grass, paving, soil
from examples.scenes.vehicles import car, parked


def intersection(canvas: Canvas) -> None:
    """Two streets that cross, with stop lines, crossings, waiting cars and built-up corners."""
    rng, frame = canvas.rng, canvas.anywhere(6)
    canvas.paint(soil(canvas) if canvas.chance(0.3) else grass(canvas))
    lot, wear = paving(canvas, pick(canvas, (*ASPHALTS, *CONCRETES)), frame.heading), stains(canvas)
    along, across = (LANE * lanes + 0.6 for lanes in rng.choice([1, 2, 2, 3], 2))
    # Each arm: its frame, half its width, and half the width of the street that it runs into.
    arms = [
        (frame.moved(0, 0, 90 * turn), *((across, along) if turn % 2 else (along, across)))
        for turn in range(4)
    ]
    for arm, half, other in arms:
        _corner(canvas, arm.moved(other + 3, half + 3), lot, wear)
    surface = paving(canvas, pick(canvas, ASPHALTS), frame.heading)
    for material, kerb in ((pick(canvas, CONCRETES), 2.0), (surface, 0.0)):
        roads = [arm.box(0, -half - kerb, canvas.far, half + kerb) for arm, half, _ in arms]
        bends = [_bend(arm.moved(other + kerb, half + kerb)) for arm, half, other in arms]
        canvas.paint(material, canvas.mask(*roads, *bends))
    for arm, half, other in arms:
        _markings(canvas, arm.moved(other, 0), half)
        _queue(canvas, arm.moved(other + 10, 0), half)


def _bend(corner: Frame, radius: float = 6.0) -> Points:
    """What a rounded corner adds to two streets that meet in the frame's origin, x and y leading off it."""
    turns = np.radians(np.linspace(180, 270, 9))
    curve = radius + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return corner.at(np.vstack([[(-1, -1)], curve]))


def _corner(canvas: Canvas, corner: Frame, lot: Image.Image, wear: Field) -> None:
    """What stands at a corner of two streets: a shop with its parking lot, or houses in their gardens."""
    rng, far = canvas.rng, canvas.far
    x, y = rng.uniform(4, 13, 2)
    if canvas.chance(0.45):
        canvas.paint(lot, canvas.mask(corner.box(1.5, 1.5, far, far)))
        parked(canvas, corner.moved(x, y + 2.5), length=30, full=0.35)
        right, down = rng.uniform((14, 11), (26, 15))
        block(canvas, corner.moved(x, y + 6), right, down, pick(canvas, FLAT_ROOFS), 5.0, wear)
    else:
        for place, length in ((6, 15), (26, 14)):
            house(canvas, corner.moved(x + place, y + 4), length, 10, pick(canvas, ROOFS))
        garden = canvas.mask(corner.box(2, 2, far, far))
        plant(canvas, inside(canvas, garden, scatter(canvas, 8, 0.9)), (1.2, 3.6), leaves(canvas))


def _markings(canvas: Canvas, arm: Frame, half: float) -> None:
    """Stop line, crossing and lanes of an arm of an intersection, `half` metres wide on either side."""
    far = canvas.far
    canvas.line(arm.at([(6.5, 0), (far, 0)]), 0.3, scaled(YELLOW, 0.85))
    canvas.line(arm.at([(6.5, 0.3), (6.5, 0.3 - half)]), 0.4, WORN_PAINT)
    crossing = canvas.rng.random()
    if crossing < 0.2:
        for y in np.arange(0.6 - half, half - 0.4, 1.2):
            canvas.fill(arm.box(2, y, 5, y + 0.6), WORN_PAINT)
    elif crossing < 0.7:
        for edge in (2, 5):
            canvas.line(arm.at([(edge, -half), (edge, half)]), 0.2, WORN_PAINT)
    for y in np.arange(LANE + 0.3, half - 1, LANE):
        for side in (-y, y):
            for x in np.arange(6.5, far, 9):
                canvas.line(arm.at([(x, side), (x + 3, side)]), 0.2, WORN_PAINT)


def _queue(canvas: Canvas, arm: Frame, half: float) -> None:
    """Cars that wait before the stop line, and others that drive off."""
    rng = canvas.rng
    for y in np.arange(LANE / 2 + 0.3, half, LANE):
        for x in np.arange(0, 30, 7.5):
            if canvas.chance(0.4):
                car(canvas, arm.moved(x + rng.uniform(0, 2), -y, 180))
        if canvas.chance(0.7):
            car(canvas, arm.moved(rng.exponential(20), y))


def parkinglot(canvas: Canvas) -> None:
    """Rows of parked cars, nose to nose, sometimes slanted or with islands of trees."""
    rng, frame, far = canvas.rng, canvas.anywhere(5), canvas.far
    canvas.paint(paving(canvas, pick(canvas, (*ASPHALTS, CONCRETES[3])), frame.heading))
    bay, depth, aisle, full = rng.uniform((2.6, 5.3, 6.0, 0.55), (2.9, 5.5, 8.5, 0.97))
    slant = rng.uniform(-25, 25) if canvas.chance(0.4) else 0.0
    rows = np.arange(-far, far, 2 * depth + aisle)
    for y in rows:
        for side in (-1, 1):
            parked(canvas, frame.moved(-far, y + side * depth / 2), 2 * far, full, bay, slant)
    if canvas.chance(0.5):
        islands = [frame.moved(x + rng.uniform(-3, 3), y) for y in rows for x in np.arange(-far, far, 25)]
        for island in islands:
            canvas.fill(island.box(-1.6, -4.5, 1.6, 4.5), pick(canvas, CONCRETES), 0.0)
            canvas.fill(island.box(-1.2, -4.1, 1.2, 4.1), (96, 108, 76))
        plant(canvas, np.array([(island.x, island.y) for island in islands]), (1.6, 2.6), leaves(canvas))
