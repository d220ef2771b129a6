"""A zoom or a scale bar becomes metres per pixel, and everything else one sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.maps.scale import TILE_METRES, MapView, ScaleError, from_scale_bar, metres_per_pixel

NAN, INF = math.nan, math.inf


def test_a_photo_of_uc_merced_shows_78_metres():
    assert pytest.approx(78.03, abs=0.005) == TILE_METRES


@pytest.mark.parametrize(("zoom", "metres"), [(18, 0.426), (19, 0.213), (20, 0.107)])
def test_the_scale_of_bucharest_is_that_of_web_mercator(zoom, metres):
    assert metres_per_pixel(44.43, zoom) == pytest.approx(metres, abs=0.0005)


def test_on_the_equator_the_first_tile_goes_around_the_earth():
    assert 256 * metres_per_pixel(0, 0) == pytest.approx(40_075_016.7, abs=0.1)


def test_north_and_south_have_the_same_scale():
    assert metres_per_pixel(-33.9, 17.5) == metres_per_pixel(33.9, 17.5)


def test_a_sharper_screen_shows_less_ground_in_a_pixel():
    assert metres_per_pixel(44.43, 18, pixel_ratio=2) == pytest.approx(metres_per_pixel(44.43, 19))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((85.06, 18), "85.06"),
        ((-85.06, 18), "-85.06"),
        ((NAN, 18), "nan"),
        ((44, -0.1), "-0.1"),
        ((44, 23.1), "23.1"),
        ((44, NAN), "nan"),
        ((44, INF), "inf"),
        ((44, 18, 0.49), "0.49"),
        ((44, 18, 5.1), "5.1"),
        ((44, 18, NAN), "nan"),
    ],
)
def test_what_is_out_of_range_is_named(arguments, named):
    with pytest.raises(ScaleError, match=f"{named}[ :]"):
        metres_per_pixel(*arguments)


@pytest.mark.parametrize("arguments", [(85.05, 0, 0.5), (-85.05, 23, 5), (0, 0, 5), (0, 23, 0.5)])
def test_the_ends_of_the_ranges_are_within_them(arguments):
    assert 0 < metres_per_pixel(*arguments) < INF


def test_a_scale_bar_says_the_scale():
    assert from_scale_bar(20, 64) == 0.3125


@pytest.mark.parametrize(
    ("metres", "pixels"), [(0, 9), (-1, 9), (9, 0), (9, -1), (-9, -9), (NAN, 9), (9, NAN), (INF, 9), (9, INF)]
)
def test_a_scale_bar_without_a_length_is_refused(metres, pixels):
    with pytest.raises(ScaleError, match="two lengths above zero"):
        from_scale_bar(metres, pixels)


@pytest.mark.parametrize(("metres", "pixels"), [(1e308, 1e-308), (1e-308, 1e308)])
def test_a_scale_bar_that_no_number_can_hold_is_refused(metres, pixels):
    with pytest.raises(ScaleError, match="two lengths"):
        from_scale_bar(metres, pixels)


@pytest.mark.parametrize(("height", "pixels"), [(604.0, 0), (604.0, -1), (None, 900)])
def test_a_view_without_a_height_has_no_scale(height, pixels):
    with pytest.raises(ScaleError, match="give both"):
        MapView("Google Maps", 44.43, 26.1, None, height, True).metres_per_pixel(pixels)


@given(st.sampled_from([metres_per_pixel, from_scale_bar]), st.floats(), st.floats())
def test_any_numbers_give_a_scale_or_a_sentence(scale, first, second):
    try:
        assert 0 < scale(first, second) < INF
    except ScaleError as error:
        assert str(error).endswith(".")
