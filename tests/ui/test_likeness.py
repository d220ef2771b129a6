"""A distance as a bar, a word and a sentence: by how far photos of one class are apart, and of two."""

import numpy as np
import pytest

from retrieval.collections.pair_distances import PairDistances
from ui.i18n import use_language
from ui.render.likeness import likeness

PAIRS = PairDistances(
    tuple(number * 0.006 for number in range(101)), tuple(0.8 + number / 250 for number in range(101))
)


@pytest.mark.parametrize(
    ("distance", "word", "told"),
    [
        (0.0, "very alike", "Nearer than 99% of pairs of one class."),
        (0.06, "very alike", "Nearer than 90% of pairs of one class."),
        (0.3, "very alike", "Nearer than 50% of pairs of one class."),
        (0.36, "alike", "Farther than 60% of pairs of one class, nearer than 99% of pairs of two."),
        (0.58, "a bit alike", "Farther than 96% of pairs of one class, nearer than 99% of pairs of two."),
        (0.7, "far", "Farther than 99% of pairs of one class, nearer than 99% of pairs of two."),
        (1.0, "far", "Farther than 99% of pairs of one class, nearer than 50% of pairs of two."),
    ],
)
def test_each_distance_has_a_word_and_a_sentence(distance, word, told):
    found = likeness(PAIRS, distance)
    assert (found["word"], found["told"]) == (word, told)


def test_the_bar_gets_shorter_with_the_distance_and_has_a_quarter_for_each_word():
    distances = np.linspace(0, 2, 201)
    found = [likeness(PAIRS, float(distance)) for distance in distances]
    shares = [each["share"] for each in found]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], min(shares)) == (1.0, 0.05)
    lowest = {"very alike": 0.75, "alike": 0.5, "a bit alike": 0.25, "far": 0.05}
    for each in found:
        assert lowest[each["word"]] <= each["share"] + 1e-3
        assert each["share"] <= lowest[each["word"]] + 0.25


def test_of_one_class_only_pairs_within_it_are_spoken_of():
    found = likeness(PairDistances(PAIRS.within, ()), 0.5)
    assert found["told"] == "Farther than 83% of pairs of one class."


def test_without_pairs_of_one_class_only_the_number_is_left():
    assert likeness(None, 0.3) == {}
    assert likeness(PairDistances((), PAIRS.between), 0.3) == {}


def test_neighbours_of_one_class_are_alike_and_other_classes_are_not(retriever):
    pairs = retriever.collection("scenes").pair_distances
    assert likeness(pairs, pairs.within[50])["word"] == "very alike"
    assert likeness(pairs, pairs.between[50])["word"] == "far"


def test_the_sentence_is_written_as_the_language_does():
    with use_language("ro"):
        assert "%" in likeness(PAIRS, 0.06)["told"]
