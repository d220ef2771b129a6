"""The tiles of a map in colours: what looks alike has alike colours, whatever classes a collection has.

The three directions in which the tiles' vectors differ most (their principal components) become red, green
and blue. The colours compare the tiles of one map: the same colour on two maps means nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from retrieval.maps.land_use import Tiles

#: Of a component, what lies between these percentiles fills its colour; a few odd tiles would else leave the
#: others one grey.
STRETCH = (3.0, 97.0)

#: Vectors that differ by less than this along a component (the mean square) do not differ; the colour is then
#: the middle one.
LEAST_VARIANCE = 1e-6


def tile_colours(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """A colour for each vector: (n, 3) red, green and blue in [0, 1].

    The sign of a component is arbitrary; here its largest loading counts as positive, so that the same tiles
    always have the same colours.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    # There are fewer tiles than numbers in a vector, so their products are the smaller matrix.
    differing, weights = np.linalg.eigh(centred @ centred.T)
    colours = np.full((len(vectors), 3), 0.5)
    for band, (size, weight) in enumerate(zip(differing[:-4:-1], weights.T[:-4:-1], strict=True)):
        if size <= LEAST_VARIANCE * len(vectors):
            continue
        direction = weight @ centred
        along = centred @ (direction * np.sign(direction[np.abs(direction).argmax()]))
        low, high = np.percentile(along, STRETCH)
        if high > low:
            colours[:, band] = np.clip((along - low) / (high - low), 0, 1)
    return colours


def colour_picture(tiles: Tiles, per_cell: int) -> NDArray[np.uint8]:
    """The colours of the tiles as a picture of the ground: (cell rows * n, cell columns * n, 4) RGBA.

    A tile's colour counts at its centre, and in between lies a mixture. Cells under overlays are transparent.

    Args:
        tiles: Of a map.
        per_cell: Pixels of the picture along a cell.
    """
    grid = tiles.grid
    known = np.zeros((grid.rows, grid.columns, 3))
    missing = np.ones((grid.rows, grid.columns), np.bool_)
    known[tiles.places[:, 0], tiles.places[:, 1]] = tile_colours(tiles.vectors)
    missing[tiles.places[:, 0], tiles.places[:, 1]] = False
    nearest = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    known = known[tuple(nearest)]
    centres = [(np.arange(count * per_cell) + 0.5) / per_cell - grid.reach / 2 for count in grid.cells]
    at = np.meshgrid(*centres, indexing="ij")
    bands = [ndimage.map_coordinates(known[..., band], at, order=1, mode="nearest") for band in range(3)]
    alpha = np.where(tiles.hidden, 0.0, 1.0).repeat(per_cell, 0).repeat(per_cell, 1)
    return np.round(np.stack([*bands, alpha], axis=2) * 255).astype(np.uint8)
