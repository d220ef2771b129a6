"""The verdict on an answer follows from distances and classes, and claims nothing that they do not say."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from retrieval.collections.calibration import Calibration
from retrieval.collections.pair_distances import PairDistances
from retrieval.query import Filters, PhotoRef, Query
from retrieval.results import Neighbour
from retrieval.verdict import FAIR, LEVELS, NONE, STRONG, WEAK, Verdict, verdict

#: Of 100 held-out photos 85 find one within 0.425, 97 within 0.485; of pairs of one class 99 in 0.594.
CALIBRATION = Calibration("validation", 100, tuple(number / 200 for number in range(101)))
PAIRS = PairDistances(
    tuple(number * 0.006 for number in range(101)), tuple(0.8 + number / 250 for number in range(101))
)
LABELS = ["beach", "forest", "harbor", "river"]


def collection(calibration=CALIBRATION, pairs=PAIRS, labels=LABELS):
    return SimpleNamespace(calibration=calibration, pair_distances=pairs, labels=labels, has_classes=True)


def neighbours(*labels, nearest=0.1):
    return [Neighbour(f"n{row}", label, nearest + row / 1000, None, row) for row, label in enumerate(labels)]


def level(distance, **made):
    return verdict(collection(**made), neighbours(*["harbor"] * 12, nearest=distance)).level


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        (0.0, STRONG), (0.425, STRONG), (0.426, FAIR), (0.485, FAIR), (0.486, WEAK), (0.496, WEAK),
        (0.594, WEAK), (0.595, NONE), (1.9, NONE),
    ],
)  # fmt: skip
def test_the_nearest_distance_says_the_level(distance, expected):
    assert level(distance) == expected


def test_where_nothing_is_close_the_nearest_is_named_and_not_the_most():
    found = verdict(collection(), neighbours("river", *["harbor"] * 9, "beach", "river", nearest=0.5))
    assert (found.level, found.label, found.agree, found.of) == (WEAK, "river", 2, 12)
    assert found.others == (("harbor", 9), ("beach", 1))
    assert verdict(collection(), neighbours("river", nearest=0.5)).label == "river"


def test_how_many_are_shown_does_not_change_the_level():
    ranking = neighbours("harbor", *["river"] * 6, *["harbor"] * 5)
    for count in (1, 3, 12):
        assert verdict(collection(), ranking[:count], further=ranking).level == FAIR


def test_what_a_filter_hides_is_named_beside_marks_too():
    far, near = neighbours("forest", nearest=1.2), Neighbour("n9", "harbor", 0.1, None, 9)
    found = verdict(collection(), far, near, ("forest",), marked=True)
    assert (found.level, found.label, found.elsewhere) == (None, "forest", "harbor")


def test_farther_is_never_better():
    levels = [LEVELS.index(level(float(distance))) for distance in np.linspace(0, 2, 200)]
    assert levels == sorted(levels)


def test_without_pairs_of_one_class_what_is_not_near_is_like_nothing():
    for pairs in (None, PairDistances((), PAIRS.between)):
        assert [level(distance, pairs=pairs) for distance in (0.1, 0.45, 0.5)] == [STRONG, FAIR, NONE]


def test_pairs_of_one_class_that_are_nearer_than_held_out_photos_leave_no_room_for_weak():
    tight = PairDistances(tuple(number / 1000 for number in range(101)), PAIRS.between)
    assert [level(distance, pairs=tight) for distance in (0.1, 0.45, 0.5)] == [STRONG, FAIR, NONE]


def test_without_a_calibration_no_level_is_told_but_the_class_is():
    found = verdict(collection(calibration=None), neighbours("harbor", "harbor", "beach"))
    assert found == Verdict(None, "harbor", 2, 3, (("beach", 1),))
    assert not found.is_far


@pytest.mark.parametrize(("agreeing", "expected"), [(12, STRONG), (9, STRONG), (8, FAIR), (4, FAIR)])
def test_a_strong_match_needs_three_quarters_that_agree(agreeing, expected):
    found = verdict(collection(), neighbours(*["harbor"] * agreeing, *["beach", "river"] * 6)[:12])
    assert (found.level, found.label, found.agree, found.of) == (expected, "harbor", agreeing, 12)


def test_of_more_than_twelve_neighbours_the_nearest_twelve_are_asked():
    found = verdict(collection(), neighbours(*["harbor"] * 12, *["beach"] * 88))
    assert (found.level, found.label, found.agree, found.of, found.others) == (STRONG, "harbor", 12, 12, ())


def test_one_neighbour_agrees_with_itself_and_its_distance_decides():
    assert verdict(collection(), neighbours("beach")) == Verdict(STRONG, "beach", 1, 1)
    assert verdict(collection(), neighbours("beach", nearest=0.5)).level == WEAK


def test_of_classes_with_as_many_neighbours_that_of_the_nearest_is_named():
    found = verdict(collection(), neighbours("river", "beach", "beach", "river"))
    assert (found.level, found.label, found.agree, found.others) == (FAIR, "river", 2, (("beach", 2),))


def test_where_there_is_one_class_nobody_has_to_agree():
    for found in (
        verdict(collection(labels=["harbor"]), neighbours("harbor", "harbor")),
        verdict(collection(), neighbours("harbor", "harbor"), classes=("harbor",)),
    ):
        assert (found.level, found.label, found.of) == (STRONG, "harbor", 0)


def test_where_nothing_may_be_an_answer_nothing_is_said_of_it():
    assert verdict(collection(), []) == Verdict(None)


def test_what_marks_moved_has_distances_that_were_not_calibrated():
    found = verdict(collection(), neighbours("harbor", "harbor", nearest=1.5), marked=True)
    assert (found.level, found.label, found.agree) == (None, "harbor", 2)


def test_a_filter_that_hides_something_nearer_leaves_at_most_a_fair_match_and_says_what_is_nearer():
    other = Neighbour("other", "beach", 0.05, None, 99)
    found = verdict(collection(), neighbours("harbor", "harbor"), other, ("harbor",))
    assert (found.level, found.elsewhere) == (FAIR, "beach")
    far = verdict(collection(), neighbours("harbor", nearest=1.0), other, ("harbor",))
    assert (far.level, far.elsewhere) == (NONE, "beach")


def test_what_a_filter_hides_is_not_named_where_it_is_far_too():
    other = Neighbour("other", "beach", 0.9, None, 99)
    found = verdict(collection(), neighbours("harbor", nearest=1.0), other, ("harbor",))
    assert (found.level, found.elsewhere) == (NONE, None)


def test_a_limit_only_lowers_a_verdict():
    for before in LEVELS:
        for limit in LEVELS:
            lowered = Verdict(before, "beach").at_most(limit)
            assert LEVELS.index(lowered.level) == max(LEVELS.index(before), LEVELS.index(limit))
    assert Verdict(None, "beach").at_most(FAIR) == Verdict(None, "beach")


# On the shipped collection


def test_a_photo_of_a_collection_has_a_verdict_by_its_nearest_neighbour(retriever):
    found = retriever.answer(Query("scenes", (PhotoRef("scenes", "harbor10"),))).verdict
    assert (found.level, found.label) == (STRONG, "harbor")


def test_a_class_filter_that_leaves_only_what_is_far_says_what_is_near(retriever):
    airplane = Query("ucmerced", (PhotoRef("ucmerced", "airplane00"),))
    assert retriever.answer(airplane).verdict.level == STRONG
    harbors = retriever.answer(replace(airplane, filters=Filters(("harbor",))))
    assert harbors.verdict == Verdict(NONE, "harbor", 0, 0, (), "airplane")


def test_filters_that_hide_nothing_nearer_change_nothing(retriever):
    airplane = Query("ucmerced", (PhotoRef("ucmerced", "airplane00"),))
    for filters in (Filters(max_distance=0.6), Filters(deduplicate=True), Filters(("airplane", "beach"))):
        found = retriever.answer(replace(airplane, filters=filters)).verdict
        assert (found.level, found.elsewhere) == (STRONG, None)


def test_marks_leave_the_level_open(retriever):
    photo = PhotoRef("scenes", "harbor03")
    marked = Query("scenes", (photo,), relevant=(PhotoRef("scenes", "harbor04"),))
    assert retriever.answer(marked).verdict.level is None


def test_the_verdict_is_in_what_programs_are_told(retriever):
    result = retriever.answer(Query("scenes", (PhotoRef("scenes", "harbor10"),), k=3))
    assert result.to_dict()["verdict"] == {"level": "strong", "label": "harbor", "agree": 3, "of": 3}


def test_what_resembles_nothing_is_never_called_a_match(retriever):
    rng = np.random.default_rng(1)
    for _ in range(20):
        vector = rng.normal(size=2048).astype(np.float32)
        result = retriever.search_vector(vector / np.linalg.norm(vector))
        assert result.is_novel
        assert result.verdict.is_far
