"""What is nearest to a query, for all that one answer shows: from one ranking, or by a few searches.

A small collection is ranked whole, once. A large one, or a database, is searched for as many photos as are
shown, with the filters inside the search.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.embedding_map import NEAREST
from retrieval.filters import Hits, allowed, nearest_of_other_classes, rank
from retrieval.index import VectorIndex
from retrieval.query import Filters
from retrieval.vector_store import Allowed

if TYPE_CHECKING:
    from retrieval.collections.collection import Collection

#: Up to so many photos are ranked whole.
MAX_WHOLE = 50_000
#: Photos that are looked at for the nearest of each class, in each of so many searches.
FOR_CLASSES, CLASS_SEARCHES = 200, 4
#: The most photos that are looked at to find some that are no near-duplicates.
MAX_LOOKED_AT = 1600


class Ranking(Protocol):
    """What is nearest to one query."""

    first: Hits
    """The nearest of all, at least as many as place a query on the map, where there are so many."""

    def nearest(self, k: int, filters: Filters, exclude: AbstractSet[int]) -> Hits:
        """The first k that may be an answer, see `retrieval.filters.allowed`."""

    def of_other_classes(self, classes: AbstractSet[str], limit: int, exclude: AbstractSet[int]) -> Hits:
        """The nearest of each other class, see `retrieval.filters.nearest_of_other_classes`."""


def ranking(collection: Collection, vector: NDArray[np.float32], max_whole: int = MAX_WHOLE) -> Ranking:
    """What is nearest to a vector, (2048,) float32 of unit length."""
    is_small = isinstance(collection.index, VectorIndex) and len(collection.index) <= max_whole
    return WholeRanking(collection, vector) if is_small else Searches(collection, vector)


class WholeRanking:
    """All photos, ranked once."""

    def __init__(self, collection: Collection, vector: NDArray[np.float32]) -> None:
        self._collection = collection
        self.first = rank(collection, vector)

    def nearest(self, k: int, filters: Filters, exclude: AbstractSet[int]) -> Hits:
        """As `Ranking`."""
        return allowed(self._collection, self.first, k, filters, exclude)

    def of_other_classes(self, classes: AbstractSet[str], limit: int, exclude: AbstractSet[int]) -> Hits:
        """As `Ranking`."""
        return nearest_of_other_classes(self._collection, self.first, classes, limit, exclude)


class Searches:
    """As many photos as are needed, by a search for each need."""

    def __init__(self, collection: Collection, vector: NDArray[np.float32]) -> None:
        self._collection, self._vector = collection, vector
        self.first = rank(collection, vector, NEAREST)

    def nearest(self, k: int, filters: Filters, exclude: AbstractSet[int]) -> Hits:
        """As `Ranking`."""
        labels = frozenset(filters.classes) if filters.classes else None
        among = Allowed(labels, filters.area, frozenset(exclude))
        rest = Filters(max_distance=filters.max_distance, deduplicate=filters.deduplicate)
        count = k
        while True:
            found = rank(self._collection, self._vector, count, among)
            hits = allowed(self._collection, found, k, rest)
            # More are needed only where near-duplicates took the places of some.
            wanting = len(hits.rows) < k and len(found.rows) == count and bool(hits.duplicates)
            if not wanting or count >= MAX_LOOKED_AT:
                return hits
            count = min(4 * count, MAX_LOOKED_AT)

    def of_other_classes(self, classes: AbstractSet[str], limit: int, exclude: AbstractSet[int]) -> Hits:
        """As `Ranking`; of very many classes some may be missing."""
        left = set(self._collection.labels) - classes
        parts: list[Hits] = []
        for _ in range(CLASS_SEARCHES):
            if not left or sum(len(part.rows) for part in parts) >= limit:
                break
            among = Allowed(frozenset(left), without=frozenset(exclude))
            found = rank(self._collection, self._vector, FOR_CLASSES, among)
            if not len(found.rows):
                break
            part = nearest_of_other_classes(self._collection, found, (), limit)
            parts.append(part)
            left -= {self._collection.entries[row].label for row in part.rows.tolist()}
        distances = np.concatenate([part.distances for part in parts] or [np.empty(0, np.float32)])
        rows = np.concatenate([part.rows for part in parts] or [np.empty(0, np.int64)])
        return Hits(distances[:limit], rows[:limit])
