"""What a whole screenshot shows: tiles of 78 m, each looked up, and what they say of the ground under them.

Tiles overlap by half, so the ground is divided into cells of half a tile, 39 m, and up to four tiles speak
for a cell. A tile gives each class the share of it among its nearest neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collections.collection import Collection
from retrieval.errors import UserError
from retrieval.maps.crops import CoverageSums, Crops, Grid, Scale, Square, grid
from retrieval.maps.overlays import Overlays

if TYPE_CHECKING:
    from retrieval.embedder import Embedder

#: Neighbours of a tile that say what it shows.
NEIGHBOURS = 5

#: The distance by which tiles count, see `land_use`; chosen on composed screenshots of validation photos.
NEAR = 0.35

#: Tiles that are embedded at most: about a minute on two cores. Beyond, they touch without overlapping.
MAX_TILES = 500

#: A view that is smaller than this share of a tile is not mapped.
MIN_VIEW = 0.9

#: A tile that overlays cover by more than this is left out; so is a cell.
MAX_COVERED = 0.5

#: Cells without a class: nothing in the collection is like them, or overlays cover them.
UNLIKE, HIDDEN = -1, -2


class TooLargeError(UserError, ValueError):
    """A screenshot shows too much ground, or too little, for tiles. The message is a sentence."""


@dataclass(frozen=True)
class Tiles:
    """The tiles of a screenshot that overlays leave to be seen.

    Attributes:
        grid: Where tiles can be.
        places: (n, 2) row and column of each tile in the grid.
        vectors: (n, 2048) float32, unit length.
        metres_per_pixel: Of the screenshot.
        hidden: (cell rows, cell columns), True where overlays cover a cell.
    """

    grid: Grid
    places: NDArray[np.int64]
    vectors: NDArray[np.float32]
    metres_per_pixel: float
    hidden: NDArray[np.bool_]

    @property
    def hectares(self) -> float:
        """The area of a cell."""
        width, height = self.grid.cell_size
        return width * height * self.metres_per_pixel**2 / 10_000

    def nearest(self, x: float, y: float) -> int:
        """The tile whose centre is nearest to a place of the screenshot, in pixels."""
        row, column = self.grid.at(x, y)
        return int(np.argmin(np.abs(self.places - (row, column)).sum(axis=1)))

    def square(self, tile: int) -> Square:
        """The square of a tile, in pixels of the screenshot."""
        row, column = self.places[tile].tolist()
        return self.grid.square(row, column)

    def over_cells(self, values: NDArray[Any], combine: np.ufunc, start: float) -> NDArray[np.float64]:
        """What the tiles over each cell say together.

        Args:
            values: (n, ...) what each tile says.
            combine: `np.add` or `np.minimum`.
            start: What a cell without tiles gets.

        Returns:
            (cell rows, cell columns, ...) float64.
        """
        cells = np.full(self.grid.cells + values.shape[1:], start, np.float64)
        for down in range(self.grid.reach):
            for across in range(self.grid.reach):
                combine.at(cells, (self.places[:, 0] + down, self.places[:, 1] + across), values)
        return cells


@dataclass(frozen=True)
class LandUse:
    """What each cell of a screenshot shows.

    Attributes:
        tiles: What it was made of.
        labels: The classes of the collection.
        cells: (rows, columns) int: a position in `labels`, or `UNLIKE`, or `HIDDEN`.
    """

    tiles: Tiles
    labels: list[str]
    cells: NDArray[np.int64]

    @property
    def areas(self) -> list[tuple[int, float, float]]:
        """What there is, most first: a position in `labels` or `UNLIKE`, hectares, share of what is seen."""
        kinds, counts = np.unique(self.cells[self.cells != HIDDEN], return_counts=True)
        found = sorted(zip(kinds.tolist(), counts.tolist(), strict=True), key=lambda each: -each[1])
        return [(kind, count * self.tiles.hectares, count / counts.sum()) for kind, count in found]

    @property
    def hidden(self) -> float:
        """Hectares under overlays."""
        return float((self.cells == HIDDEN).sum()) * self.tiles.hectares


def embed_tiles(
    image: Image.Image,
    overlays: Overlays,
    scale: Scale,
    embedder: Embedder,
    on_batch: Callable[[int, int], None] | None = None,
) -> Tiles:
    """Cut a screenshot into tiles and embed those that can be seen.

    Args:
        image: The screenshot, RGB.
        overlays: What covers it.
        scale: Of the screenshot.
        embedder: Makes the vectors.
        on_batch: Called after each batch with the tiles done and all there are.

    Raises:
        TooLargeError: If it shows less than one tile, or too many, or overlays cover all of them.
    """
    layout = _layout(overlays.map_area, scale)
    coverage = CoverageSums(overlays.mask)
    places = [(row, column) for row in range(layout.rows) for column in range(layout.columns)]
    seen = [place for place in places if coverage.of(layout.square(*place)) <= MAX_COVERED]
    if not seen:
        raise TooLargeError("Buttons, panels and labels cover all of this screenshot: close them first.")
    done = 0

    def count(batch: int) -> None:
        nonlocal done
        done += batch
        if on_batch:
            on_batch(done, len(seen))

    vectors = embedder.embed(Crops(image, [layout.square(*place) for place in seen]), count)
    rows, columns = layout.cells
    hidden = [
        [coverage.of(_cell(layout, row, column)) > MAX_COVERED for column in range(columns)]
        for row in range(rows)
    ]
    return Tiles(layout, np.array(seen), vectors, scale.metres_per_pixel, np.array(hidden))


def _layout(view: tuple[int, int, int, int], scale: Scale) -> Grid:
    """Tiles with half overlap; touching ones where those would be too many."""
    left, top, right, bottom = view
    if min(right - left, bottom - top) < MIN_VIEW * scale.side:
        width, height = ((room * scale.metres_per_pixel) for room in (right - left, bottom - top))
        raise TooLargeError(
            "This screenshot shows {width:.0f} x {height:.0f} m, which is less than one tile of "
            "78 m: zoom out a little, or check the scale.",
            width=width,
            height=height,
        )
    layout = grid(view, scale.side)
    if len(layout) > MAX_TILES:
        layout = grid(view, scale.side, overlap=False)
    if len(layout) > MAX_TILES:
        raise TooLargeError(
            "This screenshot shows too much ground for tiles of 78 m ({count:,} of them): zoom "
            "in, or check the scale.",
            count=len(layout),
        )
    return layout


def _cell(layout: Grid, row: int, column: int) -> Square:
    """A cell, as a square of its area."""
    width, height = layout.cell_size
    x, y = layout.view[0] + (column + 0.5) * width, layout.view[1] + (row + 0.5) * height
    return Square(x, y, (width * height) ** 0.5)


def land_use(tiles: Tiles, collection: Collection) -> LandUse:
    """Look up each tile, and let the tiles over a cell say together what it shows.

    A tile that lies across two kinds of ground is far from all photos, so a tile counts by
    exp(-(d / `NEAR`)^2), d being the distance of its nearest photo. A cell resembles nothing in the
    collection if each of its tiles lies beyond the collection's threshold of novelty; a collection without a
    calibration (`retrieval.collections.calibration`) calls nothing so.
    """
    distances, rows = collection.index.search(tiles.vectors, NEIGHBOURS)
    labels = collection.labels
    classes = np.array([labels.index(entry.label) for entry in collection.entries])[rows]
    shares = (classes[:, :, None] == np.arange(len(labels))).mean(axis=1)
    weights = np.exp(-((distances[:, :1].astype(np.float64) / NEAR) ** 2))
    cells = np.argmax(tiles.over_cells(shares * weights, np.add, 0.0), axis=2)
    nearest = tiles.over_cells(distances[:, 0], np.minimum, np.inf)
    if collection.calibration:
        cells[nearest > collection.calibration.threshold] = UNLIKE
    cells[tiles.hidden | np.isinf(nearest)] = HIDDEN
    return LandUse(tiles, labels, cells)


def distances_to(tiles: Tiles, vector: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far each cell is from one vector: (cell rows, cell columns), in [0, 2].

    It is the distance of the nearest of the tiles over the cell; NaN where overlays leave none.
    """
    squared = np.clip(2 - 2 * (tiles.vectors @ vector), 0, 4)
    cells = tiles.over_cells(np.sqrt(squared), np.minimum, np.inf)
    cells[tiles.hidden | np.isinf(cells)] = np.nan
    return cells
