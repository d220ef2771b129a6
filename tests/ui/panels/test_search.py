"""What a visitor does becomes a search, and what goes wrong a sentence beside what was there before."""

import json
import logging
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from starlette.datastructures import QueryParams

from examples.map_pages.overlays import draw_overlays
from examples.map_views import MapView, map_views
from examples.scenes import draw
from retrieval import decode_limits, untrusted
from retrieval.collections.photos import PROJECT
from retrieval.decode_limits import TOO_LONG_TOGETHER
from retrieval.errors import Message
from retrieval.images import TOO_DEMANDING, ImageError, decode
from retrieval.index import VectorIndex
from retrieval.maps import screenshot as screenshot_files
from retrieval.maps.locate import ScaleHints
from retrieval.query import GONE, MAX_PHOTOS, Filters, PhotoRef, Query
from tests.fakes.clock import Clock
from tests.fakes.example_photo import example_path
from ui import example_uploads
from ui.components.history import PUSH, REPLACE
from ui.i18n import gettext as _
from ui.i18n import use_language
from ui.panels.filters import MAX_DISTANCE
from ui.render import verdict
from ui.render.sentences import our_fault
from ui.search_screenshot import SearchScreenshot
from ui.search_uploads import SearchUploads
from ui.state import SearchState
from ui.thumbnails import whole_image
from ui.uploads import SCREENSHOT_GONE, Upload, preview_of
from ui.urls import upload_url

HARBOR = PhotoRef("scenes", "harbor03")
BLANK = SearchState(Query("scenes"))
STILL = "You still see the search before it."


def uploading(search):
    return SearchUploads(search)


def squares(search):
    return SearchScreenshot(search)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    draw("river", 321).save(path)
    return str(path)


def trouble(search, updates):
    """What is told to have gone wrong; None where nothing is."""
    update = updates[search.trouble]
    if not update.get("visible", False):
        return None
    text = update["value"]
    assert text.startswith("**")
    assert text.endswith(".**")
    return text.strip("*").replace("\\", "")


def found(search, updates):
    """What is shown after a search that went well."""
    assert trouble(search, updates) is None
    return updates[search.state]


def ids(shown):
    return [each.id for each in shown.result.neighbours]


def started(search, address="collection=scenes&id=harbor03&k=6"):
    return found(search, search.visit(address, BLANK))


def visited(search, query=""):
    return search.start(SimpleNamespace(query_params=QueryParams(query)))


def mark(search, before, click, right=(), wrong=()):
    def told(photos):
        return [{"collection": each.collection, "id": each.id} for each in photos]

    return search.walk(before, click(event="again", right=told(right), wrong=told(wrong)))


# Opening the page


def test_a_page_without_a_link_shows_the_answer_to_an_example(search, retriever, examples):
    updates = visited(search)
    shown = found(search, updates)
    assert shown.query == Query("scenes", uploads=(examples.first,))
    expected = retriever.search(example_path("harbor"), 12, "scenes").neighbours
    assert ids(shown) == [each.id for each in expected]
    assert [tile["id"] for tile in updates[search.grid]["tiles"]] == ids(shown)
    assert updates[search.answered]["visible"] is True
    assert updates[search.history]["address"] == updates[search.history]["title"] == ""  # 'Start'
    assert updates[search.history]["step"] == REPLACE
    assert updates[search.history]["shared"] == "collection=scenes&photo=example-harbor"
    assert updates[search.query_image] == gr.update(value=None, visible=True)  # free for his own photo
    assert "**Example\\: harbor**" in updates[search.query_line]
    assert "](examples/harbor?v=" in updates[search.query_line]
    assert search.filters.k not in updates  # a quick visitor may have moved it already


def test_the_start_costs_no_embedding_once_it_is_known(search, monkeypatch):
    visited(search)
    monkeypatch.setattr(type(search.retriever.embedder), "embed", lambda *_: pytest.fail("embedded"))
    found(search, visited(search))


def test_what_is_chosen_at_the_start_leaves_the_example_and_gives_it_an_address(search):
    before = found(search, visited(search))
    updates = search.settle(5, "scenes", [], MAX_DISTANCE, False, before)
    assert found(search, updates).query == replace(before.query, k=5)
    assert search.query_line not in updates
    assert search.query_image not in updates
    assert updates[search.history]["address"] == "collection=scenes&photo=example-harbor&k=5"


def test_back_at_the_bare_address_is_the_start(search, click):
    start = found(search, visited(search))
    updates = search.walk(started(search), click(event="travel", address=""))
    assert found(search, updates).query == start.query
    assert updates[search.history]["address"] == ""


def test_where_no_example_can_be_used_the_page_starts_with_a_photo_of_each_class(search, retriever, brought):
    brought.examples = None
    updates = visited(search)
    assert found(search, updates) == SearchState(Query("scenes"))
    scenes = retriever.collection("scenes")
    tiles = updates[search.grid]["tiles"]
    assert [tile["id"] for tile in tiles] == [scenes.entries[row].id for row in scenes.first_of_classes]
    assert updates[search.summary] == verdict.waiting()
    assert updates[search.answered]["visible"] is False
    assert updates[search.history] == {"address": "", "step": REPLACE}


def test_an_example_is_searched_under_a_name_that_lasts(search, clock):
    updates = uploading(search).example(BLANK, {"collection": "examples", "id": "beach"})
    address = updates[search.history]["address"]
    assert address == "collection=scenes&photo=example-beach"
    assert "as long as the page has these photos" in updates[search.history]["life"]
    assert updates[search.history]["thumb"] == "examples/beach"
    clock.now += 30 * 86_400
    assert ids(found(search, visited(search, address))) == ids(found(search, updates))


