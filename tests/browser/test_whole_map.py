"""The tab 'Whole map' in Chromium: an example one click away, its views, its files; one's own screenshot."""

from __future__ import annotations

import io
import json
import re

import pytest
import tifffile
from PIL import Image

from examples.catalog import SCREENSHOTS
from tests.browser.test_comfort import violations
from tests.browser.visitor import give, on_phones_too, open_tab, type_in

pytestmark = pytest.mark.browser

LINK = "https://www.google.com/maps/@44.504,26.126,20z/data=!3m1!1e3"
OWN = SCREENSHOTS / "pipera-z20.webp"
LAYERS = ("Land use", "Similarity in colours", "Groups", "Find more of this", "Picture alone")


def begin(page) -> None:
    open_tab(page, "Whole map")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.map-view img')].filter(each => each.naturalWidth).length >= 2"
    )


def map_example(page, name: str = "Pipera") -> None:
    page.locator(".map-view", has_text=name).click()
    wait_until_mapped(page)


def wait_until_mapped(page) -> None:
    page.wait_for_selector("#legend table", timeout=120_000)
    page.wait_for_selector("#tile-neighbours .tile img")


def choose(page, layer: str) -> None:
    page.locator("#layer label", has_text=layer).click()


def layer_source(page) -> str:
    return page.locator("#whole-view .layer").evaluate("each => each.hidden ? '' : each.src")


def wait_for_other_layer(page, before: str) -> str:
    page.wait_for_function(
        """before => { const layer = document.querySelector('#whole-view .layer');
           return (layer.hidden ? '' : layer.src) !== before; }""",
        arg=before,
    )
    return layer_source(page)


