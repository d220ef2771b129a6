"""Search a collection with queries of known classes: the data of the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.collection import Collection
from retrieval.collections.evaluation import Confusion

#: How many images are retrieved for each query, as in the paper.
DEPTH = 50


@dataclass(frozen=True)
class Retrievals:
    """The nearest neighbours of queries of known classes.

    Attributes:
        labels: (q,) the class of each query.
        embeddings: (q, d) float32, of the queries.
        rows: (q, k), the rows of the collection that were retrieved, nearest first.
        distances: (q, k) float32, in [0, 2].
        gallery_labels: (g,) the class of each row of the collection.
        gallery_embeddings: (g, d) float32.
    """

    labels: NDArray[np.str_]
    embeddings: NDArray[np.float32]
    rows: NDArray[np.int64]
    distances: NDArray[np.float32]
    gallery_labels: NDArray[np.str_]
    gallery_embeddings: NDArray[np.float32]

    @property
    def retrieved_labels(self) -> NDArray[np.str_]:
        """(q, k), the class of each retrieved image."""
        return self.gallery_labels[self.rows]

    @property
    def relevant(self) -> NDArray[np.bool_]:
        """(q, k), whether each retrieved image is of the query's class."""
        relevant: NDArray[np.bool_] = self.retrieved_labels == self.labels[:, None]
        return relevant

    @property
    def confusion(self) -> Confusion:
        """How often the first neighbour of a query is of each of `classes`."""
        return Confusion.count(self.labels.tolist(), self.retrieved_labels[:, 0].tolist(), self.classes)

    @property
    def classes(self) -> list[str]:
        """All classes of queries and collection, in alphabetical order."""
        return sorted({*self.labels.tolist(), *self.gallery_labels.tolist()})


def retrieve(
    embeddings: NDArray[np.float32], labels: Sequence[str], collection: Collection, depth: int = DEPTH
) -> Retrievals:
    """Search a collection for the nearest neighbours of queries.

    Args:
        embeddings: (q, d) float32, of the queries, unit length.
        labels: The class of each query.
        collection: The gallery.
        depth: How many images are retrieved for each query.
    """
    distances, rows = collection.index.search(embeddings, depth)
    gallery_labels = np.array([entry.label for entry in collection.entries])
    return Retrievals(np.array(labels), embeddings, rows, distances, gallery_labels, collection.vectors)