@pytest.mark.parametrize("name", ["etna", "", "../beach", "example-beach", "x" * 300])
def test_an_example_that_there_is_not_is_said(search, name):
    updates = uploading(search).example(BLANK, {"collection": "examples", "id": name})
    assert trouble(search, updates) == "This example is no longer here: choose another."


PREVIEWS = '<div class="verdict previews"><h3>Blurred previews: the photos are not here yet</h3>'


def test_previews_have_no_verdict_beside_them(search, retriever):
    updates = visited(search, "collection=ucmerced&photo=example-harbor")
    found(search, updates)
    assert updates[search.summary].startswith(PREVIEWS)
    assert "match" not in updates[search.summary]
    start = visited(search, "collection=ucmerced")
    assert start[search.summary].startswith(PREVIEWS)
    assert "match" in visited(search)[search.summary]  # of the scenes, whose photos are here


def test_a_link_brings_back_the_search_and_sets_the_controls(search, retriever):
    address = "collection=scenes&id=harbor03&right=harbor04&k=7&class=harbor&class=beach&max=1.2&distinct=1"
    updates = visited(search, address)
    shown = found(search, updates)
    query = Query.parse(address)
    assert shown.query == query
    assert ids(shown) == [each.id for each in retriever.answer(query).neighbours]
    assert [tile["id"] for tile in updates[search.grid]["tiles"]] == ids(shown)
    assert updates[search.history]["address"] == address
    assert updates[search.history]["step"] == REPLACE
    assert updates[search.answered]["visible"] is True
    assert (
        updates[search.query_line]
        == "**harbor03**, harbor: a photo of the collection. With one marked right."
    )
    filters = search.filters
    assert updates[filters.k] == 7
    assert updates[filters.collection] == "scenes"
    assert updates[filters.classes]["value"] == ["harbor", "beach"]
    assert updates[filters.max_distance] == 1.2
    assert updates[filters.deduplicate] is True
    assert updates[search.query_image]["value"] == whole_image(*retriever.resolve(HARBOR))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("collection=volcanoes", "no collection 'volcanoes': choose one of ucmerced, scenes"),
        ("collection=volcanoes&id=etna", "no collection 'volcanoes'"),
        ("collection=scenes&id=etna", "no photo 'etna' in Generated scenes"),
        ("collection=scenes&id=harbor03&class=volcano", "no class 'volcano' in Generated scenes"),
        ("collection=scenes&class=volcano", "no class 'volcano' in Generated scenes"),
        ("collection=scenes&id=harbor03&k=many", "k is 'many', and has to be a number"),
        ("collection=scenes&photo=gone", "deleted within two hours"),
        ("&".join(f"id=a{number}" for number in range(21)), "too many photos"),
    ],
)
def test_a_link_to_what_there_is_not_says_so_and_the_page_starts_anew(search, caplog, address, told):
    with caplog.at_level(logging.ERROR):
        updates = visited(search, address)
    assert told in trouble(search, updates)
    assert STILL not in trouble(search, updates)  # nothing was there before
    assert not caplog.records  # nobody else's fault
    assert updates[search.state] == SearchState(Query("scenes"))
    assert updates[search.grid]["kind"] == "photos"
    assert updates[search.filters.classes]["value"] == []


def test_a_link_without_a_collection_is_answered_in_the_one_that_is_open(search):
    shown = found(search, search.visit("id=harbor03&k=2", BLANK))
    assert shown.query == Query("scenes", (HARBOR,), k=2)


def test_a_link_to_the_photo_of_a_visitor_works_until_it_goes(search, brought, retriever, clock):
    image = draw("forest", 3)
    name = brought.keep(
        Upload(retriever.embedder.embed([image])[0], preview_of(image), (Message("Read so."),))
    )
    updates = search.visit(f"collection=scenes&photo={name}", BLANK)
    shown = found(search, updates)
    assert ids(shown) == [each.id for each in retriever.search(image, 12, "scenes").neighbours]
    assert "Read so." in updates[search.summary]
    shown_image = updates[search.query_image]["value"]
    assert np.array_equal(np.asarray(shown_image), np.asarray(brought.get(name).image))
    clock.now += 7200
    later = search.visit(f"collection=scenes&photo={name}", shown)
    assert trouble(search, later) == f"{GONE} {STILL}"
    assert search.state not in later


def test_words_of_a_link_are_no_markup_on_the_page(search):
    evil = "[x](https://evil.example) <b>b</b> ![p](https://evil.example/p.png) `c` *e* _f_ # \n\n# g"
    for field in ("id", "collection", "class", "k", "max"):
        fields = {"collection": "scenes", "id": "harbor03"} | {field: evil}
        updates = search.visit(urlencode(fields), BLANK)
        text = updates[search.trouble]["value"].removeprefix("**").removesuffix("**")
        assert text
        for sign in "[]<>`*_#":
            assert text.count(sign) == text.count(f"\\{sign}"), (field, sign)
        assert "\n" not in text


# Bringing photos


def test_a_photo_that_is_brought_is_searched_and_kept(search, retriever, brought, photo):
    updates = uploading(search).upload(BLANK, photo)
    shown = found(search, updates)
    (name,) = shown.query.uploads
    assert ids(shown) == [each.id for each in retriever.search(photo, 12, "scenes").neighbours]
    assert brought.get(name).image.size == (256, 256)
    assert updates[search.history]["step"] == PUSH
    assert updates[search.history]["address"] == f"collection=scenes&photo={name}"
    assert updates[search.query_image]["value"] == photo
    assert updates[search.query_line] == ""
    assert set(shown.result.seconds) == {"decode", "embed", "search"}


def test_a_photo_that_browsers_cannot_show_is_shown_as_one_that_they_can(search, tmp_path):
    Image.new("RGB", (2048, 400), "green").save(tmp_path / "photo.tif")
    shown = uploading(search).upload(BLANK, str(tmp_path / "photo.tif"))[search.query_image]["value"]
    assert shown.size == (1024, 200)


