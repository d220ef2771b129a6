"""What a collection answers to images of known classes: what the figures are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.collection import Collection

#: How many images are retrieved, as in the paper.
DEPTH = 50


@dataclass(frozen=True)
class Retrieved:
    """What a collection answers to queries of known classes.

    Attributes:
        labels: The class of each query.
        vectors: Of the queries, (q, d) float32.
        rows: The rows of the collection that were found, (q, k), nearest first.
        distances: Theirs, (q, k).
        gallery_labels: The class of each row of the collection.
        gallery_vectors: Of the collection, (g, d) float32.
    """

    labels: NDArray[np.str_]
    vectors: NDArray[np.float32]
    rows: NDArray[np.int64]
    distances: NDArray[np.float32]
    gallery_labels: NDArray[np.str_]
    gallery_vectors: NDArray[np.float32]

    @property
    def found(self) -> NDArray[np.str_]:
        """The class of each image that was found, (q, k)."""
        return self.gallery_labels[self.rows]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether it is the query's, (q, k)."""
        right: NDArray[np.bool_] = self.found == self.labels[:, None]
        return right

    @property
    def classes(self) -> list[str]:
        """All classes of queries and collection, in alphabetical order."""
        return sorted({*self.labels.tolist(), *self.gallery_labels.tolist()})


def retrieve(
    vectors: NDArray[np.float32], labels: Sequence[str], collection: Collection, depth: int = DEPTH
) -> Retrieved:
    """Look queries up in a collection.

    Args:
        vectors: Of the queries, (q, d) float32, unit length.
        labels: The class of each.
        collection: What is searched.
        depth: How many images are retrieved for each.
    """
    distances, rows = collection.index.search(vectors, depth)
    classes = np.array([entry.label for entry in collection.entries])
    return Retrieved(np.array(labels), vectors, rows, distances, classes, collection.vectors)
