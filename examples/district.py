"""A district of a town from above: blocks of the scenes' classes, and the streets between them.

All blocks are drawn under one sun and photographed together, so that shadows, haze and colours agree.
Positions `u` and `v` are metres along the streets, which are slightly turned and bent on the ground.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from examples import airport, freeways, industry, land, residential, sports, streets, waters
from examples.canvas import METRES_PER_PIXEL, SUPERSAMPLING, Canvas, Frame, Points
from examples.colours import ASPHALTS, CONCRETES, PAINT, WORN_PAINT, pick
from examples.plants import leaves, plant
from examples.scenes import CLASSES
from examples.textures import paving
from examples.vehicles import traffic

CELL = 256  # pixels of a cell: what one photo of UC Merced shows
NOWHERE = -1  # the class of a street or a seam
SIDE = CELL * METRES_PER_PIXEL  # of a cell, metres

_MODULES = (airport, freeways, industry, land, residential, sports, streets, waters)
_SCENES = {
    label: getattr(module, label) for module in _MODULES for label in CLASSES if hasattr(module, label)
}

#: Classes with one object in the middle: more ground would show no more of them, so each cell is a scene.
_LONE = {"baseballdiamond", "golfcourse", "intersection", "overpass", "sparseresidential"}
_LONE |= {"storagetanks", "tenniscourt"}
#: Classes that are a band through the middle, and may run through the whole district.
_LONG = {"freeway", "river", "runway"}
#: Classes that meet without a street.
_WILD = {"agricultural", "chaparral", "forest", "golfcourse", "sparseresidential"}
_BARE = {"airplane", "beach", "runway"}  # and without a hedge
_OPEN = _LONG | _WILD | _BARE | {"baseballdiamond", "overpass"}
#: What is found side by side.
_KINDS = (
    {"denseresidential", "mediumresidential", "sparseresidential", "mobilehomepark", "tenniscourt"},
    {"buildings", "parkinglot", "denseresidential", "intersection"},
    {"agricultural", "chaparral", "forest", "golfcourse", "sparseresidential", "baseballdiamond", "river"},
    {"agricultural", "airplane", "freeway", "overpass", "parkinglot", "runway", "storagetanks"},
    {"beach", "buildings", "forest", "harbor", "river"},
)
TOWN = (
    *("buildings", "denseresidential", "forest", "intersection", "mediumresidential", "mobilehomepark"),
    *("parkinglot", "river", "sparseresidential", "storagetanks", "tenniscourt"),
)


@dataclass(frozen=True)
class District:
    """A drawn district.

    Attributes:
        image: RGB, `METRES_PER_PIXEL`.
        labels: The names of the classes that occur.
        classes: (height, width) as the image: index into `labels`; `NOWHERE` on streets and seams.
    """

    image: Image.Image
    labels: list[str]
    classes: NDArray[np.int16]


def plan(seed: int, columns: int, rows: int, classes: Sequence[str] = TOWN) -> list[list[str]]:
    """Lay out a plausible district: like stands beside like, in blocks of 1 x 1 to 4 x 3 cells.

    Args:
        seed: Any whole number from 0.
        columns: Cells from left to right.
        rows: Cells from top to bottom.
        classes: Names of the classes to choose from.

    Returns:
        For each row its cells' class names.
    """
    rng = np.random.default_rng([columns, rows, seed])
    cells = [[""] * columns for _ in range(rows)]
    used = dict.fromkeys(classes, 0)
    for row, column in product(range(rows), range(columns)):
        if cells[row][column]:
            continue
        run = next((end for end in range(column, columns) if cells[row][end]), columns) - column
        beside = {cells[max(0, row - 1)][column], cells[row][max(0, column - 1)]}
        weights = [
            (0.01 if label in _LONG and (run < columns or used[label]) else 1)
            * (4 if any(label in kind and kind & beside for kind in _KINDS) else 1)
            / (1 + 2 * used[label]) ** 2
            for label in used
        ]
        label = str(rng.choice(list(used), p=np.divide(weights, sum(weights))))
        wide, high = (1, 1) if label in _LONE else (columns, 1) if label in _LONG else (4, 3)
        right = run if wide == columns else int(rng.integers(min(2, wide), wide + 1))
        down = int(rng.integers(1, high + 1))
        used[label] += 1
        for below in range(row, min(rows, row + down)):
            for aside in range(column, column + min(right, run)):
                cells[below][aside] = cells[below][aside] or label
    return cells


def compose(plan: Sequence[Sequence[str]], seed: int) -> District:
    """Draw a district; the same arguments always give the same pixels.

    Args:
        plan: For each row of cells from the top their class names, all rows of the same length.
        seed: Any whole number from 0.

    Returns:
        The district, `CELL` pixels for each cell of the plan. The middle of each cell shows its class.

    Raises:
        ValueError: If the plan is empty or ragged, or names an unknown class.
    """
    if not plan or not plan[0] or len({len(row) for row in plan}) > 1:
        raise ValueError("A plan needs rows of the same length.")
    labels = sorted({label for row in plan for label in row})
    if unknown := set(labels) - set(CLASSES):
        raise ValueError(f"There are no scenes of {', '.join(sorted(unknown))}.")
    grid = _Grid.bent(plan, np.random.default_rng([seed, 1]))
    canvas = Canvas.blank(CELL * max(grid.columns, grid.rows), np.random.default_rng([seed, 2]))
    classes = Image.new("L", (canvas.size, canvas.size))
    for number, block in enumerate(_blocks(plan)):
        label = plan[block[1]][block[0]]
        _build(canvas, grid, block, label, np.random.default_rng([seed, 3, number]))
        outline = ((grid.area(*block) + canvas.reach) / METRES_PER_PIXEL).ravel().tolist()
        ImageDraw.Draw(classes).polygon(outline, fill=labels.index(label), outline=255, width=6)
    roads = _pave(canvas, grid)
    # Without the threshold the rim of a street would mix the numbers of classes.
    classes.paste(255, None, roads.reduce(SUPERSAMPLING).point(lambda value: 255 * (value > 0)))
    left, top = ((canvas.size - CELL * cells) // 2 for cells in (grid.columns, grid.rows))
    frame = (left, top, left + CELL * grid.columns, top + CELL * grid.rows)
    found = np.asarray(classes.crop(frame)).astype(np.int16)
    return District(canvas.photograph().crop(frame), labels, np.where(found == 255, NOWHERE, found))


@dataclass(frozen=True)
class _Grid:
    """Where the blocks and streets of a plan lie on the ground, metres from its middle."""

    plan: Sequence[Sequence[str]]
    tilt: float  # degrees
    sway: tuple[float, ...]  # radians: where the bends begin

    @classmethod
    def bent(cls, plan: Sequence[Sequence[str]], rng: np.random.Generator) -> _Grid:
        # So little that the middle of a cell never leaves its cell.
        most = min(8.0, math.degrees(0.5 * SIDE / (SIDE * max(len(plan), len(plan[0])))))
        sway = rng.uniform(0, 2 * math.pi, 2).tolist()
        return cls(plan, float(rng.uniform(0.4, 1.0) * rng.choice([-most, most])), tuple(sway))

    @property
    def columns(self) -> int:
        return len(self.plan[0])

    @property
    def rows(self) -> int:
        return len(self.plan)

    def at(self, axis: int, along: Points | float, across: Points | float) -> Points:
        """Points of the ground; axis 0 runs to the right, axis 1 down."""
        u, v = np.broadcast_arrays(*((along, across) if axis == 0 else (across, along)))
        bends = 5 * np.sin(v / 75 + self.sway[0]), 5 * np.sin(u / 90 + self.sway[1])
        return Frame(heading=self.tilt).at(np.stack([u + bends[0], v + bends[1]], axis=-1).reshape(-1, 2))

    def strip(self, axis: int, start: float, end: float, left: float, right: float) -> Points:
        """The outline of what lies from `start` to `end` along an axis and from `left` to `right` across."""
        there, over = np.linspace(start, end, 60), np.linspace(left, right, 60)
        sides = ((there, left), (end, over), (there[::-1], right), (start, over[::-1]))
        return np.vstack([self.at(axis, along, across) for along, across in sides])

    def line(self, axis: int, number: int) -> float:
        """Where the line before the column (axis 1) or row (axis 0) of this number runs."""
        return (number - (self.rows if axis == 0 else self.columns) / 2) * SIDE

    def ends(self, axis: int, cell: int, grow: float) -> tuple[float, float]:
        """Where the side of a cell starts and ends, longer by `grow`; at the district's rim it goes on."""
        last, rim = (self.columns if axis == 0 else self.rows) - 1, SIDE / 2
        start = self.line(1 - axis, cell)
        return start - (grow if cell else rim), start + SIDE + (grow if cell < last else rim)

    def area(self, left: int, top: int, right: int, bottom: int, grow: float = 0.0) -> Points:
        """The outline of a block of cells; at the rim of the district it goes on beyond it."""
        rim = SIDE * max(self.rows, self.columns) / 3
        return self.strip(
            0,
            self.line(1, left) - (grow if left else rim),
            self.line(1, right) + (grow if right < self.columns else rim),
            self.line(0, top) - (grow if top else rim),
            self.line(0, bottom) + (grow if bottom < self.rows else rim),
        )

    def sides(self, axis: int, number: int, cell: int) -> set[str]:
        """The classes on either side of a side of a cell."""
        cells = ((number - 1, cell), (number, cell))
        return {self.plan[y][x] if axis == 0 else self.plan[x][y] for y, x in cells}

    def seams(self, streets: bool) -> Iterator[tuple[int, int, int]]:
        """The sides of cells between two classes, with a street or without: axis, line and cell."""
        for axis, lines, cells in ((0, self.rows, self.columns), (1, self.columns, self.rows)):
            for number, cell in product(range(1, lines), range(cells)):
                sides = self.sides(axis, number, cell)
                if len(sides) == 2 and streets != (sides <= _OPEN):
                    yield axis, number, cell


