"""Scenes of sport: baseball diamond, golf course and tennis courts."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from examples.scenes.buildings import house
from examples.scenes.canvas import Canvas, Colour, Frame
from examples.scenes.colours import ASPHALTS, CONCRETES, LAWNS, PAINT, ROOFS, pick, scaled, varied
from examples.scenes.plants import BARE, inside, leaves, plant, scatter
from examples.scenes.textures import gradient, grass, mask_of, noise, paving, soil
from examples.scenes.vehicles import parked

CLAYS: tuple[Colour, ...] = (
    *((190, 152, 122), (204, 176, 142), (176, 128, 104)),
    *((212, 190, 162), (184, 144, 92)),
)
SANDS: tuple[Colour, ...] = ((226, 218, 198), (236, 230, 214), (214, 202, 180))
COURTS: tuple[Colour, ...] = (
    *((96, 128, 104), (104, 116, 120), (82, 108, 96)),
    *((92, 112, 150), (112, 132, 112)),
)
SURROUNDS: tuple[Colour, ...] = (
    *((164, 92, 82), (110, 136, 114), (150, 106, 96)),
    *((120, 122, 120), (98, 128, 108)),
)


def baseballdiamond(canvas: Canvas) -> None:
    """The infield of clay with its bases, the foul lines, dugouts, and the grass around it."""
    rng = canvas.rng
    home = Frame(heading=rng.uniform(0, 360)).moved(-rng.uniform(12, 24), 0)  # x runs to second base
    base = float(rng.choice([18.3, 24.4, 27.4, 27.4]))  # from one base to the next: softball to baseball
    lawn = pick(canvas, LAWNS)
    turf, clay = grass(canvas, lawn, rough=0.6), soil(canvas, pick(canvas, CLAYS), rough=0.6)
    canvas.paint(turf)
    x, y = canvas.grid(home)
    if canvas.chance(0.5):
        stripes = np.sin(x * np.float32(2 * math.pi / rng.uniform(6, 12)))
        canvas.paint(scaled(lawn, 1.16), mask_of(stripes, opacity=0.25))
    ragged = 0.15 * noise(canvas, 3, 4)
    mound, plate = np.hypot(x - 0.67 * base, y), np.hypot(x, y)
    infield = np.minimum(1.02 * base - mound, 4.5 + 0.75 * (x - np.abs(y)))
    canvas.paint(clay, mask_of(np.maximum(infield, 4.2 - plate) + ragged, 0.8))
    if canvas.chance(0.4):
        square = 0.7 * base - np.abs(x - 0.707 * base) - np.abs(y) - 2.2
        canvas.paint(turf, mask_of(np.minimum(square, plate - 4.2) + ragged, 0.6))
    canvas.paint(clay, mask_of(2.4 - mound + ragged, 0.5))
    for side in (-1, 1):
        line, roof = home.moved(0, 0, 45 * side), pick(canvas, CONCRETES)
        canvas.line(line.at([(1, 0), (2 * canvas.far, 0)]), 0.2, PAINT)
        canvas.line(line.at([(-4, 6.5 * side), (2 * canvas.far, 6.5 * side)]), 0.2, (110, 110, 106), 1.0)
        canvas.fill(line.box(-2, 7 * side, 14, 10 * side), scaled(roof, 0.95))
        canvas.fill(line.box(0, 10 * side, 9, 13 * side), roof, 2.6)
        for place in ((0, 0), (base, 0), (base, -base * side)):
            spot = line.moved(*place)
            canvas.fill(spot.box(-0.4, -0.4, 0.4, 0.4), (240, 240, 236))
    if canvas.chance(0.5):
        behind = mask_of(3 * noise(canvas, 15, 2) - x - 14)
        plant(canvas, inside(canvas, behind, scatter(canvas, 7, 0.8)), (1.6, 4.5), leaves(canvas))


def golfcourse(canvas: Canvas) -> None:
    """Fairway, a smooth green with its hole, sand bunkers, a path and groups of trees."""
    rng, rough = canvas.rng, pick(canvas, LAWNS)
    frame = Frame(heading=rng.uniform(0, 360))
    x, y = canvas.grid(frame)
    wave = noise(canvas, 40, 2)
    canvas.paint(grass(canvas, rough, rough=0.6))
    fairway, smooth = varied(canvas, scaled(rough, 1.12), 6), varied(canvas, (116, 156, 104), 10)
    mown = noise(canvas, 18, 5) + np.sin(1.2 * x)
    lane = np.float32(rng.uniform(14, 24)) - np.abs(y) + 6 * wave
    canvas.paint(gradient(mown, scaled(fairway, 0.93), scaled(fairway, 1.06)), mask_of(lane, 1.5))
    middle_x, middle_y, radius = (float(value) for value in rng.uniform((-18, -12, 8), (18, 12, 13)))
    green = radius - np.hypot((x - middle_x) / 1.2, y - middle_y) + 2.4 * wave
    putting = gradient(noise(canvas, 10, 5), scaled(smooth, 0.95), scaled(smooth, 1.05))
    canvas.paint(putting, mask_of(green, 0.6))
    hole = frame.moved(middle_x, middle_y)
    canvas.fill(hole.disc(0, 0, 0.25), (240, 240, 236), 2.2)
    sand = soil(canvas, pick(canvas, SANDS), rough=0.6)
    for turn in rng.uniform(0, 2 * math.pi, int(rng.integers(2, 5))):
        a, b = rng.uniform(2.5, 5, 2)
        right = (x - middle_x - (1.2 * radius + 7) * math.cos(turn)) / np.float32(a)
        down = (y - middle_y - (radius + 6) * math.sin(turn)) / np.float32(b)
        bunker = 1 - np.hypot(right, down) + 0.22 * noise(canvas, 6, 2)
        canvas.paint(scaled(rough, 0.7), mask_of(bunker + 0.12, 0.15))
        canvas.paint(sand, mask_of(bunker, 0.12))
    if canvas.chance(0.6):
        path = 1.2 - np.abs(y - np.float32(canvas.side() * rng.uniform(20, 30)) - 5 * wave)
        canvas.paint(soil(canvas, pick(canvas, CONCRETES)), mask_of(path, 0.5))
    wood = np.minimum(np.abs(y) - 18, -green - 7) / 6 + noise(canvas, 22, 2) - 0.3
    step = rng.uniform(5, 7)
    places = inside(canvas, mask_of(wood), scatter(canvas, step, 0.8))
    plant(canvas, places, (0.4 * step, 0.8 * step), leaves(canvas))


def tenniscourt(canvas: Canvas) -> None:
    """Tennis courts side by side within their fence, in a garden or beside a car park."""
    rng, frame, far = canvas.rng, canvas.anywhere(5), canvas.far
    canvas.paint(grass(canvas))
    columns, rows = (int(value) for value in rng.integers(1, (5, 3)))
    right, down = columns * 8.75 + 1.5, rows * 18.25 + 1.5
    cars = canvas.chance(0.5)
    if cars:
        asphalt = paving(canvas, pick(canvas, ASPHALTS), frame.heading)
        canvas.paint(asphalt, canvas.mask(frame.box(right + 5, -far, right + 23, far)))
        parked(canvas, frame.moved(right + 8, -far, 90), 2 * far, full=0.6)
    if canvas.chance(0.6):
        hall = frame.moved(-right - rng.uniform(12, 18), rng.uniform(-20, 20), 90)
        house(canvas, hall, 22, 12, pick(canvas, ROOFS))
    x, y = canvas.grid(frame)
    outside = np.maximum(np.abs(x) - right, np.abs(y) - down) - 2
    if cars:
        outside = np.minimum(outside, np.abs(x - right - 14) - 11)
    trees = mask_of(np.minimum(outside, noise(canvas, 14, 2) + 0.3))
    foliage = BARE if canvas.chance(0.2) else leaves(canvas)
    plant(canvas, inside(canvas, trees, scatter(canvas, 7, 0.8)), (1.4, 3.8), foliage)
    fence = frame.box(-right, -down, right, down)
    surround, court = (paving(canvas, pick(canvas, hues), wear=0.4) for hues in (SURROUNDS, COURTS))
    canvas.paint(surround, canvas.mask(fence))
    for column in range(columns):
        for row in range(rows):
            place = frame.moved((column + 0.5) * 17.5 + 1.5 - right, (row + 0.5) * 36.5 + 1.5 - down)
            _court(canvas, place, court)
    canvas.line(np.vstack([fence, fence[:1]]), 0.25, (70, 78, 72), 1.8)


def _court(canvas: Canvas, frame: Frame, surface: Image.Image) -> None:
    """One court with its lines and net, of the sport's own measures; it lies along the frame's y axis."""
    long, single, double, service = 11.9, 4.1, 5.5, 6.4
    canvas.paint(surface, canvas.mask(frame.box(-double, -long, double, long)))
    for x in (-double, -single, single, double):
        canvas.line(frame.at([(x, -long), (x, long)]), 0.22, PAINT)
    for y, width in ((-long, double), (long, double), (-service, single), (service, single)):
        canvas.line(frame.at([(-width, y), (width, y)]), 0.22, PAINT)
    canvas.line(frame.at([(0, -service), (0, service)]), 0.22, PAINT)
    canvas.line(frame.at([(-double - 0.9, 0), (double + 0.9, 0)]), 0.3, (60, 66, 64), 0.8)
