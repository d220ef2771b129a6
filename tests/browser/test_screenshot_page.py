"""Screenshots of a map on the page, in Chromium: as a newcomer uses them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tifffile
from PIL import Image

from examples.catalog import SCREENSHOTS
from examples.map_pages.street_map import draw_street_map
from examples.scenes import draw
from tests.browser.visitor import give, on_phones_too, type_in, upload, wait_for_result

pytestmark = pytest.mark.browser

SHOT = SCREENSHOTS / "pipera-z20.webp"
LINK = "https://www.google.com/maps/@44.504,26.126,20z/data=!3m1!1e3"
SENTINEL = Path(__file__).resolve().parents[3] / "shared/data/bucharest/sentinel2_34m.webp"


def wait_for_line(page, text: str) -> str:
    """The line under the screenshot, once it holds a text."""
    page.wait_for_function(
        "text => document.querySelector('#scale-line')?.innerText.includes(text)", arg=text, timeout=20_000
    )
    return page.locator("#scale-line").inner_text()


def open_shot(page, path: Path = SHOT) -> None:
    upload(page, path)
    page.wait_for_function("() => document.querySelector('#shot .picture')?.naturalWidth > 0", timeout=20_000)
    wait_for_result(page)


def upload_of_square(page) -> dict[str, float]:
    """The square, as shares of the picture shown."""
    return page.evaluate(
        """() => { const box = document.querySelector('#shot .picture').getBoundingClientRect();
           const square = document.querySelector('#shot .square').getBoundingClientRect();
           return { x: (square.x + square.width / 2 - box.x) / box.width,
                    y: (square.y + square.height / 2 - box.y) / box.height,
                    side: square.width / box.width }; }"""
    )


def click_at(page, view: str, x: float, y: float) -> None:
    """Click a view of a screenshot at a place given as shares of it."""
    page.locator(f"{view} .picture").scroll_into_view_if_needed()
    box = page.locator(f"{view} .picture").bounding_box()
    page.locator(f"{view} .shot").click(position={"x": x * box["width"], "y": y * box["height"]})


@on_phones_too
def test_a_screenshot_with_its_link_gives_the_square_a_map_and_neighbours(page):
    open_shot(page)
    assert "a guess" in wait_for_line(page, "Scale")
    type_in(page, "#link input", LINK)
    assert "0.11 m per pixel" in wait_for_line(page, "from the map's link")
    side = 78.03 / 0.10648 / 1440
    page.wait_for_function(
        "side => Math.abs(document.querySelector('#shot .square').getBoundingClientRect().width / "
        "document.querySelector('#shot .picture').getBoundingClientRect().width - side) < 0.02",
        arg=side,
    )
    assert page.locator("#shot .bar").inner_text() == "50 m"
    assert len(wait_for_result(page)) == 12
    page.locator("#whole").click()
    page.wait_for_selector("#legend table", timeout=60_000)
    shares = [int(text.rstrip("%")) for text in page.locator("#legend td:last-child").all_inner_texts()]
    assert 97 <= sum(shares) <= 103
    page.wait_for_function("() => document.querySelector('#whole-view .layer').naturalWidth > 0")
    assert page.locator("#tile-neighbours .tile img").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@on_phones_too
def test_clicking_moves_the_square_and_searches_there(page):
    page.locator("#map-examples button", has_text="Otopeni").click()
    wait_for_line(page, "from the map's link")
    before = wait_for_result(page)
    assert page.locator("#link input").input_value().startswith("https://www.google.com/maps/@44.5711")
    click_at(page, "#shot", 0.3, 0.5)
    page.wait_for_function(
        "text => document.querySelector('#neighbours .caption b').innerText.split(' ')[0] !== text",
        arg=f"{before[0]:.3f}",
    )
    square = upload_of_square(page)
    assert (square["x"], square["y"]) == (pytest.approx(0.3, abs=0.02), pytest.approx(0.5, abs=0.02))


def test_arrow_keys_move_the_square(page):
    open_shot(page)
    type_in(page, "#link input", LINK.replace("20z", "21z"))  # a smaller square has room to move
    wait_for_line(page, "from the map's link")
    type_in(page, "#size input[type=number]", "30")
    page.locator("#size input[type=number]").press("Enter")
    page.wait_for_timeout(500)
    page.locator("#shot .shot").focus()
    before = upload_of_square(page)
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(1500)
    assert upload_of_square(page)["x"] < before["x"]


def test_the_size_says_the_scale_where_nobody_else_does(page):
    open_shot(page)
    wait_for_line(page, "a guess")
    slider = page.locator("#size input[type=range]")
    slider.focus()
    slider.press("End")
    slider.dispatch_event("pointerup")
    assert "78 m" in wait_for_line(page, "by your hand")


@on_phones_too
def test_a_link_read_by_names_and_one_without_a_zoom_are_told(page):
    open_shot(page)
    wait_for_line(page, "a guess")
    type_in(page, "#link input", "https://maps.example.org/?lat=44.504&lon=26.126&zoom=20")
    line = wait_for_line(page, "read from the names in the link's address")
    assert "0.11 m per pixel" in line
    assert "compare the square with the map's scale bar" in line
    type_in(page, "#link input", "https://www.google.com/maps/search/?api=1&query=44.504,26.126")
    line = wait_for_line(page, "give the zoom yourself")
    assert "a guess" in line
    assert "This Google Maps link says the place, at latitude 44.504" in line
    page.locator("#by-hand button").first.click()
    type_in(page, "#zoom input", "20")  # the latitude is the link's
    page.locator("#zoom input").press("Enter")
    assert "0.11 m per pixel" in wait_for_line(page, "from the zoom")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_link_that_says_no_scale_is_explained_and_loses_nothing(page):
    open_shot(page)
    before = wait_for_result(page)
    for link, sentence in (
        ("https://maps.app.goo.gl/abc", "shortened"),
        ("https://www.google.com/maps/@44.4,26.1,604a,35y,45t/data=!3m1!1e3", "tilted"),
        ("https://www.mapy.cz/x", "not a map that is understood"),
        ("https://www.google.com/maps/@98.4,26.1,18z", "atitude"),
        ("https://www.google.com/maps/@44.4,26.1,9z", "too coarse"),
    ):
        type_in(page, "#link input", link)
        wait_for_line(page, sentence)
        assert wait_for_result(page) == before


def test_clicking_the_map_shows_the_neighbours_of_that_tile_and_more_of_it(page):
    page.locator("#map-examples button", has_text="Drumul Taberei").click()
    wait_for_line(page, "from the map's link")
    page.locator("#whole").click()
    page.wait_for_selector("#legend table", timeout=60_000)
    click_at(page, "#whole-view", 0.85, 0.85)
    page.wait_for_function("() => document.querySelector('#tile').innerText.includes('forest')")
    page.locator("#layer label", has_text="Find more of this").click()
    page.wait_for_selector("#legend .heat-legend")
    assert re.search(r"\d ha look like the marked square", page.locator("#whole-told").inner_text())
    page.wait_for_function("() => document.querySelector('#whole-view .layer').classList.contains('smooth')")


def test_a_street_map_is_recognised(page, tmp_path):
    draw_street_map(3, (1280, 800)).save(tmp_path / "map.png")
    open_shot(page, tmp_path / "map.png")
    wait_for_line(page, "switch the map to satellite")


def test_a_page_with_nothing_similar_says_so_first(page, tmp_path):
    across, down = (
        Image.linear_gradient("L").resize((1000, 800)),
        Image.radial_gradient("L").resize((1000, 800)),
    )
    Image.merge("RGB", (across, down, across.rotate(180))).save(tmp_path / "colours.png", dpi=(144, 144))
    open_shot(page, tmp_path / "colours.png")
    page.wait_for_function("() => document.querySelector('#summary').innerText.startsWith('No close match')")
    assert "it looks too far away" in page.locator("#scale-question").inner_text()


def test_all_of_bucharest_from_space_is_too_coarse(page):
    if not SENTINEL.is_file():
        pytest.skip("the Sentinel-2 picture of Bucharest is not beside this project")
    open_shot(page, SENTINEL)
    wait_for_line(page, "a guess")
    page.wait_for_function("() => document.querySelector('#summary').innerText.includes('If you can')")
    assert not re.search(r"\d ?m\b|Strong", page.locator("#summary").inner_text())
    told = " ".join(page.locator("#scale-line, #scale-question").all_inner_texts())
    assert not re.search(r"\d ?m\b", told)
    assert not page.locator("#shot .bar").is_visible()
    page.locator("#scale-question .no").click()
    page.wait_for_function("() => document.querySelector('#summary').innerText.includes('Too far away')")
    assert "forest" not in page.locator("#summary").inner_text()
    page.get_by_text("No link? The zoom, or the scale bar").click()
    type_in(page, "#zoom input", "12")
    type_in(page, "#latitude input", "44.43")
    page.locator("#latitude input").press("Enter")
    wait_for_line(page, "This picture is too coarse")


def test_a_geotiff_says_its_own_scale(page, tmp_path):
    path = tmp_path / "ortho.tif"
    keys = (1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32635, 3076, 0, 1, 9001)
    tags = [(33550, "d", 3, (0.3, 0.3, 0.0), True), (33922, "d", 6, (0, 0, 0, 5e5, 3e5, 0), True),
            (34735, "H", len(keys), keys, True)]  # fmt: skip
    import numpy as np

    tifffile.imwrite(path, np.asarray(draw("harbor", 5, 600)), photometric="rgb", extratags=tags)
    open_shot(page, path)
    assert "0.3 m per pixel" in wait_for_line(page, "from the file itself")


@on_phones_too
def test_a_portrait_screenshot_of_a_phone_fits_and_is_searched(page, tmp_path):
    Image.open(SCREENSHOTS / "otopeni-z18.webp").resize((2880, 1800)).crop((0, 0, 1080, 1800)).save(
        tmp_path / "p.png"
    )
    open_shot(page, tmp_path / "p.png")
    type_in(page, "#link input", LINK.replace("20z", "18z"))
    assert "3 pixels for one of the map" in wait_for_line(page, "from the map's link")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_removing_the_screenshot_brings_the_drop_zone_back(page):
    open_shot(page)
    page.locator("#remove").click()
    page.wait_for_selector("#query input[type=file]", state="attached")
    page.wait_for_function("() => !document.querySelector('#neighbours .thumbnail-item')")
    assert page.locator("#screenshot").count() == 0


def test_back_to_a_screenshot_that_is_no_longer_decoded_ends_with_it(page, tmp_path):
    view = draw("harbor", 5, 600)
    for name, side in (("first", 5000), ("second", 6800)):  # together more than stays decoded
        view.resize((side, side)).save(tmp_path / f"{name}.webp", quality=60, method=0)
    open_shot(page, tmp_path / "first.webp")
    before = wait_for_result(page)
    address = page.url
    give(page, tmp_path / "second.webp", "drop")
    page.wait_for_function("address => location.href !== address", arg=address, timeout=60_000)
    page.go_back()
    page.wait_for_function("address => location.href === address", arg=address)
    page.wait_for_function(
        "() => document.querySelector('#shot .picture')?.naturalWidth > 0"
        " && !document.querySelector('#query img')",
        timeout=60_000,
    )
    for _ in range(100):  # what the other screenshot looks like may still be there
        if wait_for_result(page) == before:
            break
        page.wait_for_timeout(200)
    assert wait_for_result(page) == before
    page.wait_for_selector("#shot .square")


def test_another_photo_takes_the_place_of_a_screenshot(page, tmp_path):
    open_shot(page)
    draw("harbor", 4711).save(tmp_path / "harbor.png")
    give(page, tmp_path / "harbor.png", "drop")
    page.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")
    assert page.locator("#screenshot").count() == 0


def test_the_page_says_how_to_take_a_screenshot_and_that_it_is_not_kept(page):
    open_shot(page)
    page.locator("#by-hand button.label-wrap").click()
    told = page.locator("#advice").inner_text()
    assert "zoom 18 to 20" in told and "deleted within two hours" in told
