"""Where on Earth an answer lies, in Chromium: the map, its photos, streets for who wants them, files."""

from __future__ import annotations

import json
import math
from contextlib import contextmanager

import numpy as np
import pyogrio
import pytest
import rasterio

from benchmarks.server import serve
from retrieval.retriever import SHIPPED_SCENES
from tests.browser.test_comfort import violations
from tests.browser.test_markup import FOUND
from tests.browser.visitor import fields, ids, open_at, upload
from tests.fakes.hostile_folder import write_hostile_folder
from tests.fakes.placed_folder import BUCHAREST, add_places, places_of, write_placed

pytestmark = pytest.mark.browser

HARBOR = "collection=flight&id=harbor03"
RANKS = "#place-map .rank"


@pytest.fixture(scope="module")
def placed_url(tmp_path_factory):
    """A page with a collection that has places, one across the 180th meridian, and others that have none."""
    place = tmp_path_factory.mktemp("places")
    environment = {
        "AERIAL_CACHE": str(place / "cache"),
        "GRADIO_TEMP_DIR": str(place / "uploads"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "BUCHAREST_WMS": "http://127.0.0.1:9/wms",
        "BUCHAREST_DIR": str(place / "bucharest"),
    }
    flight = write_placed(place / "flight")
    far = write_placed(place / "far", at=(179.994, -16.8))
    add_places(far, places_of(252, (179.994, -16.8)), name="far")
    options = ["--photos", str(place / "none")]
    for folder in (flight, far, SHIPPED_SCENES):
        options += ["--collection", str(folder)]
    with serve(*options, environment=environment) as server:
        yield server.address


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def tab(chromium, placed_url, request):
    """A tab that fails on an error of a script, and on a request to another server."""
    with visit(chromium, request.param) as page:
        yield page


@contextmanager
def visit(chromium, width, **options):
    context = chromium.new_context(viewport={"width": width, "height": 844}, accept_downloads=True, **options)
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if "Content Security" in said.text else None)
    page.on(
        "request",
        lambda sent: (
            failures.append(sent.url)
            if sent.url.startswith("http") and "//127.0.0.1:" not in sent.url
            else None
        ),
    )
    page.set_default_timeout(20_000)
    page.failures = failures
    yield page
    context.close()
    assert failures == []


def open_map(page, count: int = 12) -> None:
    page.locator("#where button.label-wrap").click()
    page.locator("#place-map").scroll_into_view_if_needed()
    page.wait_for_function(
        f"""count => document.querySelectorAll('{RANKS}').length === count
                     && document.querySelector('#place-map .told').innerText""",
        arg=count,
    )
    page.wait_for_timeout(400)  # it moves to where they lie


def test_the_photos_found_lie_on_a_grid_with_their_ranks_and_nobody_else_is_asked(tab, placed_url):
    loaded: list[str] = []
    tab.on("request", lambda sent: loaded.append(sent.url) if "leaflet" in sent.url else None)
    open_at(tab, placed_url, HARBOR)
    assert loaded == []  # before somebody looks
    open_map(tab)
    assert sorted(map(int, tab.locator(RANKS).all_inner_texts())) == list(range(1, 13))
    assert tab.locator("#place-map path.footprint").count() == 12
    assert tab.locator("#place-map path.asked").count() == 1
    assert tab.locator("#place-map path.meridians").get_attribute("d").count("M") > 4
    names = tab.locator("#place-map .degrees").all_inner_texts()
    assert any(text.startswith("26.") and text.endswith("E") for text in names)
    assert any(text.startswith("44.4") and text.endswith("N") for text in names)
    land = tab.locator("#place-map .land").bounding_box()
    for rank in tab.locator(RANKS).all():
        box = rank.bounding_box()
        assert land["x"] <= box["x"] + 13 <= land["x"] + land["width"]
        assert land["y"] <= box["y"] + 13 <= land["y"] + land["height"]
    assert tab.locator("#place-map .told").inner_text() == "Faint: 251 of the 252 photos of the collection."
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_photo_on_the_map_is_shown_leads_to_a_web_map_and_is_searched_with(tab, placed_url):
    open_at(tab, placed_url, HARBOR)
    open_map(tab)
    second = ids(tab)[11]  # it lies alone
    tab.locator(RANKS).get_by_text("12", exact=True).click()
    card = tab.locator("#place-map .card")
    card.wait_for()
    assert tab.evaluate("document.activeElement.textContent") == "Search with it"
    distance = tab.locator("#neighbours .caption b").nth(11).inner_text()
    assert distance in card.locator("p").inner_text()
    where = card.locator("a")
    assert where.get_attribute("target") == "_blank"
    assert "noopener" in where.get_attribute("rel")
    assert where.get_attribute("href").startswith("https://www.openstreetmap.org/?mlat=44.4")
    assert "/26.1" in where.get_attribute("href")
    card.locator("button").click()
    wait_for_query_of(tab, second)


