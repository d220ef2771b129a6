"""The first minute: photos of the test split, an answer before anything is done, examples in one row."""

from __future__ import annotations

import pytest

from benchmarks.explorer import first_view
from benchmarks.server import serve
from tests.browser.visitor import fields, open_tab, wait_for_query
from tests.fakes.pretend_photos import program, write_pretend

pytestmark = pytest.mark.browser

WIDTHS = [1280, 390]


@pytest.fixture(scope="module")
def pretend(tmp_path_factory):
    """A page with a collection of drawn scenes that has a test split, as UC Merced has one."""
    place = tmp_path_factory.mktemp("pretend")
    listed = write_pretend(place / "folder")
    environment = {
        "AERIAL_CACHE": str(place / "cache"),
        "BUCHAREST_DIR": str(place / "bucharest"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }
    options = ["--photos", str(place / "none"), "--collection", str(place / "folder")]
    with serve(*options, environment=environment, program=program(listed)) as server:
        yield server.address


@pytest.fixture
def open_page(chromium):
    """Opens a page in a window, as on a phone where that is narrow; all are closed at the end."""
    contexts = []

    def opens(address, width, path=""):
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, has_touch=width < 500,
            permissions=["clipboard-read", "clipboard-write"],
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/{path}")
        page.wait_for_selector("#examples .photo")
        return page

    yield opens
    for context in contexts:
        context.close()


def wait_for_answer(page):
    page.wait_for_selector("#neighbours [data-kind=answer]")


def shown_name(page):
    """Which example the address names."""
    page.wait_for_function("() => new URLSearchParams(location.search).has('photo')")
    return fields(page)["photo"][0]


@pytest.mark.parametrize("width", WIDTHS)
def test_an_example_is_answered_before_anybody_does_anything(open_page, pretend, width):
    page = open_page(pretend, width)
    wait_for_answer(page)
    assert page.locator("#neighbours .caption b").count() == 12
    assert "match" in page.locator("#summary").inner_text()
    assert page.url.rstrip("/") == pretend  # the bare address
    first = page.locator("#examples .photo").first
    card = page.locator("#query-line")
    assert first.inner_text() in card.inner_text()
    assert card.locator("img").get_attribute("src") == first.locator("img").get_attribute("src")
    page.wait_for_function("() => document.querySelector('#query-line img').naturalWidth === 128")
    assert page.locator("#query input[type=file]").count() == 1  # free for the visitor's own photo
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_examples_are_a_dozen_photos_that_the_gallery_does_not_hold(open_page, pretend, width):
    page = open_page(pretend, width)
    names = page.locator("#examples .photo").all_inner_texts()
    assert len(set(names)) == len(names) == 12
    assert page.locator("#examples .caption").inner_text() == "Photos to try, a new dozen each day"
    page.locator("#examples .photo").nth(2).click()
    name = shown_name(page)
    assert name.removeprefix("example-")[-2:] in ("90", "91")  # numbers of the test photos
    page.wait_for_selector("#query img")
    gone = page.evaluate(
        "async id => (await fetch(`photos/pretend/${id}/small`)).status", name.removeprefix("example-")
    )
    assert gone == 404


@pytest.mark.parametrize("width", WIDTHS)
def test_a_link_to_an_example_works_for_everybody_and_has_all_that_others_have(open_page, pretend, width):
    page = open_page(pretend, width)
    wait_for_answer(page)
    page.locator("#examples .photo").nth(3).click()
    name = shown_name(page)
    page.wait_for_selector("#query img")
    found = page.locator("#neighbours .tile").evaluate_all("all => all.map(each => each.dataset.id)")
    page.locator("#trail .share").click()
    told = page.locator("#trail .life").inner_text()
    assert "for as long as the page has these photos" in told
    other = open_page(pretend, width, page.url.split("/", 3)[3])
    wait_for_answer(other)
    assert other.locator("#neighbours .tile").evaluate_all("all => all.map(each => each.dataset.id)") == found
    assert other.locator("#query img").count() == 1
    address = page.url.split("?", 1)[1]
    for path, kind in (
        (f"brought/{name}", "image/webp"),
        (f"export/neighbours.csv?{address}", "text/csv; charset=utf-8"),
        (f"export/neighbours.json?{address}", "application/json"),
        (f"export/neighbours.png?{address}", "image/png"),
    ):
        answer = other.request.get(f"{pretend}/{path}")
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
    other.locator("#neighbours .why").first.click()
    other.wait_for_selector("dialog[open] .heat:not([hidden])")
    assert "Example: " in other.locator("dialog[open]").inner_text()
    other.wait_for_function("() => document.querySelector('dialog[open] img').naturalWidth === 256")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_trail_leads_back_to_the_start(open_page, pretend, width):
    page = open_page(pretend, width)
    wait_for_answer(page)
    start = page.locator("#neighbours .tile").evaluate_all("all => all.map(each => each.dataset.id)")
    chosen = page.locator("#neighbours .tile").nth(4).get_attribute("data-id")
    page.locator("#neighbours .photo").nth(4).click()
    wait_for_query(page, chosen)
    crumb = page.locator("#trail .crumbs button").first
    assert crumb.get_attribute("title") == "Start"
    crumb.click()
    page.wait_for_function(
        "ids => ids.join() === [...document.querySelectorAll('#neighbours .tile')]"
        ".map(each => each.dataset.id).join()",
        arg=start,
    )
    assert page.locator("#query-line img").count() == 1
    assert page.url.rstrip("/") == pretend


@pytest.mark.parametrize("width", WIDTHS)
def test_the_row_is_one_and_scrolls_inside_itself(open_page, pretend, width):
    page = open_page(pretend, width)
    boxes = page.evaluate(
        """() => ['.strip', '#examples', '#map-examples', '#query', '#tabs [role=tablist]', '#neighbours']
             .map(name => document.querySelector(name).getBoundingClientRect().toJSON())"""
    )
    strip, photos, maps, query, tabs, grid = boxes
    assert photos["top"] == maps["top"]
    assert photos["right"] < maps["left"]
    assert tabs["bottom"] <= strip["top"]
    assert strip["bottom"] <= min(query["top"], grid["top"])
    assert strip["left"] <= query["left"] + 1
    if width > 1000:
        assert strip["right"] >= grid["right"] - 1
    heights = page.locator(".strip .photo").evaluate_all("all => all.map(each => each.offsetHeight)")
    assert all(56 <= height <= 64 for height in heights)
    inside = page.locator(".strip").evaluate(
        "strip => [strip.scrollWidth > strip.clientWidth, strip.classList.contains('more')]"
    )
    assert inside == [width < 1000] * 2
    page.locator("#map-examples .photo").last.scroll_into_view_if_needed()
    assert page.locator("#map-examples .photo").last.bounding_box()["x"] < width
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("window.scrollX") == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_map_views_are_pictures_that_open_the_screenshot_with_its_scale(open_page, pretend, width):
    page = open_page(pretend, width)
    wait_for_answer(page)
    caption = page.locator("#map-examples .caption")
    assert caption.inner_text() == "Example map views (drawn)"
    assert page.get_by_text("stand-in", exact=False).locator("visible=true").count() == 0
    button = page.locator("#map-examples button", has_text="Otopeni")
    button.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('#map-examples img').naturalWidth === 160")
    button.click()
    assert shown_name(page) == "example-map-otopeni-z18"
    page.wait_for_selector("#shot .square")
    assert "from the map's link" in page.locator("#scale-line").inner_text()
    page.wait_for_timeout(1500)  # fields that are filled in are no change of the visitor's
    assert fields(page)["photo"] == ["example-map-otopeni-z18"]
    page.reload()
    page.wait_for_selector("#shot .square")
    assert "from the map's link" in page.locator("#scale-line").inner_text()


def test_the_row_is_walked_by_keys_and_each_picture_has_a_name(open_page, pretend):
    page = open_page(pretend, 1280)
    wait_for_answer(page)
    named = page.locator("#map-examples").get_by_role("button", name="Otopeni")
    assert named.count() == 1
    assert page.locator("#examples").get_by_role("button", name="Example: ").count() == 12
    assert page.locator(".strip [tabindex='0']").count() == 2  # one of each kind
    page.locator("#examples .photo").first.focus()
    focused = "() => document.activeElement.textContent"
    names = page.locator("#examples .photo").evaluate_all("all => all.map(each => each.textContent)")
    presses = [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 11), ("ArrowRight", 11)]
    for key, place in [*presses, ("Home", 0)]:
        page.keyboard.press(key)
        assert page.evaluate(focused) == names[place]
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('#map-examples') !== null")
    page.keyboard.press("Enter")
    page.wait_for_selector("#shot .square")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_places_of_bucharest_are_a_table_that_says_how_long_it_is(open_page, pretend, width):
    page = open_page(pretend, width)
    page.get_by_text("Bucharest: 21 places to try").click()
    rows = page.locator("#places tbody tr")
    rows.first.wait_for()
    assert rows.count() == 21
    link = rows.first.locator("a")
    assert link.get_attribute("href").startswith("https://www.google.com/maps/@44.")
    assert "airliners" in rows.first.inner_text()
    held = page.evaluate(  # nothing of it is hidden in a box of its own
        """() => { const box = document.querySelector('#places');
             return [...box.querySelectorAll('*')].every(each => each.scrollHeight <= each.clientHeight + 2
               || getComputedStyle(each).display.startsWith('inline')
               || getComputedStyle(each).overflowY === 'visible'); }"""
    )
    assert held
    assert page.locator("#places th[scope=row]").count() == 21
    assert page.locator("#fetch-place, #place").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_little_jumps_as_the_page_opens(chromium, pretend, width):
    page = chromium.new_page(viewport={"width": width, "height": 844})
    page.add_init_script(
        """window.shifts = []; new PerformanceObserver(list => list.getEntries().forEach(each => {
             if (!each.hadRecentInput) window.shifts.push(each.value);
           })).observe({ type: 'layout-shift', buffered: true });"""
    )
    page.goto(pretend)
    wait_for_answer(page)
    page.evaluate("() => { window.shifts.length = 0; }")  # what Gradio draws before it has the page's styles
    page.wait_for_timeout(1500)
    assert sum(page.evaluate("window.shifts")) < 0.05
    page.close()


