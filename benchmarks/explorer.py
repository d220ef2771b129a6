"""How long exploring takes in a browser, from the click to the last new thumbnail: `make bench-explorer`.

It drives the page in Chromium, and repeats each interaction many times, where possible on photos that the
browser has not loaded before. The aim is 200 ms on two cores. In between it times the bare network on one
image, on the same machine: compare the ratios, not the milliseconds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from collections.abc import Callable

import torch
from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.server import CHROMIUM_FLAGS, serve
from retrieval.collections.artifacts import WEIGHTS
from retrieval.network import build_network
from retrieval.retriever import SHIPPED

#: JavaScript that adds `answered(act)`: the milliseconds from an action until all photos of the next answer
#: are painted.
WATCH = """() => {
  window.answered = (act) => new Promise((done) => {
    const grid = document.querySelector("#neighbours .grid");
    const before = grid.firstChild;
    const started = performance.now();
    act();
    const look = () => {
      const photos = [...grid.querySelectorAll("img")];
      photos.forEach((photo) => { photo.loading = "eager"; });
      if (performance.now() - started > 5000) return done(NaN); // the answer did not change
      if (grid.firstChild === before || !photos.every((photo) => photo.complete && photo.naturalWidth)) {
        return requestAnimationFrame(look);
      }
      const duration = performance.now() - started;
      requestAnimationFrame(() => done(duration));
    };
    look();
  });
}"""


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explorer", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="repetitions of each interaction (%(default)s)")
    parser.add_argument("--collection", default="scenes", help="which one is explored (%(default)s)")
    options = parser.parse_args()
    bare: list[float] = []
    network = build_network(SHIPPED / WEIGHTS)
    image = torch.randn(1, 3, 256, 256)
    with serve() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"{server.address}/?collection={options.collection}")
        page.wait_for_selector("#neighbours .tile")
        page.evaluate(WATCH)
        rows = {}
        for name, interaction in INTERACTIONS.items():
            durations = []
            for number in range(options.times + 2):
                durations.append(interaction(page, number))
                with torch.inference_mode():
                    started = time.perf_counter()
                    network(image)
                    bare.append(1000 * (time.perf_counter() - started))
                page.wait_for_timeout(250)  # for the plots, which come later and would slow down the next one
            rows[name] = durations[2:]
        first = first_view(browser.new_context(viewport={"width": 1280, "height": 900}), server.address)
        browser.close()
    forward = statistics.median(bare)
    print(f"From the click to the last thumbnail in {options.collection}, {options.times} times each.")
    print(f"{'interaction (aim: 200 ms)':<34}{'median ms':>10}{'slowest':>9}{'of the network':>16}")
    for name, durations in rows.items():
        median = statistics.median(durations)
        print(f"{name:<34}{median:>10.0f}{max(durations):>9.0f}{median / forward:>16.2f}")
    print(f"{'the bare network, one image':<34}{forward:>10.0f}{max(bare):>9.0f}{1:>16.2f}")
    print(f"First view at 1280 x 900: {first / 1000:.0f} KB of images before scrolling (aim: under 250)")


def follow(page: Page, number: int) -> float:
    """Search with a neighbour."""
    return answered(page, f"[...document.querySelectorAll('#neighbours .photo')][{5 + number % 6}].click()")


def surprise(page: Page, _: int) -> float:
    """Search with any photo."""
    return answered(page, "document.querySelector('#trail .random').click()")


def back(page: Page, _: int) -> float:
    """Go back to the search before."""
    return answered(page, "history.back()")


def mark(page: Page, number: int) -> float:
    """Mark two neighbours, and search again."""
    page.evaluate(
        """number => { const tiles = document.querySelectorAll('#neighbours .tile');
             tiles[number % 3].querySelector('.right').click();
             tiles[tiles.length - 1 - number % 3].querySelector('.wrong').click(); }""",
        number,
    )
    duration = answered(page, "document.querySelector('#neighbours .again').click()")
    if number % 4 == 3:
        surprise(page, number)  # drops the marks, before they are too many for a link
    return duration


def more(page: Page, number: int) -> float:
    """Show 24 neighbours in place of 12, and 12 again."""
    field = page.locator("#k input[type=number]")
    if not field.is_visible():
        page.locator("#refine button.label-wrap").click()
        field.wait_for(state="visible")
    page.evaluate("() => { window.pending = window.answered(() => {}); }")
    field.fill("12" if number % 2 else "24")
    return float(page.evaluate("() => window.pending"))


def answered(page: Page, act: str) -> float:
    """Milliseconds from an action, in JavaScript, to the last thumbnail of the next answer."""
    return float(page.evaluate(f"() => window.answered(() => {{ {act}; }})"))


INTERACTIONS: dict[str, Callable[[Page, int], float]] = {
    "search with any photo": surprise,
    "search with a neighbour": follow,
    "go back": back,
    "mark two and search again": mark,
    "show 24 neighbours, or 12": more,
}


def first_view(context: BrowserContext, address: str) -> int:
    """Bytes of the images that the page loads before anybody scrolls."""
    page = context.new_page()
    sizes: list[int] = []
    page.on(
        "response",
        lambda answer: sizes.append(len(answer.body())) if answer.request.resource_type == "image" else None,
    )
    page.goto(address)
    page.wait_for_selector("#neighbours .tile img")
    count = -1
    while count != len(sizes):  # not until the network is idle, as Gradio keeps a stream open
        count = len(sizes)
        page.wait_for_timeout(1500)
    page.close()
    return sum(sizes)


if __name__ == "__main__":
    main()
