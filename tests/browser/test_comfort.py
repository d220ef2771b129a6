"""Keys, looks, and the other language, in Chromium."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from benchmarks.explorer import first_view
from tests.browser.visitor import (
    follow,
    give,
    ids,
    labels,
    on_phones_too,
    open_tab,
    paste_text,
    wait_for_query,
)

pytestmark = pytest.mark.browser


# Keys


def test_photos_are_walked_marked_and_followed_by_keys(page):
    follow(page, 1)
    page.locator("#neighbours .photo").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    focused = "document.activeElement.closest('.tile').dataset.id"
    assert page.evaluate(focused) == ids(page)[1]
    page.keyboard.press("ArrowDown")
    columns = page.evaluate(
        """() => { const all = [...document.querySelectorAll('#neighbours .tile')];
                   return all.filter(each => each.offsetTop === all[0].offsetTop).length; }"""
    )
    assert page.evaluate(focused) == ids(page)[1 + columns]
    page.keyboard.press("End")
    assert page.evaluate(focused) == ids(page)[-1]
    page.keyboard.press("+")
    assert page.locator("#neighbours .tile").last.locator(".right").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert page.locator("#neighbours [aria-pressed=true]").count() == 0
    page.keyboard.press("w")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    chosen = ids(page)[0]
    page.keyboard.press("Enter")
    wait_for_query(page, chosen)
    assert page.evaluate(focused) == ids(page)[0]  # the focus stays among the photos


def test_a_slash_goes_to_the_class_filter_and_not_while_one_types(page):
    page.keyboard.press("/")
    page.wait_for_function("() => document.activeElement.closest('#classes')")
    page.keyboard.type("a/b")
    assert page.locator("#classes input").input_value() == "a/b"


def test_the_focus_is_seen(page):
    follow(page, 1)
    page.locator("#neighbours .photo").first.focus()
    page.keyboard.press("ArrowRight")
    style = "getComputedStyle(document.activeElement)"
    assert page.evaluate(f"[{style}.outlineStyle, parseFloat({style}.outlineWidth)]") == ["solid", 3]


# Looks


@on_phones_too
def test_nothing_jumps_while_an_answer_comes(page):
    page.evaluate(
        """() => { window.shifts = [];
           new PerformanceObserver(list => list.getEntries().forEach(each => {
             if (!each.hadRecentInput) window.shifts.push(each.value);
           })).observe({ type: 'layout-shift', buffered: false }); }"""
    )
    follow(page, 1)
    page.wait_for_timeout(800)
    page.evaluate("() => window.shifts.length = 0")
    follow(page, 2)
    page.wait_for_timeout(1000)
    assert sum(page.evaluate("window.shifts")) < 0.1  # 'good' by Core Web Vitals


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(chromium, page_url, scheme, width):
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(page_url)
    page.wait_for_selector("#neighbours .tile img")
    assert violations(page) == []
    follow(page, 1)
    for panel in ("#refine", "#understand", "#save"):
        page.locator(f"{panel} button.label-wrap").click()
        if panel == "#understand":
            page.locator("#result-map").scroll_into_view_if_needed()
            page.wait_for_selector("#result-map .dots circle")
        page.wait_for_timeout(500)  # for what fades in
        assert violations(page) == [], panel
        if width < 700:
            page.keyboard.press("Escape")  # a sheet over the rest
    page.locator("#trail .share").click()
    page.locator("#neighbours .right").nth(1).click()
    page.wait_for_timeout(500)
    assert violations(page) == []
    page.locator("#neighbours .why").nth(1).click()
    page.wait_for_selector("dialog[open] .heat:not([hidden])")
    assert violations(page) == []
    page.keyboard.press("Escape")
    for name in ("Browse", "Whole map", "Accuracy"):
        open_tab(page, name)
        page.wait_for_timeout(500)
        assert violations(page) == [], name
        if name == "Browse":
            page.wait_for_selector("#browse-map .dots circle")
            page.locator("#browse-map svg").press("+")
            assert violations(page) == [], "a map that was zoomed"
    page.keyboard.press("Escape")
    paste_text(page, "https://www.google.com/maps/@44.43,26.1,19z")
    page.wait_for_selector("#pasted-link .note", state="visible")
    assert violations(page) == [], "a link without a picture"
    page.close()


def violations(page) -> list[str]:
    """What axe complains of: the rule, and where. Gradio's own violations would have to be listed here."""
    return [
        f"{each['id']}: {node['target']} {node['html'][:100]}"
        for each in Axe().run(page).response["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
@pytest.mark.parametrize("path", ["", "ro"])
def test_no_view_scrolls_sideways(chromium, page_url, width, path):
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{page_url}/{path}?collection=scenes&id=storagetanks04&k=12")
    page.wait_for_selector("#neighbours [data-kind=answer]")
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(fits)
    for panel in ("#refine", "#understand", "#save"):
        page.locator(f"{panel} button.label-wrap").click()
        if panel == "#understand":
            page.locator("#result-map").scroll_into_view_if_needed()
            page.wait_for_selector("#result-map .dots circle")
        assert page.evaluate(fits)
        if width < 700:
            page.keyboard.press("Escape")  # a sheet over the rest
    page.locator("#trail .share").click()
    assert page.evaluate(fits)
    page.locator("#neighbours .why").first.click()
    page.wait_for_selector("dialog[open]")
    assert page.evaluate(fits)
    dialog = "document.querySelector('dialog[open]')"
    assert page.evaluate(f"{dialog}.scrollWidth <= {dialog}.clientWidth")
    page.keyboard.press("Escape")
    count = page.locator("[role=tab]").count()
    for number in range(count):
        page.evaluate("number => document.querySelectorAll('[role=tab]')[number].click()", number)
        page.wait_for_timeout(300)
        assert page.evaluate(fits), page.locator("[role=tab]").nth(number).inner_text()
    page.close()


def test_the_first_view_is_light(chromium, page_url):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    weight = first_view(context, page_url)
    assert 50_000 < weight < 250_000
    context.close()


def test_the_plots_come_after_the_photos(page):
    follow(page, 1)
    page.wait_for_function("() => document.querySelector('#neighbours [data-kind=answer]')")
    page.locator("#understand button.label-wrap").click()
    page.wait_for_selector("#understand figure.distances")  # drawn for the search that is shown


# The other language


@on_phones_too
def test_the_page_speaks_romanian_and_keeps_the_search(page):
    follow(page, 3)
    before = ids(page)
    page.locator("#header a[hreflang=ro]").click()
    page.wait_for_selector("#neighbours [data-kind=answer]")
    assert urlsplit(page.url).path == "/ro"
    assert page.evaluate("document.documentElement.lang") == "ro"
    assert ids(page) == before
    assert "plajă" in page.locator("#summary").inner_text()
    assert labels(page)[0] == "plajă"
    page.locator("#neighbours .why").first.click()
    page.wait_for_function("() => document.querySelector('dialog[open]')?.innerText.includes('Distanța')")
    page.keyboard.press("Escape")
    page.locator("#header a[hreflang=en]").click()
    page.wait_for_function("() => document.querySelector('#summary')?.innerText.includes('Strong match')")
    assert urlsplit(page.url).path == "/"


def test_a_bad_file_is_explained_in_romanian(page, page_url, tmp_path):
    page.goto(f"{page_url}/ro")
    page.wait_for_selector("#neighbours .tile")
    bad = tmp_path / "notes.txt"
    bad.write_text("some notes")
    give(page, bad, "drop")
    page.wait_for_selector("#trouble")
    assert "imagine" in page.locator("#trouble").inner_text()
    assert "image" not in re.sub("imagine", "", page.locator("#trouble").inner_text())
