"""Whether two groups of values differ by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

PERMUTATIONS = 10_000


def permutation_test(first: Sequence[float], second: Sequence[float]) -> float:
    """The p-value of the difference of two means, two-sided, by random divisions with seed 0.

    Pitman 1937, 'Significance Tests Which May be Applied to Samples From any Populations'.

    Args:
        first: The values of one group.
        second: The values of the other.

    Returns:
        The share of random divisions into groups of these sizes whose means differ at least as much.
    """
    values = np.array([*first, *second])
    rng = np.random.default_rng(0)

    def difference(order: Sequence[float] | Any) -> float:  # noqa: ANN401 - an array as well
        return abs(float(np.mean(order[: len(first)]) - np.mean(order[len(first) :])))

    observed = difference(values)
    return float(
        np.mean([difference(rng.permutation(values)) >= observed - 1e-12 for _ in range(PERMUTATIONS)])
    )
