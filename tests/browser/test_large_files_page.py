"""Files larger than any that is read: the browser sends none, and the page says what the server would."""

from __future__ import annotations

import pytest

from examples.catalog import SCREENSHOTS
from examples.scenes import draw
from retrieval.image_files import MAX_BYTES, ImageError, open_image_file
from retrieval.raster_file import MAX_RASTER_BYTES
from tests.browser.visitor import follow, give, ids, on_phones_too, open_tab, upload, wait_for_result
from tests.fakes.sparse_file import write_sparse

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(tmp_path):
    return write_sparse(tmp_path / "a large photo.jpg", b"\xff\xd8\xff\xe0", MAX_BYTES + 1_000_000)


@pytest.fixture
def raster(tmp_path):
    return write_sparse(tmp_path / "county.tif", b"II*\0", MAX_RASTER_BYTES + 1_000_000)


@pytest.fixture
def sent(page) -> list[str]:
    """The uploads that the page begins."""
    uploads: list[str] = []

    def look(request) -> None:
        if request.method == "POST" and "/gradio_api/upload" in request.url:
            uploads.append(request.url)

    page.on("request", look)
    return uploads


def said_of(path) -> str:
    """What the server says of such a file."""
    with pytest.raises(ImageError) as said:
        open_image_file(path)
    return str(said.value)


def wait_for_trouble(page, text: str, where: str = "#trouble") -> str:
    page.wait_for_function(
        "([where, text]) => document.querySelector(where)?.innerText.includes(text)", arg=[where, text]
    )
    return page.locator(where).inner_text()


@on_phones_too
def test_a_photo_that_is_too_large_is_not_sent_and_the_same_is_said(page, photo, raster, sent):
    follow(page, 1)
    before = ids(page)
    upload(page, photo)
    told = wait_for_trouble(page, said_of(photo))
    assert told == f"{said_of(photo)} You still see the search before it."
    upload(page, raster)
    told = wait_for_trouble(page, said_of(raster))
    assert "1001.0 MB, and at most 1000 MB" in told
    assert (ids(page), sent) == (before, [])
    assert page.locator("body.sending").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@on_phones_too
def test_those_that_come_with_it_are_searched_and_it_is_listed(page, photo, tmp_path, sent):
    small = tmp_path / "harbor.png"
    draw("harbor", 4711).save(small)
    field = page.locator("#query input[type=file]").first
    field.evaluate("each => { each.multiple = true; }")  # as a click on it makes it
    field.set_input_files([photo, small])
    wait_for_result(page)
    assert said_of(photo) in wait_for_trouble(page, photo.name, "#photo-list")
    assert len(sent) == 1
    upload(page, small)  # and of the next ones nothing is left over
    page.wait_for_function("() => !document.querySelector('#photo-list').innerText.trim()")
    assert not page.locator("#trouble").is_visible()


def test_a_drop_on_another_tab_says_it_where_it_is_seen(page, photo, sent):
    open_tab(page, "Browse")
    give(page, photo, "drop")
    wait_for_trouble(page, said_of(photo))
    assert page.locator("#trouble").is_visible()
    open_tab(page, "Whole map")
    page.wait_for_selector("#whole-own input[type=file]", state="attached")
    give(page, photo, "drop")
    wait_for_trouble(page, said_of(photo), "#whole-told")
    page.locator("#whole-own input[type=file]").set_input_files(photo)
    assert page.locator("#whole-told").is_visible()
    assert sent == []


def test_another_picture_beside_a_screenshot_is_measured_too(page, photo, sent):
    upload(page, SCREENSHOTS / "pipera-z20.webp")
    page.wait_for_function("() => document.querySelector('#shot .picture')?.naturalWidth > 0", timeout=20_000)
    wait_for_result(page)
    assert len(sent) == 1
    page.locator("#screenshot input[type=file]").set_input_files(photo)
    wait_for_trouble(page, said_of(photo))
    assert len(sent) == 1
    assert page.locator("#shot").is_visible()