@dataclass(frozen=True)
class _Lot(Canvas):
    """The ground of one block, along whose streets most of what is on it is built."""

    heading: float
    along: bool

    def anywhere(self, spread: float) -> Frame:
        turned = 0 if self.along else 90 * int(self.rng.integers(2))
        return replace(super().anywhere(spread), heading=self.heading + turned)


def _blocks(plan: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, int, int]]:
    """The rectangles of cells that are drawn as one scene each: left, top, right, bottom."""
    taken: set[tuple[int, int]] = set()
    for row, column in product(range(len(plan)), range(len(plan[0]))):
        if (row, column) in taken:
            continue
        label, right, bottom = plan[row][column], column + 1, row + 1
        if label not in _LONE:
            widest = len(plan[0]) if label in _LONG else min(len(plan[0]), column + 4)
            while right < widest and plan[row][right] == label and (row, right) not in taken:
                right += 1
            tallest = bottom if label in _LONG and right - column > 1 else min(len(plan), row + 3)
            while bottom < tallest and all(plan[bottom][x] == label for x in range(column, right)):
                bottom += 1
        taken |= set(product(range(row, bottom), range(column, right)))
        yield column, row, right, bottom


def _build(
    canvas: Canvas, grid: _Grid, block: tuple[int, int, int, int], label: str, rng: np.random.Generator
) -> None:
    """Draw a block's scene on a canvas of its own, and lay that on the district."""
    area, edge = grid.area(*block, grow=2.5), np.array([grid.columns, grid.rows]) * SIDE / 2
    low, high = np.clip(area, -edge, edge).min(axis=0), np.clip(area, -edge, edge).max(axis=0)
    size = math.ceil(max(high - low) / METRES_PER_PIXEL) + 16
    left, top = (
        round(float(middle) / METRES_PER_PIXEL) + (canvas.size - size) // 2 for middle in (low + high) / 2
    )
    upright = block[3] - block[1] > block[2] - block[0]
    colours, heights = (Image.new(mode, (size * SUPERSAMPLING,) * 2) for mode in ("RGB", "F"))
    heading = grid.tilt + 90 * upright
    lot = _Lot(size, rng, canvas.sun, canvas.lean, colours, heights, heading, label in _LONG)
    _SCENES[label](lot)
    place = (left * SUPERSAMPLING, top * SUPERSAMPLING)
    mask = canvas.mask(area, blur=0.8).crop((*place, *(start + lot.picture.width for start in place)))
    canvas.picture.paste(lot.picture, place, mask)
    canvas.heights.paste(lot.heights, place, mask)


