"""The dialog shows a neighbour beside the photo that it is nearest to, and what makes the two alike."""

import base64
import copy
import io
import json
import logging
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from examples.scenes import draw
from retrieval.collections.pair_distances import PairDistances
from retrieval.collections.photos import PROJECT
from retrieval.explain import explain, heat_image
from retrieval.images import decode
from retrieval.query import PhotoRef, Query
from retrieval.retriever import GONE
from retrieval.scale_guess import from_higher
from ui.i18n import use_language
from ui.panels.explain import ExplainDialog
from ui.render.sentences import our_fault
from ui.state import SearchState
from ui.uploads import Upload, preview_of
from ui.urls import photo_url, upload_url

HARBOR, BEACH = PhotoRef("scenes", "harbor03"), PhotoRef("scenes", "beach01")
SKIPPED = gr.skip()

LEARNED = "The network learned from these photos, so they lie nearer to their own kind than new photos do."
BRIGHT = "Bright: what makes them alike. Dark: what adds little to it."
NO_PHOTO = (
    "The photos are not on the computer that serves this page, so that what makes them alike cannot be shown "
    "on them."
)


@pytest.fixture
def dialog(retriever, brought):
    with gr.Blocks():
        return ExplainDialog(retriever, brought)


@pytest.fixture
def mine(retriever, brought):
    image = draw("river", 77)
    return brought.keep(Upload(retriever.embedder.embed([image])[0], preview_of(image)))


def asked(dialog, *stored, photos=(), name="scenes", k=5):
    query = Query(name, stored, tuple(photos), k=k)
    return SearchState(query, dialog.retriever.answer(query, dialog.uploads.vectors(photos)))


def opened(dialog, found, click, place=0, **data):
    neighbour = found.result.neighbours[place]
    return dialog.open(found, click(collection=found.result.collection.name, id=neighbour.id, **data))


def picture(url):
    head, data = url.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_it_shows_both_photos_and_how_near_they_are(dialog, click, retriever):
    found = asked(dialog, HARBOR)
    shown = opened(dialog, found, click, 1)
    neighbour, scenes = found.result.neighbours[1], retriever.collection("scenes")
    assert (shown["collection"], shown["id"]) == ("scenes", neighbour.id)
    assert shown["query"]["src"] == photo_url(scenes, scenes.row("harbor03"), "whole")
    assert (shown["query"]["caption"], shown["query"]["file"]) == ("The query", "harbor03")
    assert shown["neighbour"]["src"] == photo_url(scenes, neighbour.row, "whole")
    assert (shown["neighbour"]["caption"], shown["neighbour"]["file"]) == ("harbor", neighbour.id)
    assert shown["title"] == "Why does this look like harbor?"
    assert f"{neighbour.distance:.3f}, is usual for photos of one class" in shown["answer"]
    assert '<text class="here"' in shown["chart"]
    assert f"{neighbour.distance:.3f}" in shown["chart"]


def test_how_the_distance_ranks_is_counted_among_the_collections_pairs(dialog, click, retriever):
    scenes = retriever.collection("scenes")
    found = asked(dialog, HARBOR, k=100)
    labels = np.array([entry.label for entry in scenes.entries])
    upper = np.triu(np.ones((len(labels),) * 2, bool), 1)
    apart = np.sqrt(np.clip(2 - 2 * scenes.vectors @ scenes.vectors.T, 0, 4))
    same = labels[:, None] == labels
    for place in (0, 99):
        distance = found.result.neighbours[place].distance
        within, between = (100 * (apart[upper & side] < distance).mean() for side in (same, ~same))
        (line,) = (
            each for each in opened(dialog, found, click, place)["lines"] if "pairs of one class" in each
        )
        told = [float(each) for each in line.replace("%", "").split() if each.replace(".", "", 1).isdigit()]
        assert told == pytest.approx([within, between], abs=1.1)  # by hundredths


#: Distances of pairs of one class lie around 0.3 to 0.5, of different classes around 0.6 to 1.
APART = PairDistances(tuple(np.linspace(0.1, 0.5, 101)), tuple(np.linspace(0.6, 1.0, 101)))
MIXED = PairDistances(tuple(np.linspace(0.1, 0.9, 101)), tuple(np.linspace(0.1, 1.0, 101)))


