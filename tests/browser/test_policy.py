"""The content security policy in Chromium: it stops what it is there for, and nothing of the page.

That no other test of the page meets it is seen by the fixture `page`, which fails on each violation.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.browser

#: Puts markup of a stranger into the page, and says what ran, and which directives stopped it.
INJECTED = """async markup => {
  window.ran = [];
  const stopped = [];
  document.addEventListener("securitypolicyviolation", event => stopped.push(event.effectiveDirective));
  const place = document.createElement("div");
  document.body.append(place);
  place.innerHTML = markup;
  for (const dead of place.querySelectorAll("script")) { // as a script that is put in by a script
    const alive = document.createElement("script");
    if (dead.src) alive.src = dead.src;
    alive.textContent = dead.textContent;
    dead.replaceWith(alive);
  }
  place.querySelectorAll("a, button").forEach(each => each.click());
  await new Promise(done => setTimeout(done, 500));
  return [window.ran, stopped];
}"""


@pytest.fixture
def tab(chromium, page_url: str):
    """The page, without the fixture's watch for violations: here there are to be some."""
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto(page_url)
    tab.wait_for_selector("#neighbours .tile")
    yield tab
    context.close()


@pytest.mark.parametrize(
    ("markup", "directive"),
    [
        ("<img src=nowhere onerror='ran.push(1)'>", "script-src-attr"),
        ("<script>ran.push(1)</script>", "script-src-elem"),
        ("<script src='https://evil.example/x.js'></script>", "script-src-elem"),
        ("<a href='javascript:ran.push(1)'>x</a>", "script-src-elem"),
        ("<svg><animate onbegin='ran.push(1)' attributeName=x dur=1s></svg>", "script-src-attr"),
        ("<img src='https://evil.example/told.png'>", "img-src"),
        ("<iframe src='https://evil.example/'></iframe>", "frame-src"),
        ("<object data='https://evil.example/'></object>", "object-src"),
        ("<iframe srcdoc='<script>parent.ran.push(1)</script>'></iframe>", None),  # says so in the frame
    ],
)
def test_what_a_stranger_gets_into_the_page_does_not_run(tab, markup, directive):
    ran, stopped = tab.evaluate(INJECTED, markup)
    assert ran == []
    if directive:
        assert directive in stopped


@pytest.fixture(scope="module")
def another_site(page_url) -> Iterator[str]:
    """A page of another origin that shows ours in a frame."""

    class Frames(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<iframe src='{page_url}'></iframe>".encode())

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Frames) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def test_nothing_is_sent_to_another_site(tab, another_site):
    send = "address => fetch(address, {mode: 'no-cors'}).then(() => 'sent', () => 'stopped')"
    assert tab.evaluate(send, another_site) == "stopped"


def test_another_site_cannot_show_the_page_in_a_frame(chromium, another_site, page_url):
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto(another_site)
    tab.wait_for_timeout(1000)
    frame = tab.frames[1]
    assert not frame.url.startswith(page_url)
    assert frame.locator("gradio-app").count() == 0
    context.close()


@pytest.mark.parametrize("path", ["/?__theme=dark", "/ro?__theme=dark", "/?__theme=light"])
def test_a_theme_can_be_chosen_by_the_address(page, page_url, path):
    page.goto(f"{page_url}{path}")
    page.wait_for_selector("#neighbours .tile")
    dark = page.evaluate("document.body.classList.contains('dark')")
    assert dark == ("dark" in path)