def wait_for_query_of(page, identifier: str) -> None:
    page.wait_for_function("id => new URLSearchParams(location.search).get('id') === id", arg=identifier)
    page.wait_for_function(
        "id => document.querySelector('#query-line')?.innerText.startsWith(id)", arg=identifier
    )


def test_the_map_follows_the_search_and_goes_with_a_collection_that_has_no_places(tab, placed_url):
    open_at(tab, placed_url, HARBOR)
    tab.wait_for_selector("#where", state="visible")
    open_at(tab, placed_url, "collection=scenes&id=harbor03")
    tab.wait_for_selector("#where", state="hidden")
    tab.locator("#neighbours .why").first.click()
    tab.wait_for_selector("dialog[open]")
    assert not tab.locator("dialog .where").is_visible()
    tab.keyboard.press("Escape")
    tab.wait_for_selector("dialog[open]", state="detached")
    tab.locator("#save button.label-wrap").click()
    tab.wait_for_selector("#save a.download")
    assert tab.locator("#save a.download").all_inner_texts() == [
        "Download CSV", "Download JSON", "Download contact sheet (PNG)",
    ]  # fmt: skip


def test_keys_move_the_map_and_go_from_photo_to_photo(tab, placed_url):
    open_at(tab, placed_url, HARBOR)
    open_map(tab)
    first = tab.locator(RANKS).first
    assert first.get_attribute("role") == "button"
    assert "distance" in first.get_attribute("aria-label")
    tab.locator("#place-map .land").focus()
    before = tab.locator(RANKS).first.bounding_box()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function(
        f"x => document.querySelector('{RANKS}').getBoundingClientRect().x < x - 20", arg=before["x"]
    )
    first.focus()
    for key in ("Enter", "Space"):
        tab.keyboard.press(key)
        tab.wait_for_selector("#place-map .card")
        assert tab.evaluate("document.activeElement.textContent") == "Search with it"
        tab.keyboard.press("Escape")
        tab.wait_for_selector("#place-map .card", state="detached")
        assert tab.evaluate("document.activeElement.className").startswith("leaflet-marker-icon rank")
        assert tab.locator("#place-map .land").is_visible()  # on a phone the sheet is still there


def numbers(page) -> list[dict]:
    """The ranks that are shown as numbers, nearest first, with where they are."""
    return page.locator(f"{RANKS}:not(.dot)").evaluate_all(
        """all => all.map((each) => ({ box: each.getBoundingClientRect(), rank: Number(each.innerText) }))
             .map(({ box, rank }) => ({ rank, x: box.x, y: box.y }))
             .sort((one, other) => one.rank - other.rank)"""
    )


def test_numbers_that_would_cover_nearer_ones_are_dots_until_the_map_comes_nearer(tab, placed_url):
    open_at(tab, placed_url, HARBOR)
    open_map(tab)
    for _ in range(2):
        tab.locator("#place-map .zoom .out").click()
        tab.wait_for_timeout(500)
    far = numbers(tab)
    assert far[0]["rank"] == 1
    assert len(far) < 12
    for place, one in enumerate(far):
        for other in far[place + 1 :]:
            assert math.hypot(one["x"] - other["x"], one["y"] - other["y"]) >= 23
    dots = tab.locator(f"{RANKS}.dot")
    assert dots.count() == 12 - len(far)
    assert dots.first.locator("span").bounding_box()["width"] == pytest.approx(10, abs=1)
    dots.first.focus()  # keys reach them all, and say which one it is
    assert dots.first.locator("span").bounding_box()["width"] == pytest.approx(26, abs=1)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#place-map .card")
    tab.keyboard.press("Escape")
    tab.locator("#place-map .zoom .all").click()
    for _ in range(2):
        tab.wait_for_timeout(500)
        tab.locator("#place-map .zoom .in").click()
    tab.wait_for_timeout(500)
    assert len(numbers(tab)) > len(far)


