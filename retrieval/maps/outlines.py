"""Cells of a map that are of one kind and touch -> the outlines of the areas that they form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: The corners of cells around an area: (column, row) each, the first once more at the end.
Ring = list[tuple[int, int]]


@dataclass(frozen=True)
class Area:
    """Cells of one kind that touch along their sides.

    Attributes:
        kind: What the cells have in common.
        cells: How many there are.
        outer: Its outline, counter-clockwise as it is seen on a map with north up.
        holes: Outlines of what lies inside and is of other kinds, clockwise.
    """

    kind: int
    cells: int
    outer: Ring
    holes: list[Ring]


def areas_of(cells: NDArray[np.int64], without: int) -> Iterator[Area]:
    """The areas of a map, by kind.

    Args:
        cells: (rows, columns) the kind of each.
        without: The kind that is no area.
    """
    from rasterio.features import shapes  # here: only maps that are saved need GDAL

    found = shapes(cells.astype(np.int32), mask=cells != without, connectivity=4)
    for shape, kind in sorted(found, key=lambda each: each[1]):
        outer, *holes = (
            [(round(column), round(row)) for column, row in ring] for ring in shape["coordinates"]
        )
        enclosed = [abs(_double_area(ring)) // 2 for ring in (outer, *holes)]
        yield Area(int(kind), enclosed[0] - sum(enclosed[1:]), outer, holes)


def _double_area(ring: Ring) -> int:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))
