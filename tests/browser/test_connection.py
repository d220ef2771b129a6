"""The connection breaks, or the server is started anew, while the page is open."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from benchmarks.server import serve
from examples.scenes import draw
from tests.browser.visitor import follow, ids, upload, wait_for_query, wait_for_result
from tests.fakes.wire import Wire

pytestmark = pytest.mark.browser

LOST = "text=Connection to the server was lost"


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "harbor.png"
    draw("harbor", 4711).save(path)
    return path


@pytest.fixture
def tab(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def opened(tab, address: str) -> None:
    tab.goto(address)
    tab.wait_for_selector("#query input[type=file]", state="attached")
    tab.wait_for_selector("#neighbours .tile")


def test_a_connection_that_breaks_in_mid_search_is_said_and_comes_back(tab, page_url, photo):
    wire = Wire(urlsplit(page_url).port)
    try:
        opened(tab, wire.address)
        chosen = follow(tab, 2)
        found = ids(tab)
        tab.on("request", lambda sent: wire.cut() if "/queue/data" in sent.url else None)
        upload(tab, photo)  # its search is on the way when the wire is cut
        tab.wait_for_selector(LOST)
        with tab.expect_navigation():  # the page loads itself again
            wire.mend()
        wait_for_query(tab, chosen)  # and shows what was there before
        assert tab.locator(LOST).count() == 0
        assert ids(tab) == found
        tab.wait_for_selector("#query input[type=file]", state="attached")
    finally:
        wire.close()


def test_a_server_that_is_started_anew_shows_the_search_that_was_open(tab, tmp_path, photo):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = {"AERIAL_CACHE": str(tmp_path / "cache"), "GRADIO_TEMP_DIR": str(tmp_path / "uploads")}
    options = ("--photos", str(tmp_path / "none"), "--port", port)
    with serve(*options, environment=environment) as server:
        opened(tab, server.address)
        upload(tab, photo)
        wait_for_result(tab)
        chosen = follow(tab, 3)
        found = ids(tab)
    tab.locator("#neighbours .photo").nth(1).click()  # nobody is there to answer
    tab.wait_for_selector(LOST)
    with ExitStack() as running:
        with tab.expect_navigation(timeout=90_000):  # the page loads itself again
            running.enter_context(serve(*options, environment=environment))
        wait_for_query(tab, chosen)
        assert ids(tab) == found
        tab.go_back()  # to the photo that the earlier server had in its memory
        tab.wait_for_function("() => document.querySelector('#trouble')?.innerText.includes('no longer')")
        follow(tab, 1)
