"""How unusual a distance is: whether a query resembles anything in the collection.

Photos that were held out (of the validation split, not of the test) are looked up in the collection. How
far each lies from its nearest neighbour is what is usual; a query that lies farther than nearly all of them
resembles nothing there. The distance of unit vectors as a score of novelty is that of Sun et al.,
'Out-of-Distribution Detection with Deep Nearest Neighbors', ICML 2022, here with k = 1.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections.fields import CLOSED, Count, Distance, Line, problem
from retrieval.collections.quantiles import quantiles, share_within

#: Of 100 photos that belong to the collection, one is called unlike anything in it.
ACCEPTED = 0.99


def _growing(distances: tuple[float, ...]) -> tuple[float, ...]:
    if len(distances) != 101 or any(later < earlier for earlier, later in pairwise(distances)):
        raise ValueError("it needs 101 growing distances")
    return distances


@dataclass(frozen=True, config=CLOSED)
class Calibration:
    """The distances of held-out photos to their nearest neighbours; a manifest's field 'calibration'.

    Attributes:
        held_out: Which photos, for people: 'validation', or 'each photo against the others'.
        count: How many.
        quantiles: 101 distances in [0, 2], growing: the shortest, then what 1 %, 2 %, … of them stay within.
    """

    held_out: Line
    count: Count
    quantiles: Annotated[tuple[Distance, ...], Field(max_length=101), AfterValidator(_growing)]

    @classmethod
    def measure(cls, distances: NDArray[np.float32], held_out: str) -> Calibration:
        """From the distance of each held-out photo to its nearest neighbour: (n,), n >= 1."""
        return cls(held_out, len(distances), quantiles(distances))

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Calibration | None:
        """What a manifest says; None where it says nothing.

        Raises:
            ValueError: If it says something else than `to_dict` does.
        """
        if not fields:
            return None
        try:
            return TypeAdapter(cls).validate_python(fields)
        except ValidationError as error:
            raise ValueError(problem(error)) from None

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON can hold them."""
        return asdict(self)

    @property
    def threshold(self) -> float:
        """The distance to the nearest neighbour from which on a query resembles nothing in the collection."""
        return self.within(ACCEPTED)

    def within(self, share: float) -> float:
        """The distance within which this share of held-out photos find their nearest neighbour."""
        return self.quantiles[round(100 * share)]

    def novelty(self, nearest: float) -> float:
        """The share of held-out photos that lie nearer to the collection than this distance, in [0, 1]."""
        return share_within(nearest, self.quantiles)

    def is_novel(self, nearest: float) -> bool:
        """Whether a query at this distance from its nearest neighbour resembles nothing in the collection."""
        return nearest > self.threshold
