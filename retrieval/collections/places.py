"""Where on Earth each photo of a collection lies, and which part of which file it is: `places.csv`.

A row for each row of the index. A photo that is a whole file has an empty window; one whose place nobody
knows has empty corners.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

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


def write_places(path: Path, places: list[Place]) -> None:
    """Write places as CSV, a row each, under a header; degrees with seven decimals: a centimetre."""
    with atomic_write(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FIELDS)
        for place in places:
            window = place.window or ("",) * 4
            corners = [f"{degrees:.7f}" for corner in place.footprint or () for degrees in corner]
            rows.writerow([*window, *(corners or ("",) * 8)])


def read_places(path: Path, count: int) -> list[Place]:
    """Read what `write_places` wrote, of so many rows. Raises ArtifactError if it is something else."""
    try:
        text = read_bounded(path, (count + 1) * MAX_LINE_BYTES).decode("ascii")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        if tuple(header) != FIELDS or len(rows) != count:
            raise ValueError("another header, or another number of rows")
        return [_place(row) for row in rows]
    except (OSError, ValueError, csv.Error) as error:
        raise ArtifactError(
            f"{path} has to hold the header {','.join(FIELDS)} and {count} rows of a window and four places, "
            "each whole or empty: build the folder again."
        ) from error


def _place(row: list[str]) -> Place:
    if len(row) != len(FIELDS):
        raise ValueError("another number of fields")
    window, degrees = row[:4], row[4:]
    left, top, right, bottom = map(int, window) if any(window) else (0, 0, 0, 0)
    corners = [float(each) for each in degrees] if any(degrees) else []
    return Place(
        (left, top, right, bottom) if any(window) else None,
        (
            (corners[0], corners[1]),
            (corners[2], corners[3]),
            (corners[4], corners[5]),
            (corners[6], corners[7]),
        )
        if corners
        else None,
    )
