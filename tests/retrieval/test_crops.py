"""Squares, crops, coverage and tiles: the geometry between a screenshot and a search."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from retrieval.maps.crops import (
    COARSEST,
    COVERED,
    CROP_PIXELS,
    GIVEN,
    SIDE_STEP,
    SMALLEST_SIDE,
    CoverageSums,
    Crops,
    Scale,
    Square,
    candidate_sides,
    checked_scale,
    crop,
    grid,
    initial_square,
    middle_square,
)
from retrieval.maps.overlays import Overlays
from retrieval.maps.scale import METRES_PER_PIXEL, ScaleError


def overlays(mask, map_area=None):
    height, width = mask.shape
    return Overlays(mask, map_area or (0, 0, width, height), "imagery")


def clear(width, height):
    return np.zeros((height, width), bool)


def inside(square, view):
    left, top, right, bottom = square.box
    slack = 1e-6
    across = view[0] - slack <= left <= right <= view[2] + slack
    return across and view[1] - slack <= top <= bottom <= view[3] + slack


views = st.builds(
    lambda left, top, width, height: (left, top, left + width, top + height),
    *(st.integers(0, 300), st.integers(0, 300), st.integers(20, 3000), st.integers(20, 3000)),
)


def test_a_square_has_its_box_around_its_middle():
    assert Square(100, 50, 40).box == (80, 30, 120, 70)


@pytest.mark.parametrize(
    ("square", "moved"),
    [
        (Square(50, 40, 20), Square(50, 40, 20)),
        (Square(0, 40, 20), Square(20, 40, 20)),
        (Square(99, 79, 20), Square(90, 70, 20)),
        (Square(-500, 900, 20), Square(20, 70, 20)),
        (Square(50, 40, 500), Square(50, 50, 60)),
    ],
    ids=["inside", "left", "lower right", "far away", "too large"],
)
def test_a_square_is_moved_into_a_view_and_shrunk_only_if_it_must(square, moved):
    assert square.within((10, 20, 100, 80)) == moved


@given(views, st.floats(-4000, 4000), st.floats(-4000, 4000), st.floats(1, 4000))
def test_a_square_within_a_view_is_inside_it_and_stays_there(view, x, y, side):
    found = Square(x, y, side).within(view)
    assert inside(found, view)
    assert found.within(view) == found


def test_a_scale_says_how_many_pixels_a_photo_is_wide():
    assert Scale(METRES_PER_PIXEL, GIVEN).side == pytest.approx(256)
    assert Scale(METRES_PER_PIXEL / 2, GIVEN).side == pytest.approx(512)


@pytest.mark.parametrize("metres", [0.001, 0.3048, COARSEST])
def test_a_scale_that_makes_sense_is_given_back(metres):
    assert checked_scale(metres) == metres


def test_a_picture_that_is_too_coarse_is_refused_with_what_to_do():
    with pytest.raises(
        ScaleError, match=r"^This picture is too coarse: a pixel shows 10 m .* 33 times .*\.$"
    ):
        checked_scale(10)
    with pytest.raises(ScaleError, match=r"Zoom in .*zoom 18 to 20"):
        checked_scale(math.nextafter(COARSEST, 2))


@pytest.mark.parametrize("metres", [0, -0.3, math.nan, math.inf, -math.inf])
def test_a_scale_that_is_none_is_refused(metres):
    with pytest.raises(ScaleError, match=r"a number of metres per pixel above 0\.$"):
        checked_scale(metres)


def test_a_crop_of_256_pixels_is_the_picture_itself():
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    found = crop(Image.fromarray(noise), Square(200, 150, 256))
    assert (np.asarray(found) == noise[22:278, 72:328]).all()


@pytest.mark.parametrize("side", [64, 256, 366.1, 1000])
def test_a_crop_always_has_the_pixels_of_a_photo(side):
    assert (
        crop(Image.new("RGB", (1200, 1100)), Square(600, 550, side)).size
        == (CROP_PIXELS, CROP_PIXELS)
        == (256, 256)
    )


def test_a_fine_checkerboard_becomes_grey_and_no_pattern():
    board = (np.indices((1024, 1024)).sum(axis=0) % 2 * 255).astype(np.uint8)
    picture = Image.fromarray(board).convert("RGB")
    for side in (600, 777.7, 1000):
        small = np.asarray(crop(picture, Square(512, 512, side)), float)[4:-4, 4:-4]
        assert abs(small.mean() - 127.5) < 3
        assert small.std() < 8
    naive = picture.resize((256, 256), Image.Resampling.NEAREST, box=(12, 12, 789, 789))
    assert np.asarray(naive, float).std() > 100


@pytest.mark.parametrize("place", [(0, 0), (400, 300), (-90, 150), (1e6, -1e6)])
def test_a_crop_beyond_the_edge_is_made_inside_the_picture(place):
    picture = Image.new("RGB", (400, 300), (90, 140, 60))
    assert set(crop(picture, Square(*place, 200)).getdata()) == {(90, 140, 60)}


def test_a_crop_is_made_where_the_square_is():
    picture = Image.new("RGB", (400, 300))
    picture.paste((255, 0, 0), (200, 0, 400, 300))
    assert crop(picture, Square(300, 150, 150)).getpixel((128, 128)) == (255, 0, 0)
    halves = np.asarray(crop(picture, Square(200, 150, 150)))[..., 0]
    assert halves[:, :120].max() < 20
    assert halves[:, 136:].min() > 235


def test_crops_are_the_same_as_each_crop():
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (90, 90, 3), dtype=np.uint8))
    squares = [Square(30, 30, 40), Square(60, 50, 50)]
    found = Crops(picture, squares)
    assert len(found) == 2
    assert [each.tobytes() for each in found] == [crop(picture, square).tobytes() for square in squares]


def test_the_middle_of_a_picture_is_its_largest_square():
    assert middle_square((400, 300)).box == (50, 0, 350, 300)
    assert middle_square((200, 300)).box == (0, 50, 200, 250)


@given(
    arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24))),
    *(st.floats(-5, 30), st.floats(-5, 30), st.floats(0.1, 40)),
)
def test_coverage_is_what_counting_gives(mask, x, y, side):
    square = Square(x, y, side)
    left, top, right, bottom = (max(round(edge), 0) for edge in square.box)
    part = mask[top:bottom, left:right]
    assert CoverageSums(mask).of(square) == pytest.approx(part.mean() if part.size else 0)


def test_coverage_counts_no_overflow_on_a_large_picture():
    assert CoverageSums(np.ones((4000, 6000), bool)).of(Square(3000, 2000, 4000)) == 1


def test_a_search_begins_in_the_middle_of_a_clear_view():
    assert initial_square(overlays(clear(1000, 600)), 200) == Square(500, 300, 200)
    off = overlays(clear(1000, 600), (400, 100, 1000, 600))
    assert initial_square(off, 200) == Square(700, 350, 200)


def test_a_search_begins_beside_a_covered_middle():
    mask = clear(1000, 600)
    mask[200:400, 400:600] = True
    found = initial_square(overlays(mask), 200)
    assert CoverageSums(mask).of(found) <= COVERED
    assert inside(found, (0, 0, 1000, 600))
    assert math.hypot(found.x - 500, found.y - 300) < 250


def test_a_label_more_or_less_does_not_move_the_square():
    mask = clear(1000, 600)
    mask[290:310, 420:560] = True
    assert 0 < CoverageSums(mask).of(Square(500, 300, 200)) <= COVERED
    assert initial_square(overlays(mask), 200) == Square(500, 300, 200)


def test_a_search_begins_at_the_least_covered_place_if_none_is_clear():
    mask = ~clear(1000, 600)
    mask[400:560, 720:880] = False
    found = initial_square(overlays(mask), 200)
    assert CoverageSums(mask).of(found) == pytest.approx(1 - 0.8**2, abs=0.05)


@pytest.mark.parametrize("side", [90, 500, 5000])
def test_a_search_begins_with_the_whole_width_where_the_view_is_no_larger(side):
    view = (10, 0, 100, 300)
    found = initial_square(overlays(clear(110, 300), view), side)
    assert found.side == 90
    assert inside(found, view)


@given(views)
def test_sides_to_try_grow_from_the_smallest_to_all_of_the_view(view):
    largest = min(view[2] - view[0], view[3] - view[1])
    sides = candidate_sides(view)
    assert sides[0] == min(SMALLEST_SIDE, largest)
    assert 0.9 * largest <= sides[-1] <= largest * 1.000001
    for smaller, larger in pairwise(sides):
        assert 1 < larger / smaller < SIDE_STEP + 0.001


@pytest.mark.parametrize(
    ("view", "count"), [((0, 0, 1, 9), 1), ((5, 5, 69, 400), 1), ((0, 0, 128, 128), 3), ((0, 0, 900, 900), 9)]
)
def test_as_many_sides_are_tried_as_there_is_room_for(view, count):
    assert len(candidate_sides(view)) == count


@settings(max_examples=60, deadline=None)
@given(views, st.floats(30, 800), st.booleans())
def test_tiles_cover_a_view_and_lie_inside_it(view, side, overlap):
    shorter, longer = sorted((view[2] - view[0], view[3] - view[1]))
    side = max(min(side, shorter), longer / 20)
    assume(side <= shorter)
    layout = grid(view, side, overlap=overlap)
    reach = 2 if overlap else 1
    assert layout.cells == (layout.rows + reach - 1, layout.columns + reach - 1)
    assert len(layout) == layout.rows * layout.columns
    squares = [layout.square(row, column) for row in range(layout.rows) for column in range(layout.columns)]
    assert all(inside(square, view) for square in squares)
    hair = 0.011 * side  # what `grid` lets go
    for low, high in ((0, 2), (1, 3)):
        starts = sorted({square.box[low] for square in squares})
        assert starts[0] <= view[low] + hair
        assert starts[-1] + squares[0].side >= view[high] - hair
        steps = np.diff(starts)
        assert (steps <= squares[0].side / reach + hair).all()


@settings(max_examples=60, deadline=None)
@given(views, st.floats(60, 800), st.booleans(), st.data())
def test_a_place_finds_the_tile_that_has_it_in_its_middle(view, side, overlap, data):
    shorter, longer = sorted((view[2] - view[0], view[3] - view[1]))
    side = max(min(side, shorter), longer / 20)
    assume(side <= shorter)  # larger tiles are all moved on to each other
    layout = grid(view, side, overlap=overlap)
    row = data.draw(st.integers(0, layout.rows - 1))
    column = data.draw(st.integers(0, layout.columns - 1))
    square = layout.square(row, column)
    assert layout.at(square.x, square.y) == (row, column)


def test_a_place_outside_finds_the_nearest_tile():
    layout = grid((100, 50, 900, 450), 200)
    assert (layout.rows, layout.columns) == (3, 7)
    assert layout.at(-1e5, -1e5) == (0, 0)
    assert layout.at(1e5, 1e5) == (2, 6)
    assert layout.at(500, 250) == (1, 3)


def test_a_view_that_is_smaller_than_a_tile_has_one():
    layout = grid((0, 0, 90, 80), 100)
    assert len(layout) == 1
    assert layout.cells == (2, 2)
    assert inside(layout.square(0, 0), (0, 0, 90, 80))
