"""A screenshot of a map -> a crop, or tiles, as the collection's photos show the ground.

A photo of the collection is 256 pixels of 0.3048 m wide, so 78 m of ground. A screenshot shows far more, at a
scale of its own, under search boxes and labels. Here a square of 78 m is found, cropped and resampled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.maps.overlays import Overlays
from retrieval.maps.scale import METRES_PER_PIXEL, TILE_METRES, ScaleError

#: Side of a crop in pixels, as the collection's photos have it.
CROP_PIXELS = round(TILE_METRES / METRES_PER_PIXEL)

#: Of a coarser picture a square of 78 m has fewer than 64 pixels: cars, roofs and trees are gone.
COARSEST = TILE_METRES / 64

#: Squares that are tried where the scale is unknown: the smallest side, and the step from one to the next.
SMALLEST_SIDE = 64
SIDE_STEP = math.sqrt(2)

#: Places to each side of the middle, at most, where the search for a clear square looks.
MAX_STEPS = 20

#: Overlays are in the way of a square from this share on; a label more or less does not change a search.
COVERED = 0.08


@dataclass(frozen=True)
class Square:
    """A square of a picture.

    Attributes:
        x: Of its centre, pixels from the left.
        y: Of its centre, pixels from the top.
        side: Pixels.
    """

    x: float
    y: float
    side: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels."""
        half = self.side / 2
        return self.x - half, self.y - half, self.x + half, self.y + half

    def within(self, area: tuple[int, int, int, int]) -> Square:
        """The square moved into an area (left, top, right, bottom), and shrunk where it is larger."""
        left, top, right, bottom = area
        side = min(self.side, right - left, bottom - top)
        half = side / 2
        return Square(
            min(max(self.x, left + half), right - half), min(max(self.y, top + half), bottom - half), side
        )


#: Who says a scale.
LINK, ZOOM, BAR, FILE, GIVEN, HAND, GUESS = "link", "zoom", "bar", "file", "given", "hand", "guess"

#: What becomes of a guess when the visitor says whether single cars can be made out.
CONFIRMED, TOO_FAR = "confirmed", "too far"


@dataclass(frozen=True)
class Scale:
    """How much ground a pixel shows, and who says so.

    Attributes:
        metres_per_pixel: Of the picture, more than 0.
        source: One of `LINK`, `ZOOM`, `BAR`, `FILE` (a GeoTIFF), `GIVEN` (by a program), `HAND` (the visitor
            made the square as large as 78 m seem to be), `GUESS`, `CONFIRMED` and `TOO_FAR`.
    """

    metres_per_pixel: float
    source: str

    @property
    def side(self) -> float:
        """Pixels of the picture that show 78 m."""
        return TILE_METRES / self.metres_per_pixel


def checked_scale(metres_per_pixel: float, detail: float = 1.0) -> float:
    """A scale at which a search makes sense.

    Args:
        metres_per_pixel: Of a picture.
        detail: Pixels of its file for one of the picture.

    Raises:
        ScaleError: If it is not above 0, or so coarse that there is nothing to recognise; see `COARSEST`.
    """
    if not 0 < metres_per_pixel < math.inf:
        raise ScaleError("The scale has to be a number of metres per pixel above 0.")
    metres = metres_per_pixel / detail
    if metres > COARSEST:
        times = metres / METRES_PER_PIXEL
        raise ScaleError(
            "This picture is too coarse: a pixel shows {metres:.2g} m of ground, {times:.0f} "
            "times as much as in the photos of the collection, so houses, trees and cars are "
            "gone. Zoom in until you can make out single cars (zoom 18 to 20), and take the "
            "screenshot there.",
            metres=metres,
            times=times,
        )
    return metres_per_pixel


def crop(image: Image.Image, square: Square) -> Image.Image:
    """The square, resampled to 256 x 256 pixels: 0.3048 m each if its side shows 78 m.

    Pillow's bicubic filter widens with the reduction, so that nothing finer than a pixel is left to alias.
    """
    left, top, right, bottom = square.within((0, 0, *image.size)).box
    box = (max(left, 0.0), max(top, 0.0), min(right, image.width), min(bottom, image.height))
    return image.resize((CROP_PIXELS, CROP_PIXELS), Image.Resampling.BICUBIC, box=box)


def middle_square(size: tuple[int, int]) -> Square:
    """The largest square in the middle of a picture of this size: what is searched of a plain photo."""
    return Square(size[0] / 2, size[1] / 2, min(size))


