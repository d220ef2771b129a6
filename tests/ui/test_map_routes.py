"""Whole maps as files: what a picture, a GeoTIFF and GeoJSON hold, who gets one, and what is refused."""

import asyncio
import io
import json
import re
import threading
from dataclasses import replace

import httpx
import numpy as np
import pytest
import tifffile
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from examples.map_views import map_views
from retrieval.images import decode
from retrieval.maps.crops import LINK, Scale, grid
from retrieval.maps.land_use import Tiles
from retrieval.maps.placement import RADIUS, Placement
from tests.fakes.event_loop import run
from ui import map_routes
from ui.render.screenshots import SHOWN_PIXELS
from ui.routes import routes
from ui.thumbnails import MAP_VIEW_SIDE
from ui.uploads import UploadStore
from ui.urls import map_export_url, map_view_url
from ui.whole_maps import COLOURS, GROUPS, LAYERS, PICTURE, ShownMap, WholeMap, WholeMaps, read_address

SIZE, SIDE = (1024, 768), 256
PLACED = Placement(2_897_000.0, 5_531_000.0, 0.4)
GREEN = (40, 90, 60)
NAME = "name-that-nobody-can-guess"


def jpeg(size):
    file = io.BytesIO()
    Image.new("RGB", size, GREEN).save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.fixture(scope="module")
def whole(retriever):
    """Forest on the left, harbors on the right; a button covers the upper left cell."""
    scenes = retriever.collection("scenes")
    layout = grid((0, 0, *SIZE), SIDE)
    places = np.array([(row, column) for row in range(layout.rows) for column in range(layout.columns)])
    forest, harbor = (scenes.index.vector(scenes.row(each)) for each in ("forest03", "harbor03"))
    vectors = np.stack([forest if column < layout.columns / 2 else harbor for _, column in places])
    hidden = np.zeros(layout.cells, bool)
    hidden[0, 0] = True
    tiles = Tiles(layout, places, vectors, 0.3, hidden)
    return WholeMap(tiles, jpeg((512, 384)), SIZE, Scale(0.3, LINK), 0, PLACED)


@pytest.fixture(scope="module")
def maps(whole):
    made = WholeMaps()
    made.keep(ShownMap(NAME, is_example=False), whole, "")
    unplaced = WholeMap(whole.tiles, whole.picture, whole.size, whole.scale, 0)
    made.keep(ShownMap("no-place", is_example=True), unplaced, "")
    return made


@pytest.fixture(scope="module")
def client(retriever, maps):
    return TestClient(Starlette(routes=routes(retriever, UploadStore(), maps=maps)))


def fetched(client, kind, **fields):
    known = {"upload": NAME, "layer": "land-use", "groups": "2", "in": "scenes"}
    return client.get("/" + map_export_url(kind, known | fields))


def picture(answer):
    assert answer.status_code == 200
    return np.asarray(Image.open(io.BytesIO(answer.content))).astype(int)


@pytest.mark.parametrize("kind", ["png", "tif", "geojson"])
def test_a_file_says_what_it_is_and_is_kept_by_nobody(client, kind):
    answer = fetched(client, kind)
    assert answer.headers["content-type"] == map_routes.MAP_FILES[kind]
    assert answer.headers["content-disposition"] == f'attachment; filename="whole-map-land-use.{kind}"'
    assert answer.headers["cache-control"] == "no-store"


def test_a_picture_has_the_layer_over_it_as_strong_as_it_was_chosen(client):
    forest = np.array([0x1A, 0x7A, 0x35])
    for strength in (0, 30, 100):
        shown = picture(fetched(client, "png", strength=str(strength)))
        assert shown.shape == (384, 512, 3)
        expected = np.array(GREEN) * (1 - strength / 100) + forest * strength / 100
        assert np.abs(shown[200, 40] - expected).max() <= 4
        assert np.abs(shown[10, 10] - GREEN).max() <= 3  # under the button there is no layer
    usual = picture(fetched(client, "png"))
    for wrong in ("-1", "101", "1e1", "٣", "", "x" * 500):
        assert np.array_equal(picture(fetched(client, "png", strength=wrong)), usual)


