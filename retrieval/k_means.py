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
    if len(vectors) > LOOKED_AT:
        vectors = vectors[np.random.default_rng(seed).choice(len(vectors), LOOKED_AT, replace=False)]
    looked_at = np.require(vectors, np.float32, ["C", "ALIGNED"])  # what is mapped from a file may not be so
    count = _differing(looked_at, max(count, 1))
    means = faiss.Kmeans(
        looked_at.shape[1], count, niter=ROUNDS, nredo=ATTEMPTS, seed=seed,
        min_points_per_centroid=1, max_points_per_centroid=len(looked_at),
    )  # fmt: skip
    means.train(looked_at)
    return np.asarray(means.centroids, np.float32)


def _differing(vectors: NDArray[np.float32], most: int) -> int:
    """How many vectors differ; no more than `most` are counted."""
    seen = set[bytes]()
    for vector in vectors:
        seen.add((vector.round(5) + np.float32(0)).tobytes())  # -0 is 0
        if len(seen) == most:
            break
    return len(seen)