def test_without_photos_scenes_stand_in_and_one_is_searched(open_page, page_url):
    page = open_page(page_url, 1280)
    wait_for_answer(page)
    assert page.locator("#collection input:checked").get_attribute("value") == "scenes"
    caption = page.locator("#examples .caption").inner_text()
    assert caption == "Drawn scenes, as the photos are not here"
    assert "Example: harbor" in page.locator("#query-line").inner_text()
    assert page.locator("#neighbours .caption span").first.inner_text() == "harbor"


def test_the_first_view_weighs_little(chromium, pretend):
    context = chromium.new_context(viewport={"width": 1280, "height": 844})
    assert 60_000 < first_view(context, pretend) < 250_000
    context.close()


# With the real photos


@pytest.fixture(scope="module")
def real(ucmerced_places, tmp_path_factory):
    """The page with UC Merced's photos."""
    present = [place for place in ucmerced_places if place.is_dir()]
    if not present:
        pytest.skip(f"UC Merced is not in {' or '.join(map(str, ucmerced_places))}")
    place = tmp_path_factory.mktemp("real")
    environment = {"AERIAL_CACHE": str(place / "cache"), "BUCHAREST_DIR": str(place / "bucharest")}
    with serve("--photos", str(present[0]), environment=environment) as server:
        yield server.address


@pytest.mark.ucmerced
@pytest.mark.parametrize("width", WIDTHS)
def test_the_real_photos_are_there_first(open_page, real, width):
    page = open_page(real, width)
    wait_for_answer(page)
    assert page.locator("#collection input:checked").get_attribute("value") == "ucmerced"
    assert page.locator("#examples .photo").count() == 12
    assert page.locator("#examples .caption").inner_text() == "Photos to try, a new dozen each day"
    assert page.locator("#neighbours img[src*='preview=']").count() == 0
    label = page.locator("#examples .photo").first.inner_text().removeprefix("Example: ")
    votes = page.locator("#neighbours .caption span").all_inner_texts()
    assert label in votes
    open_tab(page, "Browse")
    open_tab(page, "Search")
    assert page.locator("#neighbours .caption b").count() == 12


@pytest.mark.ucmerced
def test_the_first_view_with_the_real_photos_is_under_250_kilobytes_of_images(chromium, real):
    for width in (1280, 390):
        context = chromium.new_context(viewport={"width": width, "height": 844})
        assert 20_000 < first_view(context, real) < 250_000
        context.close()
