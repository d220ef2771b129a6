"""How sure a share of so many is: Wilson's interval for a proportion."""

from __future__ import annotations

import math

#: Within so many standard deviations lie 95 of 100 draws from a normal distribution.
_DEVIATIONS = 1.959963984540054


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a proportion, of which `count` of `total` were seen.

    Wilson 1927, 'Probable Inference, the Law of Succession, and Statistical Inference'. Unlike a bootstrap it
    has a width where all or none were seen: 21 of 21 may be 84.5 % of many. `scipy.stats` gives the same, but
    importing it would cost the page's start half a second and 45 MB.

    Args:
        count: From 0 to `total`.
        total: At least 1.

    Returns:
        Its ends, in [0, 1].

    Raises:
        ValueError: If the counts are others.
    """
    if not 0 <= count <= total or total < 1:
        raise ValueError(f"There is no share of {count} in {total}.")
    share, squared = count / total, _DEVIATIONS**2
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    half = _DEVIATIONS * math.sqrt(share * (1 - share) / total + squared / (4 * total**2))
    half /= 1 + squared / total
    # At the ends the sum is exact but for rounding.
    return (0.0 if count == 0 else middle - half), (1.0 if count == total else middle + half)
