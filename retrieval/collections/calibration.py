"""How unusual a distance is: whether a query resembles anything in the collection.

Photos that were held out (of the validation split, not of the test) are looked up in the collection. How
far each lies from its nearest neighbour is what is usual; a query that lies farther than nearly all of them
resembles nothing there. The distance of unit vectors as a score of novelty is that of Sun et al.,
'Out-of-Distribution Detection with Deep Nearest Neighbors', ICML 2022, here with k = 1.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.quantiles import quantiles, share_within

#: Of 100 photos that belong to the collection, one is called unlike anything in it.
ACCEPTED = 0.99


@dataclass(frozen=True)
class Calibration:
    """The distances of held-out photos to their nearest neighbours; a manifest's field 'calibration'.

    Attributes:
        held_out: Which photos, for people: 'validation', or 'each photo against the others'.
        count: How many.
        quantiles: 101 distances in [0, 2], growing: the shortest, then what 1 %, 2 %, … of them stay within.
    """

    held_out: str
    count: int
    quantiles: tuple[float, ...]

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
            made = cls(str(fields["held_out"]), int(fields["count"]), tuple(map(float, fields["quantiles"])))
        except (KeyError, TypeError) as error:
            raise ValueError(f"the calibration lacks {error}") from error
        if len(made.quantiles) != 101 or not np.all(np.diff(made.quantiles) >= 0):
            raise ValueError("the calibration needs 101 growing distances")
        return made

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON can hold them."""
        return asdict(self)

    @property
    def threshold(self) -> float:
        """The distance to the nearest neighbour from which on a query resembles nothing in the collection."""
        return self.quantiles[round(100 * ACCEPTED)]

    def novelty(self, nearest: float) -> float:
        """The share of held-out photos that lie nearer to the collection than this distance, in [0, 1]."""
        return share_within(nearest, self.quantiles)

    def is_novel(self, nearest: float) -> bool:
        """Whether a query at this distance from its nearest neighbour resembles nothing in the collection."""
        return nearest > self.threshold
