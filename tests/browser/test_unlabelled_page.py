"""A folder that nobody labelled, beside other collections: searched, browsed, shown from its place."""

import pytest

from benchmarks.server import serve
from tests.browser.visitor import wait_for_result
from tests.fakes.unlabelled_folder import write_unlabelled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    place = tmp_path_factory.mktemp("mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AERIAL_CACHE", str(place / "cache"))
        patch.setenv("GRADIO_TEMP_DIR", str(place / "uploads"))
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        made = write_unlabelled(place / "artifacts", place / "photos")
        with serve("--photos", str(place / "none"), "--collection", str(made)) as server:
            yield server.address


@pytest.mark.parametrize("width", [1280, 390])
def test_a_folder_is_searched_and_browsed_without_classes(chromium, mine, width):
    page = chromium.new_context(viewport={"width": width, "height": 844}).new_page()
    page.set_default_timeout(60_000)
    page.goto(mine)
    # The collection whose photos are all here is open: one photo of each group.
    page.wait_for_function("document.querySelectorAll('#neighbours .tile').length === 3")
    page.locator("#neighbours .tile img").first.click()
    assert wait_for_result(page)[0] < 1.42
    summary = page.locator("#summary").inner_text()
    assert "Distance" in summary
    assert "neighbours are" not in summary
    assert page.locator("#neighbours .tile img").first.evaluate("each => each.naturalWidth") == 224
    assert page.locator("#classes").count() == 0 or not page.locator("#classes").first.is_visible()
    assert "%2F" in page.url or "flight" in page.url  # its id is a path
    page.reload()
    wait_for_result(page)

    page.get_by_role("tab", name="Browse", exact=True).click()
    page.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 3")
    assert "Nobody labelled these photos" in page.locator("#browse-line").inner_text()
    page.locator("#browse-class input").click()
    page.get_by_role("option", name="group 2", exact=True).click()
    page.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 20")
    assert "group 2, which are alike" in page.locator("#browse-line").inner_text()
    page.context.close()
