"""A district of a town from above: blocks that each show a class of the scenes, and streets between them.

All blocks are drawn under one sun and photographed together, so that shadows, haze and colours agree.
`street_grid` says where blocks and streets lie, and draws the streets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from examples.map_pages.street_grid import CELL_METRES, CELL_PIXELS, LONG, StreetGrid, pave
from examples.scenes import CLASSES, airport, freeways, industry, land, residential, sports, streets, waters
from examples.scenes.canvas import METRES_PER_PIXEL, SUPERSAMPLING, Canvas, Frame

__all__ = ["CELL_PIXELS", "NOWHERE", "TOWN", "District", "compose", "plan"]

NOWHERE = -1  # in place of a class: a street, or a seam between two blocks

_MODULES = (airport, freeways, industry, land, residential, sports, streets, waters)
_SCENES = {
    label: getattr(module, label) for module in _MODULES for label in CLASSES if hasattr(module, label)
}

#: Classes with one object in the middle. A larger block would show no more of them, so each cell is a block.
_SINGLE = {"baseballdiamond", "golfcourse", "intersection", "overpass", "sparseresidential"}
_SINGLE |= {"storagetanks", "tenniscourt"}
#: Groups of classes that are often found side by side.
_NEIGHBOURS = (
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
        classes: (height, width) as the image: index into `labels`, or `NOWHERE`.
    """

    image: Image.Image
    labels: list[str]
    classes: NDArray[np.int16]


def plan(seed: int, columns: int, rows: int, classes: Sequence[str] = TOWN) -> list[list[str]]:
    """Plan a plausible district: similar classes lie side by side, in blocks of 1 x 1 to 4 x 3 cells.

    Args:
        seed: Any whole number from 0.
        columns: Cells from left to right.
        rows: Cells from top to bottom.
        classes: Names of the classes to choose from.

    Returns:
        For each row the class names of its cells.
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
            (0.01 if label in LONG and (run < columns or used[label]) else 1)
            * (4 if any(label in group and group & beside for group in _NEIGHBOURS) else 1)
            / (1 + 2 * used[label]) ** 2
            for label in used
        ]
        label = str(rng.choice(list(used), p=np.divide(weights, sum(weights))))
        max_width, max_height = (1, 1) if label in _SINGLE else (columns, 1) if label in LONG else (4, 3)
        width = run if max_width == columns else int(rng.integers(min(2, max_width), max_width + 1))
        height = int(rng.integers(1, max_height + 1))
        used[label] += 1
        for y in range(row, min(rows, row + height)):
            for x in range(column, column + min(width, run)):
                cells[y][x] = cells[y][x] or label
    return cells


def compose(plan: Sequence[Sequence[str]], seed: int) -> District:
    """Draw a district; the same arguments always give the same pixels.

    Args:
        plan: For each row of cells, from the top, their class names; all rows of the same length.
        seed: Any whole number from 0.

    Returns:
        The district, `CELL_PIXELS` pixels for each cell of the plan. The middle of each cell shows its class.

    Raises:
        ValueError: If the plan is empty or ragged, or names an unknown class.
    """
    if not plan or not plan[0] or len({len(row) for row in plan}) > 1:
        raise ValueError("A plan needs rows of the same length.")
    labels = sorted({label for row in plan for label in row})
    if unknown := set(labels) - set(CLASSES):
        raise ValueError(f"There are no scenes of {', '.join(sorted(unknown))}.")
    grid = StreetGrid.bent(plan, np.random.default_rng([seed, 1]))
    canvas = Canvas.blank(CELL_PIXELS * max(grid.columns, grid.rows), np.random.default_rng([seed, 2]))
    classes = Image.new("L", (canvas.size, canvas.size))
    for number, block in enumerate(_blocks(plan)):
        label = plan[block[1]][block[0]]
        _draw_block(canvas, grid, block, label, np.random.default_rng([seed, 3, number]))
        outline = ((grid.area(*block) + canvas.reach) / METRES_PER_PIXEL).ravel().tolist()
        ImageDraw.Draw(classes).polygon(outline, fill=labels.index(label), outline=255, width=6)
    roads = pave(canvas, grid)
    # The threshold keeps `paste` from blending the numbers of classes at the edge of a street.
    classes.paste(255, None, roads.reduce(SUPERSAMPLING).point(lambda value: 255 * (value > 0)))
    left, top = ((canvas.size - CELL_PIXELS * cells) // 2 for cells in (grid.columns, grid.rows))
    frame = (left, top, left + CELL_PIXELS * grid.columns, top + CELL_PIXELS * grid.rows)
    shown = np.asarray(classes.crop(frame)).astype(np.int16)
    return District(canvas.photograph().crop(frame), labels, np.where(shown == 255, NOWHERE, shown))


@dataclass(frozen=True)
class _Lot(Canvas):
    """The canvas of one block: most things on it are aligned with its streets.

    Attributes:
        heading: Of the streets, degrees.
        along: Whether everything runs along `heading`, and nothing across it.
    """

    heading: float
    along: bool

    def anywhere(self, spread: float) -> Frame:
        turned = 0 if self.along else 90 * int(self.rng.integers(2))
        return replace(super().anywhere(spread), heading=self.heading + turned)


def _blocks(plan: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, int, int]]:
    """The blocks of a plan, each a rectangle of cells of one class: left, top, right, bottom."""
    taken: set[tuple[int, int]] = set()
    for row, column in product(range(len(plan)), range(len(plan[0]))):
        if (row, column) in taken:
            continue
        label, right, bottom = plan[row][column], column + 1, row + 1
        if label not in _SINGLE:
            max_right = len(plan[0]) if label in LONG else min(len(plan[0]), column + 4)
            while right < max_right and plan[row][right] == label and (row, right) not in taken:
                right += 1
            max_bottom = bottom if label in LONG and right - column > 1 else min(len(plan), row + 3)
            while bottom < max_bottom and all(plan[bottom][x] == label for x in range(column, right)):
                bottom += 1
        taken |= set(product(range(row, bottom), range(column, right)))
        yield column, row, right, bottom


def _draw_block(
    canvas: Canvas, grid: StreetGrid, block: tuple[int, int, int, int], label: str, rng: np.random.Generator
) -> None:
    """Draw a block's scene on a canvas of its own, and paste that into the district."""
    area, edge = grid.area(*block, grow=2.5), np.array([grid.columns, grid.rows]) * CELL_METRES / 2
    low, high = np.clip(area, -edge, edge).min(axis=0), np.clip(area, -edge, edge).max(axis=0)
    size = math.ceil(max(high - low) / METRES_PER_PIXEL) + 16
    left, top = (
        round(float(middle) / METRES_PER_PIXEL) + (canvas.size - size) // 2 for middle in (low + high) / 2
    )
    upright = block[3] - block[1] > block[2] - block[0]
    colours, heights = (Image.new(mode, (size * SUPERSAMPLING,) * 2) for mode in ("RGB", "F"))
    heading = grid.tilt + 90 * upright
    lot = _Lot(size, rng, canvas.sun, canvas.lean, colours, heights, heading, label in LONG)
    _SCENES[label](lot)
    place = (left * SUPERSAMPLING, top * SUPERSAMPLING)
    mask = canvas.mask(area, blur=0.8).crop((*place, *(start + lot.picture.width for start in place)))
    canvas.picture.paste(lot.picture, place, mask)
    canvas.heights.paste(lot.heights, place, mask)
