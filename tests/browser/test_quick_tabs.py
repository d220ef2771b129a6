"""Quicker than the server: an answer that comes late never takes away the tab that was chosen since."""

from __future__ import annotations

import pytest

from examples.catalog import SCREENSHOTS
from examples.scenes import draw
from tests.browser.visitor import (
    fields,
    follow,
    held,
    on_phones_too,
    open_tab,
    opened,
    upload,
    wait_for_query,
    wait_for_result,
)

pytestmark = pytest.mark.browser

ANSWERS = "**/gradio_api/run/**"
LATE = 1500  # milliseconds in which a late answer would have done its harm


@on_phones_too
def test_of_quick_clicks_on_two_tabs_the_last_stays_open(page):
    with held(page, ANSWERS):
        open_tab(page, "Browse")
        open_tab(page, "Whole map")
    page.wait_for_timeout(LATE)
    assert (opened(page), fields(page)["view"]) == ("whole", ["map"])
    with held(page, ANSWERS):
        open_tab(page, "Browse")
        open_tab(page, "Search")
        open_tab(page, "Accuracy")
    page.wait_for_timeout(LATE)
    assert (opened(page), fields(page)) == ("accuracy", {"view": ["accuracy"]})
    with held(page, ANSWERS):
        page.go_back()
        open_tab(page, "Browse")
    page.wait_for_timeout(LATE)
    assert (opened(page), fields(page)["view"]) == ("browse", ["browse"])


@on_phones_too
def test_a_search_is_answered_behind_the_tab_that_was_opened_meanwhile(page):
    follow(page, 0)
    tile = page.locator("#neighbours .tile").nth(3)
    chosen = tile.get_attribute("data-id")
    with held(page, ANSWERS):
        tile.locator(".photo").click()
        open_tab(page, "Accuracy")
    page.wait_for_timeout(LATE)
    assert (opened(page), fields(page)) == ("accuracy", {"view": ["accuracy"]})
    open_tab(page, "Search")
    wait_for_query(page, chosen)
    assert opened(page) == "search"


@on_phones_too
def test_a_photo_of_another_tab_is_searched_behind_it_and_back_leads_to_its_answer(page):
    open_tab(page, "Browse")
    page.wait_for_function("() => new URLSearchParams(location.search).get('in')")
    tile = page.locator("#browse-grid .tile").first
    chosen = tile.get_attribute("data-id")
    with held(page, ANSWERS):
        tile.locator(".photo").click()
        assert opened(page) == "search"
        open_tab(page, "Browse")
    page.wait_for_timeout(LATE)
    assert (opened(page), fields(page)["view"]) == ("browse", ["browse"])
    page.go_back()
    wait_for_query(page, chosen)
    assert opened(page) == "search"
    page.go_back()
    page.wait_for_function("() => new URLSearchParams(location.search).get('view') === 'browse'")


@on_phones_too
def test_a_file_is_searched_behind_the_tab_that_was_opened_while_it_came(page, tmp_path):
    draw("harbor", 4711).save(tmp_path / "harbor.png")
    with held(page, "**/gradio_api/upload*"):
        upload(page, tmp_path / "harbor.png")
        page.wait_for_timeout(300)
        open_tab(page, "Browse")
    page.wait_for_selector("#neighbours [data-kind=answer]", state="attached")
    page.wait_for_timeout(LATE)
    assert (opened(page), fields(page)["view"]) == ("browse", ["browse"])
    open_tab(page, "Search")
    page.wait_for_function("() => new URLSearchParams(location.search).has('photo')")
    assert len(wait_for_result(page)) == 12


@on_phones_too
def test_a_map_is_made_behind_the_tab_that_was_opened_meanwhile(page):
    upload(page, SCREENSHOTS / "pipera-z20.webp")
    page.wait_for_function("() => document.querySelector('#shot .picture')?.naturalWidth > 0", timeout=20_000)
    wait_for_result(page)
    with held(page, ANSWERS):
        page.locator("#whole").click()
        assert opened(page) == "whole"
        open_tab(page, "Browse")
    page.wait_for_timeout(LATE)
    assert (opened(page), fields(page)["view"]) == ("browse", ["browse"])
    open_tab(page, "Whole map")
    page.wait_for_selector("#legend table", timeout=120_000)
    assert fields(page)["view"] == ["map"]
