"""A collection of an orthophoto's tiles in the page: each is shown as the part of the raster that it is."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest
from PIL import Image

from benchmarks.server import serve
from retrieval.collections.artifacts import CATALOGUE
from retrieval.collections.catalogue import read_catalogue
from retrieval.images import decode
from retrieval.retriever import SHIPPED_SCENES
from tests.browser.visitor import wait_for_result
from tests.fakes.own_place import own_place
from tests.fakes.tiled_folder import ACROSS, PART, write_tiled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    with own_place(tmp_path_factory.mktemp("mine")) as place:
        made = write_tiled(place / "artifacts", place / "photos")
        with serve("--photos", str(place / "none"), "--collection", str(made)) as server:
            yield server.address


@pytest.mark.parametrize("width", [1280, 390])
def test_tiles_are_shown_as_parts_of_the_raster_and_lead_on(chromium, mine, width):
    context = chromium.new_context(viewport={"width": width, "height": 844}, has_touch=width < 500)
    page = context.new_page()
    failures = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.set_default_timeout(15_000)
    page.goto(f"{mine}/?id=mine/ortho.tif/0001-0002")
    wait_for_result(page)
    tile = page.locator("#neighbours .tile").first
    assert tile.get_attribute("data-id").startswith("ortho.tif/")
    assert tile.inner_text().count("ortho.tif 00") == 1
    page.wait_for_function(
        """() => { const tiles = [...document.querySelectorAll('#neighbours .tile img')].slice(0, 4);
                   return tiles.length === 4 && tiles.every(one => one.complete && one.naturalWidth > 0) }"""
    )
    scenes = read_catalogue(SHIPPED_SCENES / CATALOGUE)[::PART]
    for place in range(3):
        shown = page.locator("#neighbours .tile").nth(place)
        row, column = map(int, shown.get_attribute("data-id").split("/")[1].split("-"))
        address = shown.locator("img").first.evaluate("image => image.currentSrc || image.src")
        picture = Image.open(io.BytesIO(httpx.get(address).content)).convert("RGB")
        scene = decode(SHIPPED_SCENES / "photos" / scenes[row * ACROSS + column].file).image
        difference = np.asarray(scene.resize(picture.size)).astype(int) - np.asarray(picture)
        assert np.abs(difference).mean() < 10  # not blurred, and not the whole raster
    chosen = tile.get_attribute("data-id")
    tile.locator(".photo").click()
    page.wait_for_function(
        "id => new URLSearchParams(location.search).get('id') === `mine/${id}`", arg=chosen
    )
    context.close()
    assert not failures
