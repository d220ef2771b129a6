"""How a distance ranks among those of two photos of one class, and of two photos of different classes.

A distance alone says little to people. That nine in ten pairs of one class are farther apart, and hardly a
pair of two classes is nearer, does: these two distributions, of genuine and impostor pairs, are what
verification by similarity is judged by (Jain, Ross, Prabhakar, 'An Introduction to Biometric Recognition',
IEEE Transactions on Circuits and Systems for Video Technology, 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.quantiles import quantiles, share_within

#: Rows of which all pairs are measured: some million distances, in a fraction of a second.
MAX_ROWS = 1500


def sample(count: int, max_rows: int = MAX_ROWS, seed: int = 0) -> NDArray[np.int64]:
    """The rows whose pairs are measured: all, or of more than `max_rows` so many, drawn by chance."""
    if count <= max_rows:
        return np.arange(count)
    return np.random.default_rng(seed).choice(count, max_rows, replace=False)


@dataclass(frozen=True)
class PairDistances:
    """The distances between photos of a collection.

    Attributes:
        within: 101 quantiles of the distances of two photos of one class, in [0, 2], growing (see
            `retrieval.collections.quantiles`); empty where no class has two photos.
        between: Likewise of two photos of different classes; empty where there is one class.
    """

    within: tuple[float, ...]
    between: tuple[float, ...]

    @classmethod
    def measure(
        cls, vectors: NDArray[np.float32], labels: Sequence[str], max_rows: int = MAX_ROWS, seed: int = 0
    ) -> PairDistances | None:
        """Measure all pairs of a collection.

        Args:
            vectors: (n, d) float32, unit length.
            labels: The class of each, n.
            max_rows: Of more rows than this, so many are drawn by chance, and all of their pairs measured.
            seed: Of that chance.

        Returns:
            None of a collection without a pair.

        Raises:
            ValueError: If there are not as many labels as vectors.
        """
        _, classes = np.unique(np.array(labels, dtype=str), return_inverse=True)
        if len(classes) != len(vectors):
            raise ValueError(f"{len(vectors)} vectors need as many labels, not {len(classes)}.")
        if len(vectors) < 2:
            return None
        if len(vectors) > max_rows:
            rows = sample(len(vectors), max_rows, seed)
            vectors, classes = vectors[rows], classes[rows]
        once = np.triu(np.ones((len(vectors),) * 2, bool), k=1)  # each pair, and no photo with itself
        cosines = (vectors @ vectors.T)[once]
        distances = np.sqrt(np.clip(2 - 2 * cosines, 0, 4))
        same = (classes[:, None] == classes)[once]
        within, between = (
            quantiles(side) if side.size else () for side in (distances[same], distances[~same])
        )
        return cls(within, between)

    def nearer_within(self, distance: float) -> float | None:
        """The share of pairs of one class that are nearer, in [0, 1]; None where there are none."""
        return share_within(distance, self.within) if self.within else None

    def nearer_between(self, distance: float) -> float | None:
        """The share of pairs of two classes that are nearer, in [0, 1]; None where there are none."""
        return share_within(distance, self.between) if self.between else None
