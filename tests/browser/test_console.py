"""The browser's console stays empty: no warning, no error, no answer that something is not there."""

from __future__ import annotations

import pytest

from benchmarks.server import serve
from examples.catalog import SCREENSHOTS
from examples.scenes import draw
from tests.browser.visitor import follow, upload, wait_for_query

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plain_url(tmp_path_factory):
    """The page as `make app` serves it, without tools for language models."""
    place = tmp_path_factory.mktemp("plain")
    environment = {
        "AERIAL_CACHE": str(place / "cache"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "BUCHAREST_DIR": str(place / "bucharest"),
    }
    with serve("--photos", str(place / "no-photos"), environment=environment) as server:
        yield server.address


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["", "ro"])
def test_nothing_is_said_there_all_along_a_visit(chromium, plain_url, tmp_path, width, path):
    context = chromium.new_context(viewport={"width": width, "height": 844}, has_touch=width < 500)
    page, said = context.new_page(), []
    page.on("console", lambda line: said.append(f"{line.type}: {line.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda answer: said.append(answer.url) if answer.status >= 400 else None)

    page.goto(f"{plain_url}/{path}")
    page.wait_for_selector("#neighbours .tile")
    draw("harbor", 4711).save(tmp_path / "harbor.png")
    upload(page, tmp_path / "harbor.png")
    page.wait_for_selector("#query img")  # an example was searched before
    chosen = follow(page, 2)
    page.locator("#neighbours .why").first.click()
    page.wait_for_selector("dialog[open] .heat:not([hidden])")
    page.keyboard.press("Escape")
    upload(page, SCREENSHOTS / "baneasa-z19.webp")
    page.wait_for_selector("#shot .shot:not([hidden])", timeout=60_000)
    for number in range(page.locator("#tabs [role=tab]").count()):
        page.evaluate("number => document.querySelectorAll('#tabs [role=tab]')[number].click()", number)
        page.wait_for_timeout(700)
    page.evaluate("document.querySelector('#tabs [role=tab]').click()")
    page.wait_for_timeout(300)
    page.goto(f"{plain_url}/{path}?collection=scenes&id={chosen}&k=12")
    wait_for_query(page, chosen)
    follow(page, 1)
    page.go_back()
    wait_for_query(page, chosen)
    page.go_forward()
    page.wait_for_timeout(700)
    page.reload()
    page.wait_for_selector("#neighbours [data-kind=answer]")
    if page.locator("footer .show-api").first.is_visible():
        page.locator("footer .show-api").first.click()
        page.wait_for_timeout(1500)
    page.close()
    context.close()
    assert said == []
