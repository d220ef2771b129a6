"""The metrics against their definitions, spelled out in loops, and against another library."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from scipy.stats import binomtest

from train.evaluate.metrics import (
    DEPTHS,
    METRICS,
    compute_metrics,
    expand_queries,
    l2_normalize,
    nmrr,
    ranking,
)

CLASSES = ("beach", "forest", "river")

#: Unit vectors whose products are exact in any order of summing: where they tie, they tie to the last bit.
EXACT = [
    np.array([sign / 2 if place in places else 0 for place in range(6)], np.float32) * flips
    for places in ((0, 1, 2, 3), (2, 3, 4, 5), (0, 2, 4, 5))
    for sign in (1, -1)
    for flips in (np.ones(6, np.float32), np.array([1, -1, 1, -1, 1, -1], np.float32))
]


def ranks_of_own_class(query, label, gallery, gallery_labels, own_row=None):
    """The ranks, from 1, at which images of the query's class come, written from the definition."""
    rows = [row for row in range(len(gallery)) if row != own_row]
    rows.sort(key=lambda row: (math.dist(query.tolist(), gallery[row].tolist()), row))
    return [rank for rank, row in enumerate(rows, 1) if gallery_labels[row] == label], len(rows)


def by_definition(ranks, images):
    """The metrics of one query, from the ranks of its own class among so many images."""
    metrics = {}
    for k in DEPTHS:
        among = sum(rank <= k for rank in ranks)
        metrics[f"P@{k}"] = among / min(k, images)
        metrics[f"R@{k}"] = float(among > 0)
    metrics["mAP"] = sum(number / rank for number, rank in enumerate(ranks, 1)) / len(ranks)
    relevant = len(ranks)
    window = 2 * relevant
    average_rank = sum(rank if rank <= window else 1.25 * window for rank in ranks) / relevant
    modified = average_rank - 0.5 - relevant / 2
    metrics["ANMRR"] = modified / (1.25 * window - 0.5 - relevant / 2)
    return metrics


def averages(queries, labels, gallery, gallery_labels, same):
    each = [
        by_definition(*ranks_of_own_class(query, label, gallery, gallery_labels, row if same else None))
        for row, (query, label) in enumerate(zip(queries, labels, strict=True))
    ]
    return {name: sum(metrics[name] for metrics in each) / len(each) for name in METRICS}


def random_vectors(count, seed, dimension=32):
    return l2_normalize(np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32))


def random_labels(count, seed):
    return np.random.default_rng(seed).permutation(np.resize(CLASSES, count)).tolist()


