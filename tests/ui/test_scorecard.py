"""The figures of 'Accuracy and limits' as HTML: their order, escaping, and manifests that lack things."""

import copy
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from retrieval.collections.artifacts import read_manifest
from retrieval.collections.evaluation import Confusion, ProtocolResult
from retrieval.retriever import SHIPPED
from ui.i18n import gettext as _
from ui.render.scorecard import MEASURES, origin, scorecard, training_list
from ui.render.tables import class_bars, confused_pairs, heat_map

OVERALL = {"P@1": 0.981, "P@10": 0.97, "mAP": 0.9654, "ANMRR": 0.0123}
CONFUSION = {
    "labels": ["beach", "denseresidential", "river"],
    "columns": ["beach", "denseresidential", "mediumresidential", "river"],
    "counts": [[15, 0, 0, 0], [0, 11, 4, 0], [1, 0, 0, 14]],
}


def measured(per_class):
    return {
        "queries": 45,
        "gallery": 1470,
        "overall": OVERALL,
        "intervals": {name: [value - 0.01, value + 0.01] for name, value in OVERALL.items()},
        "per_class": {label: OVERALL | {"mAP": value} for label, value in per_class.items()},
        "confusion": copy.deepcopy(CONFUSION),
    }


@pytest.fixture
def results():
    """Made-up figures, in the shape that the evaluation writes."""
    shift = measured({"beach": 0.4, "river": 0.1})
    shift["overall"] = OVERALL | {"P@1": 0.564}
    test = measured({"beach": 1.0, "denseresidential": 0.6, "river": 0.8})
    return {
        "protocols": {"test-train": test, "test-test": copy.deepcopy(test), "shift-train": shift},
        "initial": {"test-train": {"overall": OVERALL | {"P@1": 0.911}}},
    }


@pytest.fixture
def manifest(results):
    return replace(read_manifest(SHIPPED), results=results, training={"seed": 7, "recipe": {"margin": 0.3}})


def text(markup):
    """What a reader gets: the elements closed in their order, their tags gone."""
    tree = ElementTree.fromstring(markup.replace("class=wide", 'class="wide"'))
    return " ".join(" ".join(tree.itertext()).split())


def test_the_headline_is_a_sentence_with_its_interval_and_the_figure_before_training(manifest):
    read = text(scorecard(manifest))
    assert "98.1 % of 45 photos that the model never saw find a photo of their own kind first" in read
    assert "95 % interval 88.4\u201399.6" in read
    assert "before training 91.1 %" in read
    assert "56.4 % of 45 photos of another data set" in read


def test_each_measure_is_there_for_each_protocol_and_explained(manifest):
    read = text(scorecard(manifest))
    table = scorecard(manifest).split("<table")[1].split("</table>")[0]
    assert table.count("<b>0.965</b>") == table.count("<b>0.012</b>") == 3
    assert all(_(meaning) in read for meaning in MEASURES.values())


def test_each_figure_stands_under_its_protocol_in_whatever_order_the_manifest_has_them(manifest, results):
    usual = scorecard(manifest)
    reverse = dict(reversed(results["protocols"].items()))
    assert list(reverse) != list(results["protocols"])
    assert scorecard(replace(manifest, results=results | {"protocols": reverse})) == usual


def test_without_results_the_tab_says_so_in_one_sentence(manifest):
    assert text(scorecard(replace(manifest, results={}))) == (
        "How well UC Merced Land Use is searched has not been measured yet."
    )


@pytest.mark.parametrize("missing", ["test-train", "test-test", "shift-train"])
def test_a_protocol_may_be_missing(manifest, results, missing):
    del results["protocols"][missing]
    assert "98.1 %" in text(scorecard(manifest))


def test_intervals_and_the_initial_weights_may_be_missing(manifest, results):
    del results["initial"]
    for measures in results["protocols"].values():
        del measures["intervals"]
    read = text(scorecard(replace(manifest, results=results)))
    assert "98.1 %" in read
    assert "95 % interval" not in read
    assert "before training" not in read


@pytest.mark.parametrize(
    "spoil",
    [
        lambda results: results["protocols"].update({"test-train": None, "shift-train": 3}),
        lambda results: results["protocols"]["test-train"].pop("overall"),
        lambda results: results["protocols"]["test-train"]["overall"].update({"P@1": "98"}),
        lambda results: results["protocols"]["test-train"]["confusion"]["counts"].pop(),
    ],
)
def test_results_that_cannot_be_read_are_one_sentence_and_no_failure(manifest, results, spoil):
    broken = copy.deepcopy(results)
    spoil(broken)
    read = text(scorecard(replace(manifest, results=broken)))
    assert read == "The figures of UC Merced Land Use cannot be read at the moment."


