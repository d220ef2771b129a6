"""The generated scenes: every class can be drawn, and the same arguments give the same pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.scenes import CLASSES, METRES_PER_PIXEL, draw


def test_the_classes_are_those_of_uc_merced():
    assert len(CLASSES) == 21
    assert list(CLASSES) == sorted(CLASSES)
    assert {"agricultural", "mobilehomepark", "tenniscourt"} <= set(CLASSES)
    assert METRES_PER_PIXEL == 0.3


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("size", [256, 96])
def test_every_class_draws_a_picture_with_something_on_it(label, size):
    picture = draw(label, 3, size)
    assert picture.mode == "RGB"
    assert picture.size == (size, size)
    assert np.asarray(picture).std() > 6


def test_a_larger_frame_shows_more_ground():
    assert draw("parkinglot", 0, 640).size == (640, 640)


@settings(max_examples=10, deadline=None)
@given(label=st.sampled_from(CLASSES), seed=st.integers(min_value=0, max_value=2**70))
def test_the_same_arguments_give_the_same_pixels(label, seed):
    picture = draw(label, seed, 64).tobytes()
    assert picture == draw(label, seed, 64).tobytes()
    assert picture != draw(label, seed + 1, 64).tobytes()


def test_the_global_random_state_is_not_touched():
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    draw("harbor", 1, 64)
    assert np.random.random() == expected


def test_an_unknown_label_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no scene of 'volcano'.*agricultural.*tenniscourt"):
        draw("volcano", 0)
