"""Groups of photos that are alike, for a collection whose photos nobody labelled: k-means of their vectors.

They are to look around with, and no classes: nothing says that a group shows one kind of thing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from retrieval.k_means import group_middles
from retrieval.labels import GROUP

#: More than these nobody looks through.
MAX_GROUPS = 20
#: Photos that are compared with the middles of the groups at a time.
_AT_ONCE = 10_000


def group_count(photos: int) -> int:
    """How many groups there are of so many photos: the square root of half of them, a usual rule of thumb."""
    return max(1, min(MAX_GROUPS, round(math.sqrt(photos / 2))))


def group_labels(vectors: NDArray[np.float32], seed: int = 0) -> list[str]:
    """A label for each photo: 'group 1' is the largest.

    Args:
        vectors: (n, d) float32, unit length, n >= 1.
        seed: Of k-means. The same vectors and seed give the same groups.
    """
    middles = group_middles(vectors, group_count(len(vectors)), seed)
    # The nearest middle m of a vector v: |v - m|^2 is |v|^2, which is the same for all, less 2 v m - |m|^2.
    parts = (vectors[start : start + _AT_ONCE] for start in range(0, len(vectors), _AT_ONCE))
    found = np.concatenate(
        [(2 * part @ middles.T - (middles**2).sum(axis=1)).argmax(axis=1) for part in parts]
    )
    kinds, sizes = np.unique(found, return_counts=True)
    numbers = {int(kind): place for place, kind in enumerate(kinds[np.argsort(-sizes, kind="stable")], 1)}
    return [GROUP.template.format(number=numbers[kind]) for kind in found.tolist()]