def test_several_photos_are_looked_for_together(search, retriever, tmp_path):
    paths = []
    for number, label in enumerate(("river", "beach", "forest")):
        paths.append(str(tmp_path / f"{label}.png"))
        draw(label, number).save(paths[-1])
    updates = uploading(search).upload(BLANK, paths)
    shown = found(search, updates)
    assert len(shown.query.uploads) == 3
    mean = retriever.embed(paths).mean(axis=0)
    assert np.allclose(shown.result.vector, mean / np.linalg.norm(mean), atol=1e-4)
    assert updates[search.query_line] == "3 photos, looked for together."
    assert updates[search.query_image]["value"].size == (512, 512)
    listed = updates[search.photo_list]
    alone = [verdict.judged(retriever.search(path, 12, "scenes")) for path in paths]
    assert [each.label for each in alone] == ["river", "beach", "forest"]
    for name, each in zip(shown.query.uploads, alone, strict=True):
        assert f'data-level="{each.level}"><img src="{upload_url(name)}"' in listed
    assert found(search, updates).query == search.visit(shown.query.address(), BLANK)[search.state].query
    assert search.visit(shown.query.address(), BLANK)[search.photo_list] == listed  # after Back, too


def test_a_photo_alone_needs_no_list(search, photo):
    assert uploading(search).upload(BLANK, photo)[search.photo_list] == ""
    assert visited(search)[search.photo_list] == ""


def test_of_twenty_photos_each_is_looked_up_once(search, retriever, photo, monkeypatch):
    looked_up = []
    look_up = retriever.search_vector
    monkeypatch.setattr(retriever, "search_vector", lambda *args: looked_up.append(1) or look_up(*args))
    updates = uploading(search).upload(BLANK, [photo] * 25)
    assert len(looked_up) == MAX_PHOTOS == updates[search.photo_list].count("<li")
    assert "Only the first 20 photos" in trouble(search, updates)


def test_of_several_files_the_bad_are_named_and_the_others_searched(search, photo, tmp_path):
    (tmp_path / "words.png").write_text("no image")
    (tmp_path / "empty.jpg").touch()
    updates = uploading(search).upload(
        BLANK, [str(tmp_path / "words.png"), photo, str(tmp_path / "empty.jpg")]
    )
    assert len(updates[search.state].query.uploads) == 1
    listed = updates[search.photo_list]
    assert "<b>words.png</b><small>This is not an image" in listed
    assert "<b>empty.jpg</b><small>This file is empty" in listed
    assert listed.count("<li") == 3
    assert str(tmp_path) not in listed
    assert updates[search.trouble]["visible"] is False


def test_of_several_files_that_are_all_bad_each_is_named(search, tmp_path):
    (tmp_path / "words.png").write_text("no image")
    (tmp_path / "empty.jpg").touch()
    updates = uploading(search).upload(BLANK, [str(tmp_path / "words.png"), str(tmp_path / "empty.jpg")])
    told = trouble(search, updates)
    assert "words.png: This is not an image" in told
    assert "empty.jpg: This file is empty" in told
    assert search.state not in updates


def test_a_file_that_is_no_image_leaves_what_was_there(search, brought, tmp_path):
    before = started(search)
    (tmp_path / "words.png").write_text("no image")
    updates = uploading(search).upload(before, str(tmp_path / "words.png"))
    told = trouble(search, updates)
    assert told.startswith("This is not an image")
    assert told.endswith(STILL)
    assert search.state not in updates
    assert search.grid not in updates
    harbor = whole_image(*search.retriever.resolve(HARBOR))
    assert updates[search.query_image] == harbor  # the picture of the search that is shown


def test_new_photos_forget_marks_and_photos_but_not_what_may_be_an_answer(search, photo):
    before = started(search, "collection=scenes&id=harbor03&right=harbor04&wrong=beach01&k=5&class=river")
    query = found(search, uploading(search).upload(before, photo)).query
    assert (query.stored, query.relevant, query.irrelevant) == ((), (), ())
    assert (query.k, query.collection) == (5, "scenes")
    assert query.filters == Filters(("river",))


def test_no_more_photos_are_searched_together_than_a_link_can_name(search, photo):
    updates = uploading(search).upload(BLANK, [photo] * (MAX_PHOTOS + 3))
    assert trouble(search, updates) == f"Only the first {MAX_PHOTOS} photos were looked for."
    query = updates[search.state].query
    assert len(query.uploads) == MAX_PHOTOS
    assert Query.parse(query.address()) == query


def test_as_many_photos_as_a_link_can_name_are_all_searched(search, photo):
    query = found(search, uploading(search).upload(BLANK, [photo] * MAX_PHOTOS)).query
    assert len(query.uploads) == MAX_PHOTOS


def test_of_too_many_files_the_bad_are_named_too(search, photo, tmp_path):
    (tmp_path / "words.png").write_text("no image")
    with use_language("ro"):
        updates = uploading(search).upload(BLANK, [str(tmp_path / "words.png")] + [photo] * MAX_PHOTOS)
    assert len(updates[search.state].query.uploads) == MAX_PHOTOS - 1
    told = trouble(search, updates)
    assert "<b>words.png</b>" in updates[search.photo_list]
    assert told == (f"S-a căutat numai cu primele fotografii (cel mult {MAX_PHOTOS}).")


def title(search, updates):
    """What the step of the trail is called, of a search that went well."""
    found(search, updates)
    return updates[search.history]["title"]


