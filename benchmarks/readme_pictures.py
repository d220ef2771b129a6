"""Take pictures of the page in Chromium, searching the generated scenes: `make picture`.

The README shows docs/page.webp and docs/map.webp. In docs/views there is a picture of each main view: wide
and narrow, light and dark.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from benchmarks.server import CHROMIUM_FLAGS, serve

FOLDER = Path(__file__).resolve().parent.parent / "docs"
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 800}
GAP = 16  # pixels between the pictures of a view
EXAMPLE = 7  # which example is clicked, counted from 0
SCREENSHOT = "Lacul Morii"
WHOLE = "lacul-morii-z19"
LINK = "?collection=scenes&id=harbor03&k=12"


def main() -> None:
    """Write all pictures. The given folder of photos does not exist, so none of UC Merced is shown."""
    with serve("--photos", "no-photos") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=WIDE, color_scheme="light")
        page.goto(server.address)
        page.wait_for_selector("#neighbours [data-kind=answer]")
        page.locator("#examples .photo").nth(EXAMPLE).click()
        page.wait_for_selector("#query img")
        wait_for_photos(page, "#neighbours", 12)
        save(take(page), "page.webp")
        page.locator("#map-examples button", has_text=SCREENSHOT).click()
        page.locator("#whole").click()
        page.wait_for_selector("#legend table", timeout=60_000)
        wait_for_photos(page, "#tile-neighbours", 6)
        save(take(page), "map.webp")
        page.close()
        (FOLDER / "views").mkdir(exist_ok=True)
        save(after(browser, server.address), "views/after.webp")
        for name, show in VIEWS.items():
            save(everywhere(browser, server.address, show), f"views/{name}.webp")
        browser.close()


def everywhere(browser: Browser, address: str, show: Callable[[Page], None]) -> Image.Image:
    """Take a view wide and narrow, light and dark, and join these into one picture."""
    taken = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        for size in (WIDE, NARROW):
            page = opened(browser, size, scheme)
            page.goto(f"{address}/{LINK}")
            page.wait_for_selector("#neighbours [data-kind=answer]")
            show(page)
            taken.append(take(page))
            page.close()
    return joined(taken)


def after(browser: Browser, address: str) -> Image.Image:
    """Take the start and an answer, wide and narrow, as docs/look.md has them of the page before."""
    taken = []
    for name in (None, "agricultural"):
        for size in (WIDE, NARROW):
            page = opened(browser, size, "light")
            page.goto(address)
            page.wait_for_selector("#neighbours [data-kind=answer]")
            if name:
                page.locator("#examples .photo", has_text=name).click()
                page.wait_for_selector("#query img")
            wait_for_photos(page, "#neighbours", 12)
            taken.append(take(page))
            page.close()
    return joined(taken)


def opened(browser: Browser, size: ViewportSize, scheme: Literal["light", "dark"]) -> Page:
    """A new page; a narrow one is a phone's."""
    phone = size == NARROW
    return browser.new_page(viewport=size, color_scheme=scheme, is_mobile=phone, has_touch=phone)


def joined(taken: list[Image.Image]) -> Image.Image:
    """Four pictures, wide and narrow in turn, as one."""
    width = WIDE["width"] + NARROW["width"] + GAP
    sheet = Image.new("RGB", (width, 2 * WIDE["height"] + GAP), "#94a3b8")
    for place, picture in enumerate(taken):
        left = (WIDE["width"] + GAP) * (place % 2)
        sheet.paste(picture, (left, (WIDE["height"] + GAP) * (place // 2)))
    return sheet


def start(page: Page) -> None:
    """Show the page as it opens."""
    page.goto(page.url.split("?")[0])
    page.wait_for_selector("#neighbours [data-kind=answer]")
    wait_for_photos(page, "#neighbours", 12)


def answer(page: Page) -> None:
    """Show a history of three photos, and two marked neighbours."""
    for place in (4, 2):
        before = page.url
        page.locator("#neighbours .photo").nth(place).click()
        page.wait_for_function("before => location.href !== before", arg=before)
    page.wait_for_timeout(500)
    page.locator("#neighbours .tile").nth(0).locator(".right").click()
    page.locator("#neighbours .tile").nth(11).locator(".wrong").click()
    wait_for_photos(page, "#neighbours", 12)
    page.locator("#trail").scroll_into_view_if_needed()


def why(page: Page) -> None:
    """Show why a neighbour is similar."""
    page.locator("#neighbours .why").nth(1).click()
    page.wait_for_selector("dialog[open] .heat:not([hidden])")


def understand(page: Page) -> None:
    """Show the plots of a result."""
    page.locator("#understand button.label-wrap").click()
    page.locator("#result-map").scroll_into_view_if_needed()
    page.wait_for_selector("#result-map .dots circle")
    page.locator("#understand").evaluate("panel => panel.scrollIntoView({ block: 'start' })")


def browse(page: Page) -> None:
    """Show the collection as a map and as a grid."""
    page.get_by_role("tab", name="Browse").click()
    page.wait_for_selector("#browse-map .dots circle")
    wait_for_photos(page, "#browse-grid", 21)


def whole_map(page: Page) -> None:
    """Show a whole map in the colours of what is alike."""
    page.goto(f"{page.url.split('?')[0]}?view=map&example={WHOLE}&layer=colours")
    page.wait_for_selector("#legend p", timeout=60_000)
    wait_for_photos(page, "#tile-neighbours", 6)


def accuracy(page: Page) -> None:
    """Show how good it is."""
    page.goto(f"{page.url.split('?')[0]}?view=accuracy")
    page.wait_for_selector("#scorecard")


VIEWS: dict[str, Callable[[Page], None]] = {
    "start": start, "answer": answer, "why": why, "understand": understand, "browse": browse,
    "whole-map": whole_map, "accuracy": accuracy,
}  # fmt: skip


def wait_for_photos(page: Page, grid: str, count: int) -> None:
    """Wait until a grid has loaded all its photos, also those below the visible part."""
    page.wait_for_function(
        """([grid, count]) => {
           const all = [...document.querySelectorAll(`${grid} .tile img`)];
           all.forEach(photo => photo.loading = 'eager');
           return all.length === count && all.every(photo => photo.complete && photo.naturalWidth); }""",
        arg=[grid, count],
    )


def take(page: Page) -> Image.Image:
    """A screenshot of the window."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(1000)  # for what fades in
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save(picture: Image.Image, name: str) -> None:
    """Write a picture into docs, and print its size."""
    picture.save(FOLDER / name, quality=82, method=6)
    print(f"Wrote {FOLDER / name}, {(FOLDER / name).stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
