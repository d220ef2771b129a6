"""A distance is ranked among the distances of all pairs, of one class and of two."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.collections.pair_distances import PairDistances


def turned(*degrees):
    """Unit vectors in a plane; two that are some degrees apart have a known distance."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def apart(degrees):
    return 2 * np.sin(np.radians(degrees) / 2)


def test_pairs_of_one_class_and_of_two_are_told_apart():
    measured = PairDistances.measure(turned(0, 10, 100, 130), ["beach", "beach", "river", "river"])
    ends = measured.within[0], measured.within[100]
    assert ends == pytest.approx((apart(10), apart(30)), abs=1e-3)
    ends = measured.between[0], measured.between[100]
    assert ends == pytest.approx((apart(90), apart(130)), abs=1e-3)


def test_a_distance_is_ranked():
    measured = PairDistances.measure(turned(0, 10, 100, 130), ["beach", "beach", "river", "river"])
    assert (measured.nearer_within(0), measured.nearer_between(apart(89))) == (0, 0)
    assert measured.nearer_within((apart(10) + apart(30)) / 2) == pytest.approx(0.5, abs=1e-3)
    assert measured.nearer_between(apart(120)) == pytest.approx(2 / 3, abs=2e-3)  # 90, 100, 120 and 130
    assert (measured.nearer_within(apart(31)), measured.nearer_between(2)) == (1, 1)


@settings(max_examples=30, deadline=None)
@given(count=st.integers(2, 30), classes=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_it_agrees_with_counting(count, classes, seed):
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = [str(label) for label in chance.integers(classes, size=count)]
    pairs = [(a, b) for a in range(count) for b in range(a)]
    known = {True: [], False: []}
    for a, b in pairs:
        known[labels[a] == labels[b]].append(np.linalg.norm(vectors[a] - vectors[b]))
    measured = PairDistances.measure(vectors, labels)
    for side, quantiles in ((known[True], measured.within), (known[False], measured.between)):
        assert len(quantiles) == (101 if side else 0)
        if side:
            assert quantiles == pytest.approx(np.quantile(side, np.linspace(0, 1, 101)), abs=1e-3)


def test_without_pairs_of_a_kind_there_is_no_share_of_them():
    one_class = PairDistances.measure(turned(0, 10), ["beach", "beach"])
    assert (one_class.between, one_class.nearer_between(1)) == ((), None)
    assert one_class.nearer_within(1) == 1
    each_its_own = PairDistances.measure(turned(0, 10), ["beach", "river"])
    assert (each_its_own.within, each_its_own.nearer_within(1)) == ((), None)
    assert each_its_own.nearer_between(1) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_without_a_pair_there_is_nothing_to_measure(count):
    assert PairDistances.measure(turned(0)[:count], ["beach"][:count]) is None


def test_labels_that_are_not_as_many_are_refused():
    with pytest.raises(ValueError, match="2 vectors need as many labels, not 1"):
        PairDistances.measure(turned(0, 10), ["beach"])


def test_two_equal_photos_are_at_no_distance():
    vector = np.full((2, 3), np.sqrt(1 / 3), np.float32) * np.float32(1.0003)  # rounding goes past 1
    assert PairDistances.measure(vector, ["beach", "beach"]).within == (0.0,) * 101


def test_of_many_rows_a_sample_stands_for_all():
    chance = np.random.default_rng(3)
    degrees = np.where(np.arange(900) < 300, 0, 60) + chance.normal(0, 5, 900)
    labels = ["beach"] * 300 + ["river"] * 600
    every = PairDistances.measure(turned(*degrees), labels)
    some = PairDistances.measure(turned(*degrees), labels, max_rows=300)
    assert some != every
    assert some == PairDistances.measure(turned(*degrees), labels, max_rows=300)
    assert some != PairDistances.measure(turned(*degrees), labels, max_rows=300, seed=1)
    assert some.within[50] == pytest.approx(every.within[50], abs=0.03)
    assert some.between[50] == pytest.approx(every.between[50], abs=0.03)


def test_the_shipped_collection_keeps_its_classes_apart(retriever):
    collection = retriever.collection()
    started = time.perf_counter()
    measured = collection.pair_distances
    assert time.perf_counter() - started < 2  # a tenth of it where nothing else runs
    assert collection.pair_distances is measured
    assert collection.vectors.shape == (1470, 2048)
    assert np.array_equal(collection.vectors[77], collection.index.vector(77))
    assert measured.within[90] < measured.between[10]
    assert measured.nearer_within(measured.within[30]) == pytest.approx(0.3, abs=0.01)
