"""What a visitor does on the page, for all its tests."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

#: For what a phone shows, or does, differently; all else is tried in a wide window only.
on_phones_too = pytest.mark.parametrize("page", [1280, 390], ids=["wide", "narrow"], indirect=True)

THUMBNAILS = "#neighbours .tile:has(.caption b) img"


def upload(page, path: Path) -> None:
    page.locator("#query input[type=file]").first.set_input_files(path)


def wait_for_result(page, count: int = 12) -> list[float]:
    """The distances of the thumbnails, once all are painted."""
    page.wait_for_function(
        """([selector, count]) => { const all = [...document.querySelectorAll(selector)];
           all.forEach(each => each.loading = 'eager');
           return all.length === count && all.every(each => each.complete && each.naturalWidth > 0); }""",
        arg=[THUMBNAILS, count],
    )
    return [float(text) for text in page.locator("#neighbours .caption b").all_inner_texts()]


def give(page, path: Path, event: str) -> None:
    """Paste or drop a file on the page, as the browser would."""
    page.evaluate(
        """([data, name, kind]) => {
          const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
          const carrier = new DataTransfer();
          carrier.items.add(new File([bytes], name, { type: 'image/png' }));
          const init = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(kind === 'paste'
            ? new ClipboardEvent('paste', { ...init, clipboardData: carrier })
            : new DragEvent('drop', { ...init, dataTransfer: carrier }));
        }""",
        [base64.b64encode(path.read_bytes()).decode(), path.name, event],
    )


def paste_text(page, text: str, where: str = "body") -> None:
    """Press Ctrl+V with a text in the clipboard, as the browser would tell it."""
    page.locator(where).first.evaluate(
        """(place, text) => {
          const carrier = new DataTransfer();
          carrier.setData('text/plain', text);
          place.dispatchEvent(
            new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: carrier }));
        }""",
        text,
    )


def type_in(page, field: str, text: str) -> None:
    """Type into a field, and again if it does not keep it.

    As a part of the page opens, Gradio gives its fields the values that they had: nobody types as soon as a
    test does.
    """
    typed = page.locator(field)
    for _ in range(20):
        typed.fill(text)
        page.wait_for_timeout(200)
        if typed.input_value() == text:
            return
    raise AssertionError(f"{field} does not keep '{text}'")


def refine(page) -> None:
    """Open the panel 'Refine', if it is closed."""
    if not page.locator("#k input[type=number]").is_visible():
        page.locator("#refine button.label-wrap").click()
        page.wait_for_selector("#k input[type=number]", state="visible")


def ask_for(page, typed: str) -> None:
    """Type a number of neighbours."""
    refine(page)
    type_in(page, "#k input[type=number]", typed)
    page.locator("#k input[type=number]").press("Enter")


def ids(page) -> list[str]:
    """The ids of the neighbours, nearest first."""
    return page.locator("#neighbours .tile:has(.caption b)").evaluate_all(
        "all => all.map(each => each.dataset.id)"
    )


def labels(page) -> list[str]:
    """The classes of the neighbours, nearest first."""
    return page.locator("#neighbours .tile:has(.caption b) .caption span").all_inner_texts()


def follow(page, place: int) -> str:
    """Click the neighbour (or the photo to start from) at a place. Returns its id, once it is the query."""
    tile = page.locator("#neighbours .tile").nth(place)
    chosen = tile.get_attribute("data-id")
    tile.locator(".photo").click()
    wait_for_query(page, chosen)
    return chosen


def wait_for_query(page, identifier: str) -> None:
    """Wait until a photo of the collection is the query, and its answer is there."""
    page.wait_for_function(
        """id => document.querySelector('#query-line')?.innerText.startsWith(id)
           && document.querySelector('#neighbours [data-kind=answer]')
           && new URLSearchParams(location.search).get('id') === id""",
        arg=identifier,
    )


def open_tab(page, name: str) -> None:
    """Open a tab by a part of its name, also one that a phone has in a menu."""
    tab = page.get_by_role("tab", name=name).locator("visible=true").first
    more = page.locator("#tabs .overflow-menu > button").locator("visible=true").first
    tab.or_(more).first.wait_for()
    if not tab.is_visible():
        more.click()
        tab = page.locator("#tabs .overflow-dropdown button", has_text=name).first
    tab.click()


def opened(page) -> str:
    """The id of the tab that is open."""
    return page.locator("#tabs [role=tab][aria-selected=true]").get_attribute("data-tab-id")


@contextmanager
def held(page, requests: str) -> Iterator[None]:
    """Hold requests back meanwhile; they go out at its end, the last ones first."""
    waiting: list[Any] = []

    def hold(route: Any) -> None:
        waiting.append(route)

    page.route(requests, hold)
    yield
    for each in reversed(waiting):
        each.continue_()
    page.unroute(requests)


def open_at(page, page_url: str, address: str) -> None:
    """Open a link to a search, and wait for its answer."""
    page.goto(f"{page_url}/?{address}")
    page.wait_for_selector("#neighbours [data-kind=answer]")


def fields(page) -> dict[str, list[str]]:
    """What the page's address holds."""
    return parse_qs(urlsplit(page.url).query)
