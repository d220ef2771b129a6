"""Tabs and what is chosen in them have addresses, one trail with the searches; links are sent with words."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Error

from tests.browser.visitor import (
    fields,
    follow,
    give,
    ids,
    on_phones_too,
    open_at,
    open_tab,
    opened,
    upload,
    wait_for_query,
    wait_for_result,
)
from tests.hosting.test_page_head import Head

pytestmark = pytest.mark.browser

NAME = "Aerial Image Retrieval"


def wait_for_view(page, **expected: str) -> None:
    """Wait until the address is that of a view with just this chosen; of none, where nothing is given."""
    page.wait_for_function(
        """expected => { const given = new URLSearchParams(location.search);
             return ['view', 'in', 'class'].every(
               name => (given.get(name) ?? '') === (expected[name] ?? '')); }""",
        arg={name.rstrip("_"): value for name, value in expected.items()},
    )


def browsed(page) -> set[str]:
    """The photos of the tab 'Browse', by the class in their ids."""
    tiles = page.locator("#browse-grid .tile")
    return {
        name.rstrip("0123456789") for name in tiles.evaluate_all("all => all.map(each => each.dataset.id)")
    }


def wait_for_class(page, label: str) -> None:
    """Wait until the tab 'Browse' shows one class alone, in the grid and in the choice."""
    page.wait_for_function(
        """label => { const all = [...document.querySelectorAll('#browse-grid .tile')];
             return all.length > 0 && all.every(each => each.dataset.id.startsWith(label)); }""",
        arg=label,
    )
    page.wait_for_function(
        "label => document.querySelector('#browse-class input').value === label", arg=label
    )


def choose_class(page, label: str) -> None:
    """Choose a class; the list closes when its choices come, which nobody is quick enough to see."""
    option = page.locator("#browse-class [role=option]", has_text=label).first
    for _ in range(10):
        page.locator("#browse-class input").click()
        try:
            option.click(timeout=2000)
            return
        except Error:
            page.locator("#browse-line").click()
    raise AssertionError(f"'{label}' cannot be chosen")


@on_phones_too
def test_a_tab_is_a_step_and_back_leads_to_the_search_as_it_was(page):
    chosen = follow(page, 1)
    found = ids(page)
    page.locator("#neighbours .right").first.click()  # marked, and not yet searched with
    open_tab(page, "Browse")
    wait_for_view(page, view="browse", in_="scenes")
    assert page.title() == f"Browse Generated scenes \u2013 {NAME}"
    choose_class(page, "harbor")
    wait_for_view(page, view="browse", in_="scenes", class_="harbor")
    wait_for_class(page, "harbor")
    page.wait_for_function("() => document.title.startsWith('harbor in Generated scenes')")
    page.go_back()
    wait_for_view(page, view="browse", in_="scenes")
    page.wait_for_function("() => new Set([...document.querySelectorAll('#browse-grid .tile')]"
                           ".map(each => each.dataset.id.replace(/[0-9]+$/, ''))).size === 21")  # fmt: skip
    page.go_back()
    wait_for_query(page, chosen)
    assert opened(page) == "search"
    assert page.title().startswith(f"Photos like {chosen} · ")
    assert ids(page) == found
    assert page.locator("#neighbours .right").first.get_attribute("aria-pressed") == "true"
    page.go_forward()
    page.go_forward()
    wait_for_view(page, view="browse", in_="scenes", class_="harbor")
    wait_for_class(page, "harbor")
    assert opened(page) == "browse"


@on_phones_too
def test_a_link_opens_a_tab_with_what_is_chosen_in_it_and_a_reload_keeps_it(page, page_url):
    page.goto(f"{page_url}/?view=browse&in=scenes&class=runway")
    for _ in range(2):
        wait_for_class(page, "runway")
        wait_for_view(page, view="browse", in_="scenes", class_="runway")
        assert opened(page) == "browse"
        assert page.locator("#browse-collection input:checked").get_attribute("value") == "scenes"
        page.reload()
    wait_for_class(page, "runway")
    open_tab(page, "Search")
    page.wait_for_selector("#neighbours [data-kind=answer] .tile", state="visible")  # of an example
    wait_for_view(page)
    page.go_back()
    wait_for_class(page, "runway")


@on_phones_too
@pytest.mark.parametrize(("view", "tab"), [("accuracy", "accuracy"), ("map", "whole")])
def test_each_view_has_a_link(page, page_url, view, tab):
    page.goto(f"{page_url}/?view={view}")
    page.wait_for_function(
        "tab => document.querySelector(`#tabs [role=tab][data-tab-id=${tab}]`)?.ariaSelected === 'true'",
        arg=tab,
    )
    wait_for_view(page, view=view)
    assert page.title().endswith(NAME)
    assert page.title() != NAME
    open_tab(page, "Search")
    wait_for_view(page)
    page.wait_for_selector("#neighbours .tile", state="visible")
    assert page.title() == NAME
    page.go_back()
    wait_for_view(page, view=view)
    assert opened(page) == tab


def test_a_view_that_there_is_not_is_the_start(page, page_url):
    page.goto(f"{page_url}/?view=nowhere")
    page.wait_for_selector("#neighbours .tile", state="visible")
    assert opened(page) == "search"
    follow(page, 1)
    assert "view" not in fields(page)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("view=browse&in=nowhere&class=harbor", "There is no collection of this name here."),
        ("view=browse&in=scenes&class=volcano", "There is no class of this name here."),
        ("view=browse&in=scenes&class=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "There is no class"),
    ],
)
def test_a_choice_that_there_is_not_is_told_beside_what_there_is(page, page_url, address, words):
    page.goto(f"{page_url}/?{address}")
    page.wait_for_selector("#browse-grid .tile")
    assert words in page.locator("#browse-line").inner_text()
    if "nowhere" not in address:
        assert len(browsed(page)) == 21
    page.wait_for_function("() => !/volcano|img|nowhere/.test(location.search)")


@on_phones_too
def test_a_photo_of_a_view_is_the_next_step_and_back_leads_to_the_view(page, page_url):
    page.goto(f"{page_url}/?view=browse&in=scenes&class=beach")
    wait_for_class(page, "beach")
    tile = page.locator("#browse-grid .tile").nth(2)
    chosen = tile.get_attribute("data-id")
    tile.locator(".photo").click()
    wait_for_query(page, chosen)
    assert opened(page) == "search"
    assert page.locator("#trail .crumbs button").count() == 2  # the view and the search, and none between
    page.go_back()
    wait_for_class(page, "beach")
    assert opened(page) == "browse"
    page.reload()
    wait_for_class(page, "beach")
    page.go_forward()
    wait_for_query(page, chosen)
    page.go_back()
    wait_for_class(page, "beach")
    open_tab(page, "Search")  # what is searched there stays
    wait_for_query(page, chosen)


def test_a_search_before_a_reload_of_a_view_comes_back_with_its_tab(page):
    chosen = follow(page, 2)
    open_tab(page, "Browse")
    wait_for_view(page, view="browse", in_="scenes")
    page.wait_for_selector("#browse-grid .tile")
    page.reload()
    page.wait_for_selector("#browse-grid .tile")
    assert opened(page) == "browse"
    open_tab(page, "Search")
    wait_for_query(page, chosen)
    crumbs = page.locator("#trail .crumbs button")
    assert crumbs.count() == 4
    assert crumbs.nth(2).inner_text() == "Browse"
    crumbs.nth(2).click()
    wait_for_view(page, view="browse", in_="scenes")


def test_a_file_that_is_refused_while_one_browses_leaves_address_and_tab_in_line(page, tmp_path):
    chosen = follow(page, 1)
    open_tab(page, "Browse")
    page.wait_for_selector("#browse-grid .tile")
    path = tmp_path / "photo.png"
    path.write_bytes(b"no picture")
    give(page, path, "drop")
    page.wait_for_selector("#trouble", state="visible")
    assert opened(page) == "search"
    assert fields(page)["id"] == [chosen]
    page.go_back()
    wait_for_view(page, view="browse", in_="scenes")


# Sharing.


@on_phones_too
def test_a_link_is_copied_and_its_panel_says_what_it_shows(page, page_url):
    open_at(page, page_url, "collection=scenes&id=harbor03&k=12&__theme=light")
    page.locator("#trail .share").click()
    page.wait_for_function("() => document.querySelector('#trail .copied').innerText !== ''")
    words = page.locator("#trail .words").inner_text()
    assert words == "The 12 photos most like harbor03 (harbor) in Generated scenes"
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{page_url}/?collection=scenes&id=harbor03"
    found = Head(httpx.get(link, trust_env=False).text)
    assert found.title == page.title() == f"Photos like harbor03 · harbor \u2013 {NAME}"
    box = page.locator("#trail .link").bounding_box()
    assert box["x"] + box["width"] <= page.viewport_size["width"]


@on_phones_too
def test_the_example_of_the_start_is_shared_under_an_address_of_its_own(page, page_url):
    page.goto(page_url)
    wait_for_result(page)
    assert page.url.rstrip("/") == page_url
    page.locator("#trail .share").click()
    page.wait_for_function("() => document.querySelector('#trail .copied').innerText !== ''")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{page_url}/?collection=scenes&photo=example-harbor"
    assert page.locator("#trail .words").inner_text() == (
        "The 12 photos most like an example of harbor in Generated scenes"
    )
    assert "as long as" in page.locator("#trail .life").inner_text()
    assert page.url.rstrip("/") == page_url
    page.goto(link)
    wait_for_result(page)
    assert page.title() == f"Photos like an example of harbor \u2013 {NAME}"


@on_phones_too
def test_a_view_is_shared_from_its_tab(page, page_url):
    page.goto(f"{page_url}/?view=browse&in=scenes&class=harbor")
    wait_for_class(page, "harbor")
    share = page.locator(".sharing").locator("visible=true").first
    share.locator(".share").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.sharing .copied')].some(each => each.innerText)"
    )
    assert share.locator(".words").inner_text() == "The 12 photos of the class harbor in Generated scenes"
    assert (
        page.evaluate("navigator.clipboard.readText()") == f"{page_url}/?view=browse&in=scenes&class=harbor"
    )
    page.keyboard.press("Escape")
    choose_class(page, "beach")
    wait_for_class(page, "beach")
    page.wait_for_function(
        """() => [...document.querySelectorAll('.sharing .address')]
             .some(each => each.value.endsWith('class=beach'))"""
    )


@pytest.mark.parametrize("outcome", ["sent", "AbortError", "NotAllowedError"])
def test_a_phone_is_asked_to_send_the_link(chromium, page_url, outcome):
    """Chromium has no `navigator.share` on Linux: what it would be given is kept instead."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    tab = context.new_page()
    tab.add_init_script(
        """window.sent = []; navigator.share = async (given) => { window.sent.push(given);
             if (OUTCOME !== "sent") throw new DOMException("", OUTCOME); };""".replace(
            "OUTCOME", f"'{outcome}'"
        )
    )
    open_at(tab, page_url, "collection=scenes&id=harbor03")
    tab.locator("#trail .share").click()
    tab.wait_for_function("() => window.sent.length === 1")
    (sent,) = tab.evaluate("window.sent")
    assert sent == {
        "title": f"Photos like harbor03 · harbor \u2013 {NAME}",
        "text": "The 12 photos most like harbor03 (harbor) in Generated scenes",
        "url": f"{page_url}/?collection=scenes&id=harbor03",
    }
    if outcome == "NotAllowedError":  # then it is copied, as elsewhere
        tab.wait_for_function("() => document.querySelector('#trail .copied').innerText === 'Copied.'")
    else:
        tab.wait_for_timeout(300)
        assert tab.locator("#trail .copied").inner_text() == ""
    context.close()


