"""The connection breaks, or the server is started anew, while the page is open."""

from __future__ import annotations

import signal
import socket
from urllib.parse import urlsplit

import pytest

from examples.scenes import draw
from tests.browser.visitor import follow, ids, upload, wait_for_query
from tests.fakes.wire import Wire
from tests.hosting.conftest import start  # noqa: F401 - a fixture
from tests.hosting.test_draining import wait_for_work

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


def test_a_server_that_is_started_anew_answers_what_runs_and_the_page_goes_on(start, tab, tmp_path, photo):  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    before = start("--metrics", "--port", port, slowed=3.0, place=tmp_path)
    address = before.ready()
    opened(tab, address)
    chosen = follow(tab, 3)
    found = ids(tab)
    upload(tab, photo)
    wait_for_work(address)
    before.send(signal.SIGTERM)
    tab.wait_for_function(
        """id => !document.querySelector('#query-line').innerText.startsWith(id)
           && document.querySelector('#neighbours [data-kind=answer]')""",
        arg=chosen,
    )
    assert len(ids(tab)) >= 12
    assert before.ended() == 0
    assert "Traceback" not in before.log

    tab.locator("#neighbours .photo").nth(1).click()  # nobody is there to answer
    tab.wait_for_selector(LOST)
    with tab.expect_navigation(timeout=90_000):  # the page loads itself again
        start("--port", port, place=tmp_path).ready()
    # The photo went with the server; what came before it did not.
    tab.wait_for_function("() => document.querySelector('#trouble')?.innerText.includes('no longer')")
    tab.go_back()
    wait_for_query(tab, chosen)
    assert ids(tab) == found
    follow(tab, 1)
