"""A part of the map that is searched: from a click to a query, and what becomes of it."""

import math

import pytest

from retrieval.query import Filters, PhotoRef, Query, QueryError
from ui.components.area_token import area_shown, clicked_area
from ui.components.place_map import _corners
from ui.state import SearchState

AREA = (26.05, 44.4, 26.15, 44.47)


def test_a_click_says_which_part():
    assert clicked_area({"area": list(AREA)}) == AREA
    assert clicked_area({"area": [179, -17, -179, -16]}) == (179, -17, -179, -16)
    assert clicked_area({"area": None}) is None


@pytest.mark.parametrize(
    "click",
    [
        None, {}, [], "area", {"area": "26"}, {"area": [1, 2, 3]}, {"area": [1, 2, 3, 4, 5]},
        {"area": [1, 2, 3, "4"]}, {"area": [1, 3, 2, math.nan]}, {"area": [1, 2, 3, math.inf]},
        {"area": [181, 2, 3, 4]}, {"area": [1, 5, 2, 4]}, {"area": [[1], 2, 3, 4]}, {"area": {"west": 1}},
    ],
)  # fmt: skip
def test_whatever_else_a_browser_sends_is_no_area(click):
    with pytest.raises(QueryError):
        clicked_area(click)


def test_other_controls_leave_the_area_and_another_collection_ends_it(search):
    query = Query("scenes", (PhotoRef("scenes", "harbor03"),), filters=Filters(area=AREA))
    kept = search.filters.apply(query, 5, "scenes", [], 2.0, False)
    assert kept.filters.area == AREA
    assert search.filters.apply(query, 5, "ucmerced", [], 2.0, False).filters.area is None


def test_where_no_photo_has_a_place_a_sentence_says_so_and_the_answer_stays(search):
    query = Query("scenes", (PhotoRef("scenes", "harbor03"),))
    before = SearchState(query, search.retriever.answer(query))
    updates = search.walk(before, {"event": "area", "area": list(AREA)})
    assert "does not say where its photos lie" in updates[search.trouble]["value"]
    assert search.state not in updates
    odd = search.walk(before, {"event": "area", "area": "everything"})
    assert "choose one on the page" in odd[search.trouble]["value"]


def test_the_token_is_shown_with_an_area_alone():
    assert area_shown(Query("scenes")) == {"shown": False}
    assert area_shown(Query("scenes", filters=Filters(area=AREA))) == {"shown": True}


def test_an_area_across_the_180th_meridian_is_drawn_in_one_piece():
    assert _corners((179.0, -17.0, -179.0, -16.0)) == [
        [-16.0, 179.0], [-16.0, 181.0], [-17.0, 181.0], [-17.0, 179.0],
    ]  # fmt: skip
