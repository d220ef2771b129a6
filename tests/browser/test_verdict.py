"""How well an answer fits, as a visitor sees it: the verdict, bars, several photos, an unknown scale."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from examples.catalog import SCREENSHOTS
from examples.scenes import draw
from tests.browser.visitor import give, on_phones_too, open_at, refine, upload, wait_for_result

pytestmark = pytest.mark.browser

SHOT = SCREENSHOTS / "lacul-morii-z19.webp"
SENTINEL = Path(__file__).resolve().parents[3] / "shared/data/bucharest/sentinel2_34m.webp"


def wait_for_verdict(page, words: str) -> str:
    """The line above the neighbours, once it says something."""
    page.wait_for_function(
        "words => document.querySelector('#summary')?.innerText.includes(words)", arg=words, timeout=20_000
    )
    return page.locator("#summary .line").inner_text()


def lines_of(page) -> int:
    """How many lines of text the verdict takes."""
    return page.evaluate(
        """() => { const line = document.querySelector('#summary .line');
           const range = document.createRange();
           range.selectNodeContents(line.querySelector('.told'));
           const boxes = [line.querySelector('.level').getBoundingClientRect(), ...range.getClientRects()];
           const middles = boxes.map(box => Math.round((box.top + box.bottom) / 2 / 12));
           return new Set(middles).size; }"""
    )


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def harbor(tmp_path: Path) -> Path:
    """A scene that is in no collection."""
    path = tmp_path / "harbor.png"
    draw("harbor", 4711).save(path)
    return path


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """A picture that shows nothing."""
    path = tmp_path / "noise.png"
    colours = np.random.default_rng(5).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(colours).resize((256, 256)).save(path)
    return path


@pytest.fixture
def phone(chromium, page_url: str):
    """A tab of a phone, with fingers and without a pointer that hovers."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    tab = context.new_page()
    tab.goto(page_url)
    tab.wait_for_selector("#neighbours .tile")
    yield tab
    context.close()


# The line


@on_phones_too
def test_a_good_match_is_told_in_one_line_or_three_on_a_phone(page, harbor):
    upload(page, harbor)
    wait_for_result(page)
    told = wait_for_verdict(page, "Strong match")
    assert re.search(r"harbor\. \d+ of 12 agree", told)
    assert "ms" not in told
    assert lines_of(page) <= (1 if page.viewport_size["width"] > 700 else 3)
    assert "far" not in page.locator("#neighbours .grid").get_attribute("class")


@on_phones_too
def test_the_next_verdict_moves_no_tile(page, harbor):
    upload(page, harbor)
    wait_for_result(page)
    wait_for_verdict(page, "Strong match")
    height = page.locator("#summary").bounding_box()["height"]
    page.locator("#neighbours .photo").nth(1).click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('id')")
    wait_for_verdict(page, "match")
    assert page.locator("#summary").bounding_box()["height"] == pytest.approx(height, abs=2)


@on_phones_too
def test_the_time_and_the_distances_open_with_the_keyboard_and_inside_the_window(page, harbor):
    upload(page, harbor)
    wait_for_result(page)
    wait_for_verdict(page, "Strong match")
    how = page.locator("#how-found")
    assert not how.is_visible()
    page.locator("#summary .info").focus()
    assert how.is_visible()
    assert re.search(r"252 photos searched in [\d.]+ ms: decode", how.inner_text())
    box = how.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    page.keyboard.press("Tab")
    assert not how.is_visible()


@on_phones_too
def test_what_looks_like_nothing_is_said_to_and_its_tiles_are_dimmed(page, noise):
    upload(page, noise)
    wait_for_result(page)
    told = wait_for_verdict(page, "Nothing here looks like it")
    assert "The least unlike:" in told
    assert " of 12" not in told
    dimmed = "getComputedStyle(document.querySelector('#neighbours .photo img')).opacity"
    assert float(page.evaluate(dimmed)) < 0.8
    assert set(page.locator("#neighbours .near em").all_inner_texts()) == {"far"}


