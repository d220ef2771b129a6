"""A screenshot and what was said of it give the square that is searched: by its scale, or by a guess."""

import math
from dataclasses import replace

import numpy as np
import pytest

from examples.map_pages.district import compose
from examples.map_pages.map_window import draw_map_window
from retrieval.maps.crops import (
    BAR,
    CONFIRMED,
    FILE,
    GUESS,
    HAND,
    LINK,
    TOO_FAR,
    ZOOM,
    CoverageSums,
    Scale,
    candidate_sides,
    crop,
)
from retrieval.maps.locate import ScaleHints, answer_guess, known_scale, locate, move, resize
from retrieval.maps.overlays import Overlays, find_overlays
from retrieval.maps.scale import EQUATOR, TILE_METRES, ScaleError
from retrieval.maps.screenshot import Screenshot

BUCHAREST = 44.43
LINK_19 = "https://www.google.com/maps/@44.43,26.1,19z/data=!3m1!1e3"
LINK_HEIGHT = "https://www.google.com/maps/@44.43,26.1,200m/data=!3m1!1e3"
SCALE_19 = EQUATOR * math.cos(math.radians(BUCHAREST)) / 2**19

#: Drawn districts whose scale is guessed well, each with the seed it was found with. (Forest is not among
#: them: from afar it looks like a forest of smaller trees.)
GUESSED = {"parkinglot": 2, "harbor": 4, "mobilehomepark": 5, "denseresidential": 1}


def located(retriever, screenshot, hints, at=None, collection=None):
    return locate(retriever.embedder, retriever.collection(collection), screenshot, hints, at)


def drawn(label, zoom=19.0):
    """A screenshot of four cells of one class."""
    metres = EQUATOR * math.cos(math.radians(BUCHAREST)) / 2**zoom
    side = int(511 * 0.3 / metres)
    seed = GUESSED[label]
    shot = draw_map_window(
        compose([[label] * 2] * 2, seed), zoom, BUCHAREST, (side, min(side, 560)), seed=seed
    )
    return Screenshot(shot.image, None, find_overlays(shot.image), None), shot.metres_per_pixel


@pytest.fixture(scope="module")
def parking():
    return drawn("parkinglot")[0]


@pytest.fixture(scope="module")
def guessed(retriever, parking):
    return located(retriever, parking, ScaleHints())


def plain(screenshot, **changes):
    """The screenshot with nothing in the way, and other changes."""
    width, height = screenshot.image.size
    view = changes.pop("view", (0, 0, width, height))
    mask = changes.pop("mask", np.zeros((height, width), bool))
    return replace(screenshot, overlays=Overlays(mask, view, "imagery"), **changes)


def test_of_all_that_was_said_the_surest_is_taken(parking):
    screenshot = replace(parking, file_scale=0.5)
    hints = ScaleHints(LINK_19, zoom=18, latitude=0, bar_metres=20, bar_pixels=100)
    for source, metres, without in (
        (LINK, SCALE_19, {"link": ""}),
        (BAR, 0.2, {"bar_metres": None}),
        (ZOOM, EQUATOR / 2**18, {"zoom": None}),
    ):
        scale = known_scale(screenshot, hints)
        assert (scale.source, scale.metres_per_pixel) == (source, pytest.approx(metres))
        hints = replace(hints, **without)
    assert known_scale(screenshot, hints).source == FILE
    assert known_scale(screenshot, hints).metres_per_pixel == 0.5
    assert known_scale(parking, hints) is None


@pytest.mark.parametrize(
    "hints",
    [
        ScaleHints(),
        ScaleHints("  \n"),
        ScaleHints(bar_metres=20),
        ScaleHints(bar_pixels=90),
        ScaleHints(latitude=44),
    ],
)
def test_half_a_statement_is_none(parking, hints):
    assert known_scale(parking, hints) is None


