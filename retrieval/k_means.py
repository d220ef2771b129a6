"""Vectors -> the middles of groups of alike ones, found without any label: k-means by FAISS.

Lloyd, 'Least squares quantization in PCM', IEEE Transactions on Information Theory, 1982. The same vectors
and seed give the same middles.
"""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

#: Rounds, and how often it begins anew; the best is taken.
ROUNDS, ATTEMPTS = 20, 3
#: Vectors from which the middles are found: of more, so many are drawn by chance.
LOOKED_AT = 20_000


def group_middles(vectors: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    """The middles of groups: (m, d) float32.

    Args:
        vectors: (n, d) float32, n >= 1.
        count: How many groups; m is less where fewer vectors differ.
        seed: Of chance.
    """
    looked_at = np.ascontiguousarray(vectors, np.float32)
    if len(vectors) > LOOKED_AT:
        rows = np.random.default_rng(seed).choice(len(vectors), LOOKED_AT, replace=False)
        looked_at = looked_at[rows]
    count = min(max(count, 1), len(np.unique(looked_at.round(5), axis=0)))
    means = faiss.Kmeans(
        looked_at.shape[1], count, niter=ROUNDS, nredo=ATTEMPTS, seed=seed,
        min_points_per_centroid=1, max_points_per_centroid=len(looked_at),
    )  # fmt: skip
    means.train(looked_at)
    return np.asarray(means.centroids, np.float32)
