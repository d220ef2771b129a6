"""An orthophoto of 20,000 x 20,000 pixels on the page, in Chromium, and at the endpoint."""

from __future__ import annotations

import pytest
from gradio_client import Client, handle_file

from retrieval.images import MAX_BYTES
from tests.browser.test_screenshot_page import click_at, open_shot, upload_of_square, wait_for_line
from tests.browser.visitor import on_phones_too, wait_for_result
from tests.fakes import large_raster

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = large_raster.write(tmp_path_factory.mktemp("large") / "ortho.tif")
    assert path.stat().st_size > MAX_BYTES
    return path


@on_phones_too
def test_an_orthophoto_of_20_000_pixels_is_dropped_and_its_square_moves(page, large):
    open_shot(page, large)
    line = wait_for_line(page, "from the file itself")
    assert "Scale: 0.5 m per pixel" in line
    assert "20000 x 20000 pixels" in line
    before = wait_for_result(page)
    click_at(page, "#shot", 0.51, 0.49)
    page.wait_for_function(
        "before => document.querySelector('#neighbours .caption b').innerText.split(' ')[0] !== before",
        arg=f"{before[0]:.3f}",
    )
    square = upload_of_square(page)
    assert (square["x"], square["y"]) == (pytest.approx(0.51, abs=0.01), pytest.approx(0.49, abs=0.01))
    assert "Scale: 0.5 m per pixel" in page.locator("#scale-line").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@on_phones_too
def test_the_smallest_square_is_seen_and_said_and_keys_reach_it(page, large):
    open_shot(page, large)
    wait_for_line(page, "from the file itself")
    field, slider = page.locator("#size input[type=number]"), page.locator("#size input[type=range]")
    assert field.input_value() == "0.8"  # 78 m of 10 km
    before = upload_of_square(page)
    slider.focus()
    slider.press("Home")
    wait_for_line(page, "20 m of ground")
    assert field.input_value() == "0.2"
    picture, square, bar = (
        page.locator(f"#shot .{part}").bounding_box() for part in ("picture", "square", "bar")
    )
    assert square["width"] >= 16 <= square["height"]
    now = upload_of_square(page)
    assert (now["x"], now["y"]) == pytest.approx((before["x"], before["y"]), abs=0.01)
    assert page.locator("#shot .bar").inner_text() == "2000 m"
    assert bar["width"] == pytest.approx(picture["width"] / 5, abs=2)


def test_the_endpoint_takes_it_likewise(page_url, large):
    answer = Client(page_url, verbose=False).predict(image=handle_file(large), k=3, api_name="/search")
    assert len(answer["neighbours"]) == 3
    assert "20000 x 20000 pixels" in answer["note"]
