"""Understanding an answer in Chromium: why, the plots, the map, browsing."""

from __future__ import annotations

import re

import pytest

from tests.browser.visitor import (
    fields,
    follow,
    on_phones_too,
    open_at,
    open_tab,
    wait_for_query,
)

pytestmark = pytest.mark.browser


# Why


@on_phones_too
def test_why_shows_both_photos_what_makes_them_alike_and_how_near_that_is(page):
    follow(page, 10)
    tile = page.locator("#neighbours .tile").nth(1)
    distance = tile.locator(".caption b").inner_text()
    tile.locator(".why").click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert dialog.locator("h2").inner_text() == "Why does this look like harbor?"
    assert tile.get_attribute("data-id") in dialog.locator(".neighbour small").inner_text()
    assert f"{distance}, is usual for photos of one class" in dialog.locator(".answer").inner_text()
    assert re.search(r"of pairs of different classes \d", dialog.locator(".lines").inner_text())
    page.wait_for_function(
        """() => [...document.querySelectorAll('dialog[open] .heat')]
                   .every(each => !each.hidden && each.naturalWidth > 0)"""
    )
    assert distance in dialog.locator(".neighbour .photo").get_attribute("alt")
    assert dialog.locator(".chart svg").get_attribute("aria-label")
    dialog.locator(".toggle input").uncheck()
    assert not dialog.locator(".heat").first.is_visible()


def test_in_the_dialog_arrows_go_on_and_escape_gives_the_focus_back(page):
    follow(page, 10)
    second = page.locator("#neighbours .tile").nth(1).get_attribute("data-id")
    page.locator("#neighbours .tile").nth(0).locator(".why").click()
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "id => document.querySelector('dialog .neighbour small').innerText === id", arg=second
    )
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert page.evaluate("document.activeElement.className") == "why"
    page.keyboard.press("Enter")  # and the same can be opened again
    page.wait_for_selector("dialog[open]")


def test_from_the_dialog_one_searches_with_the_neighbour(page):
    follow(page, 10)
    chosen = page.locator("#neighbours .tile").nth(2).get_attribute("data-id")
    page.locator("#neighbours .tile").nth(2).locator(".why").click()
    page.locator("dialog[open] .follow").click()
    wait_for_query(page, chosen)


def test_without_the_photos_the_dialog_says_what_it_cannot_show(page, page_url):
    open_at(page, page_url, "collection=ucmerced&id=harbor03&k=12")
    page.locator("#neighbours .tile").nth(0).locator(".why").click()
    page.wait_for_function(
        "() => document.querySelector('dialog .told').innerText.includes('are not on the computer')"
    )
    assert "distance" in page.locator("dialog .answer").inner_text()


@pytest.mark.parametrize(
    ("width", "height", "whole"), [(1280, 800, True), (390, 844, True), (844, 390, False), (390, 600, False)]
)
def test_the_buttons_of_the_dialog_are_in_sight_in_windows_of_all_heights(page, width, height, whole):
    """At 800 pixels all of it is; in a lower window what is between the bars scrolls."""
    page.set_viewport_size({"width": width, "height": height})
    follow(page, 10)
    page.locator("#neighbours .why").nth(1).click()
    page.wait_for_selector("dialog[open] .heat:not([hidden])")
    for name in ("h2", ".close", ".before", ".after", ".follow"):
        box = page.locator(f"dialog[open] {name}").bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
    body = page.locator("dialog[open] .body")
    assert body.evaluate("each => each.scrollHeight <= each.clientHeight + 1") is whole
    answer, photo = (
        page.locator(f"dialog[open] {name}").first.bounding_box() for name in (".answer", ".photo")
    )
    assert answer["y"] + answer["height"] <= photo["y"]  # what one wants to know comes first
    last = page.locator("dialog[open] .chart")
    last.evaluate("each => each.scrollIntoView({ block: 'end' })")
    end = last.bounding_box()
    assert end["y"] + end["height"] <= page.locator("dialog[open] .before").bounding_box()["y"]


# Understanding


@on_phones_too
def test_a_result_is_drawn_as_distances_classes_and_a_place_on_the_map(page):
    follow(page, 3)
    page.locator("#understand button.label-wrap").click()
    page.wait_for_selector("#understand figure.distances svg")
    assert page.locator("#understand figure.distances .own").count() >= 10
    assert page.locator("#understand figure.distances .limit").count() == 2  # a line, and what it is
    assert "beach" in page.locator("#understand table.bars tbody").inner_text()
    page.locator("#result-map").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelectorAll('#result-map .dots circle').length === 252")
    assert page.locator("#result-map .found circle").count() == 12
    assert page.locator("#result-map .query circle").count() == 1
    follow(page, 1)  # and it follows the search
    page.wait_for_function("() => document.querySelectorAll('#result-map .found circle').length === 12")


