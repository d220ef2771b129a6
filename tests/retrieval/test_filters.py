"""What may be an answer: of some classes, within a distance, no near-duplicates, and never the left out."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.filters import NEAR_DUPLICATE, allowed, nearest_of_other_classes, rank
from retrieval.index import VectorIndex
from retrieval.query import Filters


@pytest.fixture(scope="module")
def scenes(retriever):
    return retriever.collection("scenes")


def on_a_circle(*degrees, labels=None):
    """A collection of vectors at these angles, and the query at 0: distances are known."""
    angles = np.radians(degrees)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    entries = [SimpleNamespace(label=label) for label in labels or ["a"] * len(degrees)]
    return SimpleNamespace(index=VectorIndex.build(vectors), entries=entries)


QUERY = np.array([1, 0], np.float32)
DUPLICATE = np.degrees(2 * np.arcsin(NEAR_DUPLICATE / 2))  # so many degrees apart is a near-duplicate


def found_in(collection, vector, k, filters, exclude=()):
    return allowed(collection, rank(collection, vector), k, filters, exclude)


def all_by_hand(collection, vector, filters, exclude):
    """The rows that may be an answer, nearest first, slowly."""
    distances = np.linalg.norm(collection.vectors - vector, axis=1)
    return [
        row
        for row in np.argsort(distances, kind="stable").tolist()
        if row not in exclude
        and (not filters.classes or collection.entries[row].label in filters.classes)
        and (filters.max_distance is None or distances[row] <= filters.max_distance)
    ]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_it_finds_the_same_as_looking_at_each_photo(scenes, data):
    rows = st.integers(0, len(scenes.entries) - 1)
    query, exclude = data.draw(rows), data.draw(st.sets(rows, max_size=5))
    vector = scenes.index.vector(query)
    filters = Filters(
        tuple(data.draw(st.lists(st.sampled_from(scenes.labels), max_size=3, unique=True))),
        data.draw(st.none() | st.floats(0.05, 1.2)),
    )
    k = data.draw(st.integers(1, 30))
    expected = all_by_hand(scenes, vector, filters, exclude)
    found = found_in(scenes, vector, k, filters, exclude)
    exact = np.linalg.norm(scenes.vectors - vector, axis=1)
    assert len(found.rows) == len(found.distances) == min(k, len(expected))
    assert set(found.rows.tolist()) <= set(expected)
    assert np.allclose(exact[found.rows], exact[expected[:k]], atol=1e-3)  # equals may come in any order
    assert np.allclose(found.distances, exact[found.rows], atol=1e-3)
    assert (np.diff(found.distances) >= 0).all()
    assert len(found.duplicates) == 0


@settings(max_examples=20, deadline=None)
@given(query=st.integers(0, 251), k=st.integers(1, 30))
def test_no_two_distinct_neighbours_are_near_duplicates_and_each_hidden_one_is_of_a_nearer(scenes, query, k):
    vector = scenes.index.vector(query)
    found = found_in(scenes, vector, k, Filters(deduplicate=True))
    kept = scenes.vectors[found.rows]
    apart = np.linalg.norm(kept[:, None] - kept, axis=2) + 10 * np.eye(len(kept))
    assert apart.min() >= NEAR_DUPLICATE - 1e-4
    usual = found_in(scenes, vector, k + len(found.duplicates), Filters()).rows.tolist()
    hidden = [row for row in usual if row not in found.rows]
    assert len(hidden) == len(found.duplicates)
    for row in hidden:
        nearer = scenes.vectors[[each for each in found.rows if usual.index(each) < usual.index(row)]]
        assert np.linalg.norm(nearer - scenes.vectors[row], axis=1).min() < NEAR_DUPLICATE + 1e-4


def test_near_duplicates_are_hidden_and_counted():
    near = 0.4 * DUPLICATE
    collection = on_a_circle(0, near, 10, 10 + near, 10 - near, 40, 80)
    found = found_in(collection, QUERY, 3, Filters(deduplicate=True))
    assert found.rows.tolist() == [0, 4, 5]
    assert len(found.duplicates) == 3  # one of the first, two of the second
    assert found_in(collection, QUERY, 3, Filters()).rows.tolist() == [0, 1, 4]
    assert found_in(collection, QUERY, 3, Filters()).duplicates == ()


def test_near_duplicates_of_the_last_neighbour_are_counted_where_no_other_is_left():
    collection = on_a_circle(20, 20 + 0.3 * DUPLICATE, 20 + 0.6 * DUPLICATE)
    found = found_in(collection, QUERY, 12, Filters(deduplicate=True))
    assert found.rows.tolist() == [0]
    assert len(found.duplicates) == 2


def test_those_that_are_too_far_are_not_counted_as_near_duplicates():
    collection = on_a_circle(20, 60, 60 + 0.3 * DUPLICATE)
    found = found_in(collection, QUERY, 12, Filters(max_distance=0.5, deduplicate=True))
    assert (found.rows.tolist(), len(found.duplicates)) == ([0], 0)


def test_near_duplicates_of_one_that_is_hidden_are_shown():
    # Each is a near-duplicate of the one before it, but the third is none of the first.
    collection = on_a_circle(0, 0.7 * DUPLICATE, 1.4 * DUPLICATE)
    found = found_in(collection, QUERY, 3, Filters(deduplicate=True))
    assert (found.rows.tolist(), len(found.duplicates)) == ([0, 2], 1)


def test_only_some_classes_are_found_however_far_they_are():
    collection = on_a_circle(0, 1, 2, 90, 180, labels=["a", "a", "b", "c", "c"])
    assert found_in(collection, QUERY, 12, Filters(("c", "b"))).rows.tolist() == [2, 3, 4]
    assert found_in(collection, QUERY, 1, Filters(("c",))).rows.tolist() == [3]


def test_a_photo_at_the_largest_distance_may_be_an_answer_and_beyond_it_none():
    collection = on_a_circle(0, 60, 61, 180)  # at 60 degrees the distance is 1
    assert found_in(collection, QUERY, 12, Filters(max_distance=1.0001)).rows.tolist() == [0, 1]
    assert found_in(collection, QUERY, 12, Filters(max_distance=2.0)).rows.tolist() == [0, 1, 2, 3]
    assert found_in(collection, QUERY, 12, Filters(max_distance=0.0)).rows.tolist() == [0]


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(deduplicate=True), Filters(("a",)), Filters(("a",), 1.0, True)],
)
def test_what_is_left_out_is_no_answer_and_its_place_is_taken(filters):
    collection = on_a_circle(0, 20, 40, 50)
    assert found_in(collection, QUERY, 2, filters, {0, 2}).rows.tolist() == [1, 3]


@pytest.mark.parametrize("deduplicate", [False, True])
def test_where_nothing_may_be_an_answer_there_is_none(deduplicate):
    collection = on_a_circle(30, 40)
    for filters, exclude in (
        (Filters(("b",), deduplicate=deduplicate), ()),
        (Filters(max_distance=0.1, deduplicate=deduplicate), ()),
        (Filters(deduplicate=deduplicate), {0, 1}),
    ):
        found = found_in(collection, QUERY, 12, filters, exclude)
        assert (found.distances.tolist(), found.rows.tolist(), len(found.duplicates)) == ([], [], 0)


CLASSES = on_a_circle(0, 10, 20, 30, 40, 50, 60, labels=["a", "a", "b", "a", "c", "b", "d"])


def test_of_each_class_the_nearest_comes_once_and_the_nearest_class_first():
    found = nearest_of_other_classes(CLASSES, rank(CLASSES, QUERY), (), 9)  # fewer classes than asked for
    assert found.rows.tolist() == [0, 2, 4, 6]
    exact = 2 * np.sin(np.radians([0, 20, 40, 60]) / 2)
    assert np.allclose(found.distances, exact, atol=1e-3)
    assert len(found.duplicates) == 0


def test_classes_that_are_passed_over_are_none_and_no_more_come_than_asked_for():
    assert nearest_of_other_classes(CLASSES, rank(CLASSES, QUERY), {"a", "c"}, 9).rows.tolist() == [2, 6]
    assert nearest_of_other_classes(CLASSES, rank(CLASSES, QUERY), {"a"}, 2).rows.tolist() == [2, 4]
    assert (
        nearest_of_other_classes(CLASSES, rank(CLASSES, QUERY), {"a", "b", "c", "d"}, 9).rows.tolist() == []
    )


def test_of_a_class_whose_nearest_is_left_out_the_next_comes():
    assert nearest_of_other_classes(CLASSES, rank(CLASSES, QUERY), {"c"}, 9, {2, 6}).rows.tolist() == [0, 5]