@pytest.mark.parametrize(
    ("pairs", "distance", "answer"),
    [
        (
            APART,
            0.4,
            "Their distance, 0.400, is usual for photos of one class, and rare for photos of different",
        ),
        (
            APART,
            0.55,
            "Their distance, 0.550, is large for photos of one class, and small for photos of different",
        ),
        (
            APART,
            0.8,
            "Their distance, 0.800, is usual for photos of different classes: these two are hardly alike.",
        ),
        (
            MIXED,
            0.5,
            "Their distance, 0.500, is usual for photos of one class, and for photos of different classes",
        ),
        (replace(APART, between=()), 0.4, "Their distance is 0.400; 0 would be the same."),
        (None, 0.4, "Their distance is 0.400; 0 would be the same."),
    ],
)
def test_the_first_sentence_says_whether_the_distance_is_usual_for_one_class(
    dialog, click, pairs, distance, answer
):
    found = asked(dialog, HARBOR)
    neighbour = replace(found.result.neighbours[0], distance=distance)
    collection = copy.copy(found.result.collection)
    collection.__dict__["pair_distances"] = pairs
    result = replace(found.result, neighbours=(neighbour,), collection=collection)
    assert opened(dialog, replace(found, result=result), click)["answer"].startswith(answer)


@pytest.mark.parametrize("name", ["scenes", "ucmerced"])
def test_that_the_network_learned_from_the_photos_is_said_where_it_did(dialog, click, retriever, name):
    lines = opened(dialog, asked(dialog, HARBOR, name=name), click)["lines"]
    learned = bool(retriever.collection(name).manifest.training)
    assert (LEARNED in lines) is learned
    assert learned is (name == "ucmerced")


def test_one_goes_from_neighbour_to_neighbour_to_the_last(dialog, click, monkeypatch):
    found = asked(dialog, HARBOR)
    monkeypatch.setattr("time.time_ns", lambda: 0)  # the dialog counts how often it is opened
    places = [(shown["first"], shown["last"], shown["place"]) for shown in (
        opened(dialog, found, click, place) for place in range(5)
    )]  # fmt: skip
    assert places == [(place == 0, place == 4, f"{place + 1} of 5") for place in range(5)]
    for place in range(4):
        after = opened(dialog, found, click, place, step=1)
        assert after == opened(dialog, found, click, place + 1) | {"step": 1}
        before = opened(dialog, found, click, place + 1, step=-1)
        assert before == opened(dialog, found, click, place) | {"step": -1}
    assert opened(dialog, found, click, 4, step=1) == SKIPPED
    assert opened(dialog, found, click, 0, step=-1) == SKIPPED


def test_of_a_photo_that_is_no_neighbour_any_more_nothing_is_shown(dialog, click):
    found = asked(dialog, HARBOR)
    assert dialog.open(found, click(collection="scenes", id="etna")) == SKIPPED
    nothing = SearchState(Query("scenes"))
    assert dialog.open(nothing, click(collection="scenes", id="beach00")) == SKIPPED
    assert dialog.heat(nothing, {"id": "beach00"}) == SKIPPED
    for shown in (None, {}):
        assert dialog.heat(found, shown) == SKIPPED


def test_of_several_photos_each_neighbour_has_the_one_that_it_is_nearest_to(dialog, click, retriever, mine):
    found = asked(dialog, HARBOR, BEACH, photos=[mine], k=60)
    scenes = retriever.collection("scenes")
    vectors = {
        photo_url(scenes, scenes.row("harbor03"), "whole"): retriever.stored_vector(HARBOR),
        photo_url(scenes, scenes.row("beach01"), "whole"): retriever.stored_vector(BEACH),
        upload_url(mine): dialog.uploads.get(mine).vector,
    }
    seen = set()
    for place, neighbour in enumerate(found.result.neighbours):
        shown = opened(dialog, found, click, place)["query"]
        apart = {src: np.linalg.norm(scenes.vectors[neighbour.row] - each) for src, each in vectors.items()}
        assert apart[shown["src"]] == pytest.approx(min(apart.values()), abs=1e-3)
        seen.add(shown["src"])
        if shown["src"] == upload_url(mine):
            assert shown["caption"] == "Of your photos, the nearest to it"
    assert seen == set(vectors)


def test_a_visitors_one_photo_is_called_so(dialog, click, mine):
    assert opened(dialog, asked(dialog, photos=[mine]), click)["query"] == {
        "src": upload_url(mine),
        "alt": "The query",
        "caption": "Your photo",
        "file": "",
    }


