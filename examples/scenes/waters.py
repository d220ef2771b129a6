"""Scenes by the water: beach, river and harbor."""

from __future__ import annotations

import numpy as np

from examples.scenes.canvas import Canvas, Colour, Frame
from examples.scenes.colours import pick, scaled, varied
from examples.scenes.plants import BARE, inside, leaves, plant, scatter
from examples.scenes.textures import mask_of, noise, soil, thicket, water
from examples.scenes.vehicles import boat

SANDS: tuple[Colour, ...] = ((214, 200, 182), (200, 184, 172), (232, 220, 184), (206, 194, 172))
SEAS: tuple[Colour, ...] = (
    *((104, 116, 124), (84, 142, 120), (116, 116, 130)),
    *((70, 124, 112), (76, 104, 104)),
)
MEADOWS: tuple[Colour, ...] = (
    *((124, 134, 104), (146, 134, 120), (136, 124, 124)),
    *((112, 134, 106), (140, 136, 106)),
)
MUDS: tuple[Colour, ...] = ((178, 164, 146), (156, 144, 132), (186, 174, 158))
RIVERS: tuple[Colour, ...] = (
    *((66, 62, 58), (48, 50, 52), (78, 70, 66)),
    *((36, 40, 42), (58, 64, 60), (76, 74, 58)),
)
BASINS: tuple[Colour, ...] = ((44, 66, 70), (30, 62, 60), (62, 70, 74), (74, 80, 70), (48, 60, 84))
PLANKS: tuple[Colour, ...] = ((196, 184, 164), (178, 166, 156), (206, 200, 186), (150, 130, 116))


def beach(canvas: Canvas) -> None:
    """Sand, its wet edge, the white surf and the sea."""
    rng = canvas.rng
    frame = Frame(heading=float(rng.choice([0, 90, 180, 270])) + rng.uniform(-30, 30))
    along, across = canvas.grid(frame)
    bay = np.float32(rng.uniform(-0.003, 0.003)) * along**2 + np.float32(rng.uniform(-12, 12))
    shore = across + bay + 1.6 * noise(canvas, 26, 4)  # metres out to sea, roughly
    sand, sea = pick(canvas, SANDS), pick(canvas, SEAS)
    canvas.paint(soil(canvas, sand, rough=0.3))
    for edge, wet in ((rng.uniform(4, 10), 0.35), (rng.uniform(1, 4), 0.8)):
        reached = shore + edge + 0.6 * noise(canvas, 12, 4)
        canvas.paint(scaled(sand, 0.74), mask_of(reached, 1.0, opacity=wet))
    canvas.paint(water(canvas, sea, frame.heading, ripple=0.35), mask_of(shore, 1.5))
    shallows = (rng.uniform(5, 20) - np.abs(shore - 2)) / 6
    canvas.paint(varied(canvas, scaled(sea, 1.25), 4), mask_of(shallows, 2.0, opacity=0.5))
    lace = noise(canvas, 3.5, 6, stretch=2.0, heading=frame.heading, decay=0.85)
    breakers = int(rng.integers(1, 4))
    for number in range(breakers):
        width, place = rng.uniform(1.0, 3.0) * breakers, 1.0 + number * rng.uniform(7, 12)
        ahead = shore + 1.5 * noise(canvas, 18, 3, stretch=2, heading=frame.heading) - np.float32(place)
        # A breaker is densest at its edge towards the sea, and thins out to lace towards the shore.
        foam = 1 - np.where(ahead > 0, ahead / 0.35, -ahead) / np.float32(width) + 0.5 * lace
        canvas.paint((242, 244, 242), mask_of(foam - 0.35, 1.1, opacity=0.95))


def river(canvas: Canvas) -> None:
    """A bending river between muddy banks, with weeds and trees on either side."""
    rng, frame = canvas.rng, canvas.anywhere(10)
    along, across = canvas.grid(frame)
    bend, swing, start = (np.float32(value) for value in rng.uniform((4, 14, 0), (16, 34, 6)))
    middle = across + bend * np.sin(along / swing + start)
    # Metres from the water's edge; one side may be more open than the other.
    bank = np.abs(middle) - np.float32(rng.uniform(7, 17)) + 1.4 * noise(canvas, 14, 5)
    wild = np.sign(middle) * np.float32(rng.uniform(-1.2, 1.2))
    canvas.paint(thicket(canvas, pick(canvas, MEADOWS)))
    mud = rng.uniform(0, 3) - 2 * wild + 1.5 * noise(canvas, 10, 5, decay=0.8) - bank
    canvas.paint(soil(canvas, pick(canvas, MUDS)), mask_of(mud, 1.0))
    flow = pick(canvas, RIVERS)
    canvas.paint(water(canvas, flow, frame.heading, ripple=0.15), mask_of(-bank, 1.0))
    shoal = 1.5 * noise(canvas, 20, 4, stretch=3, heading=frame.heading) - 2.2 - bank / 4
    canvas.paint(scaled(flow, 1.2), mask_of(shoal, 3.0, opacity=0.5))
    low, high = BARE if canvas.chance(0.5) else leaves(canvas), leaves(canvas)
    for step, cover, palette in ((2.4, 0.2, low), (5.5, 0.0, high)):
        wood = 3 * (noise(canvas, 14, 3) + wild + np.float32(cover + rng.uniform(-1.1, -0.2)))
        ashore = mask_of(np.minimum(bank - 2.5 - 0.2 * step, wood))
        places = inside(canvas, ashore, scatter(canvas, step, 0.9))
        plant(canvas, places, (0.3 * step, 0.9 * step), palette, tall=2.4)


def harbor(canvas: Canvas) -> None:
    """Boats in their berths along piers, in calm water."""
    rng, frame, far = canvas.rng, canvas.anywhere(6), canvas.far
    canvas.paint(water(canvas, pick(canvas, BASINS), rng.uniform(0, 180), ripple=0.5))
    length, channel, full = rng.uniform(9, 14), rng.uniform(8, 20), rng.uniform(0.75, 0.97)
    sails = 0.7 if canvas.chance(0.4) else 0.0
    berth, planks = 0.36 * length + 1.4, pick(canvas, PLANKS)
    for y in np.arange(-far, far, 2 * length + channel + 2):
        canvas.fill(frame.box(-far, y - 1.1, far, y + 1.1), planks, 0.8)
        for side in (-1, 1):
            for x in np.arange(-far, far, 2 * berth):
                finger = frame.moved(x, y, 90 * side)
                canvas.fill(finger.box(0, -0.3, 0.85 * length, 0.3), planks, 0.8)
                for place in (-berth / 2, berth / 2):
                    if canvas.chance(full):
                        size = length * rng.uniform(0.72, 1.0)
                        turn = 180 if canvas.chance(0.3) else 0
                        moored = finger.moved(1.4 + size / 2, place, turn)
                        boat(canvas, moored, size, sail=canvas.chance(sails))