def test_across_the_180th_meridian_the_photos_lie_side_by_side(tab, placed_url):
    open_at(tab, placed_url, "collection=far&id=harbor03")
    open_map(tab)
    boxes = [rank.bounding_box() for rank in tab.locator(RANKS).all()]
    land = tab.locator("#place-map .land").bounding_box()
    assert max(box["x"] for box in boxes) - min(box["x"] for box in boxes) > land["width"] / 4
    names = tab.locator("#place-map .degrees").all_inner_texts()
    assert any(text.endswith("W") for text in names)
    assert any(text.endswith("E") and text.startswith("179.99") for text in names)


def test_streets_come_from_one_server_when_somebody_turns_them_on(chromium, placed_url):
    """A stand-in answers for it here, as no test needs a network."""
    with visit(chromium, 1280) as tab:
        asked: list[tuple[str, str]] = []

        def answer(route):
            asked.append((route.request.url, route.request.headers.get("referer", "")))
            route.fulfill(status=200, content_type="image/png", body=PIXEL)

        tab.route("https://tile.openstreetmap.org/**", answer)
        open_at(tab, placed_url, HARBOR)
        open_map(tab)
        assert tab.failures == asked == []
        tab.get_by_label("Show streets (asks openstreetmap.org)").check()
        tab.wait_for_function(
            "() => [...document.querySelectorAll('#place-map .leaflet-tile')].some(each => each.naturalWidth)"
        )
        credit = tab.locator("#place-map .leaflet-control-attribution a")
        assert credit.inner_text() == "© OpenStreetMap contributors"
        assert credit.get_attribute("href") == "https://www.openstreetmap.org/copyright"
        assert tab.locator("#place-map .degrees").count() == 0
        url, referer = asked[0]
        assert url.startswith("https://tile.openstreetmap.org/1")
        assert referer == f"{placed_url}/"  # and no search
        assert set(tab.failures) == {url for url, _referer in asked}  # nobody else was asked
        tab.failures.clear()
        tab.get_by_label("Show streets (asks openstreetmap.org)").uncheck()
        assert tab.locator("#place-map .leaflet-tile, #place-map .leaflet-control-attribution").count() == 0
        assert tab.locator("#place-map .degrees").count() > 2


#: A PNG of one grey pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_to_complain_of_on_the_map(chromium, placed_url, scheme, width):
    with visit(chromium, width, color_scheme=scheme) as tab:
        open_at(tab, placed_url, HARBOR)
        open_map(tab)
        tab.wait_for_timeout(500)
        assert violations(tab) == []
        tab.locator(RANKS).get_by_text("12", exact=True).click()
        tab.wait_for_selector("#place-map .card")
        tab.wait_for_timeout(500)
        assert violations(tab) == []


def test_the_dialog_leads_to_where_a_photo_lies(tab, placed_url):
    open_at(tab, placed_url, HARBOR)
    tab.locator("#neighbours .why").nth(1).click()
    link = tab.locator("dialog[open] a.where")
    link.wait_for()
    assert link.inner_text() == "Where is this?"
    assert link.get_attribute("href").startswith("https://www.openstreetmap.org/?mlat=44.4")
    assert (link.get_attribute("target"), "noopener" in link.get_attribute("rel")) == ("_blank", True)


def test_the_answer_is_saved_as_files_for_maps(tab, placed_url, tmp_path):
    open_at(tab, placed_url, HARBOR)
    tab.locator("#save button.label-wrap").click()
    with tab.expect_download() as saved:
        tab.get_by_text("Download GeoJSON").click()
    features = json.loads(saved.value.path().read_text())["features"]
    assert [each["properties"]["id"] for each in features] == ids(tab)
    with tab.expect_download() as saved:
        tab.get_by_text("Download GeoPackage").click()
    assert saved.value.suggested_filename == "neighbours.gpkg"
    saved.value.save_as(tmp_path / "neighbours.gpkg")
    assert pyogrio.read_info(tmp_path / "neighbours.gpkg")["features"] == 12


