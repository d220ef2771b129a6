"""The server is started anew while a page is open: the search that ran is answered, and the page goes on."""

import signal
import socket

import pytest

from tests.browser.visitor import follow, upload
from tests.hosting.conftest import PROJECT, start  # noqa: F401 - a fixture
from tests.hosting.test_draining import wait_for_work

pytestmark = pytest.mark.browser

PHOTO = PROJECT / "examples" / "queries" / "harbor.webp"


def test_a_page_outlives_the_server(start, chromium):  # noqa: F811 - the fixture
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    before = start("--metrics", "--port", port, slowed=3.0)
    address = before.ready()
    context = chromium.new_context(viewport={"width": 1280, "height": 844})
    tab = context.new_page()
    tab.goto(address)
    tab.wait_for_selector("#neighbours .tile")
    upload(tab, PHOTO)
    wait_for_work(address)
    before.send(signal.SIGTERM)
    tab.wait_for_selector("#neighbours [data-kind=answer]")
    shown = tab.locator("#neighbours .tile").count()
    assert shown >= 12
    assert before.ended() == 0
    assert "Traceback" not in before.log

    # Gradio's script asks for the server until it is back, and then loads the page anew by itself.
    tab.evaluate("window.before = true")
    start("--port", port).ready()
    tab.wait_for_function("!window.before", timeout=60_000)
    tab.wait_for_selector("#neighbours .tile")
    tab.wait_for_function(
        "document.querySelector('#trouble')?.offsetParent"
    )  # the photo went with the server
    follow(tab, 1)
    assert tab.locator("#neighbours .tile").count() >= 12
    context.close()
