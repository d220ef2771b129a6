"""Refining a search in Chromium: classes, distance, near-duplicates, marks, several photos."""

from __future__ import annotations

import pytest

from examples.scenes import draw
from retrieval.query import Filters, PhotoRef, Query
from tests.browser.visitor import (
    ask_for,
    fields,
    follow,
    ids,
    labels,
    on_phones_too,
    open_at,
    refine,
    type_in,
    wait_for_result,
)

pytestmark = pytest.mark.browser


@on_phones_too
def test_only_the_chosen_classes_are_answers(page):
    follow(page, 5)
    refine(page)
    page.locator("#classes input").fill("harb")
    page.locator("#classes").get_by_role("option", name="harbor").click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('class') === 'harbor'")
    page.wait_for_function(
        """() => { const all = [...document.querySelectorAll('#neighbours .caption span')];
           return all.length && all.every(each => each.innerText === 'harbor'); }"""
    )
    assert len(ids(page)) == 12


def test_a_largest_distance_leaves_out_what_is_farther(page, page_url, retriever):
    query = Query("scenes", (PhotoRef("scenes", "airplane03"),), k=40)
    near = [each for each in retriever.answer(query).neighbours if each.distance <= 0.25]
    assert 0 < len(near) < 40
    open_at(page, page_url, "collection=scenes&id=airplane03&k=40")
    refine(page)
    type_in(page, "#farthest input[type=number]", "0.25")
    page.locator("#farthest input[type=number]").press("Enter")
    page.wait_for_function("() => new URLSearchParams(location.search).get('max') === '0.25'")
    page.wait_for_function(
        "count => document.querySelectorAll('#neighbours .caption b').length === count", arg=len(near)
    )
    type_in(page, "#farthest input[type=number]", "0.01")
    page.locator("#farthest input[type=number]").press("Enter")
    page.wait_for_function("() => document.querySelector('#summary').innerText.includes('No photo is left')")
    assert ids(page) == []


def test_near_duplicates_are_hidden_and_counted(page, page_url, retriever):
    stored = PhotoRef("ucmerced", "chaparral21")
    distinct = retriever.answer(Query("ucmerced", (stored,), filters=Filters(deduplicate=True)))
    assert distinct.duplicates > 0
    open_at(page, page_url, "collection=ucmerced&id=chaparral21&k=12")
    refine(page)
    page.locator("#distinct input").check()
    page.wait_for_function(
        "() => document.querySelector('#summary').innerText.includes('near-duplicates are hidden')"
    )
    assert f"{distinct.duplicates} near-duplicates" in page.locator("#summary").inner_text()
    assert ids(page) == [each.id for each in distinct.neighbours]


@on_phones_too
def test_marked_neighbours_change_the_answer_and_the_wrong_ones_go(page):
    follow(page, 8)
    tiles = page.locator("#neighbours .tile")
    right, wrong = tiles.nth(0).get_attribute("data-id"), tiles.nth(6).get_attribute("data-id")
    before = ids(page)
    assert not page.locator("#neighbours .marks").is_visible()
    tiles.nth(0).locator(".right").click()
    tiles.nth(6).locator(".wrong").click()
    assert tiles.nth(0).locator(".right").get_attribute("aria-pressed") == "true"
    assert "1 right, 1 wrong" in page.locator("#neighbours .marks").inner_text()
    page.locator("#neighbours .again").click()
    page.wait_for_function("() => new URLSearchParams(location.search).has('wrong')")
    assert fields(page)["right"] == [right]
    assert fields(page)["wrong"] == [wrong]
    page.wait_for_function("id => !document.querySelector(`#neighbours [data-id='${id}']`)", arg=wrong)
    assert "one marked right, one marked wrong" in page.locator("#query-line").inner_text()
    assert ids(page) != before
    page.go_back()
    page.wait_for_function("() => !new URLSearchParams(location.search).has('wrong')")
    page.wait_for_selector(f"#neighbours [data-id='{wrong}']")
    assert ids(page) == before


def test_marks_can_be_taken_back_before_searching(page):
    follow(page, 8)
    page.locator("#neighbours .tile").nth(1).locator(".wrong").click()
    page.locator("#neighbours .marks .clear").click()
    assert not page.locator("#neighbours .marks").is_visible()
    assert page.locator("#neighbours [aria-pressed=true]").count() == 0


@on_phones_too
def test_several_photos_at_once_are_looked_for_together(page, tmp_path):
    paths = [tmp_path / "harbor.png", tmp_path / "beach.png"]
    for path in paths:
        draw(path.stem, 4711).save(path)
    page.locator("#anywhere input[type=file]").set_input_files(paths)
    page.wait_for_function("() => document.querySelector('#query-line')?.innerText.includes('2 photos')")
    ask_for(page, "24")
    wait_for_result(page, 24)
    assert {"harbor", "beach"} <= set(labels(page))
    assert len(fields(page)["photo"]) == 2
    page.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")
