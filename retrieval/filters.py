"""The nearest neighbours that may be an answer: of some classes, within a distance, no near-duplicates."""

from __future__ import annotations

from collections.abc import Collection as Container
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.query import Refinement

if TYPE_CHECKING:
    from retrieval.collections.collection import Collection

#: Two photos nearer to each other than this are hard to tell apart: looked at in pairs, those of UC Merced's
#: training photos showed the same field or thicket; pairs that are farther show different things of one kind.
NEAR_DUPLICATE = 0.1


class Found(NamedTuple):
    """Neighbours.

    Attributes:
        distances: (n,) float32, growing.
        rows: (n,) int64.
        duplicates: How many near-duplicates were left out.
    """

    distances: NDArray[np.float32]
    rows: NDArray[np.int64]
    duplicates: int = 0


def find(
    collection: Collection,
    vector: NDArray[np.float32],
    k: int,
    refinement: Refinement,
    leave_out: Container[int] = (),
) -> Found:
    """The k nearest that may be an answer, or fewer where there are fewer.

    Args:
        collection: Where to look.
        vector: (2048,) float32, unit length.
        k: How many; at least 1.
        refinement: What may be an answer.
        leave_out: Rows that are none, such as the query's own.
    """
    among = None
    if refinement.classes or leave_out:
        among = np.array(
            [
                row
                for row, entry in enumerate(collection.entries)
                if row not in leave_out and (not refinement.classes or entry.label in refinement.classes)
            ],
            np.int64,
        )
    # Without near-duplicates nobody knows how many have to be looked at: all, if it must be.
    wanted = k if not refinement.distinct else len(collection.index)
    distances, rows = collection.index.search(vector[None], wanted, among)
    distances, rows = distances[0], rows[0]
    if refinement.max_distance is not None:
        within = distances <= refinement.max_distance
        distances, rows = distances[within], rows[within]
    if not refinement.distinct:
        return Found(distances, rows)
    return _distinct(collection, distances, rows, k)


def nearest_of_classes(
    collection: Collection,
    vector: NDArray[np.float32],
    passed_over: Container[str],
    most: int,
    leave_out: Container[int] = (),
) -> Found:
    """The nearest row of each class but some, the nearest classes first.

    Args:
        collection: Where to look.
        vector: (2048,) float32, unit length.
        passed_over: Classes that are none.
        most: How many classes.
        leave_out: Rows that are none either.
    """
    distances, rows = collection.index.search(vector[None], len(collection.index))
    first: dict[str, int] = {}
    for place, row in enumerate(rows[0].tolist()):
        label = collection.entries[row].label
        if row not in leave_out and label not in passed_over and label not in first:
            first[label] = place
            if len(first) == most:
                break
    places = list(first.values())
    return Found(distances[0][places], rows[0][places])


def _distinct(
    collection: Collection, distances: NDArray[np.float32], rows: NDArray[np.int64], k: int
) -> Found:
    """The first k that are no near-duplicates of nearer ones."""
    kept: list[int] = []
    vectors: list[NDArray[np.float32]] = []
    duplicates = 0
    for place, row in enumerate(rows.tolist()):
        if len(kept) == k:
            break
        vector = collection.index.vector(row)
        # |a - b|^2 = 2 - 2ab of unit vectors
        if vectors and 2 - 2 * float(np.max(np.stack(vectors) @ vector)) < NEAR_DUPLICATE**2:
            duplicates += 1
            continue
        kept.append(place)
        vectors.append(vector)
    return Found(distances[kept], rows[kept], duplicates)
