"""Walking through a collection in Chromium: the trail and its ways back."""

from __future__ import annotations

import pytest

from examples.scenes import draw
from retrieval.query import PhotoRef, Query
from tests.browser.visitor import (
    fields,
    follow,
    ids,
    labels,
    on_phones_too,
    upload,
    wait_for_query,
    wait_for_result,
)

pytestmark = pytest.mark.browser


@on_phones_too
def test_a_click_on_a_neighbour_searches_with_it(page, retriever):
    start = follow(page, 1)
    assert len(wait_for_result(page)) == 12
    chosen = follow(page, 3)
    found = ids(page)
    assert chosen not in found
    expected = retriever.answer(Query("scenes", (PhotoRef("scenes", chosen),)))
    assert found == [each.id for each in expected.neighbours]
    assert fields(page) == {"collection": ["scenes"], "id": [chosen]}
    assert start != chosen


def test_the_browsers_buttons_and_the_pages_go_back_and_forward(page):
    first, second = follow(page, 0), follow(page, 5)
    answer = ids(page)
    page.go_back()
    wait_for_query(page, first)
    page.locator("#trail .back").click()
    page.wait_for_selector("#query-line img")  # the start, where an example is searched
    assert page.locator("#trail .back").is_disabled()
    page.go_forward()
    wait_for_query(page, first)
    page.locator("#trail .forward").click()
    wait_for_query(page, second)
    assert page.locator("#trail .forward").is_disabled()
    assert ids(page) == answer


def test_the_trail_shows_where_one_was_and_a_click_goes_there(page):
    first = follow(page, 2)
    follow(page, 1)
    follow(page, 1)
    crumbs = page.locator("#trail .crumbs button")
    assert crumbs.count() == 4
    assert crumbs.nth(3).get_attribute("aria-current") == "step"
    assert crumbs.nth(1).get_attribute("aria-label").startswith(first)
    crumbs.nth(1).click()
    wait_for_query(page, first)
    assert crumbs.nth(1).get_attribute("aria-current") == "step"
    follow(page, 4)  # another way from there: what came after is forgotten, as in the browser
    assert crumbs.count() == 3


def test_back_at_the_start_is_the_collection_that_was_chosen_there(page):
    page.locator("#collection label", has_text="UC Merced").click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('collection') === 'ucmerced'")
    page.wait_for_selector("#neighbours .photo img[src^='photos/ucmerced/']")
    follow(page, 1)
    page.go_back()
    page.wait_for_selector("#neighbours [data-kind=photos] .photo img[src^='photos/ucmerced/']")
    assert page.locator("#collection input:checked").get_attribute("value") == "ucmerced"


def test_a_reload_keeps_the_search_and_the_trail(page):
    follow(page, 2)
    chosen = follow(page, 1)
    answer = ids(page)
    page.reload()
    wait_for_query(page, chosen)
    assert ids(page) == answer
    assert page.locator("#trail .crumbs button").count() == 3


def test_a_random_start_is_a_photo_of_the_collection(page, retriever):
    page.locator("#trail .random").click()
    page.wait_for_selector("#neighbours [data-kind=answer]")
    page.wait_for_function("() => new URLSearchParams(location.search).has('id')")
    (chosen,) = fields(page)["id"]
    assert chosen in {entry.id for entry in retriever.collection("scenes").entries}
    wait_for_query(page, chosen)


def click_quickly(page, *selectors: str) -> None:
    """Click one after another, 80 ms apart, without waiting for answers."""
    page.evaluate(
        """async (selectors) => { const wanted = selectors.map(each => document.querySelector(each));
             for (const each of wanted) {
               each.click();
               await new Promise(done => setTimeout(done, 80));
             } }""",
        list(selectors),
    )


def tile(place: int, grid: str = "#neighbours") -> str:
    return f"{grid} .tile:nth-child({place + 1}) .photo"


@pytest.fixture
def slow_first(page):
    """The answers to events take ever less time: the one to the first comes after those to the later ones."""
    delays = iter([1200, 800, 400])

    def later(route):
        page.wait_for_timeout(next(delays, 0))
        route.continue_()

    return lambda: page.route("**/gradio_api/run/**", later)


def test_of_several_quick_clicks_on_neighbours_the_last_counts(page, slow_first):
    follow(page, 0)
    wanted = page.locator("#neighbours .tile").nth(7).get_attribute("data-id")
    slow_first()
    click_quickly(page, *map(tile, [3, 5, 2, 7]))
    wait_for_query(page, wanted)
    page.wait_for_timeout(1500)  # nothing late may come after it
    assert fields(page)["id"] == [wanted]


def test_of_quick_clicks_on_several_parts_the_last_counts(page, slow_first):
    follow(page, 0)
    page.wait_for_selector("#others .tile")
    wanted = page.locator("#neighbours .tile").nth(4).get_attribute("data-id")
    slow_first()
    click_quickly(page, tile(1, "#others"), "#trail .random", tile(1), tile(4))
    wait_for_query(page, wanted)
    page.wait_for_timeout(1500)
    assert fields(page)["id"] == [wanted]


def test_one_comes_back_to_an_uploaded_photo(page, tmp_path):
    path = tmp_path / "harbor.png"
    draw("harbor", 4711).save(path)
    upload(page, path)
    distances = wait_for_result(page)
    follow(page, 4)
    page.go_back()
    page.wait_for_function("() => new URLSearchParams(location.search).has('photo')")
    page.wait_for_function("() => document.querySelector('#query-line').innerText === ''")
    assert wait_for_result(page) == distances
    page.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")


def test_from_an_airfield_one_walks_to_a_harbor(page):
    page.locator("#neighbours .tile[data-id^=runway] .photo").click()
    others = "[...document.querySelectorAll('#others .tile')].map(each => each.dataset.id).join()"
    before = ""
    for _ in range(4):
        page.wait_for_function(f"before => ![before, ''].includes({others})", arg=before)
        before = page.evaluate(others)
        kinds = before.split(",")
        harbors = [place for place, name in enumerate(kinds) if name.startswith("harbor")]
        place = harbors[0] if harbors else len(kinds) - 1  # the most different
        page.locator("#others .photo").nth(place).click()
        wait_for_query(page, kinds[place])
        if harbors:
            break
    assert labels(page).count("harbor") > 6
    assert page.locator("#trail .crumbs button").count() >= 3