def test_a_link_to_a_visitors_photo_shows_nothing_of_it_where_it_is_sent(page, page_url, tmp_path):
    from examples.scenes import draw

    path = tmp_path / "my-secret-house.png"
    draw("harbor", 4711).save(path)
    upload(page, path)
    wait_for_result(page)
    page.locator("#trail .share").click()
    assert page.locator("#trail .words").inner_text() == (
        "The 12 photos most like a visitor's photo in Generated scenes"
    )
    assert "works until" in page.locator("#trail .life").inner_text()
    link = page.locator("#trail .address").input_value()
    answer = httpx.get(link, trust_env=False)
    found = Head(answer.text)
    assert found.title == f"Photos like a visitor's photo \u2013 {NAME}"
    assert "two hours" in found["og:description"]
    assert found["robots"] == "noindex"
    assert "my-secret-house" not in answer.text
    shown = httpx.get(found["og:image"], trust_env=False, timeout=60)
    assert Image.open(io.BytesIO(shown.content)).size == (1200, 630)
    assert shown.content == httpx.get(f"{page_url}/preview.jpg", trust_env=False).content


def test_the_browser_finds_the_icon_and_nothing_is_missing(chromium, page_url):
    context = chromium.new_context()
    tab = context.new_page()
    missing: list[str] = []
    tab.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    for path in ("", "/ro", "/?view=browse&in=scenes"):
        tab.goto(f"{page_url}{path}")
        tab.locator(".tile").locator("visible=true").first.wait_for()
        links = tab.evaluate(
            "[...document.querySelectorAll('link[rel*=icon], link[rel=manifest]')].map(each => each.href)"
        )
        assert len(links) == 4
        for link in links:
            assert tab.evaluate("async link => (await fetch(link)).status", link) == 200
    assert tab.evaluate("document.documentElement.lang") == "en"
    context.close()
    assert missing == []
