"""Scenes where people live: houses, close together or alone, and mobile homes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from examples.scenes.buildings import gable, house, pool, trailer
from examples.scenes.canvas import Canvas, Colour, Frame, Points
from examples.scenes.colours import ASPHALTS, CONCRETES, FLAT_ROOFS, GRASSES, ROOFS, SOILS, pick, varied
from examples.scenes.plants import BARE, inside, leaves, plant, scatter
from examples.scenes.textures import grass, mask_of, noise, paving, soil
from examples.scenes.vehicles import car


def denseresidential(canvas: Canvas) -> None:
    """Rows of houses wall by wall along streets."""
    lot, depth = canvas.rng.uniform((11, 14), (14, 18))
    _suburb(canvas, lot, depth, cover=0.82, trees=11)


def mediumresidential(canvas: Canvas) -> None:
    """Houses in gardens along streets, with sheds, old trees and a few pools."""
    lot, depth = canvas.rng.uniform((20, 24), (26, 29))
    _suburb(canvas, lot, depth, cover=0.48, trees=6)


def _suburb(canvas: Canvas, lot: float, depth: float, cover: float, trees: float) -> None:
    """Streets with a row of lots on either side, back to back.

    Args:
        canvas: Where to draw.
        lot: Width of a lot along the street, metres.
        depth: Depth of a lot, metres.
        cover: Share of the lot's width and depth that its house takes; below 0.7 there are gardens.
        trees: Metres between young trees.
    """
    rng, frame, far = canvas.rng, canvas.anywhere(8), canvas.far
    kerb, half = pick(canvas, CONCRETES), rng.uniform(3.5, 5)
    canvas.paint(soil(canvas) if canvas.chance(0.2) else grass(canvas))
    asphalt = paving(canvas, pick(canvas, ASPHALTS), frame.heading)
    streets = [frame.moved(0, y) for y in np.arange(-far, far, 2 * (half + depth))]
    for street in streets:
        canvas.fill(street.box(-far, -half - 1.6, far, half + 1.6), kerb)
        canvas.paint(asphalt, canvas.mask(street.box(-far, -half, far, half)))
    lots = [
        street.moved(x + rng.uniform(-0.5, 0.5), side * half, 90 * side)
        for street in streets
        for side in (-1, 1)
        for x in np.arange(-far, far, lot)
    ]
    ground = canvas.picture.copy()
    for place in lots:
        _garden(canvas, place, lot, depth)
    canvas.paint(ground, Image.new("L", ground.size, 110))  # so that the flat gardens show its texture
    roofs = [pick(canvas, (*ROOFS, *FLAT_ROOFS)) for _ in range(2 if cover > 0.7 else 5)]
    for place in lots:
        _home(canvas, place, lot, depth, cover, pick(canvas, roofs), kerb)
    green = mask_of(noise(canvas, 12, 2) + 0.1)
    foliage = BARE if canvas.chance(0.2) else leaves(canvas)
    plant(canvas, inside(canvas, green, scatter(canvas, trees, 0.8)), (0.8, 0.5 * trees), foliage)
    if cover < 0.7:
        old = inside(canvas, green, scatter(canvas, rng.uniform(9, 16), 0.8))
        plant(canvas, old, (2.5, 6.0), foliage, tall=1.4)
    for street in streets:
        for x in np.arange(-far, far, 18):
            side = canvas.side()
            car(canvas, street.moved(x + rng.uniform(-8, 8), side * (half - 1.2), 90 - 90 * side))


def _garden(canvas: Canvas, frame: Frame, lot: float, depth: float) -> None:
    """The ground of one lot: front and back are each lawn or earth, with beds and terraces."""
    rng, half = canvas.rng, lot / 2
    for start, end in ((1.6, 0.45 * depth), (0.45 * depth, depth)):
        canvas.fill(frame.box(start, -half, end, half), pick(canvas, (*GRASSES, *GRASSES, *SOILS)))
    for _ in range(int(rng.integers(1, 4))):
        bed = frame.moved(rng.uniform(0.5, 0.85) * depth, rng.uniform(-0.7, 0.3) * half)
        canvas.fill(bed.box(0, 0, *rng.uniform(1.5, 5, 2)), pick(canvas, (*GRASSES, *SOILS, *CONCRETES)))


def _home(
    canvas: Canvas, frame: Frame, lot: float, depth: float, cover: float, roof: Colour, drive: Colour
) -> None:
    """One house with its drive; the frame stands at the street's edge and x runs into the lot."""
    rng = canvas.rng
    wide, deep = lot * min(0.92, 1.25 * cover), depth * cover * rng.uniform(0.85, 1.05)
    front, door = rng.uniform(3.5, 5.5), canvas.side() * 0.27 * wide
    canvas.fill(frame.box(0, door - 2.4, front + 2, door + 2.4), varied(canvas, drive, 8))
    if canvas.chance(0.4):
        car(canvas, frame.moved(front - 2.2, door, 180))
    middle, wings = frame.moved(front + deep / 2, 0), int(rng.integers(0, 3))
    if canvas.chance(0.5):
        house(canvas, middle, deep, 0.8 * wide, roof, wings)
    else:
        house(canvas, middle.moved(0, 0, 90), wide, 0.8 * deep, roof, wings)
    if cover > 0.7:
        return
    if canvas.chance(0.6):
        for y in (-lot / 2, lot / 2):
            canvas.line(frame.at([(front + 3, y), (depth, y)]), 0.2, (120, 108, 96), 1.6)
    if canvas.chance(0.5):
        shed = frame.moved(depth - rng.uniform(2, 5), rng.uniform(-0.35, 0.35) * lot, 90)
        length, width = rng.uniform(2.5, 5, 2)
        gable(canvas, shed, length, width, pick(canvas, (*ROOFS, *FLAT_ROOFS)), 2.4)
    if canvas.chance(0.1):
        pool(canvas, frame.moved(front + deep + 5, rng.uniform(-2, 2), 90))


