"""The streets of a district: where they run between the blocks of a plan, and how they are drawn.

Positions `u` and `v` are metres along the two directions of streets, which are slightly turned and bent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from PIL import Image

from examples.scenes.canvas import METRES_PER_PIXEL, Canvas, Frame, Points
from examples.scenes.colours import ASPHALTS, CONCRETES, PAINT, WORN_PAINT, pick
from examples.scenes.plants import leaves, plant
from examples.scenes.textures import paving
from examples.scenes.vehicles import traffic

CELL_PIXELS = 256  # side of a cell of the plan: the size of a UC Merced photo
CELL_METRES = CELL_PIXELS * METRES_PER_PIXEL

#: Classes that are a band through the middle of a cell, and may cross the whole district.
LONG = {"freeway", "river", "runway"}
#: Classes between which there is no street.
_WILD = {"agricultural", "chaparral", "forest", "golfcourse", "sparseresidential"}
_BARE = {"airplane", "beach", "runway"}  # nor a row of trees
_STREETLESS = LONG | _WILD | _BARE | {"baseballdiamond", "overpass"}


@dataclass(frozen=True)
class StreetGrid:
    """Where the blocks and streets of a plan lie on the ground, metres from its middle.

    Attributes:
        plan: For each row of cells their class names.
        tilt: Degrees by which the whole grid is turned.
        sway: Phases of the bends of the two axes, radians.
    """

    plan: Sequence[Sequence[str]]
    tilt: float
    sway: tuple[float, ...]

    @classmethod
    def bent(cls, plan: Sequence[Sequence[str]], rng: np.random.Generator) -> StreetGrid:
        """The grid of a plan, turned and bent at random."""
        # The limit keeps the middle of each cell within its cell.
        max_tilt = min(8.0, math.degrees(0.5 * CELL_METRES / (CELL_METRES * max(len(plan), len(plan[0])))))
        sway = rng.uniform(0, 2 * math.pi, 2).tolist()
        return cls(plan, float(rng.uniform(0.4, 1.0) * rng.choice([-max_tilt, max_tilt])), tuple(sway))

    @property
    def columns(self) -> int:
        """Cells from left to right."""
        return len(self.plan[0])

    @property
    def rows(self) -> int:
        """Cells from top to bottom."""
        return len(self.plan)

    def at(self, axis: int, along: Points | float, across: Points | float) -> Points:
        """Points `along` an axis and `across` it, on the ground; axis 0 runs to the right, axis 1 down."""
        u, v = np.broadcast_arrays(*((along, across) if axis == 0 else (across, along)))
        bends = 5 * np.sin(v / 75 + self.sway[0]), 5 * np.sin(u / 90 + self.sway[1])
        return Frame(heading=self.tilt).at(np.stack([u + bends[0], v + bends[1]], axis=-1).reshape(-1, 2))

    def strip(self, axis: int, start: float, end: float, left: float, right: float) -> Points:
        """The outline of what lies from `start` to `end` along an axis and from `left` to `right` across."""
        there, over = np.linspace(start, end, 60), np.linspace(left, right, 60)
        sides = ((there, left), (end, over), (there[::-1], right), (start, over[::-1]))
        return np.vstack([self.at(axis, along, across) for along, across in sides])

    def line(self, axis: int, number: int) -> float:
        """Where the line before the row (axis 0) or column (axis 1) of this number runs."""
        return (number - (self.rows if axis == 0 else self.columns) / 2) * CELL_METRES

    def ends(self, axis: int, cell: int, grow: float) -> tuple[float, float]:
        """Where the side of a cell starts and ends, longer by `grow`; at the edge of the district by more."""
        last, rim = (self.columns if axis == 0 else self.rows) - 1, CELL_METRES / 2
        start = self.line(1 - axis, cell)
        return start - (grow if cell else rim), start + CELL_METRES + (grow if cell < last else rim)

    def area(self, left: int, top: int, right: int, bottom: int, grow: float = 0.0) -> Points:
        """The outline of a block of cells, larger by `grow`; at the edge of the district by more."""
        rim = CELL_METRES * max(self.rows, self.columns) / 3
        return self.strip(
            0,
            self.line(1, left) - (grow if left else rim),
            self.line(1, right) + (grow if right < self.columns else rim),
            self.line(0, top) - (grow if top else rim),
            self.line(0, bottom) + (grow if bottom < self.rows else rim),
        )

    def sides(self, axis: int, number: int, cell: int) -> set[str]:
        """The classes on both sides of a side of a cell."""
        cells = ((number - 1, cell), (number, cell))
        return {self.plan[y][x] if axis == 0 else self.plan[x][y] for y, x in cells}

    def seams(self, streets: bool) -> Iterator[tuple[int, int, int]]:
        """The sides of cells between two classes, those with or without a street: axis, line and cell."""
        for axis, lines, cells in ((0, self.rows, self.columns), (1, self.columns, self.rows)):
            for number, cell in product(range(1, lines), range(cells)):
                sides = self.sides(axis, number, cell)
                if len(sides) == 2 and streets != (sides <= _STREETLESS):
                    yield axis, number, cell


def pave(canvas: Canvas, grid: StreetGrid) -> Image.Image:
    """Draw the streets, and trees along them.

    Args:
        canvas: Where to draw; the blocks are on it already.
        grid: Where the streets run.

    Returns:
        A mask of what the streets cover, of the size of the canvas's picture.
    """
    rng, streets = canvas.rng, list(grid.seams(streets=True))
    halves = {street[:2]: rng.uniform(4, 6) for street in streets}
    covered = Image.new("L", canvas.picture.size)
    for colours, kerb in ((CONCRETES, 2.5), (ASPHALTS, 0.0)):
        shapes = []
        for axis, number, cell in streets:
            middle, half = grid.line(axis, number), halves[axis, number] + kerb
            start, end = grid.ends(axis, cell, half)
            shapes.append(grid.strip(axis, start, end, middle - half, middle + half))
        # A blur and a threshold round the corners and leave straight edges as they are.
        mask = canvas.mask(*shapes, blur=2.0).point(lambda value: 255 * (value > 127))
        canvas.paint(paving(canvas, pick(canvas, colours), grid.tilt), mask)
        canvas.heights.paste(0, (0, 0, *mask.size), mask)
        covered.paste(255, None, mask)
    trees = [_draw_traffic(canvas, grid, street, halves[street[:2]], set(streets)) for street in streets]
    for axis, number, cell in grid.seams(streets=False):
        if _BARE & grid.sides(axis, number, cell):
            continue
        along = grid.line(1 - axis, cell) + np.arange(0, CELL_METRES, 4)
        trees.append(grid.at(axis, along, grid.line(axis, number) + rng.normal(0, 1.5, along.size)))
    if trees:
        places = np.vstack(trees)
        plant(canvas, places[rng.random(len(places)) < 0.7], (1.0, 3.6), leaves(canvas))
    return covered


def _draw_traffic(
    canvas: Canvas,
    grid: StreetGrid,
    street: tuple[int, int, int],
    half: float,
    streets: set[tuple[int, int, int]],
) -> Points:
    """Draw the markings and cars of a street. Returns where trees stand beside it."""
    rng, (axis, number, cell) = canvas.rng, street
    middle, (start, stop) = grid.line(axis, number), grid.ends(axis, cell, 0)
    # Where another street meets it, there is a pedestrian crossing before the corner.
    ends = [start, stop]
    for end, inward in ((0, 1), (1, -1)):
        meets = {(1 - axis, cell + end, number - 1), (1 - axis, cell + end, number)} & streets
        if not meets:
            continue
        ends[end] += 13 * inward
        for y in np.arange(0.6 - half, half - 0.4, 1.2):
            low, high = sorted((ends[end] - 4 * inward, ends[end] - inward))
            canvas.fill(grid.strip(axis, low, high, middle + y, middle + y + 0.6), WORN_PAINT)
    for place in np.arange(ends[0], ends[1] - 2, 7.5):
        canvas.line(grid.at(axis, np.array([place, place + 4]), middle), 0.25, PAINT)
    for place in np.arange(start + 2, stop, 6.5):
        for side in (-1, 1):
            offset, share = (half - 1.1, 0.3) if ends[0] < place < ends[1] else (half / 2, 0.1)
            offset, share = (half / 2, 0.12) if canvas.chance(0.4) else (offset, share)
            if canvas.chance(share):
                (spot,) = grid.at(axis, place, middle + side * offset)
                heading = grid.tilt + 90 * axis + (0 if (side > 0) == (axis == 0) else 180)
                traffic(canvas, Frame(float(spot[0]), float(spot[1]), heading), lorries=0.06)
    along = np.arange(ends[0], ends[1], rng.uniform(6, 10))
    return np.vstack([grid.at(axis, along, middle + side * (half + 2.2)) for side in (-1, 1)])