def test_the_heat_is_that_of_the_two_photos_on_one_scale(dialog, click, retriever):
    found = asked(dialog, HARBOR)
    shown = opened(dialog, found, click)
    heat = dialog.heat(found, shown)["heat"]
    scenes = retriever.collection("scenes")
    photos = [decode(scenes.photo(row)).image for row in (scenes.row("harbor03"), scenes.row(shown["id"]))]
    made = explain(retriever.embedder, *photos)
    assert heat["id"] == shown["id"]
    assert heat["told"] == BRIGHT
    for name in ("query", "neighbour"):
        expected = np.asarray(heat_image(getattr(made, name), made.max_share)).astype(int)
        assert np.abs(picture(heat[name]).astype(int) - expected).mean() < 1


def test_the_heat_of_a_visitors_photo_is_of_what_the_network_saw_of_it(dialog, click, mine):
    found = asked(dialog, photos=[mine])
    heat = dialog.heat(found, opened(dialog, found, click))["heat"]
    assert picture(heat["query"]).shape == picture(heat["neighbour"]).shape == (64, 64, 4)


def test_the_heat_of_a_photo_that_was_looked_at_from_higher_up_is_of_that_view(
    dialog, click, brought, retriever
):
    image = draw("harbor", 41)
    vector = retriever.embedder.embed([from_higher(image, 2.0)])[0]
    found = asked(dialog, photos=[brought.keep(Upload(vector, preview_of(image), height=2.0))])
    shown = opened(dialog, found, click)
    neighbour = retriever.collection("scenes").photo_image(found.result.neighbours[0].row)
    of_the_view, as_it_is = (explain(retriever.embedder, image, neighbour, height) for height in (2.0, 1.0))
    assert found.result.neighbours[0].distance ** 2 == pytest.approx(2 - 2 * of_the_view.similarity, abs=0.02)
    heat = picture(dialog.heat(found, shown)["heat"]["query"]).astype(int)
    apart = [np.abs(heat - np.asarray(heat_image(made.query, made.max_share)).astype(int)).mean()
             for made in (of_the_view, as_it_is)]  # fmt: skip
    assert apart[0] < 3 < apart[1]


def test_without_the_photos_there_is_no_heat_and_that_is_said(dialog, click):
    found = asked(dialog, HARBOR, name="ucmerced")
    shown = opened(dialog, found, click)
    assert dialog.heat(found, shown)["heat"] == {"id": shown["id"], "told": NO_PHOTO}


def test_when_the_visitors_photo_went_the_rest_is_still_told(dialog, click, mine, clock, caplog):
    found = asked(dialog, photos=[mine])
    clock.now += 7200
    shown = opened(dialog, found, click)
    assert f"{found.result.neighbours[0].distance:.3f}" in shown["answer"]
    with caplog.at_level(logging.ERROR):
        heat = dialog.heat(found, shown)["heat"]
    assert heat == {"id": shown["id"], "told": str(GONE)}
    assert not caplog.records


def test_when_one_of_several_photos_went_the_nearest_of_the_others_is_shown(dialog, click, mine, clock):
    found = asked(dialog, HARBOR, photos=[mine])
    clock.now += 7200
    assert {opened(dialog, found, click, place)["query"]["file"] for place in range(5)} == {"harbor03"}


def test_a_fault_of_ours_is_told_without_what_it_was(dialog, click, monkeypatch, caplog):
    found = asked(dialog, HARBOR)
    shown = opened(dialog, found, click)

    def fail(*_):
        raise RuntimeError(f"secret of {PROJECT}")

    monkeypatch.setattr("ui.panels.explain.explain", fail)
    with caplog.at_level(logging.CRITICAL):
        assert dialog.heat(found, shown)["heat"] == {"id": shown["id"], "told": our_fault()}


def test_it_can_be_sent_and_names_no_folder(dialog, click, mine):
    for found in (asked(dialog, HARBOR, photos=[mine]), asked(dialog, HARBOR, name="ucmerced")):
        told = json.dumps(opened(dialog, found, click))
        assert str(PROJECT) not in told
        assert "<script" not in told


def test_markup_in_an_id_does_not_reach_the_chart(dialog, click):
    found = asked(dialog, HARBOR)
    evil = replace(found.result.neighbours[0], id="<script>")
    shown = opened(dialog, replace(found, result=replace(found.result, neighbours=[evil])), click)
    assert "<script>" not in shown["chart"]


def test_it_speaks_the_visitors_language(dialog, click):
    found = asked(dialog, HARBOR)
    with use_language("ro"):
        shown = opened(dialog, found, click)
        told = dialog.heat(found, shown)["heat"]["told"]
    assert not {"distance", "pairs", "query"} & set(" ".join([*shown["lines"], shown["title"], told]).split())
    assert told != BRIGHT
