"""Cells of a map that are of one kind and touch -> the outlines of the areas that they form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

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
    """The areas of a map.

    Args:
        cells: (rows, columns) the kind of each.
        without: The kind that is no area.
    """
    for kind in np.unique(cells[cells != without]).tolist():
        labels, count = ndimage.label(cells == kind)
        for number in range(1, count + 1):
            inside = labels == number
            outer, *holes = sorted(_rings(inside), key=lambda ring: -abs(_double_area(ring)))
            yield Area(int(kind), int(inside.sum()), outer, holes)


def _rings(inside: NDArray[np.bool_]) -> Iterator[Ring]:
    """The outlines of cells: the sides between those inside and others, walked with the inside left."""
    padded = np.pad(inside, 1)
    leaving: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, column in np.argwhere(inside).tolist():
        west, east, south, north = column, column + 1, row + 1, row
        for beyond, start, end in (
            (padded[row, column + 1], (east, north), (west, north)),
            (padded[row + 2, column + 1], (west, south), (east, south)),
            (padded[row + 1, column], (west, north), (west, south)),
            (padded[row + 1, column + 2], (east, south), (east, north)),
        ):
            if not beyond:
                leaving.setdefault(start, []).append(end)
    while leaving:
        start = at = next(iter(leaving))
        ring, step = [start], (0, 0)
        while True:
            ends = leaving[at]
            # Where two cells touch at a corner alone, the way on turns right: as the cells are joined
            # elsewhere, that parts a hole from what is around, and no ring touches itself.
            end = next((end for end in ends if _turns_right(step, _step(at, end))), ends[0])
            ends.remove(end)
            if not ends:
                del leaving[at]
            step, at = _step(at, end), end
            ring.append(at)
            if at == start:
                break
        yield _without_middles(ring)


def _step(start: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
    return end[0] - start[0], end[1] - start[1]


def _turns_right(step: tuple[int, int], following: tuple[int, int]) -> bool:
    """Whether one goes to the right from one step to the next, on a map whose rows grow downwards."""
    return _turn(step, following) > 0


def _turn(step: tuple[int, int], following: tuple[int, int]) -> int:
    return step[0] * following[1] - step[1] * following[0]


def _without_middles(ring: Ring) -> Ring:
    """The ring without the corners at which it goes straight on; it begins at one where it turns."""
    corners = ring[:-1]
    around = zip(corners[-1:] + corners[:-1], corners, corners[1:] + corners[:1], strict=True)
    kept = [at for before, at, after in around if _turn(_step(before, at), _step(at, after))]
    return [*kept, kept[0]]


def _double_area(ring: Ring) -> int:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))
