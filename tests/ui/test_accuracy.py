"""The tab 'Accuracy and limits': three sentences of what was measured, then the figures, then the reasons."""

import logging
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.ui.test_scorecard import measured
from ui.i18n import LANGUAGES, use_language
from ui.render.accuracy import accuracy, in_short


def with_results(retriever, results):
    real = retriever.collection()
    return SimpleNamespace(
        manifest=replace(real.manifest, results=results),
        labels=real.labels,
        has_classes=real.has_classes,
        calibration=real.calibration,
        pair_distances=real.pair_distances,
    )


def shares(home, elsewhere):
    protocols = {}
    for name, share in (("test-train", home), ("shift-train", elsewhere)):
        protocols[name] = measured({"beach": 0.4, "river": 0.1})
        protocols[name]["overall"] = protocols[name]["overall"] | {"P@1": share}
    return {"protocols": protocols}


def test_it_begins_with_three_sentences_then_figures_then_reasons_then_training(retriever):
    tab = accuracy(retriever.collection())
    places = [
        tab.index(each) for each in ("in-short", 'id="scorecard"', 'id="reasons"', "How it was trained")
    ]
    assert places == sorted(places)
    assert tab[: places[1]].count("<p>") == 3


def test_the_sentences_say_what_was_measured(retriever):
    protocols = retriever.collection().manifest.results["protocols"]
    home, elsewhere, _ = in_short(retriever.collection())
    for sentence, name in ((home, "test-train"), (elsewhere, "shift-train")):
        assert f"{round(100 * protocols[name]['overall']['P@1'])} times in 100" in sentence
        assert f"{protocols[name]['queries']} photos" in sentence


@pytest.mark.parametrize(
    ("share", "times"), [(0.682, "68 times"), (0.997, "99 times"), (1.0, "100 times"), (0.0, "0 times")]
)
def test_a_hundred_in_a_hundred_is_said_of_no_less(retriever, share, times):
    home, elsewhere, _ = in_short(with_results(retriever, shares(share, share)))
    assert times in home
    assert times in elsewhere


def test_what_was_not_measured_is_said_so(retriever, caplog):
    home, elsewhere, believe = in_short(with_results(retriever, {}))
    assert "not been measured" in home
    assert "not been measured" in elsewhere
    assert believe.startswith("Do not believe")
    assert not caplog.records


def test_results_that_cannot_be_read_leave_the_page_standing(retriever, caplog):
    with caplog.at_level(logging.CRITICAL):
        tab = accuracy(with_results(retriever, {"protocols": {"test-train": {"overall": 7}}}))
    assert "has not been measured yet" in tab
    assert tab.count("<section>") >= 6


def test_paths_and_commands_of_the_project_are_out_of_it(retriever):
    for language in LANGUAGES:
        with use_language(language):
            told = re.sub("<[^>]+>", " ", accuracy(retriever.collection()))
        assert not re.search(r"\.\./|python -m|make [a-z]+\b|\.json|\.py\b|\bdocs\b|safetensors", told)
