"""The real page, served by `app.py` in a process of its own, and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from benchmarks.server import CHROMIUM_FLAGS, serve


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test of the browser once more where it fails: a busy machine can be too slow for one.

    The summary names each that needed it (RERUN): one that is named often waits for the wrong thing.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page without UC Merced's photos, on a free port; nothing leaves this machine."""
    place = tmp_path_factory.mktemp("page")
    environment = {
        "AERIAL_CACHE": str(place / "cache"),
        "GRADIO_TEMP_DIR": str(place / "uploads"),
        "HF_ENDPOINT": "http://127.0.0.1:9",  # nobody listens there: a download fails at once
        "BUCHAREST_WMS": "http://127.0.0.1:9/wms",
        "BUCHAREST_DIR": str(place / "bucharest"),
    }
    with serve("--photos", str(place / "no-photos"), "--mcp", environment=environment) as server:
        yield server.address


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, driven by Playwright; tests that need it say so when it is missing."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium: .ci/run has to install it.")
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, page_url: str, request: pytest.FixtureRequest):
    """A fresh tab on the page; the test fails if the page's own scripts did, or asked another server.

    It is 1,280 pixels wide; `visitor.on_phones_too` runs a test in a narrow one as well.
    """
    context = chromium.new_context(
        viewport={"width": getattr(request, "param", 1280), "height": 844},
        permissions=["clipboard-read", "clipboard-write"],
    )
    tab = context.new_page()
    failures: list[str] = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.on("console", lambda said: failures.append(said.text) if "Content Security" in said.text else None)
    tab.on("response", lambda answer: failures.append(answer.url) if _is_closed(answer) else None)
    tab.on("request", lambda sent: failures.append(sent.url) if _leaves_this_machine(sent.url) else None)
    tab.goto(
        f"{page_url}/?collection=scenes"
    )  # where nothing is searched; at the bare address, an example is
    tab.wait_for_selector("#query input[type=file]", state="attached")
    tab.wait_for_selector("#examples .photo")
    tab.wait_for_selector("#neighbours .tile")
    yield tab
    context.close()
    assert failures == []


def _leaves_this_machine(url: str) -> bool:
    return url.startswith(("http", "ws")) and "//127.0.0.1:" not in url and "//localhost:" not in url


def _is_closed(answer) -> bool:
    """Whether the page asked for a route of Gradio that `ui.hosting.gradio_routes` has closed."""
    return answer.status == 404 and "/gradio_api/" in answer.url