@pytest.mark.parametrize(
    ("hints", "words"),
    [
        (ScaleHints("hello"), "not a link"),
        (ScaleHints("https://maps.app.goo.gl/abcd"), "shortened"),
        (ScaleHints("https://www.google.com/maps/@44.43,26.1,15z"), r"too coarse: a pixel shows 3\.4 m"),
        (ScaleHints("https://www.google.com/maps/@44.43,26.1,4000m/data=!3m1!1e3"), "too coarse"),
        (ScaleHints(zoom=19), "needs a latitude too"),
        (ScaleHints(zoom=12, latitude=44), "too coarse"),
        (ScaleHints(zoom=19, latitude=44, ratio=9), "no screen's"),
        (ScaleHints(bar_metres=0, bar_pixels=100), "two lengths above zero"),
        (ScaleHints(bar_metres=5000, bar_pixels=100), "too coarse"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(parking, hints, words):
    with pytest.raises(ScaleError, match=words) as caught:
        known_scale(parking, hints)
    assert str(caught.value).endswith((".", "!"))


def test_a_file_that_is_too_coarse_is_refused(parking):
    with pytest.raises(ScaleError, match="10 m of ground"):
        known_scale(replace(parking, file_scale=10.0), ScaleHints())


def test_a_link_by_zoom_counts_the_pixels_of_the_screen(parking):
    assert known_scale(parking, ScaleHints(LINK_19)).metres_per_pixel == pytest.approx(SCALE_19)
    assert known_scale(parking, ScaleHints(LINK_19, ratio=2)).metres_per_pixel == pytest.approx(SCALE_19 / 2)
    phone = replace(parking, image=parking.image.resize((1170, 2532)))
    assert known_scale(phone, ScaleHints(LINK_19)).metres_per_pixel == pytest.approx(SCALE_19 / 3)
    assert known_scale(phone, ScaleHints(LINK_19, ratio=1)).metres_per_pixel == pytest.approx(SCALE_19)


def test_a_link_by_height_counts_the_pixels_of_the_view_alone(parking):
    width, height = parking.image.size
    for top in (0, 60, 160):
        screenshot = plain(parking, view=(0, top, width, height))
        for ratio in (None, 3):
            scale = known_scale(screenshot, ScaleHints(LINK_HEIGHT, ratio=ratio))
            assert scale.source == LINK
            assert scale.metres_per_pixel == pytest.approx(200 / (height - top))


def test_a_link_without_a_scale_leaves_it_to_whatever_else_was_said(parking):
    bare = "https://www.google.com/maps/search/?api=1&query=44.43,26.1"
    assert known_scale(parking, ScaleHints(bare)) is None
    by_zoom = known_scale(parking, ScaleHints(bare, zoom=19))  # the link says the latitude
    assert (by_zoom.source, by_zoom.metres_per_pixel) == (ZOOM, pytest.approx(SCALE_19))
    elsewhere = known_scale(parking, ScaleHints(bare, zoom=19, latitude=0))
    assert elsewhere.metres_per_pixel == pytest.approx(EQUATOR / 2**19)
    assert known_scale(parking, ScaleHints(bare, bar_metres=20, bar_pixels=100)).source == BAR
    assert known_scale(replace(parking, file_scale=0.5), ScaleHints(bare)).source == FILE
    assert not ScaleHints(bare).view_by_zoom


def test_only_a_link_by_zoom_depends_on_the_screen():
    assert ScaleHints(LINK_19).view_by_zoom
    assert not ScaleHints(LINK_HEIGHT).view_by_zoom
    assert not ScaleHints(zoom=19, latitude=44).view_by_zoom
    assert ScaleHints().view is None


def test_a_known_scale_gives_a_square_of_78_metres_clear_of_overlays(retriever, parking):
    found = located(retriever, parking, ScaleHints(LINK_19))
    assert found.metres == pytest.approx(TILE_METRES)
    assert found.square.side == pytest.approx(TILE_METRES / SCALE_19)
    assert CoverageSums(parking.overlays.mask).of(found.square) <= 0.08
    vector = retriever.embedder.embed([crop(parking.image, found.square)])[0]
    assert np.allclose(found.vector, vector, atol=1e-4)


def test_the_square_goes_where_it_was_asked_for_and_no_farther_than_the_view(retriever, parking):
    screenshot = plain(parking)
    found = located(retriever, screenshot, ScaleHints(LINK_19), at=(300, 250))
    assert (found.square.x, found.square.y) == (300, 250)
    corner = located(retriever, screenshot, ScaleHints(LINK_19), at=(1e4, 1e4)).square
    assert corner.box[2:] == pytest.approx(screenshot.image.size)


def test_a_square_is_no_larger_than_the_screenshot(retriever, parking):
    small = plain(parking, image=parking.image.crop((0, 0, 200, 150)), mask=np.zeros((150, 200), bool))
    small = plain(small)
    found = located(retriever, small, ScaleHints(LINK_19))
    assert found.square.side == 150
    assert found.metres == pytest.approx(150 * SCALE_19)


@pytest.mark.parametrize(
    ("label", "zoom"), [("parkinglot", 18.5), ("parkinglot", 19.6), ("harbor", 18.5), ("harbor", 19.4)]
)
def test_a_guess_of_a_drawn_district_is_within_a_factor_of_one_and_a_half(retriever, label, zoom):
    screenshot, metres = drawn(label, zoom)
    found = located(retriever, screenshot, ScaleHints())
    assert found.scale.source == GUESS
    assert found.metres == pytest.approx(TILE_METRES)
    assert 1 / 1.5 < found.scale.metres_per_pixel / metres < 1.5


def test_most_guesses_by_drawn_photos_are_near(retriever):
    near = 0
    for label in GUESSED:
        screenshot, metres = drawn(label)
        guess = located(retriever, screenshot, ScaleHints(), collection="scenes").scale.metres_per_pixel
        near += 1 / 1.5 < guess / metres < 1.5
    assert near >= 3


def test_a_guess_is_one_of_the_sides_that_are_tried(parking, guessed):
    assert guessed.square.side in candidate_sides(parking.overlays.map_area)
    assert guessed.vector.shape == (2048,)


def test_another_place_is_guessed_anew_where_the_scale_was_a_guess(retriever, parking, guessed):
    width, height = parking.image.size
    moved = move(retriever.embedder, retriever.collection(), parking, guessed, width, height)
    assert moved == located_as(moved, located(retriever, parking, ScaleHints(), at=(width, height)))
    assert moved.scale.source == GUESS
    assert moved.square != guessed.square
    assert not np.allclose(moved.vector, guessed.vector, atol=1e-3)


def located_as(moved, again):
    """The second one with the first one's vector, if they are alike: arrays have no plain '=='."""
    assert np.allclose(moved.vector, again.vector, atol=1e-4)
    return replace(again, vector=moved.vector)


def test_another_place_keeps_a_scale_that_is_known(retriever, parking):
    screenshot = plain(parking)
    begun = located(retriever, screenshot, ScaleHints(LINK_19))
    moved = move(retriever.embedder, retriever.collection(), screenshot, begun, 250, 300)
    assert (moved.scale, moved.hints) == (begun.scale, begun.hints)
    assert (moved.square.x, moved.square.y, moved.square.side) == (250, 300, begun.square.side)
    assert np.allclose(
        moved.vector, retriever.embedder.embed([crop(screenshot.image, moved.square)])[0], atol=1e-4
    )


def test_another_place_keeps_a_size_that_was_set_by_hand(retriever, parking, guessed):
    by_hand = resize(retriever.embedder, parking, guessed, 300)
    moved = move(retriever.embedder, retriever.collection(), parking, by_hand, 200, 200)
    assert moved.scale == by_hand.scale
    assert moved.square.side == by_hand.square.side == 300


def test_a_size_by_hand_says_the_scale_where_it_was_a_guess(retriever, parking, guessed):
    by_hand = resize(retriever.embedder, parking, guessed, 260)
    assert by_hand.scale.source == HAND
    assert by_hand.scale.metres_per_pixel == pytest.approx(TILE_METRES / 260)
    assert by_hand.metres == pytest.approx(TILE_METRES)
    again = resize(retriever.embedder, parking, by_hand, 1e6)
    assert again.square.side == parking.room
    assert again.metres == pytest.approx(TILE_METRES)


@pytest.mark.parametrize(("answer", "source"), [(True, CONFIRMED), (False, TOO_FAR), (None, GUESS)])
def test_an_answer_says_who_vouches_for_a_guess_and_moves_nothing(guessed, answer, source):
    answered = answer_guess(guessed, answer)
    assert answered.scale == Scale(guessed.scale.metres_per_pixel, source)
    assert answered.square == guessed.square
    assert answered.vector is guessed.vector
    assert answer_guess(answered, None).scale == guessed.scale


def test_a_scale_that_is_known_is_not_answered(retriever, parking):
    known = located(retriever, parking, ScaleHints(LINK_19))
    assert answer_guess(known, False) is known


@pytest.mark.parametrize("answer", [True, False])
def test_what_was_answered_holds_for_another_place_too(retriever, parking, guessed, answer):
    answered = answer_guess(guessed, answer)
    moved = move(retriever.embedder, retriever.collection(), parking, answered, 200, 200)
    assert moved.scale == answered.scale
    resized = resize(retriever.embedder, parking, answered, 260)
    assert resized.scale == Scale(TILE_METRES / 260, HAND if answer else TOO_FAR)


def test_a_size_by_hand_leaves_a_known_scale_and_shows_other_ground(retriever, parking):
    begun = located(retriever, parking, ScaleHints(LINK_19))
    smaller = resize(retriever.embedder, parking, begun, begun.square.side / 2)
    assert smaller.scale == begun.scale
    assert smaller.metres == pytest.approx(TILE_METRES / 2)
    assert not np.allclose(smaller.vector, begun.vector, atol=1e-3)
