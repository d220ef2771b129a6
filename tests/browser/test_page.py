"""The page as a visitor uses it, in Chromium."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from examples.scenes import draw
from retrieval.retriever import SHIPPED_SCENES
from tests.browser.visitor import THUMBNAILS, ask_for, fields, give, on_phones_too, upload, wait_for_result

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A scene that is in no collection, as PNG."""
    path = tmp_path / "harbor.png"
    draw("harbor", 4711).save(path)
    return path


@on_phones_too
def test_it_opens_on_the_scenes_and_says_what_to_do(page):
    assert page.locator("#collection input:checked").get_attribute("value") == "scenes"
    assert "Drop a photo" in page.locator("#summary").inner_text()
    assert "Blurred previews" not in page.locator("#summary").inner_text()


@on_phones_too
def test_an_uploaded_photo_finds_its_neighbours_in_growing_distance(page, photo):
    upload(page, photo)
    distances = wait_for_result(page)
    assert distances == sorted(distances)
    assert "Strong match" in page.locator("#summary").inner_text()
    assert page.locator("#understand").is_visible()


@on_phones_too
def test_the_page_is_as_wide_as_the_window(page, photo):
    upload(page, photo)
    wait_for_result(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_a_photo_given_anywhere_replaces_the_one_before(page, photo, tmp_path, event):
    upload(page, photo)
    before = wait_for_result(page)
    other = tmp_path / "forest.png"
    draw("forest", 4711).save(other)
    give(page, other, event)
    page.wait_for_function(
        "([text, selector]) => document.querySelector(selector).innerText !== text",
        arg=[f"{before[0]:.3f}", "#neighbours .caption b"],
    )
    page.wait_for_function("() => !document.querySelector('#summary').innerText.includes('harbor')")
    assert wait_for_result(page) != before
    assert page.locator("#query img").count() == 1


def test_ctrl_v_takes_a_picture_from_the_clipboard(page, photo):
    page.evaluate(
        """async (data) => {
          const blob = await (await fetch('data:image/png;base64,' + data)).blob();
          await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
        }""",
        base64.b64encode(photo.read_bytes()).decode(),
    )
    page.locator("body").press("Control+v")
    assert len(wait_for_result(page)) == 12


@on_phones_too
def test_clicking_an_example_searches_with_it(page):
    page.locator("#examples .photo").first.click()
    assert len(wait_for_result(page)) == 12
    assert page.locator("#query img").count() == 1


def test_fewer_neighbours_are_shown_without_uploading_again(page, photo):
    upload(page, photo)
    twelve = wait_for_result(page)
    ask_for(page, "5")
    assert wait_for_result(page, 5) == twelve[:5]


@on_phones_too
def test_the_controls_may_be_moved_before_any_search(page, photo):
    page.locator("#collection label", has_text="UC Merced").click()
    page.wait_for_selector("#summary :text('Blurred previews')")
    ask_for(page, "3")
    upload(page, photo)
    wait_for_result(page, 3)
    assert page.locator("#neighbours .photo img[src^='photos/ucmerced/']").count() == 3


def test_a_silly_number_of_neighbours_is_no_error(page, photo):
    upload(page, photo)
    wait_for_result(page)
    for typed, count in (("0", 1), ("", 12), ("-5", 1), ("1000", 100), ("3.4", 3)):
        ask_for(page, typed)
        wait_for_result(page, count)
        assert page.locator("#neighbours .error").count() == 0


@on_phones_too
def test_removing_the_photo_removes_its_results(page, photo):
    upload(page, photo)
    wait_for_result(page)
    page.locator("#query button[aria-label='Remove Image'], #query button[aria-label='Clear']").first.click()
    page.wait_for_function("() => document.querySelector('#summary').innerText.includes('Drop a photo')")
    page.wait_for_selector("#neighbours [data-kind=photos]")
    assert page.locator("#neighbours .caption b").count() == 0
    assert not page.locator("#understand").is_visible()


def test_of_several_quick_clicks_the_last_counts(page):
    examples = page.locator("#examples .photo")
    for number in (0, 3, 1, 4):
        examples.nth(number).click()
        page.wait_for_timeout(90)
    name = examples.nth(4).locator("img").get_attribute("src").split("?")[0].rsplit("/", 1)[-1]
    expected = f"example-{name}"
    page.wait_for_function("name => new URLSearchParams(location.search).get('photo') === name", arg=expected)
    page.wait_for_timeout(1500)  # nothing late may come after it
    assert fields(page)["photo"] == [expected]
    wait_for_result(page)


@on_phones_too
def test_without_photos_previews_are_shown_and_called_so_in_place_of_a_verdict(page, photo):
    upload(page, photo)
    wait_for_result(page)
    page.locator("#collection label", has_text="UC Merced").click()
    page.wait_for_selector("#neighbours img[src^='photos/ucmerced/']")
    heading = page.locator("#summary h3")
    heading.wait_for()
    assert heading.inner_text() == "Blurred previews: the photos are not here yet"
    assert "match" not in page.locator("#summary").inner_text()
    assert page.locator("#fetch, #fetch-place").count() == 0  # no visitor fetches anything to the server
    wait_for_result(page)
    page.locator("#collection label", has_text="Generated").click()  # everything still works
    page.wait_for_selector("#summary h3", state="detached")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.txt", b"some notes", "not an image"),
        ("empty.png", b"", "empty"),
        ("cut.png", None, "damaged or cut off"),
    ],
)
def test_a_bad_file_is_explained_and_loses_nothing(page, photo, tmp_path, name, content, sentence):
    upload(page, photo)
    before = wait_for_result(page)
    bad = tmp_path / name
    bad.write_bytes(photo.read_bytes()[:2000] if content is None else content)
    give(page, bad, "drop")
    page.wait_for_selector("#trouble")
    assert sentence in page.locator("#trouble").inner_text()
    assert "You still see the search before it" in page.locator("#trouble").inner_text()
    assert wait_for_result(page) == before
    page.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")


