"""Houses, trailers, flat-roofed blocks, tanks and pools."""

from __future__ import annotations

import numpy as np

from examples.scenes.canvas import Canvas, Colour, Field, Frame
from examples.scenes.colours import WHITES, pick, scaled, varied
from examples.scenes.textures import gradient, noise


def gable(
    canvas: Canvas, frame: Frame, length: float, width: float, colour: Colour, tall: float, hip: bool = False
) -> None:
    """A roof with its ridge along the frame's x axis.

    Args:
        canvas: Where to draw.
        frame: Its middle and heading.
        length: Metres along the ridge.
        width: Metres across it.
        colour: Of a side that faces neither towards the sun nor away from it.
        tall: Height of the eaves, metres.
        hip: Whether the ends slope too.
    """
    half, side = length / 2, width / 2
    ridge = max(half - side, 0.2) if hip else half
    canvas.fill(frame.box(-half - 0.2, -side - 0.2, half + 0.2, side + 0.2), scaled(colour, 0.7), tall)
    sides: list[tuple[float, list[tuple[float, float]]]] = [
        (90, [(-half, side), (half, side), (ridge, 0), (-ridge, 0)]),
        (270, [(-half, -side), (half, -side), (ridge, 0), (-ridge, 0)]),
        (0, [(half, -side), (half, side), (ridge, 0)]),
        (180, [(-half, -side), (-half, side), (-ridge, 0)]),
    ]
    for outward, corners in sides if hip else sides[:2]:
        bright = 1 + 0.24 * canvas.facing(frame.heading + outward)
        canvas.fill(frame.at(corners), scaled(colour, bright), tall)
    canvas.line(frame.at([(-ridge, 0), (ridge, 0)]), 0.35, scaled(colour, 1.15), tall + width / 5)


def house(canvas: Canvas, frame: Frame, length: float, width: float, colour: Colour, wings: int = 1) -> None:
    """A house: a main roof, smaller roofs at right angles to it, and chimneys and vents.

    Args:
        canvas: Where to draw.
        frame: Its middle; x runs along the main ridge.
        length: Metres along the main ridge.
        width: Metres across it.
        colour: Of the roof.
        wings: How many smaller roofs meet the main one.
    """
    rng, hip, tall = canvas.rng, canvas.chance(0.5), canvas.rng.uniform(3.0, 5.5)
    for _ in range(wings):
        wing = frame.moved(rng.uniform(-0.3, 0.3) * length, canvas.side() * width * 0.45, 90)
        gable(canvas, wing, width * rng.uniform(0.7, 1.0), length * rng.uniform(0.32, 0.5), colour, tall, hip)
    gable(canvas, frame, length, width, colour, tall, hip)
    for _ in range(int(rng.integers(1, 4))):
        vent = frame.moved(rng.uniform(-0.4, 0.4) * length, rng.uniform(-0.35, 0.35) * width)
        tone = (190, 186, 180) if canvas.chance(0.5) else (70, 66, 64)
        canvas.fill(vent.box(-0.35, -0.35, 0.35, 0.35), varied(canvas, tone), tall + 2)


def trailer(canvas: Canvas, frame: Frame, length: float, width: float) -> None:
    """A mobile home of length x width metres: a pale, nearly flat roof, often with an awning beside it."""
    rng, half, side = canvas.rng, length / 2, width / 2
    colour = pick(canvas, (*WHITES, (190, 184, 174), (150, 140, 132)))
    if canvas.chance(0.7):
        start, edge = rng.uniform(-0.5, 0.1) * length, canvas.side() * side
        awning = frame.box(start, edge, start + 0.45 * length, edge * (1 + rng.uniform(0.7, 1.3)))
        canvas.fill(awning, pick(canvas, ((206, 204, 198), (176, 168, 158), (222, 222, 222))), 2.4)
    canvas.fill(frame.box(-half, -side, half, side), scaled(colour, 0.86), 3.4)
    for outward, edge in ((90, side), (270, -side)):
        bright = 1 + 0.08 * canvas.facing(frame.heading + outward)
        canvas.fill(frame.box(-half, 0, half, edge), scaled(colour, bright))
    for x in rng.uniform(-0.9, 0.9, 4) * half:
        canvas.fill(frame.box(x - 0.3, -0.3, x + 0.3, 0.3), varied(canvas, (150, 146, 142), 20), 3.9)


