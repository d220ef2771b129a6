"""Which photos may be an answer: of some classes, of an area, within a distance, no near-duplicates.

A small index is searched once, without any of this; the photos that may be an answer are then chosen from
that ranking. So one search serves the neighbours, the plots and the map of one answer. For a large one, see
`retrieval.ranking`.
"""

from __future__ import annotations

from collections.abc import Collection as Container
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.query import Filters
from retrieval.vector_store import Allowed

if TYPE_CHECKING:
    from retrieval.collections.collection import Collection

#: Two photos nearer to each other than this are hard to tell apart: looked at in pairs, those of UC Merced's
#: training photos showed the same field or thicket; pairs that are farther show different things of one kind.
NEAR_DUPLICATE = 0.1
#: Vectors that are asked for together, to be compared.
_AT_ONCE = 64


class Hits(NamedTuple):
    """Rows of a collection, nearest to a query first.

    Attributes:
        distances: (n,) float32, growing.
        rows: (n,) int64.
        duplicates: For each near-duplicate that was left out, how many rows come before it.
    """

    distances: NDArray[np.float32]
    rows: NDArray[np.int64]
    duplicates: tuple[int, ...] = ()

    def duplicates_before(self, k: int) -> int:
        """How many near-duplicates were left out among the first k rows."""
        return sum(before < k for before in self.duplicates)


def rank(
    collection: Collection,
    vector: NDArray[np.float32],
    count: int | None = None,
    among: Allowed | None = None,
) -> Hits:
    """The nearest rows.

    Args:
        collection: Where to look.
        vector: (2048,) float32, unit length.
        count: How many, at least 1; all by default.
        among: Which rows; all by default, whether they may be an answer or not.
    """
    size = len(collection.index) if count is None else count
    distances, rows = collection.index.search(vector[None], size, among)
    found = rows[0] >= 0
    return Hits(distances[0][found], rows[0][found])


def allowed(
    collection: Collection, ranking: Hits, k: int, filters: Filters, exclude: Container[int] = ()
) -> Hits:
    """The first k of a ranking that may be an answer, or fewer where there are fewer.

    Args:
        collection: Of the ranking.
        ranking: As `rank` gives it.
        k: How many; at least 1.
        filters: What may be an answer.
        exclude: Rows that may not, such as the query's own.

    Raises:
        ValueError: If k is below 1.
    """
    if k < 1:
        raise ValueError(f"k is the number of neighbours and has to be at least 1, not {k}.")
    distances, rows, _ = ranking
    keep = np.ones(len(rows), bool)
    if exclude:
        keep &= ~np.isin(rows, list(exclude))
    if filters.classes:
        wanted = np.array([entry.label in filters.classes for entry in collection.entries])
        keep &= wanted[rows]
    if filters.area is not None:
        keep &= collection.choice.mask(Allowed(area=filters.area))[rows]
    if filters.max_distance is not None:
        keep &= distances <= filters.max_distance
    distances, rows = distances[keep], rows[keep]
    if filters.deduplicate:
        return _deduplicated(collection, distances, rows, k)
    return Hits(distances[:k], rows[:k])


def nearest_of_other_classes(
    collection: Collection,
    ranking: Hits,
    classes: Container[str],
    limit: int,
    exclude: Container[int] = (),
) -> Hits:
    """The nearest row of each class but some, the nearest class first.

    Args:
        collection: Of the ranking.
        ranking: Of the whole collection, as `rank` gives it.
        classes: Those that are passed over.
        limit: How many classes.
        exclude: Rows that are passed over.
    """
    first: dict[str, int] = {}
    for place, row in enumerate(ranking.rows.tolist()):
        label = collection.entries[row].label
        if row not in exclude and label not in classes and label not in first:
            first[label] = place
            if len(first) == limit:
                break
    places = list(first.values())
    return Hits(ranking.distances[places], ranking.rows[places])


def _deduplicated(
    collection: Collection, distances: NDArray[np.float32], rows: NDArray[np.int64], k: int
) -> Hits:
    """The first k that are no near-duplicates of nearer ones."""
    kept: list[int] = []
    vectors: list[NDArray[np.float32]] = []
    duplicates: list[int] = []
    for start in range(0, len(rows), _AT_ONCE):
        block = collection.index.vectors_of(rows[start : start + _AT_ONCE])
        for place, vector in enumerate(block, start):
            if len(kept) == k:
                return Hits(distances[kept], rows[kept], tuple(duplicates))
            # |a - b|^2 = 2 - 2ab of unit vectors
            if vectors and 2 - 2 * float(np.max(np.stack(vectors) @ vector)) < NEAR_DUPLICATE**2:
                duplicates.append(len(kept))
                continue
            kept.append(place)
            vectors.append(vector)
    return Hits(distances[kept], rows[kept], tuple(duplicates))
