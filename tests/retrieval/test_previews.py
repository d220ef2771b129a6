"""A preview keeps the colours of a photo."""

import blurhash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from retrieval.collections import previews


def halves(left, right):
    image = Image.new("RGB", (256, 256), left)
    image.paste(right, (128, 0, 256, 256))
    return image


def test_a_photo_becomes_54_characters():
    text = previews.encode(halves("red", "blue"))
    assert len(text) == 54
    assert previews.is_valid(text)
    assert text == previews.encode(halves("red", "blue"))


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_text_that_the_package_makes(seed):
    chance = np.random.default_rng(seed)
    small = chance.integers(0, [256, 2, 30, 256][seed % 4], (20, 20, 3), np.uint8) + np.uint8(seed % 2 * 100)
    if seed > 3:  # with large areas, as photos have
        small = small[:2, :2].repeat(10, 0).repeat(10, 1)
    expected = blurhash.encode(small, components_x=5, components_y=5)
    assert previews.encode(Image.fromarray(small)) == expected


def test_colours_stay_where_they_were():
    preview = np.asarray(previews.decode(previews.encode(halves("red", "blue")))).astype(int)
    left, right = preview[:, :64].mean((0, 1)), preview[:, 192:].mean((0, 1))
    assert left[0] > left[2] + 100
    assert right[2] > right[0] + 100


@settings(max_examples=15, deadline=None)
@given(width=st.integers(1, 400), height=st.integers(1, 400), colour=st.tuples(*[st.integers(0, 255)] * 3))
def test_a_photo_of_any_size_has_a_preview_of_its_colour(width, height, colour):
    text = previews.encode(Image.new("RGB", (width, height), colour))
    preview = previews.decode(text)
    assert preview.mode == "RGB"
    assert preview.size == (256, 256)
    assert np.abs(np.asarray(preview).mean((0, 1)) - colour).max() < 8


@pytest.mark.parametrize(
    "text",
    ["", "x", "not a hash", "<script>", "ä" * 54, previews.encode(halves("red", "blue"))[:-1]],
)
def test_other_texts_are_no_previews(text):
    assert not previews.is_valid(text)


def test_finer_previews_than_agreed_are_refused():
    fine = blurhash.encode(np.asarray(halves("red", "blue").resize((20, 20))), components_x=6, components_y=5)
    assert not previews.is_valid(fine)
