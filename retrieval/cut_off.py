"""A JPEG whose end is missing -> as much of the picture as there is, and how much that is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from retrieval.errors import Message

#: Of less than this share of a picture, what is missing would be searched rather than what is there.
LEAST_SHARE = 0.5

_END = b"\xff\xd9"
#: What JPEG's decoder makes of blocks that it has no data of: the middle of its range.
_FILLED = 128
_BLOCK = 8  # rows: fewer than a row of blocks are no end that is missing

ALMOST_WHOLE = Message(
    "The end of this file is missing, and with it perhaps the last details: download or export it again to be"
    " sure."
)


def read_cut_off(data: bytes, opened: Callable[[bytes], Image.Image]) -> tuple[Image.Image, Message] | None:
    """Read a JPEG that ends too early; its decoder makes the missing rows neutral grey.

    Args:
        data: The file.
        opened: Opens a file, and checks its size.

    Returns:
        The picture, loaded, and a note of what is missing; None if it is not cut off, but damaged, or too
        little is left.
    """
    if data.endswith(_END):
        return None
    try:
        image = opened(data + _END)
        image.load()
    except OSError:
        return None
    rows = _rows(image)
    if rows < LEAST_SHARE * image.height:
        return None
    if rows == image.height:
        return image, ALMOST_WHOLE
    missing = Message(
        "The end of this file is missing, and with it the lowest {share:.0%} of the picture: download or "
        "export it again.",
        share=1 - rows / image.height,
    )
    return image, missing


def _rows(image: Image.Image) -> int:
    """How many rows there are before those that the decoder filled in."""
    levels = np.asarray(image.convert("L")).astype(np.int16)
    drawn = np.flatnonzero((np.abs(levels - _FILLED) > 1).any(axis=1))
    count = len(levels) - (int(drawn[-1]) + 1 if drawn.size else 0)
    return len(levels) - (count if count >= _BLOCK else 0)