def stains(canvas: Canvas) -> Field:
    """A texture of wear, which the flat roofs of a scene share."""
    return 0.7 * noise(canvas, 9, 5, decay=0.7) + 0.5 * noise(canvas, 0.8, 2)


def block(
    canvas: Canvas, frame: Frame, right: float, down: float, colour: Colour, tall: float, wear: Field
) -> None:
    """A flat-roofed building: walls, a parapet, seams of the roofing, and machines on the roof.

    Args:
        canvas: Where to draw.
        frame: One of its corners, at the ground.
        right: Metres along the frame's x axis.
        down: Metres along its y axis.
        colour: Of the roof.
        tall: Metres.
        wear: See `stains`.
    """
    rng, roof = canvas.rng, canvas.lifted(frame, tall)
    canvas.raise_walls(frame.box(0, 0, right, down), scaled(colour, 0.8), tall)
    canvas.fill(roof.box(0, 0, right, down), scaled(colour, 1.15), tall + 0.5)
    field = roof.box(0.6, 0.6, right - 0.6, down - 0.6)
    canvas.fill(field, colour, tall)
    canvas.paint(gradient(wear, scaled(colour, 0.84), colour, scaled(colour, 1.07)), canvas.mask(field))
    if canvas.chance(0.5):
        for x in np.arange(0.6, right - 0.6, rng.uniform(1.5, 6)):
            canvas.line(roof.at([(x, 0.6), (x, down - 0.6)]), 0.15, scaled(colour, 0.86))
    for _ in range(int(rng.poisson(right * down / 40))):
        a, b = rng.triangular(0.02, 0.03, 0.11, 2) * min(right, down, 18)
        machine = roof.moved(rng.uniform(a, right - a), rng.uniform(b, down - b))
        metal = scaled(colour, float(rng.choice([0.55, 0.8, 1.15])))
        canvas.fill(machine.box(-a, -b, a, b), metal, tall + rng.uniform(0.5, 2.2))


def tank(canvas: Canvas, frame: Frame, radius: float, tall: float, colour: Colour) -> None:
    """A storage tank: a wall, and a cone of metal sheets with a stair, a vent and a hatch.

    Args:
        canvas: Where to draw.
        frame: Its middle, at the ground.
        radius: Metres.
        tall: Metres.
        colour: Of the roof's middle tone.
    """
    roof = canvas.lifted(frame, tall)
    canvas.raise_walls(frame.disc(0, 0, radius)[:-1], scaled(colour, 0.75), tall)
    canvas.fill(roof.disc(0, 0, radius), scaled(colour, 0.82), tall)
    for start in range(0, 360, 15):
        bright = 0.97 + 0.08 * canvas.facing(roof.heading + start + 7.5)
        canvas.fill(roof.disc(0, 0, radius - 0.4, start, start + 15), scaled(colour, bright))
    canvas.fill(roof.box(radius * 0.1, -0.35, radius * 1.02, 0.35), scaled(colour, 0.7), tall + 0.7)
    canvas.fill(roof.disc(0, 0, 0.5), scaled(colour, 0.55), tall + 1)
    canvas.fill(roof.disc(0, radius * 0.7, 0.35), scaled(colour, 0.5))


def pool(canvas: Canvas, frame: Frame) -> None:
    """A swimming pool in its terrace."""
    a, b = canvas.rng.uniform(3, 5), canvas.rng.uniform(1.8, 2.6)
    canvas.fill(frame.box(-a - 1.5, -b - 1.2, a + 1.5, b + 1.2), varied(canvas, (200, 192, 178)))
    turns = np.radians(np.arange(0, 360, 12))
    bend = 1 + 0.18 * np.cos(2 * turns + canvas.rng.uniform(0, 6))
    rim = np.stack([a * bend * np.cos(turns), b * bend * np.sin(turns)], axis=1)
    canvas.fill(frame.at(rim), varied(canvas, (92, 178, 200)))