@on_phones_too
def test_a_filter_that_leaves_only_what_is_far_says_what_is_near(page, page_url):
    open_at(page, page_url, "collection=scenes&id=airplane03&class=harbor")
    told = wait_for_verdict(page, "Nothing near")
    assert "Only harbor is allowed, and none of it is near. Nearest of all: airplane." in told


def test_where_a_filter_leaves_nothing_what_may_help_is_said(page, page_url):
    page.goto(f"{page_url}/?collection=scenes&id=airplane03&max=0.01")
    assert "Allow a larger distance." in wait_for_verdict(page, "No photo is left")
    refine(page)  # the controls are there to follow that


# The tiles


@on_phones_too
def test_each_tile_says_by_a_bar_and_a_word_how_near_it_is(page, page_url):
    open_at(page, page_url, "collection=scenes&id=harbor02&k=40")
    distances = wait_for_result(page, 40)
    bars = page.locator("#neighbours .near").evaluate_all(
        """all => all.map(each => ({ share: Number(each.querySelector('.likeness').style
             .getPropertyValue('--share')), word: each.querySelector('em').innerText, title: each.title }))"""
    )
    assert len(bars) == 40
    shares = [each["share"] for each in bars]
    assert shares == sorted(shares, reverse=True)
    assert len(set(distances)) > 10
    words = list(dict.fromkeys(each["word"] for each in bars))
    assert words[0] == "very alike"
    assert words[-1] == "far"
    assert re.fullmatch(r"Nearer than \d+% of pairs of one class\.", bars[0]["title"])


@on_phones_too
def test_the_tools_of_a_tile_fit_into_it_and_say_why(page, page_url):
    open_at(page, page_url, "collection=scenes&id=harbor03")
    wait_for_result(page)
    assert page.locator("#neighbours .tools .why").first.inner_text() == "Why?"
    spilt = page.evaluate(
        """() => [...document.querySelectorAll('#neighbours .tile')].filter(tile => {
             const box = tile.getBoundingClientRect();
             return [...tile.querySelectorAll('.tools button')].some(tool => {
               const { left, right, width } = tool.getBoundingClientRect();
               return left < box.left || right > box.right || width < 24 || tool.scrollWidth > width + 1;
             }); }).length"""
    )
    assert spilt == 0


def test_for_fingers_the_tools_are_forty_pixels_high(phone, page_url):
    open_at(phone, page_url, "collection=scenes&id=harbor03")
    phone.wait_for_selector("#neighbours .tools")
    heights = phone.locator("#neighbours .tools button").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height)"
    )
    assert min(heights) >= 40
    columns = phone.evaluate(
        """() => { const tiles = [...document.querySelectorAll('#neighbours .tile')];
           return tiles.filter(each => each.offsetTop === tiles[0].offsetTop).length; }"""
    )
    assert columns == 3
    phone.locator("#neighbours .right").first.tap()
    again = phone.locator("#neighbours .marks button").evaluate_all(
        "all => all.filter(each => each.offsetParent).map(each => each.getBoundingClientRect().height)"
    )
    assert min(again) >= 40


#: Buttons of a tile that something else lies on, in the middle of each; what is below the window is not seen.
COVERED = """tile => [...tile.querySelectorAll('.photo, .tools button')].filter(each => {
  const { left, right, top, bottom } = each.getBoundingClientRect();
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return hit && !each.contains(hit);
}).map(each => each.className)"""


@on_phones_too
def test_search_again_stays_in_sight_and_covers_neither_the_marked_tile_nor_the_last(page, page_url):
    open_at(page, page_url, "collection=scenes&id=harbor03&k=24")
    wait_for_result(page, 24)
    tiles = page.locator("#neighbours .tile")
    for place in (0, 11, 23):
        tiles.nth(place).locator(".tools").scroll_into_view_if_needed()
        tiles.nth(place).locator(".right").click()
        bar = page.locator("#neighbours .marks")
        page.wait_for_timeout(700)  # it may scroll a little
        assert tiles.nth(place).evaluate(COVERED) == []
        box, height = bar.bounding_box(), page.viewport_size["height"]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height + 1
        assert box["y"] >= tiles.nth(place).locator(".tools").bounding_box()["y"]
    assert fits(page)
    last = tiles.nth(23).bounding_box()
    assert last["y"] + last["height"] <= bar.bounding_box()["y"]  # it has a place of its own below
    bar.locator(".again").click()
    wait_for_verdict(page, "With your marks")