def test_an_orthophoto_that_is_dropped_is_drawn_and_leads_to_where_it_lies(tab, placed_url, tmp_path):
    path = tmp_path / "ortho.tif"
    pixels = np.random.default_rng(3).integers(0, 255, (3, 900, 900), dtype=np.uint8)
    longitude, latitude = BUCHAREST
    step = 0.3 / 111_320
    with rasterio.open(
        path, "w", driver="GTiff", width=900, height=900, count=3, dtype="uint8", crs="EPSG:4326",
        photometric="RGB", transform=rasterio.Affine(step / 0.714, 0, longitude, 0, -step, latitude),
    ) as file:  # fmt: skip
        file.write(pixels)
    tab.goto(f"{placed_url}/?collection=flight")
    tab.wait_for_selector("#neighbours .tile")
    upload(tab, path)
    link = tab.locator("#scale-line a")
    link.wait_for()
    assert link.inner_text() == "Where is this?"
    assert link.get_attribute("href").startswith("https://www.openstreetmap.org/?mlat=44.43")
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in link.get_attribute("rel")
    tab.wait_for_selector("#neighbours [data-kind=answer]")
    open_map(tab)
    assert tab.locator("#place-map path.asked").count() == 1


def test_a_strangers_labels_are_shown_as_text(chromium, tmp_path_factory):
    place = tmp_path_factory.mktemp("hostile-places")
    other = "http://127.0.0.1:9"
    folder = add_places(write_hostile_folder(place / "folder", other), places_of(252))
    environment = {
        "AERIAL_CACHE": str(place / "cache"),
        "GRADIO_TEMP_DIR": str(place / "uploads"),
        "HF_ENDPOINT": other,
    }
    hosted = serve("--artifacts", str(folder), environment=environment)
    with hosted as server, visit(chromium, 1280) as tab:
        tab.goto(f"{server.address}/?collection=hostile")
        for number in (0, 5, 6):
            tab.wait_for_selector("#neighbours .tile .caption:not(:has(b))")
            tab.locator("#neighbours .tile .photo").nth(number).click()
            tab.wait_for_selector("#neighbours .tile .caption b")
            open_map(tab)
            for rank in tab.locator(RANKS).all()[:4]:
                rank.focus()  # a pointer might find it under the card of the one before
                tab.wait_for_selector("#place-map .leaflet-tooltip")
                tab.keyboard.press("Enter")
                tab.wait_for_selector("#place-map .card")
                assert tab.evaluate(FOUND, other) == []
                tab.keyboard.press("Escape")
                tab.wait_for_selector("#place-map .card", state="detached")
            tab.goto(f"{server.address}/?collection=hostile")


def test_a_part_of_the_map_is_searched_and_all_of_it_again(tab, placed_url):
    open_at(tab, placed_url, HARBOR)
    open_map(tab)
    everywhere = ids(tab)
    token = tab.locator(".area-token")
    assert not token.is_visible()
    tab.locator("#place-map .here").scroll_into_view_if_needed()
    for _ in range(3):
        tab.locator("#place-map .zoom .in").click()
        tab.wait_for_timeout(400)
    tab.get_by_role("button", name="Search in this part of the map").click()
    tab.wait_for_function("() => new URLSearchParams(location.search).has('area')")
    west, south, east, north = map(float, fields(tab)["area"][0].split(","))
    assert 26 < west < east < 26.2
    assert 44.4 < south < north < 44.5
    tab.wait_for_selector("#place-map path.area", state="attached")
    found = ids(tab)
    assert found != everywhere
    assert found
    if tab.viewport_size["width"] < 700:
        tab.keyboard.press("Escape")  # the sheet is over it
    token.scroll_into_view_if_needed()
    assert token.inner_text().startswith("Only a part of the map")
    tab.reload()
    tab.wait_for_selector("#neighbours [data-kind=answer]")
    assert ids(tab) == found
    token.get_by_role("button").click()
    tab.wait_for_function("() => !new URLSearchParams(location.search).has('area')")
    token.wait_for(state="hidden")
    assert ids(tab) == everywhere
