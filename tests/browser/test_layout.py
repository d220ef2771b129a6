"""Where things stand on the page: answers up, one slim bar, sheets on a phone."""

from __future__ import annotations

import pytest

from tests.browser.visitor import follow, on_phones_too, refine, upload, wait_for_result

pytestmark = pytest.mark.browser

BOX = "element => element.getBoundingClientRect().toJSON()"


@pytest.fixture
def phone(chromium, page_url):
    """The page on a phone, which has a touch screen."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    tab = context.new_page()
    tab.goto(page_url)
    tab.wait_for_selector("#neighbours .tile")
    yield tab
    context.close()


def tiles(page) -> list[dict[str, float]]:
    """The boxes of the neighbours' tiles, in the window."""
    return page.locator("#neighbours .tile").evaluate_all(f"all => all.map({BOX})")


def answered(chromium, page_url, width, height):
    """A window with a search of 12 neighbours."""
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.goto(f"{page_url}/?collection=scenes&id=storagetanks04&k=12")
    page.wait_for_selector("#neighbours [data-kind=answer]")
    wait_for_result(page)
    return page


def test_two_full_rows_of_answers_are_in_view_on_a_laptop(chromium, page_url):
    page = answered(chromium, page_url, 1280, 800)
    boxes = tiles(page)
    rows = sorted({round(box["top"]) for box in boxes})
    assert len(rows) == 2
    assert max(box["bottom"] for box in boxes) <= 800
    assert sum(round(box["top"]) == rows[0] for box in boxes) == 6
    page.close()


def test_a_larger_screen_has_larger_photos(chromium, page_url):
    sides = []
    for width, height in ((1280, 800), (1920, 1080)):
        page = answered(chromium, page_url, width, height)
        sides.append(tiles(page)[0]["width"])
        page.close()
    assert sides[1] > 1.2 * sides[0]


@on_phones_too
def test_the_bar_is_slim_and_right_above_the_answer(page):
    follow(page, 1)
    bar, summary = page.evaluate(f"['#bar', '#summary'].map(id => ({BOX})(document.querySelector(id)))")
    wide = page.viewport_size["width"] > 700
    assert bar["height"] < (60 if wide else 110)
    assert 0 <= summary["top"] - bar["bottom"] < 40
    for part in ("#trail .steps", "#collection", "#refine"):
        assert page.locator(f"#bar {part}").is_visible()


@on_phones_too
def test_what_refines_opens_over_the_page_and_closes_by_escape_or_a_press_beside(page):
    follow(page, 1)
    before = tiles(page)[0]["left"], tiles(page)[0]["width"]
    field = page.locator("#k input[type=number]")
    refine(page)
    assert (tiles(page)[0]["left"], tiles(page)[0]["width"]) == before  # nothing makes room for it
    page.keyboard.press("Escape")
    field.wait_for(state="hidden")
    refine(page)
    page.mouse.click(8, 8)
    field.wait_for(state="hidden")


def test_a_press_inside_of_what_refines_leaves_it_open(page):
    follow(page, 1)
    refine(page)
    page.locator("#classes input").click()
    page.locator("#classes [role=option]").first.click()
    page.wait_for_timeout(300)
    assert page.locator("#k input[type=number]").is_visible()


def test_what_is_opened_on_a_phone_is_a_sheet_at_its_bottom(phone):
    follow(phone, 1)
    for panel in ("#understand", "#save"):
        phone.locator(f"{panel} > .label-wrap").click()
        phone.wait_for_timeout(300)
        box = phone.locator(panel).evaluate(BOX)
        assert box["bottom"] == 844
        assert box["width"] == 390
        assert box["top"] >= 0.1 * 844
        phone.mouse.click(190, 20)
        phone.wait_for_selector(f"{panel} > .label-wrap:not(.open)")


def test_a_phone_is_led_to_the_answer_below_a_screenshot(phone, tmp_path):
    from examples.catalog import read_screenshots

    upload(phone, read_screenshots()[2].path)
    phone.wait_for_selector("#neighbours [data-kind=answer]")
    phone.wait_for_selector("#shot .shot:not([hidden])")
    phone.wait_for_timeout(1500)  # it scrolls there
    first = tiles(phone)[0]
    in_sight = first["top"] < 844 - 60
    bar = phone.locator(".answer-bar")
    assert in_sight or bar.is_visible()
    if not in_sight:
        bar.click()
        phone.wait_for_function(
            "document.querySelector('#neighbours .tile').getBoundingClientRect().top < 844"
        )
        bar.wait_for(state="hidden")


def test_the_start_on_a_phone_is_short(phone):
    phone.wait_for_timeout(500)
    assert phone.evaluate("document.documentElement.scrollHeight") < 1800


def test_nothing_moves_for_those_who_do_not_want_it(chromium, page_url):
    page = chromium.new_page(reduced_motion="reduce")
    page.goto(page_url)
    page.wait_for_selector("#neighbours .tile")
    tile = page.locator("#neighbours .tile").first
    tile.hover()
    style = tile.evaluate(
        "e => { const s = getComputedStyle(e); return [s.transform, s.transitionDuration]; }"
    )
    assert style == ["none", "0s"]
    page.close()


def test_the_header_shows_drawn_land(page):
    page.wait_for_function("document.querySelector('#header img').naturalWidth === 1920")
    assert page.locator("#header").evaluate(BOX)["height"] < 110


@on_phones_too
def test_what_shares_closes_by_escape_and_by_a_press_beside_it(page):
    follow(page, 1)
    panel, share = page.locator("#trail .link"), page.locator("#trail .share")
    share.click()
    panel.wait_for(state="visible")
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    share.click()
    panel.wait_for(state="visible")
    panel.locator(".address").click()
    assert panel.is_visible()
    page.mouse.click(5, 5)
    panel.wait_for(state="hidden")


@pytest.mark.parametrize("path", ["", "ro"])
def test_nothing_in_the_bar_covers_anything(chromium, page_url, path):
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{page_url}/{path}?collection=scenes&id=storagetanks04&k=12")
    page.wait_for_selector("#neighbours [data-kind=answer]")
    page.locator("#neighbours .photo").nth(3).click()
    page.wait_for_function("document.querySelectorAll('#trail .crumbs button').length === 2")
    parts = "#trail .steps, #trail .crumbs, #collection, #refine"
    boxes = page.locator(parts).evaluate_all(f"all => all.map({BOX})")
    for one in boxes:
        for other in boxes:
            beside = one["right"] <= other["left"] + 1 or other["right"] <= one["left"] + 1
            below = one["bottom"] <= other["top"] + 1 or other["bottom"] <= one["top"] + 1
            assert one is other or beside or below
    page.close()