def test_initial_weights_are_called_so(manifest):
    warned = scorecard(replace(manifest, training={"trained": False}))
    assert "not been trained on aerial photos yet" in warned
    assert "not been trained on aerial photos yet" not in scorecard(manifest)


def test_whatever_a_manifest_says_stays_text(manifest, results):
    evil = "<img src=x onerror=alert(1)>${alert(2)}{{3}}\"'"
    results["protocols"]["test-train"]["per_class"][evil] = OVERALL
    for key in ("labels", "columns"):
        results["protocols"]["test-train"]["confusion"][key][0] = evil
    spoiled = replace(manifest, title=evil, training={evil: evil}, licences={"data": evil})
    for markup in (scorecard(spoiled), scorecard(replace(spoiled, results={})), origin(spoiled)):
        assert "<img" not in markup
        assert "${" not in markup
        assert "{{" not in markup
        assert evil in text(markup)


def test_nothing_is_asked_of_another_server(manifest):
    assert not re.search(r"https?:|url\(|src=|<script|<link", scorecard(manifest))


def test_the_weakest_class_is_first_and_its_bar_is_as_long_as_its_figure(results):
    bars = class_bars(ProtocolResult.from_dict(results["protocols"]["test-train"]), "Test photos")
    assert re.findall(r'<th scope="row">([^<]+)', bars) == ["dense residential", "river", "beach"]
    assert re.findall(r"width:([\d.]+)%", bars) == ["60.0", "80.0", "100.0"]


def test_the_confusions_are_listed_most_often_first():
    table = confused_pairs(Confusion.from_dict(CONFUSION), "Test photos")
    shown = re.sub("<[^>]+>", " ", table).replace("  ", " ")
    first, second = "dense residential medium residential 4 of 15", "river beach 1 of 15"
    assert 0 < shown.index(first) < shown.index(second)
    assert shown.count(" of 15") == 2


def test_a_long_list_of_confusions_says_how_many_it_leaves_out():
    classes = [f"class{number:02d}" for number in range(12)]
    counts = [[4 if x == y else 1 if x == y + 1 else 0 for x in range(12)] for y in range(12)]
    confusion = Confusion.from_dict({"labels": classes, "columns": classes, "counts": counts})
    shown = confused_pairs(confusion, "Test photos")
    assert shown.count("1 of 5") == 8
    assert "And 3 in other pairs" in shown


def test_no_confusions_are_said_in_words():
    perfect = Confusion(("beach",), ("beach",), ((15,),))
    assert (
        confused_pairs(perfect, "Test photos")
        == "<p>Test photos: no first neighbour is of another class.</p>"
    )


def test_the_heat_map_has_a_cell_for_each_pair_and_says_what_it_shows():
    figure = ElementTree.fromstring(heat_map(Confusion.from_dict(CONFUSION)))
    svg = figure.find("svg")
    assert svg.get("role") == "img"
    assert "45 test photos: 40 are of the photo's own class, 5 are of another" in svg.get("aria-label")
    kinds = [cell.get("class") for cell in svg.findall("rect")]
    assert {kind: kinds.count(kind) for kind in kinds} == {"right": 3, "wrong": 2, "none": 7}
    assert [mark.text for mark in svg.findall("text") if mark.get("class") == "on"] == ["4", "1"]


def test_the_training_is_listed_with_what_is_nested_in_it():
    listed = text(training_list({"seed": 7, "trained": True, "validation": {"mAP": 0.9}, "views": [1, 8]}))
    assert listed == "seed 7 trained yes validation mAP 0.9 views 1, 8"
    assert text(training_list({})) == "Nothing is known of it."
    runs = [{"seed": 1, "command": "python -m train fit a", "sha256": "0" * 64}, {"seed": 2}]
    listed = text(training_list({"size": 224, "mean_of": runs}))
    assert listed == "size 224 mean of 2 runs run 1: seed 1 run 2: seed 2"


def test_of_the_training_no_command_and_no_path_is_told():
    listed = text(training_list({"command": "python -m train fit", "init": "../weights/a.bin", "seed": 7}))
    assert listed == "seed 7"