@st.composite
def labelled(draw, least):
    """Vectors with many ties and duplicates, and their classes."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, len(EXACT) - 1), st.sampled_from(CLASSES)), min_size=least, max_size=70
        )
    )
    return np.stack([EXACT[number] for number, _ in rows]), [label for _, label in rows]


@settings(deadline=None, max_examples=60)
@given(queries=labelled(1), gallery=labelled(1))
def test_overall_and_per_class_are_what_the_definitions_say(queries, gallery):
    assume(set(queries[1]) <= set(gallery[1]))
    metrics = compute_metrics(*queries, *gallery, resamples=10)
    assert metrics["overall"] == pytest.approx(averages(*queries, *gallery, False), abs=2e-6)
    assert (metrics["queries"], metrics["gallery"]) == (len(queries[1]), len(gallery[1]))
    assert set(metrics["per_class"]) == set(queries[1])
    for label, of_class in metrics["per_class"].items():
        mine = np.array(queries[1]) == label
        expected = averages(queries[0][mine], [label] * int(mine.sum()), *gallery, False)
        assert of_class == pytest.approx(expected, abs=2e-6)


@settings(deadline=None, max_examples=60)
@given(images=labelled(2))
def test_among_themselves_no_image_finds_itself_but_does_find_its_duplicates(images):
    vectors, labels = images
    assume(min(labels.count(label) for label in labels) > 1)
    metrics = compute_metrics(vectors, labels, vectors, labels, exclude_self=True, resamples=10)
    assert metrics["overall"] == pytest.approx(averages(*images, *images, True), abs=2e-6)
    order = ranking(vectors, vectors, exclude_self=True)
    for row in range(len(labels)):
        assert sorted([row, *order[row].tolist()]) == list(range(len(labels)))


@pytest.mark.parametrize("same", [False, True])
def test_random_vectors_of_many_features_agree_with_the_definitions(same):
    gallery, labels = random_vectors(150, 1), random_labels(150, 2)
    queries, asked = (gallery, labels) if same else (random_vectors(40, 3), random_labels(40, 4))
    found = compute_metrics(queries, asked, gallery, labels, exclude_self=same)["overall"]
    assert found == pytest.approx(averages(queries, asked, gallery, labels, same), abs=2e-6)


@pytest.mark.parametrize("same", [False, True])
def test_another_library_agrees(same):
    gallery, labels = random_vectors(90, 5), random_labels(90, 6)
    queries, asked = (gallery, labels) if same else (random_vectors(30, 7), random_labels(30, 8))
    numbers = [np.array([CLASSES.index(label) for label in names]) for names in (asked, labels)]
    theirs = AccuracyCalculator(include=("precision_at_1", "mean_average_precision")).get_accuracy(
        queries, numbers[0], gallery, numbers[1], ref_includes_query=same
    )
    ours = compute_metrics(queries, asked, gallery, labels, exclude_self=same)["overall"]
    assert ours["P@1"] == pytest.approx(theirs["precision_at_1"], abs=1e-6)
    assert ours["mAP"] == pytest.approx(theirs["mean_average_precision"], abs=1e-5)


@pytest.mark.parametrize("count", [11, 33, 1470])
def test_duplicates_stay_in_their_order_whatever_the_matrix_product_rounds(count):
    gallery = random_vectors(count, 9, 2048)
    gallery[-3:] = gallery[:3]
    for queries in (random_vectors(1, 10, 2048), random_vectors(5, 11, 2048)):
        places = np.argsort(ranking(queries, gallery), axis=1)
        assert np.array_equal(places[:, -3:], places[:, :3] + 1)


@pytest.mark.parametrize(
    ("relevant", "expected"),
    [
        ("110000", 0),  # all of its class first
        ("000011", 1),  # none among the first K = 4
        ("010100", (3 - 1.5) / (5 - 1.5)),  # ranks 2 and 4
        ("100010", (3 - 1.5) / (5 - 1.5)),  # ranks 1 and 5, which is beyond K and counts as 5
        ("010000", (2 - 1) / (2.5 - 1)),  # a single one
    ],
)
def test_nmrr_of_rankings_worked_out_by_hand(relevant, expected):
    assert nmrr(np.array([[letter == "1" for letter in relevant]])) == pytest.approx([expected])


def test_the_confusion_counts_first_neighbours():
    gallery, gallery_labels = np.eye(3, dtype=np.float32), ["beach", "forest", "river"]
    queries, labels = gallery[[0, 0, 1, 2, 2]], ["forest", "beach", "forest", "beach", "beach"]
    assert compute_metrics(queries, labels, gallery, gallery_labels)["confusion"] == {
        "labels": ["beach", "forest"],
        "columns": ["beach", "forest", "river"],
        "counts": [[1, 0, 2], [1, 1, 0]],
    }


def test_intervals_of_means_are_as_wide_as_those_of_the_normal_distribution():
    queries, asked = random_vectors(400, 12), random_labels(400, 13)
    gallery, labels = random_vectors(60, 14), random_labels(60, 15)
    metrics = compute_metrics(queries, asked, gallery, labels, resamples=4000)
    each = [
        by_definition(*ranks_of_own_class(query, label, gallery, labels))
        for query, label in zip(queries, asked, strict=True)
    ]
    for name in ("P@5", "P@50", "mAP", "ANMRR"):
        half = 1.96 * np.std([of_one[name] for of_one in each]) / math.sqrt(400)
        mean = metrics["overall"][name]
        assert metrics["intervals"][name] == pytest.approx([mean - half, mean + half], abs=half / 10)
    assert list(metrics["intervals"]) == list(metrics["overall"]) == list(METRICS)


def test_intervals_of_proportions_follow_from_the_counts():
    data = random_vectors(400, 12), random_labels(400, 13), random_vectors(60, 14), random_labels(60, 15)
    metrics = compute_metrics(*data, resamples=10)
    for name in ("P@1", "R@1", "R@5", "R@10", "R@50"):
        count = round(400 * metrics["overall"][name])
        interval = binomtest(count, 400).proportion_ci(method="wilson")
        assert metrics["intervals"][name] == pytest.approx([interval.low, interval.high], abs=1e-6)


def test_all_right_is_not_certainly_right():
    queries = np.repeat(np.eye(3, dtype=np.float32), 7, axis=0)
    labels = [label for label in CLASSES for _ in range(7)]
    metrics = compute_metrics(queries, labels, np.eye(3, dtype=np.float32), list(CLASSES))
    assert metrics["overall"]["P@1"] == 1
    assert metrics["intervals"]["P@1"] == [pytest.approx(0.845361, abs=1e-6), 1.0]


def test_the_seed_decides_the_intervals_and_nothing_else():
    data = random_vectors(50, 16), random_labels(50, 17), random_vectors(60, 18), random_labels(60, 19)
    first, again, other = (compute_metrics(*data, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first["intervals"] != other["intervals"]
    assert first["overall"] == other["overall"]


def test_an_expanded_query_is_the_mean_direction_of_itself_and_its_nearest():
    gallery = random_vectors(20, 20)
    query = random_vectors(1, 21)
    nearest = sorted(range(20), key=lambda row: math.dist(query[0].tolist(), gallery[row].tolist()))[:3]
    total = query[0] + gallery[nearest[0]] + gallery[nearest[1]] + gallery[nearest[2]]
    assert expand_queries(query, gallery, 3)[0] == pytest.approx(total / np.linalg.norm(total), abs=1e-6)
    assert np.array_equal(expand_queries(query, gallery, 0), query)
    assert np.allclose(
        expand_queries(query, gallery, 99), l2_normalize(query + gallery.sum(axis=0)), atol=1e-6
    )


def test_a_query_is_not_expanded_with_itself():
    pair = np.array([[1, 0], [0.6, 0.8]], np.float32)
    middle = l2_normalize(pair.sum(axis=0, keepdims=True))
    assert np.allclose(expand_queries(pair, pair, 1, exclude_self=True), middle)
    assert np.allclose(expand_queries(pair, pair, 1), pair)
    assert expand_queries(np.repeat(pair, 2, axis=0), pair, 1).dtype == np.float32


TWO = np.eye(2, dtype=np.float32)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((TWO, ["beach"], TWO, ["beach", "river"]), "queries need a row and a label each"),
        ((TWO, ["beach", "river"], TWO[:0], []), "gallery need a row and a label each"),
        ((TWO, ["beach", "river"], TWO * 2, ["beach", "river"]), "gallery have to be of unit length"),
        ((TWO, ["beach", "river"], TWO, ["beach", "forest"]), "no image of the class 'river'"),
    ],
)
def test_what_cannot_be_measured_is_said(arguments, words):
    with pytest.raises(ValueError, match=words):
        compute_metrics(*arguments)


def test_a_class_of_one_image_cannot_be_measured_against_itself():
    with pytest.raises(ValueError, match="no other image of the class 'beach'"):
        compute_metrics(TWO, ["beach", "river"], TWO, ["beach", "river"], exclude_self=True)
    with pytest.raises(ValueError, match="not the images of the gallery"):
        compute_metrics(TWO, ["beach", "river"], TWO, ["river", "beach"], exclude_self=True)
