"""A photo -> a square of it as it would be from lower, from higher, turned, or with more pixels.

A view is named by its kind and a number: 'middle-0.5' is the middle half, 'mosaic-2' what is seen from twice
as high.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from retrieval.scale_guess import from_higher
from train.data.dataset import LabeledImages
from train.data.orientations import ORIENTATIONS, orient

WHOLE = "whole"
#: The photo as it is, and its other orientations.
TURNS = (WHOLE, *(f"turn-{number}" for number in range(1, len(ORIENTATIONS))))
#: Sides of what a network sees are multiples of this: it halves them five times.
STEP = 32


def view_side(view: str, size: int) -> int:
    """The side in pixels of what the network sees of a view, where it sees `size` of a whole photo."""
    kind, number = _parsed(view)
    return round(size * number / STEP) * STEP if kind == "large" else size


def view_cost(view: str) -> float:
    """How many times the work of a whole photo a view is for the network."""
    kind, number = _parsed(view)
    return number**2 if kind == "large" else 1


def view_of(view: str, photos: LabeledImages, row: int, size: int) -> Image.Image:
    """A view of a photo, as the network sees it: (side, side).

    Args:
        view: 'whole'; 'turn-N', an orientation; 'middle-S', the middle square of that share of the side;
            'large-S', with S times as many pixels to a side; or from S times as high, surrounded by its own
            mirror images ('mirrored-S') or by other photos of its class ('mosaic-S').
        photos: In memory: a mosaic opens many.
        row: Which of them.
        size: Side of what the network sees of a whole photo.

    Raises:
        ValueError: If there is no such view.
    """
    kind, number = _parsed(view)
    image = photos.images[row]
    if kind == "turn":
        return orient(_square(image, size), int(number))
    if kind in ("middle", "whole", "large"):
        middle = number if kind == "middle" else 1
        return _square(image, view_side(view, size), middle)
    if kind == "mirrored":
        return from_higher(image, number, size)
    if kind == "mosaic":
        return _mosaic(photos, row, size, int(number))
    raise ValueError(f"There is no view '{view}'.")


class Seen(Sequence[Image.Image]):
    """All photos in one view, each made when it is asked for.

    Args:
        view: See `view_of`, also for the others.
        photos: In memory.
        size: Of a whole photo.
    """

    def __init__(self, view: str, photos: LabeledImages, size: int) -> None:
        self._view, self._photos, self._size = view, photos, size

    def __len__(self) -> int:
        return len(self._photos.files)

    def __getitem__(self, row: Any) -> Any:  # noqa: ANN401 - int -> image; slices are never used
        return view_of(self._view, self._photos, row, self._size)


def _parsed(view: str) -> tuple[str, float]:
    kind, _, number = view.partition("-")
    return kind, float(number or 1)


def _square(image: Image.Image, side: int, middle: float = 1) -> Image.Image:
    """The middle square, or that share of its side, scaled."""
    if middle < 1:
        edge = min(image.size) * middle
        left, top = (image.width - edge) / 2, (image.height - edge) / 2
        box = (left, top, left + edge, top + edge)
        return image.resize((side, side), Image.Resampling.BICUBIC, box=box)
    return ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)


def _mosaic(photos: LabeledImages, row: int, size: int, times: int) -> Image.Image:
    """The photo at a place among others of its class, each turned by chance, which is the same each time."""
    chance = np.random.default_rng((row, times))
    others = [
        other for other, label in enumerate(photos.labels) if label == photos.labels[row] and other != row
    ] or [row]
    count = times**2 - 1
    rows = chance.choice(others, count, replace=len(others) < count)
    rows = np.insert(rows, chance.integers(count + 1), row)
    canvas = Image.new("RGB", (size, size))
    edges = [round(size * number / times) for number in range(times + 1)]
    for place, other in enumerate(rows):
        down, across = divmod(place, times)
        side = max(edges[down + 1] - edges[down], edges[across + 1] - edges[across])
        tile = orient(_square(photos.images[int(other)], side), int(chance.integers(len(ORIENTATIONS))))
        canvas.paste(tile, (edges[across], edges[down]))
    return canvas