def _pave(canvas: Canvas, grid: _Grid) -> Image.Image:
    """Build the streets and plant trees along them. Returns a mask of what they cover."""
    rng, streets = canvas.rng, list(grid.seams(streets=True))
    halves = {street[:2]: rng.uniform(4, 6) for street in streets}
    covered = Image.new("L", canvas.picture.size)
    for colours, kerb in ((CONCRETES, 2.5), (ASPHALTS, 0.0)):
        shapes = []
        for axis, number, cell in streets:
            middle, half = grid.line(axis, number), halves[axis, number] + kerb
            start, end = grid.ends(axis, cell, half)
            shapes.append(grid.strip(axis, start, end, middle - half, middle + half))
        # Blurred and cut off at the middle, straight edges stay and corners become round.
        mask = canvas.mask(*shapes, blur=2.0).point(lambda value: 255 * (value > 127))
        canvas.paint(paving(canvas, pick(canvas, colours), grid.tilt), mask)
        canvas.heights.paste(0, (0, 0, *mask.size), mask)
        covered.paste(255, None, mask)
    trees = [_furnish(canvas, grid, street, halves[street[:2]], set(streets)) for street in streets]
    for axis, number, cell in grid.seams(streets=False):
        if _BARE & grid.sides(axis, number, cell):
            continue
        along = grid.line(1 - axis, cell) + np.arange(0, SIDE, 4)
        trees.append(grid.at(axis, along, grid.line(axis, number) + rng.normal(0, 1.5, along.size)))
    if trees:
        places = np.vstack(trees)
        plant(canvas, places[rng.random(len(places)) < 0.7], (1.0, 3.6), leaves(canvas))
    return covered


def _furnish(
    canvas: Canvas, grid: _Grid, street: tuple[int, int, int], half: float, streets: set[tuple[int, int, int]]
) -> Points:
    """Mark the lanes of a street and send cars down it. Returns where trees stand beside it."""
    rng, (axis, number, cell) = canvas.rng, street
    middle, (start, stop) = grid.line(axis, number), grid.ends(axis, cell, 0)
    # A street that is met by another one has a crossing before the corner.
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
            aside, busy = (half - 1.1, 0.3) if ends[0] < place < ends[1] else (half / 2, 0.1)
            aside, busy = (half / 2, 0.12) if canvas.chance(0.4) else (aside, busy)
            if canvas.chance(busy):
                (spot,) = grid.at(axis, place, middle + side * aside)
                heading = grid.tilt + 90 * axis + (0 if (side > 0) == (axis == 0) else 180)
                traffic(canvas, Frame(float(spot[0]), float(spot[1]), heading), lorries=0.06)
    along = np.arange(ends[0], ends[1], rng.uniform(6, 10))
    return np.vstack([grid.at(axis, along, middle + side * (half + 2.2)) for side in (-1, 1)])
