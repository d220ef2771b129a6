"""A link without a picture, pasted or dropped, in Chromium: what is said, and that a map's is kept."""

from __future__ import annotations

import pytest

from examples.catalog import SCREENSHOTS
from examples.scenes import draw
from tests.browser.visitor import on_phones_too, open_tab, paste_text, upload, wait_for_result

pytestmark = pytest.mark.browser

MAP = "https://www.openstreetmap.org/#map=19/44.5/26.07"
NOTE = "#pasted-link .note"
LINK = "#link input, #link textarea"


@on_phones_too
def test_a_maps_link_is_answered_and_gives_the_next_screenshot_its_scale(page, tmp_path):
    open_tab(page, "Browse")  # wherever one is
    paste_text(page, MAP)
    page.wait_for_selector(NOTE, state="visible")
    told = page.locator(f"{NOTE} p").inner_text()
    assert told.startswith("That link shows 44.50, 26.07 at zoom 19. A link has no picture in it")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    draw("harbor", 4711).save(tmp_path / "harbor.png")
    upload(page, tmp_path / "harbor.png")  # which has its own scale, and leaves the link
    wait_for_result(page)
    assert page.locator(NOTE).is_visible()
    page.locator("#anywhere input[type=file]").set_input_files(SCREENSHOTS / "baneasa-z19.webp")
    page.wait_for_selector("#shot .shot:not([hidden])", timeout=60_000)
    page.wait_for_function("() => document.querySelector('#scale-line').innerText.includes('from the map')")
    assert "0.21 m per pixel" in page.locator("#scale-line").inner_text()
    assert page.locator(LINK).first.input_value() == MAP
    page.wait_for_selector(NOTE, state="hidden")


def test_with_a_screenshot_in_view_the_link_is_of_that(page):
    upload(page, SCREENSHOTS / "baneasa-z19.webp")
    page.wait_for_selector("#shot .shot:not([hidden])", timeout=60_000)
    paste_text(page, MAP)
    page.wait_for_function("() => document.querySelector('#scale-line').innerText.includes('0.21 m')")
    assert page.locator(LINK).first.input_value() == MAP
    assert not page.locator(NOTE).is_visible()


@on_phones_too
def test_the_address_of_a_picture_gets_a_sentence_and_nothing_is_fetched(page):
    paste_text(page, "https://photos.example/harbor.png")
    page.wait_for_selector(NOTE, state="visible")
    assert "This page opens no links" in page.locator(NOTE).inner_text()
    page.locator(f"{NOTE} .close").click()
    page.wait_for_selector(NOTE, state="hidden")


def test_a_link_that_is_dropped_is_answered_likewise_and_one_of_the_page_is_not(page):
    drop = """([link, ours]) => {
      const carrier = new DataTransfer();
      carrier.setData('text/uri-list', link);
      const tell = (type) => document.body.dispatchEvent(
        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carrier }));
      if (ours) tell('dragstart');
      const refused = tell('dragover');
      tell('drop');
      if (ours) tell('dragend');
      return !refused;  // that it may be dropped
    }"""
    assert page.evaluate(drop, ["https://photos.example/a.png", True]) is False
    page.wait_for_timeout(500)
    assert not page.locator(NOTE).is_visible()
    assert page.evaluate(drop, [MAP, False]) is True
    page.wait_for_selector(NOTE, state="visible")
    assert "zoom 19" in page.locator(NOTE).inner_text()


def test_other_text_and_what_goes_into_a_field_are_left_alone(page):
    for text in ("a harbour, seen from above", "notes/today.txt", "44.43, 26.10", "x" * 5000):
        paste_text(page, text)
    page.keyboard.press("/")  # the class filter
    page.wait_for_function("() => document.activeElement.closest('#classes')")
    paste_text(page, MAP, "#classes input")
    page.wait_for_timeout(800)
    assert not page.locator(NOTE).is_visible()