def sparseresidential(canvas: Canvas) -> None:
    """One house with its drive and shed, alone among trees, on a meadow or in dry land."""
    rng, home, dry = canvas.rng, canvas.anywhere(8), canvas.chance(0.3)
    canvas.paint(soil(canvas) if dry else grass(canvas))
    canvas.paint(soil(canvas), mask_of(noise(canvas, 22, 4) - 0.9, 1.2))
    gravel, bend = soil(canvas, pick(canvas, CONCRETES)), rng.uniform(-25, 25)
    drive = home.at([(0, 0), (0, -14), (0.3 * bend, -28), (bend, -48), (3 * bend, -90 - 2 * canvas.far)])
    canvas.paint(gravel, canvas.mask(_band(drive, 3.6), home.disc(0, -9, 6.5), blur=0.4))
    roof = pick(canvas, FLAT_ROOFS if dry else ROOFS)
    house(canvas, home, rng.uniform(15, 21), rng.uniform(8, 11), roof, int(rng.integers(1, 3)))
    if canvas.chance(0.6):
        shed = home.moved(rng.uniform(-20, 20), rng.uniform(16, 20), rng.uniform(-20, 20))
        gable(canvas, shed, 7, 5, pick(canvas, ROOFS), 3.0)
    if canvas.chance(0.3):
        pool(canvas, home.moved(rng.uniform(-10, 10), 15))
    car(canvas, home.moved(2, -9, rng.uniform(0, 360)))
    x, y = canvas.grid(home)
    yard = 6 * (np.maximum(np.abs(x) / 17, np.abs(y) / 15) - 1)
    wood = np.minimum(yard, 2 * (noise(canvas, 20, 3) + np.float32(rng.uniform(0.0, 1.2))))
    way = np.asarray(canvas.mask(_band(drive, 8)), dtype=np.float32) / 255
    step = rng.uniform(2.5, 3.5) if dry else rng.uniform(4.5, 6.5)
    places = inside(canvas, mask_of(wood - 9 * way), scatter(canvas, step, 0.9))
    foliage = BARE if canvas.chance(0.3) and not dry else leaves(canvas)
    plant(canvas, places, (0.3 * step, (0.5 if dry else 0.8) * step), foliage)


def _band(points: Points, width: float) -> Points:
    """The outline of a smooth band of `width` metres through the points."""
    steps = np.linspace(0, len(points) - 1, 40)
    line = np.stack([np.interp(steps, np.arange(len(points)), values) for values in points.T], axis=1)
    line[1:-1] = (line[:-2] + line[1:-1] + line[2:]) / 3
    ahead = np.gradient(line, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * width / 2
    return np.vstack([line + aside, (line - aside)[::-1]])


def mobilehomepark(canvas: Canvas) -> None:
    """Rows of trailers side by side along narrow lanes."""
    rng, frame, far = canvas.rng, canvas.anywhere(8), canvas.far
    canvas.paint(soil(canvas) if canvas.chance(0.5) else grass(canvas))
    asphalt = paving(canvas, pick(canvas, ASPHALTS), frame.heading)
    lane, pitch, length = rng.uniform((2.8, 7.5, 14), (3.6, 9.5, 17))
    slant = rng.uniform(-25, 25) if canvas.chance(0.5) else 0.0
    lanes = [frame.moved(0, y) for y in np.arange(-far, far, 2 * (lane + length + 1.5))]
    for way in lanes:
        canvas.paint(asphalt, canvas.mask(way.box(-far, -lane, far, lane), blur=0.2))
    for way in lanes:
        for side in (-1, 1):
            for x in np.arange(-far, far, pitch):
                place = way.moved(x, side * (lane + 1 + length / 2), 90 * side + slant)
                if canvas.chance(0.93):
                    size = length * rng.uniform(0.8, 1.0)
                    trailer(canvas, place.moved(rng.uniform(-0.8, 0.8), 0), size, rng.uniform(3.8, 5.2))
                if canvas.chance(0.6):
                    car(canvas, place.moved(-0.28 * length, 0.42 * pitch))
    places = inside(canvas, mask_of(noise(canvas, 10, 2)), scatter(canvas, 7, 0.9))
    plant(canvas, places, (0.9, 3.2), leaves(canvas))