# Several photos


@on_phones_too
def test_several_photos_are_listed_with_how_each_fares(page, harbor, noise, tmp_path):
    (tmp_path / "broken.png").write_text("no picture")
    files = [harbor, noise, tmp_path / "broken.png"]
    page.locator("#anywhere input[type=file]").set_input_files(files)
    page.wait_for_selector(".photo-list li")
    rows = page.locator(".photo-list li").all_inner_texts()
    assert len(rows) == 3
    assert "Strong" in rows[0] and "harbor" in rows[0]
    assert "Nothing alike" in rows[1]
    assert "broken.png" in rows[2] and "This is not an image" in rows[2]
    page.wait_for_function(
        "() => [...document.querySelectorAll('.photo-list img')].every(each => each.naturalWidth > 0)"
    )
    assert fits(page)
    give(page, harbor, "drop")
    page.wait_for_function("() => !document.querySelector('.photo-list')")


# A screenshot whose scale nobody says


def open_shot(page, path: Path = SHOT) -> None:
    upload(page, path)
    page.wait_for_function("() => document.querySelector('#shot .picture')?.naturalWidth > 0", timeout=20_000)
    page.wait_for_function("() => document.querySelector('.question .crop')?.naturalWidth > 0")


@on_phones_too
def test_an_unknown_scale_is_asked_with_a_picture_and_the_answer_stays(page):
    open_shot(page)
    assert "Can you make out single cars here?" in page.locator(".question").inner_text()
    told = wait_for_verdict(page, "If you can make out single cars")
    assert told.startswith("Fair match?")
    assert not page.locator("#shot .bar").is_visible()
    assert fits(page)
    page.locator(".question .yes").click()
    page.wait_for_function("() => !document.querySelector('#summary').innerText.includes('If you can')")
    page.wait_for_selector("#shot .bar", state="visible")
    assert page.locator("#shot .bar").inner_text().startswith("≈ ")
    assert "as you said" in page.locator("#scale-line").inner_text()
    page.locator(".question .again").click()
    wait_for_verdict(page, "If you can make out single cars")
    page.locator(".question .no").click()
    told = wait_for_verdict(page, "Too far away")
    assert "Zoom in to 18, 19 or 20" in told
    assert "far" in page.locator("#neighbours .grid").get_attribute("class")
    assert not page.locator("#shot .bar").is_visible()
    assert page.locator("#neighbours .likeness").count() == 0
    page.reload()  # the address brings the answer back
    wait_for_verdict(page, "Too far away")
    page.wait_for_function("() => document.querySelector('.question')?.dataset.state === 'no'")


@on_phones_too
def test_the_zoom_is_one_click_from_the_question(page):
    open_shot(page)
    page.locator(".question .zoom").click()
    page.wait_for_function("() => document.activeElement === document.querySelector('#zoom input')")
    page.keyboard.type("20")
    page.locator("#latitude input").fill("44.5")
    page.locator("#latitude input").press("Enter")
    page.wait_for_function("() => document.querySelector('#scale-line').innerText.includes('from the zoom')")
    assert not page.locator(".question").is_visible()
    page.wait_for_selector("#shot .bar", state="visible")


@on_phones_too
def test_of_a_whole_city_from_space_no_metres_are_claimed(page):
    if not SENTINEL.is_file():
        pytest.skip("the Sentinel-2 picture of Bucharest is not beside this project")
    open_shot(page, SENTINEL)
    told = wait_for_verdict(page, "If you can make out single cars")
    shown = " ".join([told, *page.locator("#scale-line, .question").all_inner_texts()])
    assert not re.search(r"\d ?m\b|Strong", shown)
    page.locator(".question .no").click()
    assert "forest" not in wait_for_verdict(page, "Too far away")
