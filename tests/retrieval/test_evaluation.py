"""An evaluation is read from its JSON, and says which classes are confused."""

import json
import math

import pytest

from retrieval.collections.artifacts import read_manifest
from retrieval.collections.evaluation import ConfusedPair, Confusion, Evaluation, ProtocolResult
from retrieval.proportions import wilson_interval
from retrieval.retriever import SHIPPED

CONFUSION = {
    "labels": ["beach", "forest", "river"],
    "columns": ["beach", "forest", "pond", "river"],
    "counts": [[5, 0, 0, 0], [1, 4, 0, 2], [2, 0, 3, 6]],
}
RESULT = {"queries": 23, "gallery": 40, "overall": {"P@1": 0.5}, "confusion": CONFUSION}


def test_confused_pairs_come_with_the_most_frequent_first():
    assert Confusion.from_dict(CONFUSION).pairs() == [
        ConfusedPair("river", "pond", 3, 11),
        ConfusedPair("forest", "river", 2, 7),
        ConfusedPair("river", "beach", 2, 11),
        ConfusedPair("forest", "beach", 1, 7),
    ]


def test_confused_pairs_can_be_ordered_by_their_share_of_the_class():
    pairs = Confusion.from_dict(CONFUSION).pairs(by_share=True)
    assert [(pair.query, pair.neighbour) for pair in pairs] == [
        ("forest", "river"), ("river", "pond"), ("river", "beach"), ("forest", "beach"),
    ]  # fmt: skip


def test_first_neighbours_are_counted_and_come_back_from_json():
    queries = ["river", "beach", "river", "river"]
    confusion = Confusion.count(queries, ["pond", "beach", "river", "pond"], ["beach", "pond", "river"])
    assert confusion.labels == ("beach", "river")
    assert confusion.counts == ((1, 0, 0), (0, 2, 1))
    assert Confusion.from_dict(json.loads(json.dumps(confusion.to_dict()))) == confusion


def test_the_results_of_the_shipped_manifest_are_read():
    results = read_manifest(SHIPPED).results
    evaluation = Evaluation.from_dict(results)
    assert list(evaluation.protocols) == list(results["protocols"])
    for name, result in evaluation.protocols.items():
        assert result.overall == results["protocols"][name]["overall"]
        assert sum(sum(row) for row in result.confusion.counts) == result.queries
        assert evaluation.initial[name] == results["initial"][name]["overall"]
    test = evaluation.protocols["test-train"]
    wrong = sum(pair.count for pair in test.confused_pairs())
    assert test.overall["P@1"] == pytest.approx(1 - wrong / test.queries, abs=1e-6)
    values = [test.per_class[label]["mAP"] for label in test.weakest_classes("mAP")]
    assert values == sorted(values)
    assert len(values) == 21


def test_what_was_not_measured_is_left_out():
    assert Evaluation.from_dict({}).protocols == {}
    bare = ProtocolResult.from_dict({"queries": 3, "gallery": 9, "overall": {"mAP": 1}})
    assert (bare.intervals, bare.per_class, bare.confusion) == ({}, {}, None)
    with pytest.raises(ValueError, match="no confusion matrix"):
        bare.confused_pairs()


def test_the_intervals_of_proportions_follow_from_the_counts_whatever_was_stored():
    stored = {"P@1": [0.4, 0.6], "P@5": [0.4, 0.6], "R@10": [1.0, 1.0], "mAP": [0.1, 0.2]}
    fields = {"queries": 21, "gallery": 40, "overall": dict.fromkeys(stored, 1.0), "intervals": stored}
    intervals = ProtocolResult.from_dict(fields).intervals
    assert intervals["P@1"] == intervals["R@10"] == wilson_interval(21, 21)
    assert intervals["P@1"][0] == pytest.approx(0.845, abs=0.001)
    assert (intervals["P@5"], intervals["mAP"]) == ((0.4, 0.6), (0.1, 0.2))


def test_a_share_that_was_rounded_gives_its_count():
    for queries in (315, 720, 99_991):
        count = queries // 3
        fields = {"queries": queries, "gallery": 40, "overall": {"P@1": round(count / queries, 6)}}
        read = ProtocolResult.from_dict(fields | {"intervals": {"P@1": [0, 1]}})
        assert read.intervals["P@1"] == wilson_interval(count, queries)


@pytest.mark.parametrize(
    "change",
    [
        {"overall": {"P@1": "0.5"}},
        {"queries": None},
        {"confusion": 7},
        {"confusion": CONFUSION | {"counts": [[1, 2, 3, 4]]}},
        {"per_class": {"beach": None}},
        {"overall": {"P@1": math.nan}, "intervals": {"P@1": [0, 1]}},
        {"overall": {"P@1": 1.5}, "intervals": {"P@1": [0, 1]}},
        {"overall": {}, "intervals": {"P@1": [0, 1]}},
        {"queries": 10**400, "intervals": {"P@1": [0, 1]}},
        {"queries": 0, "intervals": {"P@1": [0, 1]}},
    ],
)
def test_what_is_no_evaluation_is_an_error(change):
    with pytest.raises(ValueError):
        Evaluation.from_dict({"protocols": {"test-train": RESULT | change}})
    with pytest.raises(ValueError):
        Evaluation.from_dict({"protocols": {"test-train": None}})
