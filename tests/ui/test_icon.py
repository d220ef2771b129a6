"""The icon: the same drawing as SVG and as pixels."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image, ImageColor

from ui.render.icon import CORNER, SHAPES, SIDE, SQUARE, icon, icon_file, icon_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_the_svg_has_each_shape_and_asks_for_nothing():
    drawing = ElementTree.fromstring(icon_svg())
    assert drawing.get("viewBox") == f"0 0 {SIDE} {SIDE}"
    polygons = [each.get("fill") for each in drawing.iter(f"{SVG}polygon")]
    assert polygons == [colour for colour, _points in SHAPES]
    assert "href" not in icon_svg()
    assert len(icon_svg()) < 4000


@pytest.mark.parametrize("side", [16, 48, 180, 512])
def test_the_pixels_show_the_same(side):
    pixels = np.asarray(icon(side)).astype(int)
    assert pixels.shape == (side, side, 4)

    def at(x, y):
        return pixels[int(y * side / SIDE), int(x * side / SIDE)]

    assert at(0, 0)[3] < 40  # rounded
    assert at(CORNER, CORNER)[3] == 255
    left_field, white = ImageColor.getrgb(SHAPES[1][0]), ImageColor.getrgb(SQUARE)
    assert np.abs(at(12, 4)[:3] - left_field).max() < 24
    if side >= 48:
        assert np.abs(at(19, 17)[:3] - white).max() < 24


def test_phones_get_one_without_clear_corners():
    plain = Image.open(io.BytesIO(icon_file(180, rounded=False))).convert("RGBA")
    assert plain.size == (180, 180)
    assert np.asarray(plain)[..., 3].min() == 255


def test_an_ico_holds_what_old_browsers_ask_for():
    file = Image.open(io.BytesIO(icon_file(48, "ICO")))
    assert file.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
