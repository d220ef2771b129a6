"""Footprints become rings of files, and shapes of maps, wherever on Earth they lie."""

import math
from itertools import pairwise

import pytest

from tests.fakes.placed_folder import place_at
from ui.render.footprints import outline, rings


def area(ring):
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) / 2


def test_a_footprint_is_one_closed_ring_that_runs_counter_clockwise():
    footprint = ((26.0, 44.5), (26.5, 44.5), (26.5, 44.25), (26.0, 44.25))
    (ring,) = rings(footprint)
    assert ring[0] == ring[-1]
    assert set(ring) == set(footprint)
    assert area(ring) == pytest.approx(0.125)


def test_a_photo_that_was_mirrored_runs_counter_clockwise_too():
    (ring,) = rings(((26.5, 44.5), (26.0, 44.5), (26.0, 44.25), (26.5, 44.25)))
    assert area(ring) == pytest.approx(0.125)


def test_across_the_180th_meridian_it_is_cut_in_two_that_touch_it():
    footprint = ((179.5, 10.0), (-179.75, 10.0), (-179.75, 9.0), (179.5, 9.0))
    west, east = sorted(rings(footprint))
    assert {x for x, _ in east} == {179.5, 180.0}
    assert {x for x, _ in west} == {-180.0, -179.75}
    assert area(east) == pytest.approx(0.5)
    assert area(west) == pytest.approx(0.25)


def test_a_slanting_edge_is_cut_where_it_crosses():
    footprint = ((179.0, 10.0), (-179.0, 12.0), (-179.0, 11.0), (179.0, 9.0))
    parts = rings(footprint)
    assert len(parts) == 2
    assert {y for ring in parts for x, y in ring if abs(x) == 180} == {11.0, 10.0}


@pytest.mark.parametrize("east", [180.0, -180.0])
def test_one_that_ends_at_the_meridian_is_not_cut(east):
    (ring,) = rings(((179.5, 10.0), (east, 10.0), (east, 9.0), (179.5, 9.0)))
    assert {x for x, _ in ring} == {179.5, 180.0}


@pytest.mark.parametrize("latitude", [89.999, -89.999])
def test_around_a_pole_there_is_no_shape(latitude):
    around = tuple((longitude, latitude) for longitude in (0.0, 90.0, 180.0, -90.0))
    assert outline(around) is None
    assert rings(around) == []


def test_a_footprint_without_an_inside_has_no_ring():
    assert rings(((26.0, 44.0),) * 4) == []
    assert rings(((26.0, 44.0), (27.0, 44.0), (27.0, 44.0), (26.0, 44.0))) == []


def test_a_photo_of_a_few_metres_keeps_its_shape():
    (ring,) = rings(place_at(179.9, 71.0, metres=3).footprint)
    assert len(ring) == 5
    assert area(ring) == pytest.approx((3 / 111_320) ** 2, rel=0.02)


@pytest.mark.parametrize("longitude", [-180.0, -179.99999, 0.0, 179.99999, 180.0])
def test_on_a_map_the_corners_stay_together(longitude):
    corners = outline(place_at(longitude, 10.0).footprint)
    assert max(x for x, _ in corners) - min(x for x, _ in corners) < 0.001
    assert all(math.isfinite(number) for corner in corners for number in corner)