def test_each_layer_is_another_picture(client):
    pictures = [picture(fetched(client, "png", layer=layer)).tobytes() for layer in LAYERS]
    assert len(set(pictures)) == len(LAYERS)


def test_a_geotiff_is_the_picture_and_says_where_it_lies(client):
    answer = fetched(client, "tif")
    assert np.array_equal(picture(answer), picture(fetched(client, "png")))
    with tifffile.TiffFile(io.BytesIO(answer.content)) as file:
        told = file.pages[0].geotiff_tags
    assert told["GTModelTypeGeoKey"] == 1
    assert told["GTRasterTypeGeoKey"] == 1
    assert told["ProjectedCSTypeGeoKey"] == 3857
    assert told["ProjLinearUnitsGeoKey"] == 9001
    assert told["ModelPixelScale"] == [0.8, 0.8, 0.0]  # half as many pixels as the screenshot has
    assert told["ModelTiepoint"] == [0.0, 0.0, 0.0, PLACED.left, PLACED.top, 0.0]
    read = decode(answer.content)
    assert read.metres_per_pixel == pytest.approx(0.8 / np.cosh(PLACED.top / RADIUS), rel=5e-3)
    assert read.georeference.corners[0] == pytest.approx(
        (np.degrees(PLACED.left / RADIUS), np.degrees(np.arctan(np.sinh(PLACED.top / RADIUS)))), abs=1e-7
    )


def polygons(answer):
    assert answer.status_code == 200
    told = json.loads(answer.content)
    assert told["type"] == "FeatureCollection"
    assert "Placed on Earth by the map's link" in told["description"]
    return told["features"]


