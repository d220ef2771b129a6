"""A step of the trail: its address, what it is called, its photo, and how long it lives."""

import json

import numpy as np
import pytest

from retrieval.query import FIELDS, Filters, PhotoRef, Query, QueryError
from ui.components.history import (
    PUSH,
    REPLACE,
    empty_entry,
    entry,
    history_bar,
    view_entry,
    visited_address,
)
from ui.uploads import Upload
from ui.urls import photo_url
from ui.views import VIEW_FIELDS, VIEWS

HARBOR = PhotoRef("scenes", "harbor03")


def keep(brought, **more):
    return brought.keep(Upload(np.zeros(8, np.float32), b"", **more))


def test_a_search_with_a_photo_of_the_collection(retriever, brought):
    query = Query("scenes", (HARBOR,), k=7)
    made = entry(retriever, brought, query)
    scenes = retriever.collection("scenes")
    assert made == {
        "address": query.address(),
        "title": "harbor03 · harbor",
        "heading": "Photos like harbor03 · harbor",
        "words": "The 7 photos most like harbor03 (harbor) in Generated scenes",
        "thumb": photo_url(scenes, scenes.row("harbor03")),
        "life": "This link brings back this search for as long as the page has these photos.",
        "step": PUSH,
    }


def test_a_search_with_a_visitors_photo_says_until_when_it_is_there(retriever, brought, clock):
    clock.now = 13 * 3600 + 40 * 60
    name = keep(brought)
    made = entry(retriever, brought, Query("scenes", uploads=(name,)), REPLACE)
    assert made["thumb"] == f"brought/{name}"
    assert made["title"] == "your photo"
    assert "works until 15:40 UTC" in made["life"]
    assert made["step"] == REPLACE
    clock.now += 7200
    assert "no longer here" in entry(retriever, brought, Query("scenes", uploads=(name,)))["life"]


def test_a_visitors_photo_that_has_a_title_is_called_by_it_until_it_goes(retriever, brought, clock):
    query = Query("scenes", uploads=(keep(brought, title="Example: beach"),))
    assert entry(retriever, brought, query)["title"] == "Example: beach"
    clock.now += 7200
    assert entry(retriever, brought, query)["title"] == "your photo"


def test_an_example_is_called_otherwise_within_a_sentence(retriever, brought):
    made = entry(retriever, brought, Query("scenes", uploads=("example-tenniscourt",)))
    assert made["title"] == "Example: tennis court"
    assert made["heading"] == "Photos like an example of tennis court"
    assert made["words"] == "The 12 photos most like an example of tennis court in Generated scenes"


def test_where_no_photo_is_left_no_number_of_them_is_said(retriever, brought):
    query = Query("scenes", (HARBOR,), filters=Filters(max_distance=0.0))
    assert entry(retriever, brought, query, result=retriever.answer(query))["words"] == (
        "No photo like harbor03 (harbor) is left in Generated scenes by these filters"
    )


def test_of_several_photos_the_first_is_shown_and_the_first_to_go_counts(retriever, brought, clock):
    clock.now = 0
    name = keep(brought)
    clock.now = 600
    other = keep(brought)
    made = entry(retriever, brought, Query("scenes", (HARBOR,), (other, name)))
    assert made["title"] == "several photos"
    assert "harbor03" in made["thumb"]
    assert "02:00 UTC" in made["life"]


def test_as_many_photos_are_spoken_of_as_were_found(retriever, brought):
    query = Query("scenes", (HARBOR,), k=100, filters=Filters(("beach",)))
    result = retriever.answer(query)
    assert entry(retriever, brought, query, result=result)["words"] == (
        f"The {len(result.neighbours)} photos most like harbor03 (harbor) in Generated scenes, of: beach"
    )


def test_a_visitors_photo_is_nobodys_own_in_what_is_sent(retriever, brought):
    made = entry(retriever, brought, Query("scenes", uploads=(keep(brought),)))
    assert made["heading"] == "Photos like your photo"
    assert made["words"] == "The 12 photos most like a visitor's photo in Generated scenes"


def test_what_is_told_of_a_view_twice_is_news(retriever):
    once, again = (view_entry("browse", "view=browse", "Browse", "All photos") for _ in range(2))
    assert once.pop("told") != again.pop("told")
    assert once == again == {
        "view": "browse", "address": "view=browse", "title": "Browse", "heading": "Browse",
        "words": "All photos", "life": "", "step": REPLACE,
    }  # fmt: skip


def test_before_anything_is_looked_for_there_is_no_link():
    assert empty_entry(Query("scenes"), "scenes") == {"address": "", "step": REPLACE}


@pytest.mark.parametrize(
    ("chosen", "address"),
    [
        (Query("ucmerced"), "collection=ucmerced"),
        (Query("scenes", k=20), "collection=scenes&k=20"),
        (Query("scenes", filters=Filters(("beach",))), "collection=scenes&class=beach"),
    ],
)
def test_what_was_chosen_before_is_in_the_address(chosen, address):
    assert empty_entry(chosen, "scenes", PUSH) == {"address": address, "step": PUSH}


def test_a_photo_that_there_is_not_is_refused(retriever, brought):
    with pytest.raises(QueryError):
        entry(retriever, brought, Query("scenes", (PhotoRef("scenes", "etna"),)))


def test_the_script_knows_what_of_an_address_is_ours():
    first, *_ = history_bar().js_on_load.splitlines()
    constants = json.loads(first.removeprefix("const constants = ").removesuffix(";"))
    assert constants["fields"] == list(dict.fromkeys([*FIELDS, *VIEW_FIELDS]))
    assert [view["name"] for view in constants["views"]] == [view.name for view in VIEWS]


def test_the_browsers_buttons_tell_an_address(click):
    assert visited_address(click(address="collection=scenes&id=a")) == "collection=scenes&id=a"
