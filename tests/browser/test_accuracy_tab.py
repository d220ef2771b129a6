"""The tab 'Accuracy and limits' in Chromium, with figures and without, beside a search that goes on."""

from __future__ import annotations

import json

import pytest

from benchmarks.server import serve
from examples.scenes import draw
from retrieval.retriever import SHIPPED
from tests.browser.visitor import give, on_phones_too, open_tab, upload, wait_for_result
from tests.ui.test_scorecard import measured

pytestmark = pytest.mark.browser

TAB = "Accuracy and limits"


@pytest.fixture(scope="module")
def measured_url(tmp_path_factory):
    """The page over the shipped artifacts, as if they had been measured."""
    folder = tmp_path_factory.mktemp("measured") / "artifacts"
    folder.mkdir()
    for path in SHIPPED.iterdir():
        (folder / path.name).symlink_to(path)
    manifest = json.loads((SHIPPED / "manifest.json").read_text())
    result = measured({"beach": 1.0, "denseresidential": 0.6, "river": 0.8})
    manifest["results"] = {"protocols": dict.fromkeys(("test-train", "test-test", "shift-train"), result)}
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with serve("--artifacts", str(folder), "--photos", str(folder / "none")) as server:
        yield server.address


@on_phones_too
def test_the_tab_opens_and_the_search_is_still_there_after_it(page, tmp_path):
    draw("harbor", 4711).save(tmp_path / "harbor.png")
    upload(page, tmp_path / "harbor.png")
    distances = wait_for_result(page)
    open_tab(page, TAB)
    page.wait_for_selector("#scorecard")
    assert page.locator("#accuracy .in-short p").count() == 3
    assert (
        page.locator("#accuracy")
        .inner_text()
        .startswith(page.locator("#accuracy .in-short").inner_text()[:60])
    )
    assert not page.locator("#neighbours").is_visible()
    open_tab(page, "Search")
    assert wait_for_result(page) == distances


def test_a_photo_that_is_pasted_over_the_figures_brings_the_search_back(page, tmp_path):
    open_tab(page, TAB)
    page.wait_for_selector("#scorecard")
    draw("forest", 4711).save(tmp_path / "forest.png")
    give(page, tmp_path / "forest.png", "paste")
    page.wait_for_selector("#neighbours", state="visible")
    assert len(wait_for_result(page)) == 12


@on_phones_too
def test_why_results_are_wrong_is_told_with_what_was_measured(page, retriever):
    open_tab(page, TAB)
    page.wait_for_selector("#reasons h2", state="visible")
    text = page.locator("#reasons").inner_text()
    protocols = retriever.collection().manifest.results["protocols"]
    assert f"{100 * protocols['shift-train']['overall']['P@1']:.1f} %" in text
    assert page.locator("#reasons section").count() == 6
    assert page.locator("#reasons .measured").count() >= 4


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_figures_fit_the_window_and_can_be_read(chromium, measured_url, width, scheme):
    page = chromium.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(measured_url)
    open_tab(page, TAB)
    page.wait_for_selector("#scorecard .headline")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    margins = page.evaluate(
        """() => [...document.querySelectorAll('#accuracy :is(p, table, svg, .headline, dl, li)')]
             .map(each => each.getBoundingClientRect())
             .map(box => Math.min(box.left, document.documentElement.clientWidth - box.right))"""
    )
    assert len(margins) > 40
    assert min(margins) >= 10  # the page's own margins are 12 pixels on a phone, and more elsewhere
    ratios = page.evaluate(CONTRASTS)
    assert len(ratios) > 50
    assert min(ratios) >= 4.5  # WCAG 2, AA
    page.close()


#: The contrast of each piece of text on the tab with what is painted behind it.
CONTRASTS = """() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => rgb(colour).slice(0, 3).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return getComputedStyle(each).backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('#accuracy *:not(svg *)')]
    .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(each => [getComputedStyle(each).color, behind(each)].map(light).sort((a, b) => b - a))
    .map(([high, low]) => (high + 0.05) / (low + 0.05));
}"""
