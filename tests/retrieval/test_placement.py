"""Where the pixels of a screenshot lie on Earth: the link's place is in the middle, and the scales agree."""

import math

import numpy as np
import pytest

from retrieval.maps.crops import BAR, LINK, Scale, Square
from retrieval.maps.locate import LocatedSquare, ScaleHints
from retrieval.maps.placement import placement
from retrieval.maps.scale import ScaleError, metres_per_pixel

LINK_19 = "https://www.google.com/maps/@44.4215,26.033,19z/data=!3m1!1e3"
AREA = (0, 80, 1440, 900)


def located(link=LINK_19, source=LINK, zoom=19, latitude=44.4215):
    scale = Scale(metres_per_pixel(latitude, zoom), source)
    return LocatedSquare(Square(700, 400, scale.side), scale, ScaleHints(link), np.empty(0, np.float32))


def test_the_place_of_the_link_is_in_the_middle_of_the_map():
    placed = placement(AREA, located())
    longitude, latitude = placed.wgs84(720, 490)
    assert (longitude, latitude) == pytest.approx((26.033, 44.4215), abs=1e-9)


def test_places_are_those_of_the_projection():
    """The example of EPSG's Guidance Note 7-2 for Web Mercator."""
    latitude, longitude = 24 + 22 / 60 + 54.433 / 3600, -(100 + 20 / 60)
    placed = placement(AREA, located(f"https://www.google.com/maps/@{latitude},{longitude},19z"))
    assert placed.mercator(720, 490) == pytest.approx((-11169055.58, 2800000.00), abs=0.02)


def test_a_zoom_has_its_size_in_the_projection_whatever_the_latitude():
    assert placement(AREA, located()).unit == pytest.approx(2 * math.pi * 6378137 / 256 / 2**19, rel=1e-6)


def test_a_hundred_pixels_are_as_long_on_the_ground_as_the_scale_says():
    placed, each = placement(AREA, located()), located().scale.metres_per_pixel
    (west, south), (east, north) = placed.wgs84(720, 540), placed.wgs84(820, 440)
    across = math.radians(east - west) * 6378137 * math.cos(math.radians(44.4215))
    down = math.radians(north - south) * 6378137
    assert across == pytest.approx(100 * each, rel=1e-3)
    assert down == pytest.approx(100 * each, rel=1e-3)
    assert east > west
    assert north > south


def test_of_fewer_pixels_the_corner_stays_where_it_is():
    placed = placement(AREA, located())
    assert placed.reduced(2).wgs84(360, 245) == pytest.approx(placed.wgs84(720, 490))


def test_without_a_link_or_where_another_says_the_scale_no_place_is_known():
    assert placement(AREA, located(link="")) is None
    assert placement(AREA, located(source=BAR)) is None


def test_a_link_that_cannot_be_read_is_refused_as_everywhere():
    with pytest.raises(ScaleError):
        placement(AREA, located(link="https://example.org"))


def test_beyond_the_date_line_longitudes_go_on():
    placed = placement(AREA, located("https://www.google.com/maps/@44.4215,179.9999,19z", LINK))
    assert placed.wgs84(1440, 490)[0] == pytest.approx(180.002, abs=2e-3)
