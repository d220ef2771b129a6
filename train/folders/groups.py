"""Groups of photos that are alike, for a collection whose photos nobody labelled: k-means of their vectors.

They are to look around with, and no classes: nothing says that a group shows one kind of thing. Lloyd, 'Least
squares quantization in PCM', IEEE Transactions on Information Theory, 1982; Arthur and Vassilvitskii,
'k-means++: The Advantages of Careful Seeding', SODA 2007.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from retrieval.labels import GROUP

#: More than these nobody looks through.
MAX_GROUPS = 20
#: Photos from which the groups are found; the others join the nearest.
LOOKED_AT = 20_000


def group_count(photos: int) -> int:
    """How many groups there are of so many photos: the square root of half of them, a usual rule of thumb."""
    return max(1, min(MAX_GROUPS, round(math.sqrt(photos / 2))))


def group_labels(vectors: NDArray[np.float32], seed: int = 0) -> list[str]:
    """A label for each photo: 'group 1' is the largest.

    Args:
        vectors: (n, d) float32, unit length, n >= 1.
        seed: Of k-means. The same vectors and seed give the same groups.
    """
    from sklearn.cluster import KMeans  # here: it takes seconds
    from threadpoolctl import threadpool_limits

    different = len(np.unique(vectors[:LOOKED_AT], axis=0))  # it warns of more groups than there are photos
    count = min(group_count(len(vectors)), different)
    rng = np.random.default_rng(seed)
    few = len(vectors) <= LOOKED_AT
    looked_at = vectors if few else vectors[rng.choice(len(vectors), LOOKED_AT, replace=False)]
    with threadpool_limits(1):  # another number of threads sums in another order
        found = KMeans(count, n_init=3, random_state=seed).fit(looked_at).predict(vectors)
    kinds, sizes = np.unique(found, return_counts=True)
    numbers = {int(kind): place for place, kind in enumerate(kinds[np.argsort(-sizes, kind="stable")], 1)}
    return [GROUP.template.format(number=numbers[kind]) for kind in found.tolist()]
