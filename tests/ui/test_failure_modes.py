"""Why results look wrong: every reason is there, with the figures of the manifest where there are any."""

import copy
import logging
from dataclasses import replace
from types import SimpleNamespace

import pytest

from retrieval.collections.calibration import Calibration
from retrieval.collections.pair_distances import PairDistances
from tests.ui.test_scorecard import measured
from ui.i18n import use_language
from ui.render.failure_modes import failure_modes
from ui.render.scorecard import scorecard

NAMES = ("alike", "other", "elsewhere", "scale", "several", "mixed")
WHAT_TO_DO = "What you can do:"


def collection_of(retriever, results, **fields):
    real = retriever.collection()
    usual = {name: getattr(real, name) for name in ("labels", "has_classes", "calibration", "pair_distances")}
    return SimpleNamespace(manifest=replace(real.manifest, results=results), **(usual | fields))


def test_every_reason_says_what_happens_and_what_to_do(retriever):
    for collection in retriever.collections.values():
        told = failure_modes(collection)
        assert told.count("<section>") == told.count("</section>") == len(NAMES)
        assert told.count(f"<b>{WHAT_TO_DO}</b>") == len(NAMES)


def test_the_figures_are_those_of_the_manifest(retriever):
    collection = retriever.collection()
    told = failure_modes(collection)
    test = collection.manifest.results["protocols"]["test-train"]
    wrong = round((1 - test["overall"]["P@1"]) * test["queries"])
    assert f"Of {test['queries']} test photos, {wrong} find a photo of another class first." in told
    weakest = min(test["per_class"], key=lambda label: test["per_class"][label]["mAP"])
    assert f"{test['per_class'][weakest]['mAP']:.3f}" in told
    assert f"From a distance of {collection.calibration.threshold:.2f} on" in told
    assert f"within {collection.pair_distances.within[50]:.2f} of each other" in told


def test_what_was_not_measured_has_no_figures(retriever):
    bare = collection_of(retriever, {}, calibration=None, pair_distances=None)
    told = failure_modes(bare)
    assert told.count("<section>") == len(NAMES)
    assert 'class="measured"' not in told
    assert "<table" not in told


def test_the_weakest_of_another_data_set_are_named(retriever):
    shift = measured({"beach": 0.4, "river": 0.1, "forest": 0.9})
    for label, value in (("beach", 0.31), ("river", 0.12), ("forest", 0.93)):
        shift["per_class"][label]["P@1"] = value
    protocols = {"test-train": measured({"beach": 0.4, "river": 0.1}), "shift-train": shift}
    told = failure_modes(collection_of(retriever, {"protocols": protocols}))
    assert "Weakest there: river 12.0 %, beach 31.0 %" in told


def test_results_that_make_no_sense_leave_the_reasons_without_figures(retriever, caplog):
    with caplog.at_level(logging.CRITICAL):
        told = failure_modes(collection_of(retriever, {"protocols": {"test-train": {"confusion": 7}}}))
    assert told.count("<section>") == len(NAMES)
    assert 'class="measured"' not in told


def test_results_without_a_confusion_matrix_lose_only_what_is_counted_from_it(retriever, caplog):
    results = copy.deepcopy(retriever.collection("ucmerced").manifest.results)
    whole = failure_modes(collection_of(retriever, results))
    del results["protocols"]["test-train"]["confusion"]
    text = failure_modes(collection_of(retriever, results))
    assert not caplog.records
    assert "find a photo of another class first" in whole
    assert "find a photo of another class first" not in text
    assert "mean average precision of" in text


def test_markup_in_a_class_stays_text(retriever):
    evil = '<img src=x>&"{{x}}'
    protocols = {"test-train": measured({evil: 0.1, "river": 0.4}), "shift-train": measured({evil: 0.1})}
    told = failure_modes(collection_of(retriever, {"protocols": protocols}))
    assert "<img" not in told
    assert "{{" not in told
    assert "&lt;img src=x&gt;" in told


def test_of_one_class_no_pairs_are_compared(retriever):
    pairs = PairDistances((0.1,) * 101, ())
    told = failure_modes(
        collection_of(retriever, {}, pair_distances=pairs, calibration=Calibration("v", 9, (0.4,) * 101))
    )
    assert "nine in ten" not in told
    assert "From a distance of 0.40 on" in told


@pytest.mark.parametrize("page", [lambda each: failure_modes(each), lambda each: scorecard(each.manifest)])
def test_it_speaks_the_visitors_language(retriever, page):
    english = page(retriever.collection())
    with use_language("ro"):
        assert page(retriever.collection()) != english
    with use_language("ro"):
        assert WHAT_TO_DO not in page(retriever.collection())
