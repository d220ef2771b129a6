"""Labels and an area -> which rows of an index may be found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.places import Places
from retrieval.vector_store import Allowed, Area


class RowChoice:
    """What is known of the rows of an index that searches may be narrowed by.

    Args:
        labels: Of each row.
        places: Of each row; None where nobody knows.
    """

    def __init__(self, labels: Sequence[str], places: Places | None = None) -> None:
        self._numbers: dict[str, int] = {}
        numbers = self._numbers
        self._labels = np.fromiter(
            (numbers.setdefault(label, len(numbers)) for label in labels), np.int32, len(labels)
        )
        self._centres = np.full((len(labels), 2), np.nan) if places is None else places.centres

    def mask(self, allowed: Allowed) -> NDArray[np.bool_]:
        """Which rows may be found: (n,)."""
        mask = np.ones(len(self._labels), bool)
        if allowed.labels is not None:
            wanted = np.zeros(len(self._numbers), bool)
            wanted[[self._numbers[label] for label in allowed.labels if label in self._numbers]] = True
            mask &= wanted[self._labels]
        if allowed.area is not None:
            mask &= self._within(allowed.area)
        mask[[row for row in allowed.without if 0 <= row < len(mask)]] = False
        return mask

    def _within(self, area: Area) -> NDArray[np.bool_]:
        west, south, east, north = area
        longitudes, latitudes = self._centres.T
        after_west, before_east = longitudes >= west, longitudes <= east  # not so of nan
        between = after_west & before_east if west <= east else after_west | before_east
        return between & (latitudes >= south) & (latitudes <= north)
