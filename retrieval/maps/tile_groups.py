"""The tiles of a map in groups of alike ones, found without any class: k-means, with the same seed always."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.k_means import group_middles
from retrieval.maps.land_use import HIDDEN, Tiles

LEAST, MOST = 2, 20  #: groups that can be asked for

SEED = 1


@dataclass(frozen=True)
class Groups:
    """Which group each cell of a map belongs to; 0 is the largest.

    Attributes:
        tiles: What was grouped.
        cells: (rows, columns) int: a group, or `HIDDEN`.
        typical: For each group, the tile that is nearest to its middle.
    """

    tiles: Tiles
    cells: NDArray[np.int64]
    typical: list[int]

    @property
    def areas(self) -> list[tuple[int, float, float]]:
        """The groups, largest first: its number, hectares, share of what is seen."""
        counts = np.bincount(self.cells[self.cells != HIDDEN], minlength=len(self.typical))
        return [
            (group, int(count) * self.tiles.hectares, float(count / max(counts.sum(), 1)))
            for group, count in enumerate(counts)
        ]


def group_tiles(tiles: Tiles, count: int) -> Groups:
    """Divide the ground of a map into groups of what looks alike.

    The vectors of the tiles are grouped. A cell belongs to the group whose middle is nearest to the mean of
    the tiles over it, so that groups have calm borders.

    Args:
        tiles: Of a map.
        count: How many groups; fewer come where there are fewer different tiles, or where one has no cell.
    """
    vectors = tiles.vectors
    middles = group_middles(vectors, count, SEED).astype(np.float64)
    # |v - m|^2 is |v|^2, which is the same for all groups, less these; and the mean of several v likewise.
    nearness = 2 * vectors @ middles.T - (middles**2).sum(axis=1)
    over = tiles.over_cells(np.column_stack([nearness, np.ones(len(vectors))]), np.add, 0.0)
    found = over[..., :-1].argmax(axis=2)
    unseen = tiles.hidden | (over[..., -1] == 0)
    sizes = np.bincount(found[~unseen], minlength=len(middles))
    order = [group for group in np.argsort(-sizes, kind="stable").tolist() if sizes[group]]
    number = np.full(len(middles), HIDDEN)
    number[order] = range(len(order))
    cells = np.where(unseen, HIDDEN, number[found])
    return Groups(tiles, cells, [int(nearness[:, group].argmax()) for group in order])
