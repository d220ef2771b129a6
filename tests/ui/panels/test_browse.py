"""A collection to look through: one photo of each class, or all of one; and its map."""

import gradio as gr
import pytest

from retrieval import Retriever
from retrieval.collections.collection import Collection
from retrieval.query import Query
from retrieval.retriever import SHIPPED_SCENES
from ui.components import embedding_map
from ui.i18n import class_name, use_language
from ui.panels.browse import BrowseTab

MINE = Query("scenes", uploads=("mine",), k=5)


@pytest.fixture(scope="module")
def tab(retriever):
    with gr.Blocks():
        return BrowseTab(retriever, "scenes")


def test_at_first_there_is_one_photo_of_each_class(tab, retriever):
    scenes = retriever.collection("scenes")
    label, line, grid, *_ = tab.show("scenes", "")
    assert label["value"] == ""
    assert line.startswith(f"One photo of each of {len(scenes.labels)} classes\\.")
    assert [tile["id"] for tile in grid["tiles"]] == [
        scenes.entries[row].id for row in scenes.first_of_classes
    ]


def test_a_class_is_shown_whole(tab, retriever):
    scenes = retriever.collection("scenes")
    label, line, grid, *_ = tab.show("scenes", "tenniscourt")
    expected = [entry.id for entry in scenes.entries if entry.label == "tenniscourt"]
    assert [tile["id"] for tile in grid["tiles"]] == expected
    assert len(expected) > 1
    assert line.startswith(f"{len(expected)} photos of the class tennis court\\.")
    assert label["value"] == "tenniscourt"
    assert grid["kind"] == "photos"


def test_every_photo_of_a_collection_can_be_come_to(tab, retriever):
    for name, collection in retriever.collections.items():
        seen = [tile["id"] for label in collection.labels for tile in tab.show(name, label)[2]["tiles"]]
        assert sorted(seen) == sorted(entry.id for entry in collection.entries)


def test_a_class_that_the_other_collection_lacks_gives_its_overview(tab, retriever):
    label, line, _, shown, _step = tab.show("ucmerced", "volcano")
    assert label["value"] == ""
    assert [value for _, value in label["choices"]] == ["", *retriever.collection("ucmerced").labels]
    assert line.startswith("One photo of each")
    assert shown["collection"] == "ucmerced"


def test_the_map_says_which_collection_and_how_its_classes_are_called(retriever):
    scenes, missing = retriever.collection("scenes"), retriever.collection("ucmerced")
    assert embedding_map.whole(scenes) == {
        "collection": "scenes",
        "labels": {label: class_name(label) for label in scenes.labels},
        "preview": "",
    }
    assert embedding_map.whole(missing)["preview"] == "en"  # previews have writing on them
    with use_language("ro"):
        assert embedding_map.whole(missing)["preview"] == "ro"


def test_without_a_map_a_result_has_no_place(retriever):
    collection = Collection(SHIPPED_SCENES)
    mapless = Retriever(retriever.embedder, [collection])
    uploads = {"mine": collection.index.vector(3)}
    assert {"query", "rows"} <= set(embedding_map.around(mapless.answer(MINE, uploads)))
    collection.coordinates = None
    assert not {"query", "rows"} & set(embedding_map.around(mapless.answer(MINE, uploads)))


def test_neither_has_a_result_that_was_asked_for_without_its_surroundings(retriever):
    result = retriever.search_vector(retriever.collection("scenes").index.vector(3), 3, "scenes")
    assert not {"query", "rows"} & set(embedding_map.around(result))


def test_the_query_lies_on_the_map_between_its_neighbours(retriever):
    scenes = retriever.collection("scenes")
    for row in range(0, 252, 20):
        value = embedding_map.around(retriever.answer(MINE, {"mine": scenes.index.vector(row)}))
        x, y = value["query"]
        assert 0 <= x <= 1
        assert 0 <= y <= 1
        assert len(value["rows"]) == 5