@pytest.mark.parametrize(("code", "told"), [("en", "Example: beach"), ("ro", "Exemplu: plajă")])
def test_an_example_is_searched_and_called_so(search, retriever, code, told):
    with use_language(code):
        updates = uploading(search).example(BLANK, {"collection": "examples", "id": "beach"})
    assert title(search, updates) == told
    expected = retriever.search(example_path("beach"), 12, "scenes").neighbours
    assert ids(found(search, updates)) == [each.id for each in expected]
    with use_language(code):
        later = search.visit(updates[search.history]["address"], BLANK)
    assert title(search, later) == told  # as long as the photo is there
    sent_on = search.visit(updates[search.history]["address"], BLANK)
    assert title(search, sent_on) == "Example: beach"  # to somebody who reads the page in English


def test_a_photo_of_the_visitors_own_is_called_so_after_an_example(search, photo):
    before = found(search, uploading(search).example(BLANK, {"collection": "examples", "id": "beach"}))
    assert title(search, uploading(search).upload(before, photo)) == "your photo"


def test_bringing_nothing_changes_nothing(search):
    for nothing in (None, [], ""):
        assert set(uploading(search).upload(started(search), nothing)) == {search.trouble}


def test_a_fault_of_ours_is_not_blamed_on_the_photo(search, photo, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError(f"secret of {PROJECT}")

    monkeypatch.setattr(search.retriever, "embed_image", fail)
    with caplog.at_level(logging.CRITICAL):
        told = trouble(search, uploading(search).upload(BLANK, photo))
    assert told == our_fault()


# Walking from photo to photo


def test_a_neighbour_becomes_the_next_query_and_is_no_answer(search, click):
    before = started(search)
    nearest = before.result.neighbours[0]
    updates = search.walk(before, click(event="follow", collection="scenes", id=nearest.id))
    shown = found(search, updates)
    assert shown.query.stored == (PhotoRef("scenes", nearest.id),)
    assert nearest.id not in ids(shown)
    assert "harbor03" in ids(shown)  # near is near both ways, here
    assert len(shown.result.neighbours) == 6
    assert updates[search.history]["step"] == PUSH
    assert nearest.id in updates[search.query_line]


def test_a_walk_keeps_what_may_be_an_answer_and_forgets_the_marks(search, click):
    before = started(search, "collection=scenes&id=harbor03&right=harbor04&k=5&class=harbor&class=river")
    query = found(search, search.walk(before, click(event="follow", collection="scenes", id="river01"))).query
    assert query == Query(
        "scenes", (PhotoRef("scenes", "river01"),), k=5, filters=Filters(("harbor", "river"))
    )


def test_from_another_tab_the_photos_own_collection_is_searched_in_all_classes(search, click, retriever):
    before = started(search, "collection=scenes&id=harbor03&k=5&class=harbor&distinct=1")
    other = retriever.collection("ucmerced").entries[9].id
    updates = search.walk(before, click(event="follow", part="browse-grid", collection="ucmerced", id=other))
    shown = found(search, updates)
    assert shown.query == Query(
        "ucmerced", (PhotoRef("ucmerced", other),), k=5, filters=Filters(deduplicate=True)
    )
    assert updates[search.filters.collection] == "ucmerced"
    assert updates[search.filters.classes]["value"] == []


def test_a_photo_that_went_is_said_and_what_was_there_stays(search, click):
    for part in ("neighbours", "browse-grid"):
        updates = search.walk(
            started(search), click(event="follow", part=part, collection="scenes", id="etna")
        )
        assert trouble(search, updates).startswith("There is no photo 'etna'")
        assert search.state not in updates


@pytest.mark.parametrize(
    "told",
    [
        None, 7, "travel", [], {}, {"event": "follow"}, {"event": "follow", "part": ["browse-grid"]},
        {"event": "follow", "collection": 3, "id": None}, {"event": "again"},
        {"event": "again", "right": "ab"},
        {"event": "again", "right": [{}], "wrong": []}, {"event": "again", "right": [7], "wrong": [None]},
    ],
)  # fmt: skip
def test_a_click_that_tells_of_nothing_is_said_and_what_was_there_stays(search, told):
    updates = search.walk(started(search), told)
    assert trouble(search, updates).startswith("This tells of no ")
    assert set(updates) == {search.trouble}


@pytest.mark.parametrize("told", [None, {}, {"x": "5", "y": 5}, {"x": math.nan, "y": 5}, {"x": 5}, [5, 5]])
def test_a_click_beside_a_screenshot_moves_no_square(search, told):
    assert set(squares(search).move_square(started(search), told)) == {search.trouble}


def test_an_example_that_no_click_names_is_said(search):
    updates = uploading(search).example(BLANK, {"id": 3})
    assert trouble(search, updates).startswith("This tells of no photo")


def test_a_surprise_is_a_photo_of_the_open_collection(search):
    seen = {found(search, search.surprise(BLANK)).query.stored[0] for _ in range(8)}
    assert {photo.collection for photo in seen} == {"scenes"}
    assert len(seen) > 2


# Marks


def test_marks_change_the_search_and_are_in_its_address(search, click):
    before = started(search)
    first, second, *_ = (PhotoRef("scenes", each) for each in ids(before))
    updates = mark(search, before, click, right=[second], wrong=[first])
    shown = found(search, updates)
    assert (shown.query.relevant, shown.query.irrelevant) == ((second,), (first,))
    assert shown.query.stored == (HARBOR,)
    assert first.id not in ids(shown)
    assert ids(shown)[0] == second.id
    distance = {each.id: each.distance for each in before.result.neighbours}
    assert shown.result.neighbours[0].distance < distance[second.id]
    assert updates[search.grid]["tiles"][0]["mark"] == "right"
    assert updates[search.history]["address"] == shown.query.address()


def test_marks_on_photos_that_are_not_shown_stay_and_those_on_shown_can_be_taken_back(search, click):
    before = started(search)
    first, second, *_ = (PhotoRef("scenes", each) for each in ids(before))
    marked = found(search, mark(search, before, click, right=[second], wrong=[first]))
    third = PhotoRef("scenes", ids(marked)[-1])
    again = found(search, mark(search, marked, click, wrong=[third]))
    assert again.query.relevant == ()  # second was shown, and is marked no more
    assert again.query.irrelevant == (first, third)


def test_no_more_marks_are_kept_than_a_link_can_name(search, click):
    before = started(search, "collection=scenes&id=harbor03&k=30")
    shown = found(
        search, mark(search, before, click, wrong=[PhotoRef("scenes", each) for each in ids(before)])
    )
    assert len(shown.query.irrelevant) == MAX_PHOTOS
    assert Query.parse(shown.query.address()) == shown.query


def test_all_marks_are_forgotten_be_they_on_photos_that_are_shown_or_not(search, click):
    before = started(search)
    marked = started(search, "collection=scenes&id=harbor03&k=6&right=harbor04&right=beach01&wrong=river02")
    updates = search.walk(marked, click(event="again", forget=True))
    shown = found(search, updates)
    assert shown.query == before.query
    assert ids(shown) == ids(before)
    assert updates[search.grid]["marks"] == {"right": 0, "wrong": 0}
    assert updates[search.history]["step"] == PUSH  # so that one can go back to them
    assert "marked" not in updates[search.query_line]


def test_without_an_answer_there_is_nothing_to_mark(search, click):
    assert mark(search, BLANK, click, right=[HARBOR]) == {search.trouble: gr.skip()}
    assert search.walk(BLANK, click(event="again", forget=True)) == {search.trouble: gr.skip()}


# The controls


def settle(search, before, k=6, name="scenes", classes=(), max_distance=MAX_DISTANCE, deduplicate=False):
    return search.settle(k, name, list(classes), max_distance, deduplicate, before)


def test_controls_that_say_what_is_shown_search_nothing(search, monkeypatch):
    before = started(search)
    monkeypatch.setattr(search.retriever, "answer", None)
    updates = settle(search, before)
    assert updates == {search.trouble: gr.skip()} | search.details.show(before)  # as they may be empty yet


def test_a_control_searches_again_and_leaves_the_picture_of_the_query(search):
    before = started(search)
    updates = settle(search, before, k=9, classes=["harbor", "river"])
    shown = found(search, updates)
    assert len(shown.result.neighbours) == 9
    assert {each.label for each in shown.result.neighbours} <= {"harbor", "river"}
    assert updates[search.history]["step"] == REPLACE
    assert search.query_image not in updates
    assert search.filters.classes not in updates


def test_another_collection_offers_its_own_classes(search, retriever):
    before = started(search)
    updates = settle(search, before, name="ucmerced", classes=["harbor"])
    assert found(search, updates).query.collection == "ucmerced"
    offered = updates[search.filters.classes]
    assert [value for _, value in offered["choices"]] == retriever.collection("ucmerced").labels
    assert offered["value"] == ["harbor"]


def test_controls_before_any_search_change_what_there_is_to_start_from(search, retriever):
    updates = settle(search, BLANK, k=3, name="ucmerced")
    assert found(search, updates) == SearchState(Query("ucmerced", k=3))
    assert {tile["collection"] for tile in updates[search.grid]["tiles"]} == {"ucmerced"}


def test_where_nothing_is_left_that_is_said(search):
    updates = settle(search, started(search), max_distance=0.0)
    assert found(search, updates).result.neighbours == []
    assert "No photo is left" in updates[search.summary]
    assert updates[search.grid]["far"] is False
    assert updates[search.grid]["tiles"] == []


def test_photos_that_came_are_shown_in_the_same_search(search):
    before = started(search)
    updates = search.photos_came(before)
    assert found(search, updates).query == before.query
    assert updates[search.history]["step"] == REPLACE
    assert search.query_image in updates  # which may have been a preview
    empty = started(search, "collection=scenes&k=3")
    assert found(search, search.photos_came(empty)) == empty


def test_when_photos_came_the_untouched_start_is_one_of_them(search, examples, monkeypatch):
    start = found(search, visited(search))
    assert found(search, search.photos_came(start)).query == start.query  # as they did not
    monkeypatch.setattr(type(examples), "first", "example-beach")
    updates = search.photos_came(start)
    assert found(search, updates).query.uploads == ("example-beach",)
    assert updates[search.history]["address"] == ""
    assert updates[search.filters.collection] == "scenes"


@pytest.fixture
def coming(search, examples, monkeypatch):
    """The search while the photos of the examples are on their way, of which one is named."""
    fetch = SimpleNamespace(share=0.3)
    monkeypatch.setattr(examples, "_fetch", fetch)
    return fetch, example_uploads.PREFIX + next(iter(examples._held_out))


NOT_HERE = str(example_uploads.COMING)


def test_a_link_to_an_example_whose_photo_is_on_its_way_stays_and_is_visited_when_that_came(
    search, coming, examples, monkeypatch
):
    _fetch, name = coming
    address = f"collection=scenes&photo={name}&k=5"
    opened = visited(search, address)
    travelled = search.walk(started(search), {"event": "travel", "address": f"?{address}"})
    for updates in (opened, travelled):
        assert trouble(search, updates) == NOT_HERE
        assert updates[search.history] == {"address": address, "step": REPLACE}
        assert updates[search.state] == SearchState(Query("scenes", uploads=(name,), k=5))
        assert updates[search.filters.k] == 5
        assert len(updates[search.grid]["tiles"]) == 21  # to start from meanwhile
    before = opened[search.state]
    assert trouble(search, search.photos_came(before)) == NOT_HERE  # others came, and this one did not
    picture = decode(example_path("beach")).image
    monkeypatch.setattr(examples, "picture", lambda _name: picture)
    updates = search.photos_came(before)
    assert found(search, updates).query == before.query
    assert len(updates[search.grid]["tiles"]) == 5
    assert updates[search.history]["address"] == address
    assert updates[search.query_image]["value"] is not None
    examples._made.pop(name)


def test_an_example_whose_photo_will_not_come_is_said_to_be_none(search, coming):
    fetch, name = coming
    before = visited(search, f"collection=scenes&photo={name}")[search.state]
    fetch.share = None
    assert trouble(search, search.photos_came(before)) == "This example is no longer here: choose another."


def test_while_too_much_else_is_made_an_example_is_asked_for_again(search, examples, monkeypatch):
    monkeypatch.setattr(example_uploads, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(examples, "_made", {})
    with examples._making:
        updates = visited(search, "collection=scenes&photo=example-beach")
        assert trouble(search, updates) == str(example_uploads.PREPARING)
        assert updates[search.history]["address"] == "collection=scenes&photo=example-beach"
        clicked = uploading(search).example(BLANK, {"collection": "examples", "id": "beach"})
        assert trouble(search, clicked) == str(example_uploads.PREPARING)
    assert found(search, search.photos_came(updates[search.state])).result.neighbours


def test_the_browsers_way_back_to_a_collection_without_a_search_shows_it(search):
    updates = search.walk(started(search), {"event": "travel", "address": "?collection=scenes"})
    assert found(search, updates) == BLANK
    assert updates[search.answered]["visible"] is False


def test_a_query_that_is_removed_leaves_the_controls(search):
    before = started(search, "collection=scenes&id=harbor03&right=harbor04&k=6&class=harbor")
    updates = search.forget(before)
    assert found(search, updates) == SearchState(Query("scenes", k=6, filters=Filters(("harbor",))))
    assert updates[search.history] == {"address": "collection=scenes&k=6&class=harbor", "step": PUSH}
    assert updates[search.query_image]["value"] is None


# How often the index is searched


@pytest.fixture
def searches(monkeypatch):
    """Each search of an index, by how many it asked for."""
    asked, search = [], VectorIndex.search

    def counted(index, queries, k, *among):
        asked.append(k)
        return search(index, queries, k, *among)

    monkeypatch.setattr(VectorIndex, "search", counted)
    return asked


def test_a_click_and_its_details_search_the_index_once(search, click, searches):
    before = started(search)
    searches.clear()
    shown = found(search, search.walk(before, click(event="follow", collection="scenes", id="beach01")))
    details = search.details.show(shown)
    assert details[search.details.table].count("beach") > 1
    assert len(searches) == 1


def test_a_photo_that_is_brought_and_its_details_search_the_index_once(search, photo, searches, monkeypatch):
    monkeypatch.setattr(search.retriever.embedder, "scale_probe", None)  # or a few neighbours tell the scale
    shown = found(search, uploading(search).upload(BLANK, photo))
    updates = settle(search, shown, k=shown.query.k)
    assert updates == {search.trouble: gr.skip()} | search.details.show(shown)
    assert updates[search.details.distances].startswith("<figure")
    assert len(searches) == 1


# Screenshots


@pytest.fixture
def screenshot(tmp_path):
    view = Image.new("RGB", (1280, 800))
    for number, label in enumerate(("parkinglot", "harbor", "forest", "river")):
        view.paste(draw(label, 12).resize((320, 800)), (320 * number, 0))
    path = tmp_path / "screenshot.png"
    draw_overlays(view, np.random.default_rng(5), 0.15)[0].save(path)
    return str(path)


def test_a_link_that_makes_a_screenshot_too_coarse_is_named_and_put_away(search, screenshot, photo, tmp_path):
    far, away = ScaleHints("https://www.google.com/maps/@44.42,26.03,14z"), {search.query_line: "put away"}
    updates = uploading(search).upload(BLANK, screenshot, far, away)
    told = trouble(search, updates)
    assert told.startswith(
        "By the link that you gave before: This picture is too coarse: a pixel shows 6.8 m"
    )
    assert told.endswith("That link is put away now: bring the picture again to search it without.")
    assert updates[search.query_line] == "put away"
    assert "square" not in str(updates.get(search.state))
    together = uploading(search).upload(BLANK, [screenshot, photo], far, away)
    assert "By the link that you gave before" in together[search.photo_list]
    assert together[search.query_line] == "put away"
    (tmp_path / "words.png").write_text("no image")
    for path, hints in (
        (photo, far),  # which has its own scale
        (str(tmp_path / "words.png"), far),
        (screenshot, ScaleHints("https://www.google.com/maps/@44.42,26.03,19z")),
    ):
        assert uploading(search).upload(BLANK, path, hints, away).get(search.query_line) != "put away"


def test_of_a_screenshot_a_square_is_searched_and_moves_within_the_same_step(
    search, screenshot, click, clock
):
    updates = uploading(search).upload(BLANK, screenshot)
    before = found(search, updates)
    assert updates[search.screenshot.group]["visible"] is True
    assert updates[search.query_image] == {"value": None, "visible": False, "__type__": "update"}
    assert updates[search.screenshot.view]["picture"].startswith("data:image/")
    until = search.uploads.until(before.query.uploads)
    clock.now += 1000
    moved = squares(search).move_square(before, {"x": 1000, "y": 400})
    shown = found(search, moved)
    assert shown.query.uploads != before.query.uploads
    assert search.uploads.until(shown.query.uploads) == until  # no longer than the page promises
    square = search.upload(shown.query).screenshot.located.square
    assert abs(square.x - 1000) < square.side
    assert moved[search.history]["step"] == REPLACE
    assert "picture" not in moved[search.screenshot.view]  # it is large, and there already
    back = found(search, search.visit(before.query.address(), shown))
    assert ids(back) == ids(before)


@pytest.mark.parametrize("code", ["en", "ro"])
def test_an_example_of_a_screenshot_is_called_by_its_title_wherever_its_square_is(search, code):
    with use_language(code):
        listed = list(map_views().values())
        updates = uploading(search).example(BLANK, {"collection": "examples", "id": listed[2].name})
        assert title(search, updates) == _(listed[2].title)
        before = found(search, updates)
        assert search.upload(before.query).screenshot.located.hints == listed[2].hints  # its scale is known
        moved = squares(search).move_square(before, {"x": 500, "y": 300})
        assert title(search, moved) == _(listed[2].title)
        resized = squares(search).resize_square(found(search, moved), 40)
        assert title(search, resized) == _(listed[2].title)
    names = {each[search.state].query.uploads for each in (updates, moved, resized)}
    assert len(names) == 3  # each square is a photo of its own


def test_a_guess_of_the_scale_is_asked_and_the_answer_stays_with_the_photo(search, screenshot):
    updates = uploading(search).upload(BLANK, screenshot)
    before = found(search, updates)
    asked = updates[search.screenshot.question]
    assert (asked["state"], asked["picture"]) == ("open", upload_url(before.query.uploads[0]))
    assert updates[search.screenshot.view]["value"]["bar"] is None
    no = squares(search).answer(before, {"said": "no"})
    refused = found(search, no)
    assert no[search.screenshot.question]["state"] == "no"
    assert "Too far away" in no[search.summary]
    assert no[search.grid]["far"] is True
    assert {json.dumps(tile["likeness"]) for tile in no[search.grid]["tiles"]} == {"{}"}
    assert (no[search.history]["step"], ids(refused)) == (REPLACE, ids(before))
    assert np.array_equal(refused.result.vector, before.result.vector)  # nothing is embedded again
    for later in (
        search.visit(refused.query.address(), BLANK),
        squares(search).move_square(refused, {"x": 500, "y": 300}),
        squares(search).resize_square(refused, 30),
    ):
        assert later[search.screenshot.question]["state"] == "no"
        assert "Too far away" in later[search.summary]
    again = squares(search).answer(refused, {"said": "again"})
    assert again[search.screenshot.question]["state"] == "open"
    yes = squares(search).answer(found(search, again), {"said": "yes"})
    assert yes[search.screenshot.question]["state"] == "yes"
    assert yes[search.summary] == verdict.summary(found(search, yes).result, found(search, yes).query)
    assert yes[search.screenshot.line].startswith("**Scale: as you said.**")
    assert yes[search.grid]["far"] is found(search, yes).result.verdict.is_far


@pytest.mark.parametrize("told", [None, {}, {"said": "maybe"}, {"said": None}, {"said": ["yes"]}, "yes"])
def test_what_is_no_answer_changes_nothing(search, screenshot, told):
    before = found(search, uploading(search).upload(BLANK, screenshot))
    assert set(squares(search).answer(before, told)) == {search.trouble}


def test_a_link_takes_the_place_of_what_was_answered(search, screenshot):
    before = found(search, uploading(search).upload(BLANK, screenshot))
    no = found(search, squares(search).answer(before, {"said": "no"}))
    known = squares(search).set_scale(no, "", 19.0, 44.43, 1.0, None, None)
    assert known[search.screenshot.question] == {}
    assert known[search.screenshot.view]["value"]["bar"]
    assert "Too far away" not in known[search.summary]


def test_whose_an_example_of_a_screenshot_is_stands_under_it(search, screenshot, monkeypatch):
    example = MapView(Path(screenshot), "Herăstrău", "Herăstrău", file_scale=0.3, attribution="© ANCPI")
    monkeypatch.setattr(example_uploads, "map_views", lambda: {example.slug: example})
    updates = uploading(search).example(BLANK, {"collection": "examples", "id": "place-screenshot"})
    before = found(search, updates)
    assert title(search, updates) == "Herăstrău"
    assert search.upload(before.query).screenshot.located.scale.metres_per_pixel == pytest.approx(0.3)
    moved = squares(search).move_square(before, {"x": 500, "y": 300})
    refused = squares(search).set_scale(found(search, moved), "", 12.0, 44.4, 0.0, None, None)
    back = search.visit(before.query.address(), found(search, moved))
    for shown in (updates, moved, refused, back):
        assert shown[search.screenshot.line].endswith("\n\n© ANCPI")
    assert "too coarse" in refused[search.screenshot.line]


def test_a_screenshot_that_went_is_said(search, screenshot, clock, tmp_path):
    before = found(search, uploading(search).upload(BLANK, screenshot))
    (tmp_path / "screenshot.png").unlink()
    screenshot_files.forget_decoded()  # as after other visitors' screenshots
    assert trouble(search, squares(search).move_square(before, {"x": 5, "y": 5})) == str(SCREENSHOT_GONE)
    clock.now += 7200
    assert trouble(search, squares(search).resize_square(before, 30)) == str(GONE)


def test_of_many_hostile_files_few_are_tried_and_that_is_said(search, photo, tmp_path, monkeypatch):
    tried, clock = [], Clock()

    def decode_file(worker, data, seconds, *_):
        tried.append(data)
        clock.now += seconds
        raise ImageError(TOO_DEMANDING)

    monkeypatch.setattr(decode_limits, "monotonic", clock)
    monkeypatch.setattr(untrusted._Worker, "decode", decode_file)
    paths = [str(tmp_path / f"{number}.png") for number in range(MAX_PHOTOS)]
    for path in paths:
        Path(path).write_bytes(path.encode())
    told = trouble(search, uploading(search).upload(BLANK, paths))
    assert told == f"0.png: {TOO_DEMANDING} {TOO_LONG_TOGETHER}"
    assert len(tried) == 2


@pytest.fixture
def decoded(monkeypatch):
    """The files that are decoded from here on; none is at first."""
    files, decode_file = [], screenshot_files.decode_untrusted

    def counted(path):
        files.append(path)
        return decode_file(path)

    monkeypatch.setattr(screenshot_files, "decode_untrusted", counted)
    screenshot_files.forget_decoded()
    return files


def test_what_is_answered_at_once_decodes_no_file_and_shows_the_preview(search, screenshot, click, decoded):
    before = found(search, uploading(search).upload(BLANK, screenshot))
    kept, address = search.upload(before.query), before.query.address()
    decoded.clear()
    for come_back in (
        lambda: search.visit(address, BLANK),
        lambda: search.walk(BLANK, click(event="travel", address=address)),
        lambda: search.start(SimpleNamespace(query_params=QueryParams(address))),
    ):
        screenshot_files.forget_decoded()
        updates = come_back()
        assert decoded == []
        assert ids(found(search, updates)) == ids(before)
        assert updates[search.screenshot.group]["visible"] is False
        shown = updates[search.query_image]
        assert shown["visible"] is True
        assert shown["value"].tobytes() == kept.image.tobytes()
        assert updates[search.history]["unread"]


def test_what_follows_reads_the_screenshot_once_and_shows_it(search, screenshot, decoded):
    before = found(search, uploading(search).upload(BLANK, screenshot))
    assert "unread" not in search.visit(before.query.address(), BLANK)[search.history]  # it is decoded still
    screenshot_files.forget_decoded()
    decoded.clear()
    assert squares(search).show_read(before) == {search.trouble: gr.skip()}
    assert squares(search).read(before, {}) is None
    assert decoded == [screenshot]
    updates = squares(search).show_read(before)
    assert updates[search.screenshot.group]["visible"] is True
    assert updates[search.screenshot.view]["picture"].startswith("data:image/")
    assert updates[search.query_image] == {"value": None, "visible": False, "__type__": "update"}
    assert set(updates) <= set(search.outputs)
    assert decoded == [screenshot]


def test_a_screenshot_that_is_read_by_now_is_not_shown_over_another_search(search, screenshot, decoded):
    before = found(search, uploading(search).upload(BLANK, screenshot))
    squares(search).read(before)
    assert squares(search).show_read(started(search)) == {search.trouble: gr.skip()}


def test_a_screenshot_whose_file_is_gone_stays_a_preview(search, screenshot, decoded, tmp_path):
    before = found(search, uploading(search).upload(BLANK, screenshot))
    (tmp_path / "screenshot.png").unlink()
    screenshot_files.forget_decoded()
    squares(search).read(before)
    assert squares(search).show_read(before) == {search.trouble: gr.skip()}


def test_a_search_with_a_photo_has_no_square_to_move(search):
    before = started(search)
    assert search.upload(before.query) is None
    assert set(squares(search).move_square(before, {"x": 5, "y": 5})) == {search.trouble}
    assert set(squares(search).set_scale(before, "", None, None, 0.0, None, None)) == {search.trouble}


# All of it


def test_nothing_that_the_page_says_names_a_folder_of_the_server(search, photo):
    for updates in (
        visited(search),
        search.visit("collection=ucmerced&id=beach12&k=20", BLANK),
        uploading(search).upload(BLANK, photo),
        search.visit("collection=scenes&id=etna", BLANK),
    ):
        for part in (search.history, search.grid, search.summary, search.trouble, search.query_line):
            told = json.dumps(updates.get(part))
            assert str(PROJECT) not in told
            assert photo not in told


def test_every_update_is_of_a_part_that_the_events_name(search, photo, click):
    outputs, details = set(search.outputs), set(search.details.outputs)
    before = started(search)
    for updates in (
        visited(search),
        visited(search, "collection=scenes&id=etna"),
        uploading(search).upload(before, photo),
        search.walk(before, click(event="follow", part="browse-grid", collection="scenes", id="beach01")),
        search.forget(before),
    ):
        assert set(updates) <= outputs
    assert set(settle(search, before, name="ucmerced")) <= outputs | details


def test_the_page_speaks_the_visitors_language(search, photo):
    with use_language("ro"):
        updates = uploading(search).upload(BLANK, photo)
        refused = search.visit("collection=scenes&id=etna", BLANK)
    assert "<strong>râu</strong>" in updates[search.summary]
    assert "There is" not in refused[search.trouble]["value"]
    assert "distance" not in updates[search.grid]["tiles"][0]["alt"]


def test_the_picture_of_a_search_with_several_photos_shows_all(search, retriever):
    updates = search.visit("collection=scenes&id=harbor03&id=beach01&k=3", BLANK)
    together = np.asarray(updates[search.query_image]["value"]).astype(int)
    side = together.shape[0] // 2
    for place, name in enumerate(("harbor03", "beach01")):
        photo = decode(retriever.collection("scenes").photo(retriever.collection("scenes").row(name))).image
        shown = together[side // 2 + 1 : side // 2 + side - 1, place * side + 1 : (place + 1) * side - 1]
        assert np.abs(shown - np.asarray(photo.resize((side - 2, side - 2)))).mean() < 3


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_photo_is_decoded_once_also_for_what_the_page_shows_of_it(search, tmp_path, monkeypatch, suffix):
    path = tmp_path / f"photo.{suffix}"
    draw("beach", 77).save(path)
    decoded = []

    def counted(source):
        decoded.append(source)
        return decode(source)

    monkeypatch.setattr(screenshot_files, "decode_untrusted", counted)
    screenshot_files.forget_decoded()
    found(search, uploading(search).upload(BLANK, str(path)))
    assert decoded == [str(path)]


def test_a_link_to_folders_where_none_are_managed_opens_the_start_and_says_so(search):
    updates = visited(search, "view=folders")
    assert "only where it is started with" in updates[search.trouble]["value"]
    assert updates[search.state].query == visited(search)[search.state].query
    managed = visited(replace(search, managing=True), "view=folders")
    assert not managed[search.trouble].get("value")
