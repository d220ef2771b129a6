"""A collection of a stranger's, whose every text is markup: shown as text, wherever it is shown."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.server import serve
from examples.catalog import SCREENSHOTS
from tests.browser.visitor import upload
from tests.fakes.hostile_folder import payloads, write_hostile_folder


class OtherServer(ThreadingHTTPServer):
    """A server that only remembers what it was asked for."""

    asked: list[str]


@pytest.fixture(scope="module")
def other() -> Iterator[OtherServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked.append(self.path)  # type: ignore[attr-defined]
            self.send_error(404)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = OtherServer(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def address(other: OtherServer) -> str:
    return f"http://127.0.0.1:{other.server_port}"


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[str]:
    place = tmp_path_factory.mktemp("hostile")
    folder = write_hostile_folder(place / "folder", address)
    environment = {
        "AERIAL_CACHE": str(place / "cache"),
        "GRADIO_TEMP_DIR": str(place / "uploads"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "BUCHAREST_DIR": str(place / "bucharest"),
    }
    with serve("--artifacts", str(folder), environment=environment) as server:
        yield server.address


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium, hostile_url: str, address: str, other: OtherServer):
    """A tab on the page; at the end nothing was fetched from the other server, and no script was run."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    failures: list[str] = []
    page.on("request", lambda sent: failures.append(sent.url) if sent.url.startswith(address) else None)
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("dialog", lambda dialog: failures.append("a dialog"))
    page.goto(
        f"{hostile_url}{getattr(request, 'param', '/')}?collection=hostile"
    )  # nothing is searched there
    page.wait_for_selector("#neighbours .tile")
    yield page
    context.close()
    assert failures == []
    assert other.asked == []


#: What markup would have become, by name; and bold and the like where the page itself has none.
FOUND = """(other) => {
  const found = [];
  if (window.struck) found.push('a script was run');
  const within = (selector, test = () => true) => [...document.querySelectorAll(selector)].filter(test);
  for (const each of within(`[src^="${other}"], [href^="${other}"], [href*="example.com"], iframe, .katex,
      math, a[href^="javascript:"], a[href^="mailto:"], [onerror], [onload], [ontoggle], details[open]`))
    found.push(each.outerHTML.slice(0, 200));
  for (const each of within('strong, b, em, code, h1, h2, th, td, blockquote, li',
      (each) => ['bold', 'slanted', 'code', 'heading', 'out', 'item', 'first', 'quote', 'c', 'd']
        .includes(each.textContent.trim())))
    found.push(each.outerHTML.slice(0, 200));
  for (const each of within('script, style', (each) => /struck=1<|display:none}</.test(each.outerHTML)
      && !each.textContent.includes('gradio_config')))
    found.push(each.outerHTML.slice(0, 200));
  return found;
}"""


def open_tab(page, number: int) -> None:
    page.locator("#tabs button[role=tab]:visible").nth(number).click()


def check(page, address: str) -> None:
    page.wait_for_timeout(600)  # for what would be fetched or run
    assert page.evaluate(FOUND, address) == []


def test_every_tab_shows_it_as_text(tab, address, hostile_url):
    check(tab, address)  # photos to start from
    # Each class of the collection as the query: its name, its id, and what is said of them.
    for number in range(0, tab.locator("#neighbours .tile").count(), 1):
        tab.locator("#neighbours .tile .photo").nth(number).click()
        tab.wait_for_selector("#neighbours .tile .caption b")
        tab.wait_for_timeout(250)
        assert tab.evaluate(FOUND, address) == []
        tab.goto(f"{hostile_url}/?collection=hostile")
        tab.wait_for_selector("#neighbours .tile .caption:not(:has(b))")
    tab.locator("#neighbours .tile .photo").nth(2).click()
    tab.wait_for_selector("#neighbours .tile .caption b")
    tab.locator("#refine button.label-wrap").click()
    tab.locator("#classes input").click()  # its choices
    check(tab, address)
    tab.keyboard.press("Escape")
    for panel in ("#understand", "#save"):  # which closes what refines
        tab.locator(f"{panel} button.label-wrap").click()
    tab.locator("#result-map").scroll_into_view_if_needed()
    tab.wait_for_selector("#result-map .dots circle", state="attached")
    check(tab, address)
    tab.locator("#neighbours .tile .why").first.click()
    tab.wait_for_selector("dialog[open] figcaption")
    check(tab, address)
    tab.keyboard.press("Escape")
    for number in range(1, tab.locator("#tabs button[role=tab]:visible").count()):
        open_tab(tab, number)
        check(tab, address)


def test_browsing_and_mapping_show_it_as_text(tab, address):
    tab.get_by_role("tab", name=re.compile("Browse|Colecția")).click()
    tab.wait_for_selector("#browse-grid .tile")
    for number in range(1, 21, 3):
        tab.locator("#browse-class input").click()
        tab.locator("#browse-class [role=option]").nth(number).click()
        tab.wait_for_timeout(300)
        assert tab.evaluate(FOUND, address) == []
    open_tab(tab, 0)
    upload(tab, SCREENSHOTS / "baneasa-z19.webp")
    tab.wait_for_selector("#shot .shot:not([hidden])", timeout=60_000)
    tab.locator("#whole").click()
    tab.wait_for_selector("#legend table", timeout=120_000)
    check(tab, address)


@pytest.mark.parametrize("tab", ["/", "/ro"], ids=["en", "ro"], indirect=True)
def test_the_text_itself_is_there_to_be_read(tab):
    labels = " ".join(tab.locator("#neighbours .tile .caption").all_inner_texts())
    assert "**bold** _slanted_" in labels
    assert "<script>window.struck=1</script>" in labels
    bold = tab.locator("#neighbours .tile", has_text="**bold**").locator(".photo").first
    bold.click()
    tab.wait_for_function("() => /\\*\\*bold\\*\\*/.test(document.querySelector('#summary').innerText)")


def test_the_payloads_name_the_other_server(address):
    assert sum(address in text for text in payloads(address)) >= 7
