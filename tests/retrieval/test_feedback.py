"""Marks pull the query towards what is right and away from what is wrong; the vector stays a unit vector."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval.feedback import QUERY, RIGHT, WRONG, query_vector
from retrieval.query import PhotoRef, Query


def unit(values):
    return (values / np.linalg.norm(values)).astype(np.float32)


# As the network's features: not negative.
VECTORS = (
    arrays(np.float64, 8, elements=st.floats(0, 1))
    .filter(lambda values: np.linalg.norm(values) > 0.1)
    .map(unit)
)
SOME = st.lists(VECTORS, max_size=4)


def distance(one, other):
    return float(np.linalg.norm(one - other))


@given(st.lists(VECTORS, min_size=1, max_size=4), SOME, SOME)
def test_it_is_of_unit_length_whatever_was_marked(photos, right, wrong):
    made = query_vector(photos, right, wrong)
    assert made.dtype == np.float32
    assert made.shape == (8,)
    assert np.linalg.norm(made) == pytest.approx(1, abs=1e-5)


@given(VECTORS)
def test_of_one_photo_without_marks_it_is_that_photos_own(vector):
    assert query_vector([vector]) is vector


@given(VECTORS, VECTORS)
def test_what_is_marked_right_comes_nearer(query, right):
    before = distance(query, right)
    assert distance(query_vector([query], [right]), right) <= before + 1e-5
    assume(before > 0.05)
    assert distance(query_vector([query], [right]), right) < before


@given(VECTORS, VECTORS)
def test_what_is_marked_wrong_goes_farther(query, wrong):
    before = distance(query, wrong)
    assert distance(query_vector([query], [], [wrong]), wrong) >= before - 1e-5
    assume(before > 0.05)
    assert distance(query_vector([query], [], [wrong]), wrong) > before


@given(st.permutations(range(4)))
def test_photos_together_lie_between_them_in_whatever_order(order):
    photos = np.eye(8, dtype=np.float32)[:4]
    together = query_vector(list(photos[order]))
    assert np.allclose(together[:4], 0.5)
    assert np.allclose(together, query_vector(list(photos)))


def test_it_is_rocchios_sum_in_which_what_is_wrong_is_a_share_of_the_rest():
    query, right, other, wrong = np.eye(8, dtype=np.float32)[:4]
    made = query_vector([query], [right, other], [wrong])
    expected = unit(np.array([QUERY, RIGHT / 2, RIGHT / 2, -WRONG * (QUERY + RIGHT), 0, 0, 0, 0]))
    assert np.allclose(made, expected, atol=1e-6)
    assert np.allclose(query_vector([query], [], [wrong]), unit(query * QUERY - wrong * WRONG * QUERY))
    assert QUERY >= RIGHT > WRONG > 0
    weighed = query_vector([query], [right, other], [wrong], (2, 4, 0.25))
    assert np.allclose(weighed, unit(np.array([2, 2, 2, -1.5, 0, 0, 0, 0])), atol=1e-6)


@given(VECTORS, VECTORS, st.floats(0, 1))
def test_a_wrong_answer_that_is_hardly_apart_from_the_query_does_not_lead_far_away(query, other, near):
    wrong = unit((1 - near) * query + near * other)
    assert distance(query_vector([query], [], [wrong]), query) < 0.5
    assert query_vector([query], [], [wrong]) @ query > 0.9


@given(st.lists(VECTORS, min_size=1, max_size=4), SOME, SOME)
def test_what_speaks_for_a_search_outweighs_what_speaks_against_it(photos, right, wrong):
    made = query_vector(photos, right, wrong)
    speaks_for = np.mean(photos, axis=0) + (np.mean(right, axis=0) if right else 0)
    assert made @ unit(speaks_for) > 0.4


def test_a_harbor_that_is_marked_wrong_leaves_a_search_for_a_harbor_among_harbors(retriever):
    collection = retriever.collection("ucmerced")
    query, wrong = (PhotoRef("ucmerced", each) for each in ("harbor33", "harbor96"))
    near = distance(*(collection.index.vector(collection.row(each.id)) for each in (query, wrong)))
    assert near < collection.calibration.threshold  # so both speak for nearly the same
    found = retriever.answer(Query("ucmerced", (query,), irrelevant=(wrong,))).neighbours
    assert sum(each.label == "harbor" for each in found) >= 9


def test_should_all_cancel_out_the_first_photo_is_searched():
    query = np.eye(8, dtype=np.float32)[0]
    assert query_vector([query, -query]) is query


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_in_a_collection_neighbours_marked_right_rise(retriever, data):
    index = retriever.collection("scenes").index
    query, right = (data.draw(st.integers(0, len(index) - 1)) for _ in range(2))
    assume(query != right)

    def rank(vector):
        return index.search(vector[None], len(index))[1][0].tolist().index(right)

    before = rank(index.vector(query))
    assert rank(query_vector([index.vector(query)], [index.vector(right)])) <= before
