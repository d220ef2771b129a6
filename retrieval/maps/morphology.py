"""Operations on the pixels of a picture: to grow, shrink and fill masks, and to number their parts.

All pictures are arrays of (height, width), and all lengths are in pixels; nothing given is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Pixel = TypeVar("Pixel", np.bool_, np.uint8)
Mask = NDArray[np.bool_]
Grey = NDArray[np.uint8]
Labels = NDArray[np.int32]


def dilate(mask: Mask, rows: int, columns: int | None = None) -> Mask:
    """With everything that is near it.

    Args:
        mask: (height, width).
        rows: How far it grows up and down, pixels.
        columns: How far it grows left and right; by default as far as up and down.

    Returns:
        (height, width): True within the rectangle around any True pixel.
    """
    return window_extreme(mask, rows, rows if columns is None else columns, np.logical_or)


def erode(mask: Mask, pixels: int) -> Mask:
    """Without what is near its edge; the picture's border is none.

    Args:
        mask: (height, width).
        pixels: How far it shrinks in each direction.

    Returns:
        (height, width): True where the whole square around a pixel was.
    """
    return window_extreme(mask, pixels, pixels, np.logical_and)


def fill_holes(mask: Mask, max_pixels: int) -> Mask:
    """With its holes filled; what reaches the picture's border is no hole.

    Args:
        mask: (height, width).
        max_pixels: Of the largest hole that is filled.

    Returns:
        (height, width): The mask and its holes.
    """
    labels, count = labelled(~mask)
    hole = np.bincount(labels.ravel(), minlength=count + 1) <= max_pixels
    hole[0] = False
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        hole[side] = False
    return mask | hole[labels]


def labelled(mask: Mask, corners: bool = False) -> tuple[Labels, int]:
    """Number the connected parts of a mask.

    Args:
        mask: (height, width).
        corners: Whether pixels are connected that touch at a corner alone.

    Returns:
        (height, width): the number of each pixel's part, from 1 on, and 0 outside; and the number of parts.
    """
    labels, count = ndimage.label(mask, np.ones((3, 3)) if corners else None)
    return labels, int(count)


def window_extreme(
    values: NDArray[Pixel], rows: int, columns: int, pick: Callable[..., NDArray[Pixel]]
) -> NDArray[Pixel]:
    """The least or greatest value of each pixel's window, which is cut at the picture's border.

    Windows grow by doubling, which is several times faster here than SciPy's rank filters.

    Args:
        values: (height, width), a mask or grey levels.
        rows: How far a window reaches up and down, pixels: it has 2 rows + 1 of them.
        columns: How far it reaches left and right: it has 2 columns + 1.
        pick: Takes the window_extreme of two arrays: `np.maximum`, `np.minimum`, `np.logical_or` or
            `np.logical_and`.

    Returns:
        (height, width), of the same type.
    """
    for axis, reach in enumerate((rows, columns)):
        if not reach:
            continue
        lines = np.pad(np.moveaxis(values, axis, 0), [(reach, reach), (0, 0)], mode="edge")
        width = 1
        while width < 2 * reach + 1:
            step = min(width, 2 * reach + 1 - width)
            lines = pick(lines[:-step], lines[step:])
            width += step
        values = np.moveaxis(lines, 0, axis)
    return values
