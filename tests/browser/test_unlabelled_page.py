"""A folder that nobody labelled, beside other collections: searched, browsed, mapped, shown in place."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from benchmarks.server import serve
from retrieval.collections.artifacts import CLASSES, read_manifest, write_manifest
from retrieval.collections.calibration import Calibration
from retrieval.retriever import SHIPPED_SCENES
from retrieval.verdict import FAIRLY_NEAR, NEAR
from tests.browser.visitor import fields, open_tab, wait_for_result
from tests.fakes.own_place import own_place
from tests.fakes.unlabelled_folder import write_unlabelled
from tests.hosting.test_page_head import Head

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    with own_place(tmp_path_factory.mktemp("mine")) as place:
        made = write_unlabelled(place / "artifacts", place / "photos")
        with serve("--photos", str(place / "none"), "--collection", str(made)) as server:
            yield server.address


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def page(chromium, mine, request):
    context = chromium.new_context(viewport={"width": request.param, "height": 844})
    tab = context.new_page()
    failures = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.set_default_timeout(15_000)
    tab.goto(mine)
    wait_for_result(tab)
    yield tab
    context.close()
    assert not failures


def told(page) -> str:
    """The line above the neighbours, but for its tooltip."""
    line = "#summary .verdict .line"
    page.wait_for_selector(line)
    return " ".join(page.locator(f"{line} .level, {line} .told").all_inner_texts())


def follow(page, place: int) -> str:
    """Click the neighbour at a place. Returns its id, once it is the query."""
    tile = page.locator("#neighbours .tile").nth(place)
    chosen = tile.get_attribute("data-id")
    tile.locator(".photo").click()
    page.wait_for_function(
        """id => document.querySelector('#query-line')?.innerText.startsWith(id)
           && new URLSearchParams(location.search).get('id') === `mine/${id}`""",
        arg=chosen,
    )
    return chosen


def nothing_sticks_out(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_answer_is_judged_by_its_distance_and_names_no_class(page, mine):
    assert fields(page).keys().isdisjoint({"id", "photo"})  # the collection whose photos are here is open
    assert "nobody labelled these photos" in told(page)
    calibration = Calibration.from_dict(read_manifest(SHIPPED_SCENES).calibration)
    for place in (0, 1):
        page.goto(mine)
        wait_for_result(page)
        chosen = follow(page, place)
        assert chosen.startswith("flight ")  # an id is a path
        distance = wait_for_result(page)[0]
        near, fairly_near = distance <= calibration.within(NEAR), distance <= calibration.within(FAIRLY_NEAR)
        level = "Strong match" if near else "Fair match" if fairly_near else "No close match"
        assert told(page) == f"{level} By the distance alone: nobody labelled these photos."
    assert "agree" not in page.locator("#summary").inner_text()
    assert page.locator("#query-line").inner_text() == f"{chosen}: a photo of the collection."
    assert page.title().startswith(f"Photos like {chosen} ")
    assert page.locator("#neighbours .tile img").first.evaluate("each => each.naturalWidth") == 224
    assert not page.locator("#classes").locator("visible=true").count()
    assert nothing_sticks_out(page)
    page.reload()
    wait_for_result(page)
    assert page.locator("#query-line").inner_text().startswith(chosen)


def test_why_asks_about_no_class(page):
    follow(page, 0)
    tile = page.locator("#neighbours .tile").nth(1)
    tile.locator(".why").click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert dialog.locator("h2").inner_text() == "Why does this look alike?"
    assert dialog.locator(".neighbour figcaption").inner_text().strip() == tile.get_attribute("data-id")
    assert "Of pairs of photos in this collection" in dialog.locator(".lines").inner_text()
    assert "class" not in dialog.locator(".answer").inner_text()


def test_groups_are_browsed_and_have_addresses(page, mine):
    open_tab(page, "Browse")
    page.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 3")
    assert "Nobody labelled these photos" in page.locator("#browse-line").inner_text()
    page.locator("#browse-class input").click()
    page.get_by_role("option", name="group 2", exact=True).click()
    page.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 20")
    assert "group 2, which are alike" in page.locator("#browse-line").inner_text()
    page.wait_for_function("() => document.title.startsWith('group 2 in My photos')")
    assert fields(page) == {"view": ["browse"], "in": ["mine"], "class": ["group 2"]}
    page.reload()
    page.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 20")
    page.goto(f"{mine}/?view=browse&in=mine&class=group+9")
    page.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 3")
    assert page.locator("#browse-line").inner_text().startswith("There is no group of this name here.")


def test_a_group_is_called_so_in_the_language_of_the_page(page, mine):
    page.goto(f"{mine}/ro?view=browse&in=mine&class=group+2")
    page.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 20")
    assert "grupul 2" in page.locator("#browse-line").inner_text()
    assert page.locator("#browse-class input").input_value() == "grupul 2"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_class_that_is_called_as_groups_are_keeps_its_name(chromium, tmp_path, width):
    with own_place(tmp_path) as place:
        made = write_unlabelled(place / "artifacts", place / "photos")
        write_manifest(made, replace(read_manifest(made), labels=CLASSES))
        with serve("--photos", str(place / "none"), "--collection", str(made)) as server:
            tab = chromium.new_page(viewport={"width": width, "height": 844})
            tab.goto(f"{server.address}/ro?view=browse&in=mine&class=group+2")
            tab.wait_for_function("document.querySelectorAll('#browse-grid .tile').length === 20")
            assert "group 2" in tab.locator("#browse-line").inner_text()
            assert tab.locator("#browse-class input").input_value() == "group 2"
            tab.close()


def test_a_whole_map_has_no_land_use_and_all_else(page):
    open_tab(page, "Whole map")
    page.locator(".map-view", has_text="Pipera").click()
    page.wait_for_selector("#tile-neighbours .tile img", timeout=120_000)
    line = page.locator("#whole-told")
    assert "Nobody labelled the photos of My photos, so they tell no land use" in line.inner_text()
    assert page.locator("#whole-view .layer").evaluate("each => each.hidden")
    assert "The marked square" in page.locator("#tile").inner_text()
    assert "say" not in page.locator("#tile").inner_text()
    for layer, meaning in (("Groups", "without any class"), ("Similarity in colours", "have alike colours")):
        page.locator("#layer label", has_text=layer).click()
        page.wait_for_function(
            "text => document.querySelector('#legend').innerText.includes(text)", arg=meaning
        )
        assert not page.locator("#whole-view .layer").evaluate("each => each.hidden")
        assert "land use" not in line.inner_text()
    assert nothing_sticks_out(page)


def test_a_link_is_shown_with_words_and_a_picture(page):
    chosen = follow(page, 1)
    wait_for_result(page)
    head = Head(httpx.get(page.url).text)
    assert head.title.startswith(f"Photos like {chosen} ")
    said = head["og:description"]
    assert said == "The 12 nearest of 60 photos of My photos."
    picture = httpx.get(head["og:image"])
    assert picture.headers["content-type"] == "image/jpeg"
