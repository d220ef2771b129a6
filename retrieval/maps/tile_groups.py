"""The tiles of a map in groups of alike ones, found without any class: k-means, with the same seed always."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.maps.land_use import HIDDEN, Tiles

LEAST, MOST = 2, 20  #: groups that can be asked for

#: Rounds of k-means, and how often it begins anew; the best is taken.
ROUNDS, ATTEMPTS, SEED = 20, 3, 1


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
    vectors = np.ascontiguousarray(tiles.vectors, np.float32)
    count = min(max(count, 1), len(np.unique(vectors.round(5), axis=0)))
    means = faiss.Kmeans(
        vectors.shape[1], count, niter=ROUNDS, nredo=ATTEMPTS, seed=SEED,
        min_points_per_centroid=1, max_points_per_centroid=len(vectors),
    )  # fmt: skip
    means.train(vectors)
    middles = np.asarray(means.centroids, np.float64)
    # |v - m|^2 is |v|^2, which is the same for all groups, less these; and the mean of several v likewise.
    nearness = 2 * vectors @ middles.T - (middles**2).sum(axis=1)
    over = tiles.over_cells(np.column_stack([nearness, np.ones(len(vectors))]), np.add, 0.0)
    found = over[..., :-1].argmax(axis=2)
    unseen = tiles.hidden | (over[..., -1] == 0)
    sizes = np.bincount(found[~unseen], minlength=count)
    order = [group for group in np.argsort(-sizes, kind="stable").tolist() if sizes[group]]
    number = np.full(count, HIDDEN)
    number[order] = range(len(order))
    cells = np.where(unseen, HIDDEN, number[found])
    return Groups(tiles, cells, [int(nearness[:, group].argmax()) for group in order])
