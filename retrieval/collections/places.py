"""Where on Earth each photo of a collection lies, and which part of which file it is: `places.csv`.

A row for each row of the index. A photo that is a whole file has an empty window; one whose place nobody
knows has empty corners.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import ArtifactError
from retrieval.files import atomic_write, read_bounded
from retrieval.georeference import Position

FIELDS = (
    *("left", "top", "right", "bottom"),
    *("longitude1", "latitude1", "longitude2", "latitude2"),
    *("longitude3", "latitude3", "longitude4", "latitude4"),
)
#: Of a row: twelve numbers and what is between them.
MAX_LINE_BYTES = 240
#: Of the side of a raster, in pixels.
MAX_SIDE = 2**31 - 1

#: All that a row is made of.
_SIGNS = b"0123456789-.,\n"

Window = tuple[int, int, int, int]
Footprint = tuple[Position, Position, Position, Position]


@dataclass(frozen=True)
class Place:
    """Which part of a file a photo is, and the ground that it shows.

    Attributes:
        window: Left, top, right and bottom in pixels of the file as it is stored; None for all of it.
        footprint: Longitude and latitude in degrees (WGS 84) of the upper left, upper right, lower right and
            lower left corner; None where nobody knows.
    """

    window: Window | None = None
    footprint: Footprint | None = None

    def __post_init__(self) -> None:
        if self.window is not None:
            left, top, right, bottom = self.window
            if not (0 <= left < right <= MAX_SIDE and 0 <= top < bottom <= MAX_SIDE):
                raise ValueError("a window that is none")
        for longitude, latitude in self.footprint or ():
            if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):  # not so of nan
                raise ValueError("a corner that is not on Earth")

    @property
    def centre(self) -> Position | None:
        """Longitude and latitude in degrees of the middle, also where it lies across the 180th meridian."""
        if self.footprint is None:
            return None
        first = self.footprint[0][0]
        # Each corner is taken on the first one's side of the 180th meridian.
        longitude = sum(first + math.remainder(each - first, 360) for each, _ in self.footprint) / 4
        return math.remainder(longitude, 360), sum(latitude for _, latitude in self.footprint) / 4


class Places:
    """Where each row of a collection lies, as a table of numbers: objects take far more memory and time.

    Args:
        numbers: (n, 12) float64, in the order of `FIELDS`; nan for what is empty.

    Raises:
        ValueError: If a row is none of a `Place`.
    """

    def __init__(self, numbers: NDArray[np.float64]) -> None:
        windows, degrees = numbers[:, :4], numbers[:, 4:]
        for part in (windows, degrees):
            empty = np.isnan(part)
            if (empty.any(axis=1) != empty.all(axis=1)).any():
                raise ValueError("a window or a footprint that is half empty")
        left, top, right, bottom = windows[~np.isnan(windows[:, 0])].T
        is_window = (left >= 0) & (left < right) & (right <= MAX_SIDE)
        is_window &= (top >= 0) & (top < bottom) & (bottom <= MAX_SIDE)
        if not is_window.all() or (windows % 1 > 0).any():
            raise ValueError("a window that is none")
        if (np.abs(degrees[:, ::2]) > 180).any() or (np.abs(degrees[:, 1::2]) > 90).any():
            raise ValueError("a corner that is not on Earth")
        self._numbers = numbers

    @classmethod
    def of(cls, places: Iterable[Place]) -> Places:
        """The same places."""
        rows = [
            [
                *(place.window or (np.nan,) * 4),
                *(degrees for corner in place.footprint or ((np.nan,) * 2,) * 4 for degrees in corner),
            ]
            for place in places
        ]
        return cls(np.array(rows, np.float64).reshape(-1, len(FIELDS)))

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, row: int) -> Place:
        numbers: list[float] = self._numbers[row].tolist()
        left, top, right, bottom, *degrees = numbers
        window = None if math.isnan(left) else (int(left), int(top), int(right), int(bottom))
        if math.isnan(degrees[0]):
            return Place(window)
        first, second, third, fourth = zip(degrees[::2], degrees[1::2], strict=True)
        return Place(window, (first, second, third, fourth))

    def __iter__(self) -> Iterator[Place]:
        return (self[row] for row in range(len(self)))

    @property
    def centres(self) -> NDArray[np.float64]:
        """See `Place.centre`: (n, 2) longitude and latitude of each; nan where nobody knows."""
        longitudes, latitudes = self._numbers[:, 4::2], self._numbers[:, 5::2]
        first = longitudes[:, :1]
        middles = _turned_least((first + _turned_least(longitudes - first)).mean(axis=1))
        return np.stack([middles, latitudes.mean(axis=1)], axis=1)


def _turned_least(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same directions between -180 and 180 degrees, as `math.remainder` has them."""
    turned: NDArray[np.float64] = degrees - 360 * np.rint(degrees / 360)
    return turned


def write_places(path: Path, places: list[Place]) -> None:
    """Write places as CSV, a row each, under a header; degrees with seven decimals: a centimetre."""
    with atomic_write(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FIELDS)
        for place in places:
            window = place.window or ("",) * 4
            corners = [f"{degrees:.7f}" for corner in place.footprint or () for degrees in corner]
            rows.writerow([*window, *(corners or ("",) * 8)])


def read_places(path: Path, count: int) -> Places:
    """Read what `write_places` wrote, of so many rows. Raises ArtifactError if it is something else."""
    try:
        data = read_bounded(path, (count + 1) * MAX_LINE_BYTES)
        header, _, rows = data.partition(b"\n")
        if header.decode().split(",") != [*FIELDS] or not rows.strip() or rows.translate(None, _SIGNS):
            raise ValueError("another header, no row, or what is no number")
        for empty, filled in ((b",,", b",nan,"), (b",,", b",nan,"), (b"\n,", b"\nnan,"), (b",\n", b",nan\n")):
            rows = rows.replace(empty, filled)
        first = b"nan" if rows.startswith(b",") else b""
        numbers = np.loadtxt(io.BytesIO(first + rows), delimiter=",", ndmin=2)
        if numbers.shape != (count, len(FIELDS)):
            raise ValueError("another number of rows or fields")
        return Places(numbers)
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{path} has to hold the header {','.join(FIELDS)} and {count} rows of a window and four places, "
            "each whole or empty: build the folder again."
        ) from error
