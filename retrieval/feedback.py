"""Several photos, and what was marked right or wrong among the answers -> one vector to search with.

Rocchio's method: J. Rocchio, 'Relevance Feedback in Information Retrieval', in G. Salton (ed.), The SMART
Retrieval System, 1971. The sum is scaled back to unit length, because distances in the index are those of
unit vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: How much the query and the mean of what is right count, and which share of both the mean of what is wrong
#: takes away. A share, so that what speaks for a search always outweighs what speaks against it: a wrong
#: answer that is hardly apart from the query would else leave little of either. Chosen by
#: `make bench-feedback` on photos from elsewhere, which are for development. A larger share does better
#: there, but a search for harbors, with one of them marked wrong and nothing right, finds airplanes then.
QUERY, RIGHT, WRONG = 1.0, 1.0, 0.375

Vector = NDArray[np.float32]


def query_vector(
    photos: Sequence[Vector],
    right: Sequence[Vector] = (),
    wrong: Sequence[Vector] = (),
    weights: tuple[float, float, float] = (QUERY, RIGHT, WRONG),
) -> Vector:
    """QUERY * mean(photos) + RIGHT * mean(right), less WRONG of it in mean(wrong); of unit length.

    Args:
        photos: What is looked for: at least one, each (2048,) float32 of unit length.
        right: Answers that were marked right.
        wrong: Answers that were marked wrong.
        weights: `QUERY`, `RIGHT` and `WRONG`.

    Returns:
        (2048,) float32. Of one photo without marks it is that photo's vector itself; should all cancel out,
        the first photo's.
    """
    if len(photos) == 1 and not right and not wrong:
        return photos[0]
    query, good, bad = weights
    total = query * np.mean(photos, axis=0)
    if right:
        total = total + good * np.mean(right, axis=0)
    if wrong:
        total = total - bad * (query + (good if right else 0)) * np.mean(wrong, axis=0)
    norm = float(np.linalg.norm(total))
    return np.asarray(total / norm, np.float32) if norm > 1e-6 else photos[0]