def nothing_sticks_out(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def saved(page, name: str) -> bytes:
    with page.expect_download() as download:
        page.locator("#whole-tools a", has_text=name).click()
    return download.value.path().read_bytes()


@on_phones_too
def test_the_tab_opens_with_pictures_and_a_click_on_one_maps_it(page):
    begin(page)
    assert page.locator(".map-view").count() >= 5
    assert "stand-in" not in page.locator("#whole-told").inner_text()
    assert page.locator("#whole-views .told").inner_text() == "Example map views (drawn)"
    assert page.locator(".map-view").first.bounding_box()["y"] < page.viewport_size["height"] - 100
    assert nothing_sticks_out(page)
    map_example(page)
    assert page.locator(".map-view[aria-pressed=true] .name").inner_text() == "Pipera"
    assert layer_source(page)
    picture = page.locator("#whole-view .picture").bounding_box()
    assert picture["width"] > 0.6 * page.viewport_size["width"]
    legend = page.locator("#legend").bounding_box()
    beside = legend["x"] > picture["x"] + picture["width"] - 1
    below = legend["y"] > picture["y"] + picture["height"] - 1
    assert (beside, below) == ((True, False) if page.viewport_size["width"] > 700 else (False, True))
    assert nothing_sticks_out(page)


@on_phones_too
def test_the_picture_is_there_while_its_tiles_are_counted(page):
    begin(page)
    page.evaluate(
        """() => { window.told = []; new MutationObserver(() => {
             const told = document.querySelector('#whole-told').innerText;
             const bar = document.querySelector('#whole-told .progress-bar');
             const shown = document.querySelector('#whole-view .picture')?.naturalWidth > 0;
             window.told.push([told, bar?.style.width, shown]);
           }).observe(document.body,
                      { subtree: true, childList: true, attributes: true, characterData: true }); }"""
    )
    map_example(page, "Otopeni" if page.viewport_size["width"] > 700 else "Lacul Morii")
    counted = [
        (int(match[1]), int(match[2]), bar, shown)
        for told, bar, shown in page.evaluate("window.told")
        if (match := re.search(r"(\d+) of (\d+) tiles", told))
    ]
    assert counted
    assert {all_ for _, all_, *_ in counted} <= {120, 28}
    assert all(shown for *_, shown in counted)
    assert any(bar and bar != "0%" for *_, bar, _ in counted)


@on_phones_too
def test_every_layer_says_what_its_colours_mean_and_nothing_jumps(page):
    begin(page)
    map_example(page)
    place = page.locator("#whole-view .picture").bounding_box()
    source = layer_source(page)
    seen = {source}
    for layer, meaning in zip(
        LAYERS[1:],
        (
            "Alike places have alike colours",
            "without any class",
            "Distance to the marked square",
            "of ground",
        ),
        strict=True,
    ):
        choose(page, layer)
        page.wait_for_function(
            "text => document.querySelector('#legend').innerText.includes(text)", arg=meaning
        )
        source = wait_for_other_layer(page, source)
        seen.add(source)
        assert page.locator("#whole-view .picture").bounding_box() == place
        assert page.locator("#groups").is_visible() == (layer == "Groups")
        assert nothing_sticks_out(page)
    assert len(seen) == 5
    assert not page.locator("#whole-tools .strength").is_visible()  # there is no layer to be strong


@on_phones_too
def test_groups_are_as_many_as_asked_for_and_a_click_shows_the_neighbours(page):
    begin(page)
    map_example(page, "Lacul Morii")
    choose(page, "Groups")
    page.wait_for_function("() => document.querySelectorAll('#legend tbody tr').length === 6")
    type_in(page, "#groups input[type=number]", "3")
    page.locator("#groups input[type=number]").press("Enter")
    page.wait_for_function("() => document.querySelectorAll('#legend tbody tr').length === 3")
    hectares = [float(text.split()[0]) for text in page.locator("#legend td:nth-child(2)").all_inner_texts()]
    assert hectares == sorted(hectares, reverse=True)
    assert page.locator("#legend .tile-of-map").evaluate_all("all => all.every(each => each.naturalWidth)")
    for layer in ("Groups", "Similarity in colours"):
        choose(page, layer)
        picture = page.locator("#whole-view .picture")
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        across = 0.9 if layer == "Groups" else 0.5
        page.locator("#whole-view .shot").click(
            position={"x": across * box["width"], "y": 0.5 * box["height"]}
        )
        expected = "medium residential" if layer == "Groups" else "harbor"
        page.wait_for_function(
            "text => document.querySelector('#tile').innerText.includes(text)", arg=expected
        )


@on_phones_too
def test_the_strength_of_the_colours_is_the_visitors_on_the_page_and_in_files(page):
    begin(page)
    map_example(page)
    opacity = "() => getComputedStyle(document.querySelector('#whole-view .layer')).opacity"
    assert page.evaluate(opacity) == "0.5"
    page.locator("#whole-tools input[type=range]").evaluate(
        "each => { each.value = 0; each.dispatchEvent(new Event('input')); }"
    )
    assert page.evaluate(opacity) == "0"
    bare = Image.open(io.BytesIO(saved(page, "PNG"))).convert("RGB")
    choose(page, "Similarity in colours")
    page.wait_for_function("() => document.querySelector('#whole-view .layer').classList.contains('smooth')")
    assert page.evaluate(opacity) == "0"  # for all layers
    assert Image.open(io.BytesIO(saved(page, "PNG"))).convert("RGB").tobytes() == bare.tobytes()


@on_phones_too
def test_a_map_whose_place_is_known_is_saved_for_programs_that_know_maps(page):
    begin(page)
    map_example(page)
    with tifffile.TiffFile(io.BytesIO(saved(page, "GeoTIFF"))) as file:
        assert file.pages[0].geotiff_tags["ProjectedCSTypeGeoKey"] == 3857
    told = json.loads(saved(page, "GeoJSON"))
    longitudes, latitudes = zip(
        *(place for each in told["features"] for place in each["geometry"]["coordinates"][0]), strict=True
    )
    assert (min(longitudes) + max(longitudes)) / 2 == pytest.approx(26.126, abs=1e-3)
    assert (min(latitudes) + max(latitudes)) / 2 == pytest.approx(44.504, abs=1e-3)
    note = page.locator("#whole-tools .note").inner_text()
    assert "This view is drawn" in note and "cropped" in note


@on_phones_too
def test_a_screenshot_of_ones_own_is_mapped_here_and_anew_when_its_link_comes(page):
    begin(page)
    page.locator("#whole-own input[type=file]").set_input_files(OWN)
    wait_until_mapped(page)
    assert "The scale is a guess" in page.locator("#whole-told").inner_text()
    assert page.locator("#whole-tools a").all_inner_texts() == ["Save as PNG"]
    assert "where on Earth" in page.locator("#whole-tools .note").inner_text()
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "/queue/join" in request.url else None)
    page.locator("#whole-link input").press_sequentially(LINK[:30], delay=20)
    page.wait_for_timeout(500)
    assert not sent  # half a link is none
    page.locator("#whole-link input").fill("")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("link => navigator.clipboard.writeText(link)", LINK)
    page.locator("#whole-link input").press("Control+v")
    page.wait_for_function("() => document.querySelectorAll('#whole-tools a').length === 3", timeout=60_000)
    assert "guess" not in page.locator("#whole-told").inner_text()
    assert nothing_sticks_out(page)


