"""Search a collection with queries of known classes: the data of the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.catalogue import Entry
from retrieval.collections.collection import Collection
from retrieval.collections.evaluation import Confusion

#: How many images are retrieved for each query, as in the paper.
DEPTH = 50
#: Of the pairs of images that tie, as many are named.
MAX_PAIRS = 5


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
    def ties(self) -> NDArray[np.bool_]:
        """(q, k - 1), whether a retrieved image is no farther from the query than the one before it."""
        ties: NDArray[np.bool_] = np.diff(self.distances, axis=1) <= 0
        return ties

    @property
    def confusion(self) -> Confusion:
        """How often the first neighbour of a query is of each of `classes`."""
        return Confusion.count(self.labels.tolist(), self.retrieved_labels[:, 0].tolist(), self.classes)

    @property
    def classes(self) -> list[str]:
        """All classes of queries and collection, in alphabetical order."""
        return sorted({*self.labels.tolist(), *self.gallery_labels.tolist()})


def growth(retrievals: Retrievals, entries: Sequence[Entry]) -> str:
    """Whether the distances of what is retrieved grow strictly, as the paper says of its Fig. 10.

    Args:
        retrievals: Of the queries.
        entries: The rows of the collection.

    Returns:
        Sentences: of how many queries they do, and which images tie for the others.
    """
    ties = retrievals.ties
    tied, (queries, depth) = int(ties.any(axis=1).sum()), retrievals.rows.shape
    strictly = f"The distances of the {depth} images grow strictly for {queries - tied} of {queries} queries."
    if not tied:
        return strictly
    before, after = retrievals.rows[:, :-1][ties], retrievals.rows[:, 1:][ties]
    pairs = Counter(tuple(sorted(pair)) for pair in zip(before.tolist(), after.tolist(), strict=True))
    told = [
        f"{entries[one].id} and {entries[two].id} {count} times ("
        + ("the same pixels" if entries[one].sha256 == entries[two].sha256 else "different pixels")
        + ")"
        for (one, two), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    ]
    more = [f"{len(told) - MAX_PAIRS} further pairs"] if len(told) > MAX_PAIRS else []
    return (
        f"{strictly} {tied} have images at the same distance, {int(ties.sum())} ties in all: "
        f"{'; '.join([*told[:MAX_PAIRS], *more])}."
    )


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


def retrieve_among_themselves(collection: Collection, depth: int = DEPTH) -> Retrievals:
    """Search for each image of a collection among the others.

    Args:
        collection: Queries and gallery.
        depth: How many images are retrieved for each.
    """
    labels = [entry.label for entry in collection.entries]
    found = retrieve(collection.vectors, labels, collection, min(depth + 1, len(labels)))
    others = found.rows != np.arange(len(labels))[:, None]
    # A duplicate may come before the image itself, or leave it no place among so many.
    others[others.all(axis=1), -1] = False
    shape = (len(labels), found.rows.shape[1] - 1)
    return replace(
        found, rows=found.rows[others].reshape(shape), distances=found.distances[others].reshape(shape)
    )
