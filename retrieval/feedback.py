"""Several photos, and what was marked right or wrong among the answers -> one vector to search with.

The weights are those of Rocchio's method: J. Rocchio, 'Relevance Feedback in Information Retrieval', in
G. Salton (ed.), The SMART Retrieval System, 1971. The sum is scaled back to unit length, because distances in
the index are those of unit vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: How much the query, the mean of what is right, and the mean of what is wrong count.
QUERY, RIGHT, WRONG = 1.0, 0.75, 0.25

Vector = NDArray[np.float32]


def query_vector(
    photos: Sequence[Vector], right: Sequence[Vector] = (), wrong: Sequence[Vector] = ()
) -> Vector:
    """QUERY * mean(photos) + RIGHT * mean(right) - WRONG * mean(wrong), of unit length.

    Args:
        photos: What is looked for: at least one, each (2048,) float32 of unit length.
        right: Answers that were marked right.
        wrong: Answers that were marked wrong.

    Returns:
        (2048,) float32. Of one photo without marks it is that photo's vector itself; should all cancel out,
        the first photo's.
    """
    if len(photos) == 1 and not right and not wrong:
        return photos[0]
    total = QUERY * np.mean(photos, axis=0)
    if right:
        total = total + RIGHT * np.mean(right, axis=0)
    if wrong:
        total = total - WRONG * np.mean(wrong, axis=0)
    norm = float(np.linalg.norm(total))
    return np.asarray(total / norm, np.float32) if norm > 1e-6 else photos[0]