@on_phones_too
def test_the_example_that_was_clicked_last_is_the_one_that_is_shown(page):
    begin(page)
    page.locator(".map-view", has_text="Otopeni").click()  # which takes a while
    page.wait_for_function("() => location.search.includes('otopeni')")
    page.locator(".map-view", has_text="Pipera").click()
    wait_until_mapped(page)
    page.wait_for_timeout(1000)
    assert "pipera" in page.url
    assert page.locator(".map-view[aria-pressed=true] .name").inner_text() == "Pipera"
    assert "pipera" in page.locator("#whole-view .picture").get_attribute("src")


def test_going_back_while_a_map_is_made_stays_where_it_led(page):
    begin(page)
    map_example(page)
    page.locator(".map-view", has_text="Lacul Morii").click()
    page.wait_for_function("() => location.search.includes('lacul')")
    page.go_back()
    wait_until_mapped(page)
    page.wait_for_timeout(8000)  # until the other would be there
    assert "pipera" in page.url
    assert "pipera" in page.locator("#whole-view .picture").get_attribute("src")


@on_phones_too
def test_of_a_new_map_the_progress_is_in_sight_and_the_old_one_away(page):
    begin(page)
    map_example(page)
    page.locator("#whole-own").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.locator("#whole-own input[type=file]").set_input_files(OWN)
    page.wait_for_selector("#whole-map", state="detached")
    page.wait_for_function(
        """() => { const { top, bottom } = document.querySelector('#whole-told').getBoundingClientRect();
           return top >= 0 && bottom <= innerHeight; }"""
    )
    wait_until_mapped(page)
    place = page.locator("#whole-view .shot")
    place.scroll_into_view_if_needed()
    place.click(position={"x": 30, "y": 30})
    page.wait_for_function(
        "() => document.querySelector('#tile').getBoundingClientRect().top < innerHeight - 40"
    )


def test_what_is_dropped_on_this_tab_is_mapped_and_elsewhere_searched(page):
    begin(page)
    give(page, OWN, "drop")
    wait_until_mapped(page)
    assert page.get_by_role("tab", name="Whole map").get_attribute("aria-selected") == "true"
    open_tab(page, "Browse")
    give(page, OWN, "drop")
    page.wait_for_function("() => document.querySelector('#shot .picture')?.naturalWidth > 0", timeout=60_000)
    assert page.get_by_role("tab", name="Search").get_attribute("aria-selected") == "true"


def test_an_example_is_mapped_at_once_for_the_next_who_opens_it(page, page_url):
    begin(page)
    map_example(page)
    page.goto(page_url)
    page.wait_for_selector("#neighbours .tile")
    begin(page)
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    map_example(page)
    assert not [url for url in sent if "/queue/join" in url]


def test_a_small_photo_is_refused_with_a_sentence(page, tmp_path):
    Image.new("RGB", (256, 256), (90, 120, 60)).save(tmp_path / "photo.png")
    begin(page)
    page.locator("#whole-own input[type=file]").set_input_files(tmp_path / "photo.png")
    page.wait_for_function("() => document.querySelector('#whole-told').innerText.includes('one photo')")
    assert page.locator("#whole-map").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of_on_a_map(page, scheme):
    page.emulate_media(color_scheme=scheme)
    begin(page)
    map_example(page)
    for layer in LAYERS[1:4]:
        source = layer_source(page)
        choose(page, layer)
        wait_for_other_layer(page, source)
        assert violations(page) == [], layer


@on_phones_too
def test_what_is_there_moves_little_while_a_map_comes(page):
    begin(page)
    page.evaluate(
        """() => { window.shifts = []; new PerformanceObserver((list) => window.shifts.push(
             ...list.getEntries().filter((each) => !each.hadRecentInput).map((each) => each.value)
           )).observe({ type: 'layout-shift' }); }"""
    )
    map_example(page, "Lacul Morii")
    page.wait_for_timeout(500)
    assert sum(page.evaluate("window.shifts")) < 0.05
