"""Cells -> outlines: what they enclose is what the cells cover, and a program for maps can read them."""

from itertools import pairwise

import numpy as np
import pytest

from retrieval.maps.outlines import areas_of

NONE = -2


def double_area(ring):
    """Twice what a ring encloses, positive where it goes counter-clockwise with north up."""
    return sum(y0 * x1 - x0 * y1 for (x0, y0), (x1, y1) in pairwise(ring))


def test_two_halves_are_two_areas_with_four_corners_each():
    left, right = areas_of(np.array([[0, 0, 1]] * 2), NONE)
    assert (left.kind, left.cells, left.holes) == (0, 4, [])
    assert set(left.outer) == {(0, 0), (2, 0), (2, 2), (0, 2)}
    assert set(right.outer) == {(2, 0), (3, 0), (3, 2), (2, 2)}


def test_what_is_left_out_is_no_area():
    (only,) = areas_of(np.array([[NONE, 3], [NONE, NONE]]), NONE)
    assert (only.kind, only.cells) == (3, 1)
    assert list(areas_of(np.full((2, 2), NONE), NONE)) == []


def test_an_area_around_others_has_holes_that_touch_at_a_corner_and_stay_apart():
    cells = np.zeros((4, 4), int)
    cells[1, 1] = cells[2, 2] = 1
    around = next(areas_of(cells, NONE))
    assert len(around.holes) == 2
    assert set(around.outer) == {(0, 0), (4, 0), (4, 4), (0, 4)}


def test_an_area_that_closes_at_a_corner_has_a_hole_there():
    cells = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 1]])
    area = next(areas_of(cells, NONE))
    assert len(area.holes) == 1
    assert len(set(area.outer)) == len(area.outer) - 1  # the ring does not touch itself


@pytest.mark.parametrize("seed", range(30))
def test_of_any_cells_the_rings_enclose_each_cell_once(seed):
    cells = np.random.default_rng(seed).integers(-2, 3, (7, 9))
    areas = list(areas_of(cells, NONE))
    assert sum(area.cells for area in areas) == (cells != NONE).sum()
    for area in areas:
        outer, holes = double_area(area.outer), [double_area(hole) for hole in area.holes]
        assert outer > 0
        assert all(hole < 0 for hole in holes)
        assert outer + sum(holes) == 2 * area.cells
        for ring in (area.outer, *area.holes):
            assert ring[0] == ring[-1]
            assert len(set(ring)) == len(ring) - 1