def test_a_sixteen_bit_tiff_is_searched_and_shown(page, tmp_path):
    path = tmp_path / "scene.tif"
    tifffile.imwrite(path, np.asarray(draw("river", 4711)).astype(np.uint16) * 11, photometric="rgb")
    upload(page, path)
    wait_for_result(page)
    page.wait_for_function("() => document.querySelector('#query img')?.naturalWidth > 0")


def test_an_animation_is_searched_by_its_first_frame_and_says_so(page, tmp_path):
    path = tmp_path / "film.gif"
    draw("river", 1).save(path, save_all=True, append_images=[Image.new("RGB", (256, 256))])
    upload(page, path)
    wait_for_result(page)
    assert "This is an animation" in page.locator("#summary").inner_text()


@on_phones_too
def test_the_table_and_the_downloads_hold_the_same_neighbours(page, photo):
    upload(page, photo)
    distances = wait_for_result(page)
    page.get_by_text("Save and table").click()
    page.wait_for_selector("a.download")
    files = {}
    for link in page.locator("a.download").all():
        with page.expect_download() as download:
            link.click()
        files[download.value.suggested_filename] = Path(download.value.path()).read_bytes()
    table = list(csv.DictReader(io.StringIO(files["neighbours.csv"].decode())))
    answer = json.loads(files["neighbours.json"])
    assert [row["id"] for row in table] == [each["id"] for each in answer["neighbours"]]
    assert [round(each["distance"], 3) for each in answer["neighbours"]] == pytest.approx(distances, abs=1e-3)
    assert all((SHIPPED_SCENES / "photos" / each["photo"]).is_file() for each in answer["neighbours"])
    assert Image.open(io.BytesIO(files["neighbours.png"])).size > (1000, 500)
    assert page.locator("#table tbody tr").count() == 12
    assert answer["neighbours"][0]["id"] in page.locator("#table tbody tr").first.inner_text()


def test_every_picture_has_an_alternative_text_with_distance_and_class(page, photo):
    upload(page, photo)
    wait_for_result(page)
    texts = page.locator(THUMBNAILS).evaluate_all("all => all.map(each => each.alt)")
    assert all(re.fullmatch(r"[a-z ]+, distance \d\.\d{3}", text) for text in texts)