def on_earth(rings):
    """What a polygon encloses in the projection, square metres; rings that go clockwise are taken off."""
    total = 0.0
    for ring in rings:
        assert ring[0] == ring[-1]
        places = np.radians(ring) * RADIUS
        x, y = places[:, 0], RADIUS * np.arcsinh(np.tan(np.radians([place[1] for place in ring])))
        total += (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2
    return total


def test_geojson_has_an_area_for_each_class_and_group_with_what_it_is(client, whole):
    land, groups = polygons(fetched(client, "geojson")), polygons(fetched(client, "geojson", layer=GROUPS))
    assert {each["properties"]["class"] for each in land} == {"forest", "harbor"}
    assert {each["properties"]["group"] for each in groups} == {1, 2}
    assert {each["properties"]["fill"] for each in land} == {"#1a7a35", "#2f7ed8"}
    cells = whole.tiles.hidden.size - 1
    for features in (land, groups):
        assert sum(each["properties"]["hectares"] for each in features) == pytest.approx(
            cells * whole.tiles.hectares, rel=1e-3
        )
        covered = sum(on_earth(each["geometry"]["coordinates"]) for each in features)
        shown = SIZE[0] * SIZE[1] * PLACED.unit**2 * cells / (cells + 1)
        assert covered == pytest.approx(shown, rel=1e-3)


def test_geojson_lies_within_the_picture(client):
    west, north = PLACED.wgs84(0, 0)
    east, south = PLACED.wgs84(*SIZE)
    for each in polygons(fetched(client, "geojson")):
        for longitude, latitude in each["geometry"]["coordinates"][0]:
            assert west - 1e-6 <= longitude <= east + 1e-6
            assert south - 1e-6 <= latitude <= north + 1e-6


@pytest.mark.parametrize("longitude", [180.0, -180.0])
def test_geojson_across_the_180th_meridian_reaches_around_nothing(retriever, whole, longitude):
    left = np.radians(longitude) * RADIUS - SIZE[0] / 2 * PLACED.unit
    maps = WholeMaps()
    maps.keep(ShownMap(NAME, is_example=False), replace(whole, placement=replace(PLACED, left=left)))
    far = TestClient(Starlette(routes=routes(retriever, None, maps=maps)))
    crossing = 0
    for layer in ("land-use", COLOURS):
        for each in polygons(fetched(far, "geojson", layer=layer)):
            longitudes = [place[0] for ring in each["geometry"]["coordinates"] for place in ring]
            assert max(longitudes) - min(longitudes) < 0.01
            crossing += min(longitudes) < longitude < max(longitudes)
    assert crossing


@pytest.mark.parametrize("layer", [COLOURS, "alike"])
def test_geojson_of_what_has_no_borders_has_a_square_for_each_cell(client, whole, layer):
    features = polygons(fetched(client, "geojson", layer=layer))
    assert len(features) == whole.tiles.hidden.size - 1
    for each in features:
        told = each["properties"]
        assert re.fullmatch("#[0-9a-f]{6}", told["fill"]) if layer == COLOURS else 0 <= told["distance"] <= 2
        assert on_earth(each["geometry"]["coordinates"]) > 0


def test_what_is_not_there_is_said_in_a_sentence(client):
    for fields, sentence in (
        ({"upload": "gone"}, "This map is no longer on the server: map the screenshot again."),
        ({"upload": "", "example": "nowhere"}, "This map is no longer on the server"),
        ({"upload": ""}, "This map is no longer on the server"),
        ({"layer": PICTURE}, "The picture alone has no areas"),
        ({"upload": "", "example": "no-place"}, "Nobody says where on Earth this map lies"),
    ):
        answer = fetched(client, "geojson", **fields)
        assert answer.status_code == 404
        assert answer.text.startswith(sentence)
    assert fetched(client, "tif", upload="", example="no-place").status_code == 404
    assert fetched(client, "png", upload="", example="no-place").status_code == 200
    assert client.get("/export/whole-map.exe").status_code == 404


def test_a_crowd_is_refused_in_a_sentence(retriever, maps, monkeypatch):
    monkeypatch.setattr(map_routes, "WAITING", 2)
    begun, may_end = threading.Semaphore(0), threading.Event()

    def slow(_picture):
        begun.release()
        assert may_end.wait(30)
        return b"PNG"

    monkeypatch.setattr(map_routes, "png", slow)
    app = Starlette(routes=routes(retriever, UploadStore(), maps=maps))

    async def scene():
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("198.51.100.1", 1)), base_url="http://page"
        ) as page:
            asked = [asyncio.create_task(page.get(f"/export/whole-map.png?upload={NAME}")) for _ in range(20)]
            await asyncio.to_thread(begun.acquire)
            while sum(task.done() for task in asked) < 17:
                await asyncio.sleep(0.01)
            may_end.set()
            return await asyncio.gather(*asked)

    answers = run(scene())
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 17  # one is made, as one visitor may have, and two wait
    assert refused[0].text == "Many files are being made: try again in 5 seconds."
    assert refused[0].headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    "fields",
    [
        {"groups": "1"}, {"groups": "21"}, {"groups": "6.5"}, {"groups": "٣"}, {"groups": 7}, {"layer": "x"},
        {"layer": ["groups"]}, {"in": "nowhere"}, {"tile": "-1"}, {"tile": "1e3"}, {"tile": "9" * 400},
    ],
)  # fmt: skip
def test_what_makes_no_sense_in_an_address_is_as_if_it_were_not_there(fields):
    assert read_address({"example": "a"} | fields, ["scenes"]) == read_address({"example": "a"}, ["scenes"])


@pytest.mark.parametrize("fields", [{}, {"example": ""}, {"upload": "x" * 201}, {"example": None}])
def test_an_address_may_name_no_map(fields):
    assert read_address(fields, ["scenes"]).shown is None


def test_a_tile_that_the_map_does_not_have_is_the_first_one(whole):
    assert ShownMap("a", is_example=True, tile=99_999).marked(whole) == whole.start
    assert ShownMap("a", is_example=True, tile=3).marked(whole) == 3


@pytest.mark.parametrize("kind", ["small", "whole"])
def test_the_pictures_of_all_examples_are_there(client, kind):
    for view in map_views().values():
        answer = client.get("/" + map_view_url(view.slug, kind))
        assert answer.headers["content-type"] == "image/webp"
        shown = Image.open(io.BytesIO(answer.content)).size
        assert max(shown) == min(MAP_VIEW_SIDE if kind == "small" else SHOWN_PIXELS, max(view.size))
    small = [len(client.get("/" + map_view_url(slug)).content) for slug in map_views()]
    assert sum(small) < 250_000


@pytest.mark.parametrize("address", ["nowhere/small", "pipera-z20/huge", "..%2Findex/small"])
def test_other_pictures_are_not_there(client, address):
    assert client.get(f"/map-views/{address}").status_code == 404
