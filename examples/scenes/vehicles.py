"""Cars, lorries, boats and aircraft, each in a frame whose x axis runs to its front."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from examples.scenes.canvas import Canvas, Colour, Frame, Points
from examples.scenes.colours import PAINT, WHITES, pick, scaled, varied

LACQUERS: tuple[Colour, ...] = (
    *((232, 232, 228), (226, 226, 224), (188, 190, 192), (160, 162, 164), (96, 98, 102), (44, 46, 50)),
    *((38, 42, 62), (150, 40, 36), (178, 164, 138), (60, 84, 120), (58, 70, 60)),
)
COVERS: tuple[Colour, ...] = ((48, 84, 140), (60, 66, 80), (38, 60, 96), (214, 212, 204), (120, 100, 84))
TAILS: tuple[Colour, ...] = ((40, 60, 130), (150, 40, 40), (210, 210, 208), (60, 66, 80), (200, 140, 50))
GLASS: Colour = (44, 50, 58)


def car(canvas: Canvas, frame: Frame, base: float = 0.0) -> None:
    """A car, an estate or a pick-up, 4.2 to 5.2 m long, on a road `base` metres high."""
    length, width = canvas.rng.uniform(4.2, 5.2), canvas.rng.uniform(1.75, 2.0)
    colour = pick(canvas, LACQUERS)
    half, side, nose = length / 2, width / 2, 0.35
    body = [(-half, side - 0.1), (nose - half, side), (half - nose, side), (half, side - nose)]
    canvas.fill(_mirrored(frame, body), colour, base + 1.0)
    back = canvas.rng.choice([0.3 - half, 0.9 - half, -0.5])
    canvas.fill(frame.box(back, 0.15 - side, half - 1.2, side - 0.15), GLASS, base + 1.4)
    canvas.fill(frame.box(back + 0.5, 0.2 - side, half - 1.9, side - 0.2), scaled(colour, 1.1), base + 1.5)


def lorry(canvas: Canvas, frame: Frame, base: float = 0.0) -> None:
    """A lorry with a box body, 9 to 17 m long, on a road `base` metres high."""
    half = canvas.rng.uniform(9, 17) / 2
    canvas.fill(frame.box(half - 2.2, -1.2, half, 1.2), pick(canvas, LACQUERS), base + 2.8)
    canvas.fill(frame.box(half - 0.9, -1.1, half - 0.4, 1.1), GLASS)
    canvas.fill(frame.box(-half, -1.25, half - 2.8, 1.25), pick(canvas, WHITES), base + 3.8)


def traffic(canvas: Canvas, frame: Frame, lorries: float = 0.1, base: float = 0.0) -> None:
    """A lorry with the probability `lorries` (0-1), else a car."""
    (lorry if canvas.chance(lorries) else car)(canvas, frame, base)


def parked(
    canvas: Canvas, frame: Frame, length: float, full: float, bay: float = 2.8, slant: float = 0
) -> None:
    """A row of marked bays along the frame's x axis, from 0 to `length` metres.

    Args:
        canvas: Where to draw.
        frame: The middle of the first bay; cars stand across its x axis.
        length: Metres.
        full: Share of the bays with a car, 0-1.
        bay: Width of a bay, metres.
        slant: Degrees by which the bays are turned out of the row's normal.
    """
    for x in np.arange(0, length, bay):
        place = frame.moved(x, 0, 90 + slant)
        canvas.line(place.at([(-2.6, bay / 2), (2.6, bay / 2)]), 0.15, PAINT)
        if canvas.chance(full):
            shift, depth = canvas.rng.uniform(-0.25, 0.25, 2)
            car(canvas, place.moved(depth, shift, 90 + 90 * canvas.side()))


def boat(canvas: Canvas, frame: Frame, length: float, sail: bool = False) -> None:
    """A motor or sailing boat of `length` metres."""
    half, beam = length / 2, length * (0.14 if sail else 0.16) + 0.35
    hull = [(-half, 0.8 * beam), (-0.1 * half, beam), (0.45 * half, 0.78 * beam), (0.8 * half, 0.36 * beam)]
    white, cover = pick(canvas, WHITES), pick(canvas, COVERS)
    deck = pick(canvas, ((214, 208, 196), (196, 180, 156), (226, 226, 226), (204, 206, 210)))
    canvas.fill(_mirrored(frame, [*hull, (half, 0.0)]), scaled(white, 1.06), 1.2)
    canvas.fill(_mirrored(frame, [*hull, (half, 0.0)], 0.78), deck, 1.3)
    canvas.fill(frame.box(-0.25 * half, -0.5 * beam, 0.45 * half, 0.5 * beam), scaled(white, 1.04), 2.4)
    if sail:
        canvas.fill(frame.box(-0.75 * half, -0.28, 0.15 * half, 0.28), cover, 3.0)
        canvas.fill(frame.disc(0.18 * half, 0, 0.2), white, 9.0)
        return
    canvas.fill(frame.box(0.25 * half, -0.42 * beam, 0.42 * half, 0.42 * beam), GLASS)
    if canvas.chance(0.5):
        canvas.fill(frame.box(-0.85 * half, -0.62 * beam, -0.3 * half, 0.62 * beam), cover, 2.2)


def airliner(canvas: Canvas, frame: Frame, length: float) -> None:
    """A jet airliner of `length` metres: swept wings with an engine each, fuselage and tail."""
    metal, white = varied(canvas, (196, 198, 200), 8), varied(canvas, (236, 236, 234), 6)
    for side in (-1, 1):
        engine = frame.moved(0.1 * length, side * 0.17 * length)
        canvas.fill(engine.box(-0.03 * length, -0.9, 0.06 * length, 0.9), scaled(metal, 0.85), 2.0)
    wing = [(-0.05, 0.0), (-0.05, 0.05), (-0.18, 0.47), (-0.14, 0.47), (0.12, 0.04), (0.12, 0.0)]
    flap = [(-0.05, 0.0), (-0.05, 0.05), (-0.18, 0.47), (-0.165, 0.47), (-0.015, 0.05), (-0.015, 0.0)]
    fin = [(-0.46, 0.0), (-0.46, 0.04), (-0.5, 0.18), (-0.46, 0.18), (-0.35, 0.04), (-0.35, 0.0)]
    canvas.fill(_mirrored(frame, wing, length), metal, 3.4)
    canvas.fill(_mirrored(frame, flap, length), scaled(metal, 0.87), 3.4)
    canvas.fill(_mirrored(frame, fin, length), metal, 4.6)
    body = [(-0.5, 0.006), (-0.36, 0.044), (-0.26, 0.052), (0.36, 0.052), (0.44, 0.039), (0.485, 0.02)]
    canvas.fill(_mirrored(frame, [*body, (0.5, 0.0)], length), white, 5.2)
    canvas.fill(frame.box(-0.34 * length, -0.02 * length, 0.4 * length, 0.01 * length), scaled(white, 1.08))
    canvas.fill(frame.box(0.44 * length, -0.026 * length, 0.455 * length, 0.026 * length), GLASS)
    rudder = [(-0.5, 0.008), (-0.36, 0.004)]
    canvas.fill(_mirrored(frame, rudder, length), pick(canvas, TAILS), 0.27 * length)


def propeller_plane(canvas: Canvas, frame: Frame, length: float) -> None:
    """A light aircraft of `length` metres, with straight wings."""
    colour = pick(canvas, (*WHITES, (214, 60, 50)))
    canvas.fill(frame.box(0.04 * length, -0.62 * length, 0.24 * length, 0.62 * length), colour, 2.2)
    canvas.fill(frame.box(-0.48 * length, -0.2 * length, -0.37 * length, 0.2 * length), colour, 1.6)
    body = [(-0.5, 0.014), (0.0, 0.065), (0.3, 0.07), (0.45, 0.047)]
    canvas.fill(_mirrored(frame, body, length), scaled(colour, 0.93), 2.0)
    canvas.fill(frame.box(0.22 * length, -0.45, 0.3 * length, 0.45), GLASS)


def _mirrored(frame: Frame, half: Sequence[tuple[float, float]], unit: float = 1.0) -> Points:
    """A closed shape whose right half is given from back to front, in units of `unit` metres."""
    return frame.at(np.multiply([*half, *((x, -y) for x, y in reversed(half))], unit))