@on_phones_too
def test_the_map_zooms_shows_a_photo_and_searches_with_it(page):
    open_tab(page, "Browse")
    page.wait_for_function("() => document.querySelectorAll('#browse-map .dots circle').length === 252")
    whole = float(page.locator("#browse-map svg").get_attribute("viewBox").split()[2])
    page.locator("#browse-map svg").focus()
    page.keyboard.press("+")
    zoomed = float(page.locator("#browse-map svg").get_attribute("viewBox").split()[2])
    assert zoomed < whole
    page.locator("#browse-map .zoom .all").click()
    assert float(page.locator("#browse-map svg").get_attribute("viewBox").split()[2]) == whole
    dot = page.locator("#browse-map .dots circle").nth(100)
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_selector("#browse-map .card:not([hidden])")
    page.wait_for_function("() => document.querySelector('#browse-map .card img').naturalWidth > 0")
    page.mouse.click(x, y)
    named = page.locator("#browse-map .card p").inner_text().split(" · ")[1]
    page.locator("#browse-map .card button").click()
    wait_for_query(page, named)
    assert page.get_by_role("tab", name="Search").get_attribute("aria-selected") == "true"


@on_phones_too
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_names_on_a_map_cover_no_dot_and_no_other_name(page, scheme):
    page.emulate_media(color_scheme=scheme)
    open_tab(page, "Browse")
    page.wait_for_function("() => document.querySelectorAll('#browse-map .dots circle').length === 252")
    for zooms in range(3):
        boxes = page.evaluate(PAINTED, "#browse-map")
        assert len(boxes["names"]) >= (8 if zooms == 0 else 2)
        for name, box in boxes["names"].items():
            others = [each for other, each in boxes["names"].items() if other != name]
            covered = [each for each in boxes["dots"] + others if overlap(box, each)]
            assert covered == [], name
        page.locator("#browse-map .zoom .in").click()


#: The boxes of the names that are shown, a little within them, and of the middles of dots.
PAINTED = """(map) => {
  const box = (each, less) => {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    return [left + less, top + less, right - less, bottom - less];
  };
  const all = (selector) => [...document.querySelectorAll(`${map} ${selector}`)];
  return {
    names: Object.fromEntries(all('text:not([hidden])').map(each => [each.textContent, box(each, 2)])),
    dots: all('.dots circle').map(each => box(each, 1)),
  };
}"""


def overlap(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@on_phones_too
def test_the_pinned_photo_goes_with_its_dot_and_out_of_sight_with_it(page):
    open_tab(page, "Browse")
    page.wait_for_function("() => document.querySelectorAll('#browse-map .dots circle').length === 252")
    dot = page.locator("#browse-map .dots circle").nth(100)
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card, shown = page.locator("#browse-map .card"), page.locator("#browse-map .dots circle.shown")
    card.wait_for()
    shown_id = card.locator("p").inner_text()

    def apart() -> float:
        """From the middle of the dot to the nearest edge of the card."""
        dot, photo = shown.bounding_box(), card.bounding_box()
        x, y = dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2
        across = max(photo["x"] - x, 0, x - photo["x"] - photo["width"])
        return (across**2 + max(photo["y"] - y, 0, y - photo["y"] - photo["height"]) ** 2) ** 0.5

    places = set()
    page.locator("#browse-map svg").focus()
    for key in ("+", "ArrowLeft", "ArrowUp", "-", "+", "+"):
        page.keyboard.press(key)
        if card.is_visible():
            assert apart() <= 40
            places.add(round(shown.bounding_box()["x"]))
    assert len(places) >= 3  # it did move
    for key in (*["+"] * 5, *["ArrowRight", "ArrowDown"] * 20):  # away from it
        page.keyboard.press(key)
    assert not card.is_visible()
    page.locator("#browse-map .zoom .all").click()
    assert card.is_visible()  # and back with it
    assert card.locator("p").inner_text() == shown_id


# Browsing


@on_phones_too
def test_the_collection_is_browsed_by_class(page):
    open_tab(page, "Browse")
    page.wait_for_selector("#browse-grid .tile")
    assert page.locator("#browse-grid .tile").count() == 21
    page.locator("#browse-class input").click()
    page.get_by_role("option", name="river").click()
    page.wait_for_function("() => document.querySelectorAll('#browse-grid .tile').length === 12")
    chosen = page.locator("#browse-grid .tile").nth(4).get_attribute("data-id")
    assert chosen.startswith("river")
    page.locator("#browse-grid .photo").nth(4).click()
    wait_for_query(page, chosen)


def test_a_photo_of_another_collection_is_searched_in_its_own(page):
    open_tab(page, "Browse")
    page.locator("#browse-collection label", has_text="UC Merced").click()
    page.wait_for_selector("#browse-grid .photo img[src^='photos/ucmerced/']")
    chosen = page.locator("#browse-grid .tile").nth(3).get_attribute("data-id")
    page.locator("#browse-grid .photo").nth(3).click()
    wait_for_query(page, chosen)
    assert fields(page)["collection"] == ["ucmerced"]
    assert page.locator("#collection input:checked").get_attribute("value") == "ucmerced"
