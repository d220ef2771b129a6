"""The map of a collection: a place in the unit square for each row of the index, where near is similar.

`train/artifacts/projection.py` makes it. A query that was not there then is placed by its neighbours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import ArtifactError
from retrieval.files import atomic_write, read_bounded

FIELDS = ("x", "y")

#: Of a row: two numbers and what is between them.
MAX_LINE_BYTES = 64

#: Neighbours by which a query is placed.
NEAREST = 5
#: A distance that rounding may make of 0.
ROUNDING = 1e-3
#: Photos of a class among which its middle is looked for: more only take time and memory.
LOOKED_AT = 1000


def write_coordinates(path: Path, coordinates: NDArray[np.float32]) -> None:
    """Write coordinates as CSV, a row each with four decimals, under a header."""
    with atomic_write(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(FIELDS)
        rows.writerows([f"{x:.4f}", f"{y:.4f}"] for x, y in coordinates.tolist())


def read_coordinates(path: Path, count: int) -> NDArray[np.float32]:
    """Read what `write_coordinates` wrote: (count, 2) float32 in [0, 1].

    Raises:
        ArtifactError: If it is something else, or of another number of rows.
    """
    try:
        text = read_bounded(path, (count + 1) * MAX_LINE_BYTES).decode("ascii")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        coordinates = np.array(rows, np.float64)
        fits = tuple(header) == FIELDS and coordinates.shape == (count, 2)
        fits = fits and bool(((coordinates >= 0) & (coordinates <= 1)).all())  # not so of nan
    except (OSError, ValueError, csv.Error):  # empty, no text, no numbers, or not as many in each row
        fits = False
    if not fits:
        raise ArtifactError(
            f"{path} has to hold the header {','.join(FIELDS)} and {count} rows of two numbers from 0 to 1: "
            f"make it again with 'python -m train map --artifacts {path.parent}'."
        )
    return coordinates.astype(np.float32)


def position(
    distances: NDArray[np.float32], rows: NDArray[np.int64], coordinates: NDArray[np.float32]
) -> tuple[float, float]:
    """Where a query belongs on the map: the mean of its nearest neighbours' coordinates, by closeness.

    Each of the `NEAREST` counts by 1 / d^2 of its distance d: inverse distance weighting (Shepard, 'A
    two-dimensional interpolation function for irregularly-spaced data', ACM National Conference, 1968). A
    photo of the collection lands on its own place, as near as can be seen.

    Args:
        distances: (k,) of the query's neighbours, nearest first; at least one.
        rows: (k,), their rows.
        coordinates: (n, 2), the map.

    Returns:
        x and y in [0, 1].
    """
    weights = 1 / (np.asarray(distances[:NEAREST], np.float64) ** 2 + ROUNDING**2)
    x, y = np.average(coordinates[rows[:NEAREST]], axis=0, weights=weights)
    return float(x), float(y)


def class_centers(coordinates: NDArray[np.float32], labels: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The medoid of each class, in alphabetical order: where its name belongs on the map.

    Args:
        coordinates: (n, 2), the map.
        labels: The class of each row, n.
    """
    classes = np.array(labels)
    return {label: medoid(coordinates[classes == label]) for label in sorted(set(labels))}


def medoid(coordinates: NDArray[np.float32]) -> tuple[float, float]:
    """The place with the most of its kind around it: a class in two pieces gets its name on one of them.

    Args:
        coordinates: Of one class, (n, 2), n >= 1.
    """
    looked_at = coordinates[:: -(-len(coordinates) // LOOKED_AT)]
    apart = np.linalg.norm(looked_at[:, None] - looked_at[None], axis=2)
    near = np.sort(apart, axis=1)[:, : max(2, len(looked_at) // 3)].mean(axis=1)
    x, y = looked_at[near.argmin()]
    return float(x), float(y)
