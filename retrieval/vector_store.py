"""What a collection asks of whatever holds its vectors: FAISS in memory, or a database of vectors.

A row is a number from 0 on, the same as in the catalogue. Distances are Euclidean, of unit vectors: they lie
in [0, 2].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UserError

#: West, south, east, north in degrees (WGS 84); west is greater than east across the 180th meridian.
Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class Allowed:
    """Which rows may be found.

    Attributes:
        labels: Only of these classes; None for all.
        area: Only photos whose middle lies in it; None for all. A photo without a place lies nowhere.
        without: Rows that may not, such as the query's own.
    """

    labels: frozenset[str] | None = None
    area: Area | None = None
    without: frozenset[int] = frozenset()

    @property
    def is_all(self) -> bool:
        """Whether every row may be found."""
        return self.labels is None and self.area is None and not self.without


class StoreError(UserError):
    """A database does not answer, or holds something else by now. The message is for visitors."""


class VectorStore(Protocol):
    """Vectors of unit length that can be searched."""

    @property
    def dimension(self) -> int:
        """Features of a vector."""

    def __len__(self) -> int:
        """How many rows there are."""

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: Allowed | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The nearest rows of each query, nearest first.

        Args:
            queries: (n, dimension) float32, unit length.
            k: How many, at least 1.
            allowed: Which rows may be found; all by default.

        Returns:
            Distances (n, m) float32 growing along each row, and row numbers (n, m) int64; m is k, or fewer
            where fewer may be found. Of a search that is not exact, some may be missing: then the rest of
            a line is filled with infinity and -1.

        Raises:
            StoreError: If a database does not answer: says what is wrong and what to do.
        """

    def vectors_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of some rows, as stored: (n, dimension) float32. Raises StoreError as `search`."""
