"""The names of streets and places on a map, and the pins of places.

Coordinates in this file are pixels of the picture; sizes are CSS pixels, as in `overlay_canvas`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from examples.map_pages.overlay_canvas import Brush, OverlayCanvas
from examples.scenes.canvas import Colour

# Without diacritics, as the font that comes with Pillow has none of the Romanian letters.
STREETS = (
    *("Strada Lalelelor", "Bulevardul Garii", "Strada Morii", "Aleea Teilor", "Strada Fabricii"),
    *("Strada Scolii", "Soseaua Veche", "Strada Plopilor", "Aleea Castanilor", "Calea Campului"),
)
PLACES = (
    *("Parcul Mic", "Piata Noua", "Scoala Nr. 7", "Farmacia Verde", "Cofetaria Ana", "Posta", "Biblioteca"),
    *("Gradinita Fluturas", "Atelier Auto", "Brutaria din Colt", "Policlinica", "Sala de Sport"),
)
TOWNS = ("Cartierul Nou", "Valea Mare", "Satul de Sus", "Lunca", "Crangul Lung")
PINS: tuple[Colour, ...] = ((214, 92, 66), (58, 120, 186), (70, 150, 96), (150, 96, 168), (204, 140, 40))

#: Where to write a name: x, y (pixels of the picture), and its angle (degrees, clockwise).
Spot = tuple[float, float, float]


def draw_labels(canvas: OverlayCanvas, rng: np.random.Generator, streets: NDArray[np.bool_] | None) -> None:
    """Draw names of streets and towns, and names of places with their pins, where there is room.

    Args:
        canvas: Where to draw.
        rng: Decides which names there are, and where.
        streets: (height, width): where streets are; without it their names are put anywhere.
    """
    names = [str(name) for name in rng.permutation(STREETS)]
    spots = _random_spots(canvas, rng, 6) if streets is None else _street_spots(streets, rng, 8)
    for name, (x, y, turn) in zip(names, spots, strict=False):
        _draw_name(canvas, x, y, name, 12.5, turn)
    for size, choices, limit in ((19.0, TOWNS, 2), (13.0, PLACES, 11)):
        chosen = [str(name) for name in rng.permutation(choices)[: int(rng.integers(0, limit))]]
        for name, (x, y, _) in zip(chosen, _random_spots(canvas, rng, limit), strict=False):
            _draw_name(
                canvas, x, y, name, size, 0.0, PINS[int(rng.integers(len(PINS)))] if size < 19 else None
            )


def _random_spots(canvas: OverlayCanvas, rng: np.random.Generator, count: int) -> list[Spot]:
    """Spots anywhere in the picture."""
    places = rng.uniform(0.08, 0.92, (count, 2)) * canvas.picture.size
    turns = rng.choice([0.0, 0.0, -90.0, -60.0, 30.0], count) + rng.uniform(-6, 6, count)
    return [(float(x), float(y), float(turn)) for (x, y), turn in zip(places, turns, strict=True)]


def _street_spots(streets: NDArray[np.bool_], rng: np.random.Generator, limit: int) -> list[Spot]:
    """Fewer than `limit` spots on streets, far from each other, each with the angle of its street."""
    spots: list[Spot] = []
    reach = 70
    rows, columns = np.nonzero(streets)
    for pick in rng.permutation(rows.size)[: 3 * limit]:
        top, left = max(0, rows[pick] - reach), max(0, columns[pick] - reach)
        near = np.argwhere(streets[top : top + 2 * reach, left : left + 2 * reach])[::7]
        spreads, axes = np.linalg.eigh(np.cov(near.T)) if len(near) > 40 else ([1.0, 1.0], np.eye(2))
        if spreads[1] < 6 * spreads[0]:
            continue  # not a straight street, but a place where two meet
        down, right = axes[:, 1]
        turn = (math.degrees(math.atan2(down, right)) + 90) % 180 - 90
        y, x = near.mean(axis=0)
        place = (float(left + x), float(top + y))
        if all(math.dist(place, other[:2]) > 3 * reach for other in spots):
            spots.append((*place, turn))
    return spots[: int(rng.integers(2, limit))]


def _draw_name(
    canvas: OverlayCanvas,
    x: float,
    y: float,
    name: str,
    size: float,
    turn: float,
    colour: Colour | None = None,
) -> None:
    """Write a name around (x, y), pixels of the picture, if there is room, with a pin of `colour`."""
    pin = 26.0 if colour else 0.0
    half = ImageFont.load_default(size).getlength(name) / 2 + 4 + pin / 2
    x, y = x / canvas.pixel_ratio, y / canvas.pixel_ratio

    def paint(brush: Brush) -> None:
        if colour:
            brush.draw.polygon([value * brush.scale for value in (4, 14, 20, 14, 12, 26)], (255, 255, 255))
            brush.disc(12, 11, 10, (255, 255, 255))
            brush.disc(12, 11, 8.2, colour)
            brush.disc(12, 11, 3, (255, 255, 255))
        brush.text(pin + 4, 14, name, size, (255, 255, 255), halo=1.6)

    canvas.put((x - half, y - 14, x + half, y + 14), paint, turn=turn, avoid_others=True)
