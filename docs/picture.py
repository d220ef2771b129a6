"""Take the README's picture: the real page, searching the generated scenes, in Chromium. `make picture`."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.server import CHROMIUM_FLAGS, serve

PICTURE = Path(__file__).resolve().parent / "page.webp"
SIZE = {"width": 1280, "height": 860}
EXAMPLE = 7  # which example is clicked, counted from 0


def main() -> None:
    """Write `docs/page.webp`. Photos of UC Merced are kept out by an empty folder in their place."""
    with serve("--photos", "no-photos") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(server.address)
        page.locator("#examples .gallery-item").nth(EXAMPLE).click()
        page.wait_for_function(
            """() => { const all = [...document.querySelectorAll('#neighbours .thumbnail-item img')];
               return all.length === 12 && all.every(each => each.complete && each.naturalWidth); }"""
        )
        page.mouse.move(0, 0)
        page.wait_for_timeout(1000)  # for what fades in
        screenshot = Image.open(io.BytesIO(page.screenshot()))
        screenshot.save(PICTURE, quality=88, method=6)
        browser.close()
    print(f"Wrote {PICTURE}")


if __name__ == "__main__":
    main()
