"""Take the README's pictures: the real page, searching what this project drew. `make picture`."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.server import CHROMIUM_FLAGS, serve

FOLDER = Path(__file__).resolve().parent
SIZE = {"width": 1280, "height": 860}
EXAMPLE = 7  # which example is clicked, counted from 0
SCREENSHOT = "Lacul Morii"


def main() -> None:
    """Write page.webp and map.webp. Photos of UC Merced are kept out by an empty folder in their place."""
    with serve("--photos", "no-photos") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(server.address)
        page.locator("#examples .photo").nth(EXAMPLE).click()
        wait_for_photos(page, "#neighbours", 12)
        take(page, "page.webp")
        page.locator("#map-examples button", has_text=SCREENSHOT).click()
        page.locator("#whole").click()
        page.wait_for_selector("#legend table", timeout=60_000)
        wait_for_photos(page, "#tile-neighbours", 6)
        take(page, "map.webp")
        browser.close()


def wait_for_photos(page: Page, gallery: str, count: int) -> None:
    """Wait until a gallery has painted all its photos, also those below the window."""
    page.wait_for_function(
        """([gallery, count]) => {
           const all = [...document.querySelectorAll(`${gallery} .thumbnail-item img`)];
           all.forEach(each => each.loading = 'eager');
           return all.length === count && all.every(each => each.complete && each.naturalWidth); }""",
        arg=[gallery, count],
    )


def take(page: Page, name: str) -> None:
    """Save what the window shows, from the top of the page."""
    page.evaluate("window.scrollTo(0, 0)")
    page.mouse.move(0, 0)
    page.wait_for_timeout(1000)  # for what fades in
    Image.open(io.BytesIO(page.screenshot())).save(FOLDER / name, quality=88, method=6)
    print(f"Wrote {FOLDER / name}")


if __name__ == "__main__":
    main()
