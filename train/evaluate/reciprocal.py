"""Re-ranking by k-reciprocal neighbours: who is near to each other has the same neighbours.

Zhong, Zheng, Cao, Li 2017, 'Re-ranking Person Re-identification with k-reciprocal Encoding'. There all
queries are part of the pool; here each is alone with the gallery, whose encodings are made once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.evaluate.reranking import Found, Similarities

#: So much of what a neighbour's own neighbours are has to be known for these to be added.
OVERLAP = 2 / 3

Rows = NDArray[np.int64]


def reciprocal(found: Found, *, neighbours: int, mean_of: int, share: float) -> Similarities:
    """Distances that are in part those of the neighbourhoods (Jaccard), in part those of the vectors.

    Args:
        found: Queries and gallery.
        neighbours: k1, how many are looked at.
        mean_of: k2, over how many nearest an encoding is averaged.
        share: λ, the part of the vectors' own distance.
    """
    among, similarities = found.among, found.similarities
    count = len(among)
    mutual, half = _mutual(among, neighbours), _mutual(among, max(1, neighbours // 2))
    own = np.stack([_encoding(row, among[row], mutual[row], half) for row in range(count)])
    nearest = np.argsort(-among, axis=1, kind="stable")[:, : mean_of - 1]
    encodings = (own + own[nearest].sum(axis=1)) / mean_of

    reach = np.partition(among, -neighbours, axis=1)[:, -neighbours]  # of each photo's k-th neighbour
    result = np.empty_like(similarities)
    for number, line in enumerate(similarities):
        first = np.argsort(-line, kind="stable")[:neighbours]
        encoding = _encoding(None, line, first[line[first] >= reach[first]], half)
        encoding = (encoding + own[first[: mean_of - 1]].sum(axis=0)) / mean_of
        used = np.flatnonzero(encoding)
        common = np.minimum(encodings[:, used], encoding[used]).sum(axis=1)
        total = encodings.sum(axis=1) + encoding.sum() - common
        jaccard = 1 - common / np.maximum(total, 1e-12)
        result[number] = -(1 - share) * jaccard - share * (1 - line)
    return result


def _mutual(among: Similarities, neighbours: int) -> list[Rows]:
    """For each photo, which of its nearest have it among theirs."""
    nearest = np.argpartition(-among, neighbours - 1, axis=1)[:, :neighbours]
    knows = np.zeros(among.shape, bool)
    np.put_along_axis(knows, nearest, True, axis=1)
    return [np.flatnonzero(line) for line in knows & knows.T]


def _encoding(row: int | None, line: Similarities, mutual: Rows, half: list[Rows]) -> Similarities:
    """How much each photo of the gallery belongs to a neighbourhood, in sum 1, or 0 if there is none.

    Args:
        row: Of the photo in the gallery, which belongs to its own; None for a query.
        line: Its similarities.
        mutual: Its k-reciprocal neighbours.
        half: Those of each photo, of half as many.
    """
    own = mutual if row is None else np.append(mutual, row)
    members = set(own.tolist())
    wide = set(members)
    for near in mutual.tolist():
        theirs = {near, *half[near].tolist()}
        if len(theirs & members) > OVERLAP * len(theirs):
            wide |= theirs
    rows = np.fromiter(wide, np.int64, len(wide))
    encoding = np.zeros(len(line), np.float32)
    encoding[rows] = np.exp(np.where(rows == (-1 if row is None else row), 1, line[rows]) - 1)
    total = encoding.sum()
    return encoding / total if total else encoding
