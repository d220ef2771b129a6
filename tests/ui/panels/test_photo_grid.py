"""A grid has a tile for each photo, with the distance first, and addresses that name no folder."""

import json
from types import SimpleNamespace

import pytest

from retrieval import Neighbour, SearchResult
from retrieval.collections.photos import PROJECT
from retrieval.query import PhotoRef, Query
from ui.components import photo_grid
from ui.i18n import use_language
from ui.urls import photo_url


@pytest.fixture(scope="module")
def result(retriever):
    return retriever.search_vector(retriever.collection("scenes").index.vector(40), 6, "scenes")


def test_an_answer_has_a_tile_for_each_neighbour_nearest_first(result):
    value = photo_grid.answer(result)
    assert value["kind"] == "answer"
    assert len(value["tiles"]) == len(result.neighbours) == 6
    for tile, neighbour in zip(value["tiles"], result.neighbours, strict=True):
        assert (tile["collection"], tile["id"]) == ("scenes", neighbour.id)
        assert tile["distance"] == f"{neighbour.distance:.3f}"
        assert tile["small"] == photo_url(result.collection, neighbour.row)
        assert tile["alt"] == f"{tile['label']}, distance {tile['distance']}"
        assert tile["mark"] == ""


def test_what_was_marked_is_marked_in_the_grid(result):
    first, second, *_ = (PhotoRef("scenes", each.id) for each in result.neighbours)
    query = Query("scenes", relevant=(second,), irrelevant=(first, PhotoRef("ucmerced", second.id)))
    marks = [tile["mark"] for tile in photo_grid.answer(result, query)["tiles"]]
    assert marks == ["wrong", "right", "", "", "", ""]


def test_photos_to_start_from_have_neither_distances_nor_marks(retriever):
    scenes = retriever.collection("scenes")
    value = photo_grid.photos(scenes, [5, 3], "Two photos")
    assert (value["kind"], value["name"]) == ("photos", "Two photos")
    assert [tile["id"] for tile in value["tiles"]] == [scenes.entries[row].id for row in (5, 3)]
    assert not any({"distance", "mark"} & set(tile) for tile in value["tiles"])
    assert value["tiles"][0]["alt"] == f"{value['tiles'][0]['label']}, {scenes.entries[5].id}"


def test_classes_are_named_in_the_visitors_language(result):
    english = photo_grid.answer(result)["tiles"]
    with use_language("ro"):
        romanian = photo_grid.answer(result)["tiles"]
    assert [tile["id"] for tile in english] == [tile["id"] for tile in romanian]
    assert not {tile["label"] for tile in english} & {tile["label"] for tile in romanian}
    assert all("distance" not in tile["alt"] for tile in romanian)


def test_a_grid_can_be_sent_and_names_no_folder(result, retriever):
    told = json.dumps([photo_grid.answer(result), photo_grid.photos(retriever.collection(), [0], "")])
    assert str(PROJECT) not in told
    assert "/home" not in told


def test_markup_in_an_id_stays_out_of_addresses_and_is_sent_as_it_is(retriever):
    evil = '"><script>alert(1)</script>'
    entry = SimpleNamespace(id=evil, label=evil, file="x.png", sha256="0" * 64)
    collection = SimpleNamespace(
        name="made",
        entries=[entry],
        photo=lambda row: None,
        label_of=lambda row: evil,
        pair_distances=None,
        has_classes=True,
    )
    result = SearchResult(collection, [Neighbour(evil, evil, 0.5, None, 0)], None)
    (tile,) = photo_grid.answer(result)["tiles"]
    assert tile["id"] == tile["label"] == evil  # the script makes text of it
    assert not set(tile["small"]) & set("\"'<> ")


def test_an_event_tells_of_a_photo(click):
    assert photo_grid.clicked_photo(click(collection="scenes", id="beach00")) == PhotoRef("scenes", "beach00")


def test_an_event_tells_what_was_marked(click):
    beach, harbor = ({"collection": "scenes", "id": each} for each in ("beach00", "harbor00"))
    right, wrong = photo_grid.submitted_marks(click(right=[beach], wrong=[harbor, beach]))
    assert right == [PhotoRef("scenes", "beach00")]
    assert wrong == [PhotoRef("scenes", "harbor00"), PhotoRef("scenes", "beach00")]


def test_an_event_may_tell_to_forget_all_marks_which_is_not_to_mark_nothing(click):
    assert photo_grid.submitted_marks(click(forget=True)) is None
    assert photo_grid.submitted_marks(click(right=[], wrong=[])) == ([], [])


def test_an_answer_says_how_many_are_marked_be_they_shown_or_not(result):
    right, wrong = (
        tuple(PhotoRef("scenes", f"{label}0{place}") for place in range(2)) for label in ("river", "beach")
    )
    query = Query("scenes", relevant=right, irrelevant=wrong[:1])
    assert photo_grid.answer(result, query)["marks"] == {"right": 2, "wrong": 1}
    assert photo_grid.answer(result)["marks"] == {"right": 0, "wrong": 0}


def constants(grid):
    """What the script of a grid finds in its first line."""
    first, *_ = grid.js_on_load.splitlines()
    return json.loads(first.removeprefix("const constants = ").removesuffix(";"))


def test_the_script_finds_its_texts_in_its_first_line():
    assert constants(photo_grid.photo_grid())["follow"] == "Search with this photo"


def test_neighbours_can_be_marked_only_in_a_grid_with_tools():
    assert constants(photo_grid.photo_grid(tools=True))["tools"] is True
    assert constants(photo_grid.photo_grid())["tools"] is False
