"""Several photos that are looked for together are one picture, in which each is whole."""

import numpy as np
import pytest
from PIL import Image, ImageColor

from ui.render.query_picture import MAX_SHOWN, side_by_side

COLOURS = ["red", "lime", "blue", "cyan", "magenta", "yellow", "black", "gray", "maroon", "navy"]


@pytest.mark.parametrize("count", range(2, len(COLOURS) + 1))
def test_photos_together_make_a_square_picture_in_which_each_is_whole(count):
    photos = [Image.new("RGB", (300, 200), colour) for colour in COLOURS[:count]]
    sheet = side_by_side(photos)
    width, height = sheet.size
    assert width == height
    assert 500 <= width <= 512
    pixels = np.asarray(sheet).reshape(-1, 3)
    areas = [int((pixels == ImageColor.getrgb(colour)).all(axis=1).sum()) for colour in COLOURS[:MAX_SHOWN]]
    side = width // (2 if count <= 4 else 3) - 2
    assert areas == [side * side if place < count else 0 for place in range(MAX_SHOWN)]
    assert not (pixels == ImageColor.getrgb("navy")).all(axis=1).any()  # the tenth has no room