class CoverageSums:
    """How much of any square overlays cover, from sums that are taken once.

    Args:
        mask: (height, width), True where the picture is covered.
    """

    def __init__(self, mask: NDArray[np.bool_]) -> None:
        sums = np.cumsum(np.cumsum(mask, axis=0, dtype=np.int32), axis=1, dtype=np.int32)
        self._sums = np.pad(sums, ((1, 0), (1, 0)))

    def of(self, square: Square) -> float:
        """The share of the square's pixels that are covered, in [0, 1]."""
        height, width = self._sums.shape
        left, top, right, bottom = (round(edge) for edge in square.box)
        left, right = (min(max(edge, 0), width - 1) for edge in (left, right))
        top, bottom = (min(max(edge, 0), height - 1) for edge in (top, bottom))
        sums = self._sums
        covered = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return float(covered / max((right - left) * (bottom - top), 1))


def initial_square(overlays: Overlays, side: float) -> Square:
    """A square of this side where a search may begin: clear of overlays, as near the middle as can be."""
    left, top, right, bottom = overlays.map_area
    centre = Square((left + right) / 2, (top + bottom) / 2, side).within(overlays.map_area)
    coverage = CoverageSums(overlays.mask)
    across, down = (
        np.linspace(-room, room, 2 * min(math.floor(8 * room / centre.side), MAX_STEPS) + 1)
        for room in ((right - left - centre.side) / 2, (bottom - top - centre.side) / 2)
    )
    offsets = sorted(((dx, dy) for dx in across for dy in down), key=lambda offset: math.hypot(*offset))
    squares = [replace(centre, x=centre.x + float(dx), y=centre.y + float(dy)) for dx, dy in offsets]
    shares = [coverage.of(square) for square in squares]
    clear = (square for square, share in zip(squares, shares, strict=True) if share <= COVERED)
    return next(clear, squares[int(np.argmin(shares))])


def candidate_sides(view: tuple[int, int, int, int]) -> list[float]:
    """Sides in pixels of squares that may show 78 m where nobody says the scale, growing."""
    largest = min(view[2] - view[0], view[3] - view[1])
    count = max(math.floor(math.log(max(largest / SMALLEST_SIDE, 1), SIDE_STEP)), 0) + 1
    sides = [min(SMALLEST_SIDE, largest) * SIDE_STEP**number for number in range(count)]
    return sides if sides[-1] > 0.9 * largest else [*sides, float(largest)]


@dataclass(frozen=True)
class Grid:
    """Tiles over a view, and the cells that the ground is divided into by them.

    The cells fill the view. A tile spans about `reach` cells each way; its side is fixed, theirs is not.

    Attributes:
        view: Left, top, right, bottom, pixels.
        side: Of a tile, pixels.
        rows: Of tiles.
        columns: Of tiles.
        reach: 2 where tiles overlap by half, 1 where they touch.
    """

    view: tuple[int, int, int, int]
    side: float
    rows: int
    columns: int
    reach: int

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return self.rows + self.reach - 1, self.columns + self.reach - 1

    @property
    def cell_size(self) -> tuple[float, float]:
        """Width and height of a cell, pixels."""
        left, top, right, bottom = self.view
        rows, columns = self.cells
        return (right - left) / columns, (bottom - top) / rows

    def square(self, row: int, column: int) -> Square:
        """The square of a tile."""
        width, height = self.cell_size
        x = self.view[0] + (column + self.reach / 2) * width
        y = self.view[1] + (row + self.reach / 2) * height
        return Square(x, y, self.side).within(self.view)

    def at(self, x: float, y: float) -> tuple[int, int]:
        """The row and column of the tile whose centre is nearest to a place, in pixels."""
        width, height = self.cell_size
        column = round((x - self.view[0]) / width - self.reach / 2)
        row = round((y - self.view[1]) / height - self.reach / 2)
        return min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1)

    def __len__(self) -> int:
        return self.rows * self.columns


def grid(view: tuple[int, int, int, int], side: float, *, overlap: bool = True) -> Grid:
    """Tiles of this side that cover a view, overlapping by half or a little more, or else touching.

    There is at least one, which a view that is smaller does not fill.
    """
    left, top, right, bottom = view
    reach = 2 if overlap else 1
    columns, rows = (
        max(math.ceil(room * reach / side - 0.01) - reach + 1, 1) for room in (right - left, bottom - top)
    )
    return Grid(view, side, rows, columns, reach)


class Crops(Sequence[Image.Image]):
    """Squares of a picture as images for the network, each cropped when it is asked for."""

    def __init__(self, image: Image.Image, squares: Sequence[Square]) -> None:
        self._image, self._squares = image, squares

    def __len__(self) -> int:
        return len(self._squares)

    def __getitem__(self, number: Any) -> Any:  # noqa: ANN401 - int -> image; slices are never asked for
        return crop(self._image, self._squares[number])
