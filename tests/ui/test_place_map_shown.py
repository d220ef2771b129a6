"""What the map of an answer is told: footprints, the query's own, and where a web map is opened."""

import gradio as gr
import numpy as np
import pytest
import rasterio
from pyproj import Geod, Transformer

from examples.catalog import SCREENSHOTS
from retrieval import Retriever
from retrieval.collections.collection import Collection
from retrieval.collections.places import Place
from retrieval.maps.locate import ScaleHints
from retrieval.query import PhotoRef, Query
from tests.fakes.placed_folder import BUCHAREST, DEGREE, write_placed
from ui.components.place_map import around
from ui.hosting.security import STREETS_FROM, SecurityHeaders
from ui.panels.explain import ExplainDialog
from ui.panels.places import PlacesPanel
from ui.render.query_place import query_places
from ui.render.screenshots import where_line as where_line_of_square
from ui.render.sentences import where_line
from ui.state import SearchState
from ui.uploads import Upload, UploadStore, embed_upload, load_screenshot
from ui.urls import web_map_url


@pytest.fixture(scope="module")
def placed(tmp_path_factory):
    retriever = Retriever.load()
    collection = Collection(write_placed(tmp_path_factory.mktemp("map") / "flight"))
    retriever.collections[collection.name] = collection
    return retriever


@pytest.fixture
def answered(placed):
    query = Query("flight", (PhotoRef("flight", "harbor03"),))
    return query, placed.answer(query)


def test_the_map_has_each_neighbour_with_its_rank_and_its_corners(answered, placed):
    query, result = answered
    value = around(result, query_places(placed, UploadStore(), query))
    assert [each["rank"] for each in value["found"]] == list(range(1, 13))
    assert [each["id"] for each in value["found"]] == [each.id for each in result.neighbours]
    first = result.collection.places[result.neighbours[0].row].footprint
    assert value["found"][0]["corners"] == [[round(y, 6), round(x, 6)] for x, y in first]
    shares = [each["share"] for each in value["found"]]
    assert shares == sorted(shares, reverse=True)
    assert len(value["query"]) == 1


def test_of_a_collection_without_places_nothing_is_shown(placed):
    query = Query("scenes", (PhotoRef("scenes", "harbor03"),))
    with gr.Blocks():
        panel = PlacesPanel()
    result = placed.answer(query)
    asked = query_places(placed, UploadStore(), query)
    assert asked == ()
    updates = panel.show(SearchState(query, result, asked))
    assert updates[panel.map] == {}
    assert "nowhere" in updates[panel.group]["elem_classes"]


def test_the_panel_comes_with_an_answer_that_has_places(answered):
    with gr.Blocks():
        panel = PlacesPanel()
    updates = panel.show(SearchState(*answered))
    assert updates[panel.map]["collection"] == "flight"
    assert "nowhere" not in updates[panel.group]["elem_classes"]


def test_a_photo_whose_place_nobody_knows_is_left_out(placed):
    last = placed.collection("flight").entries[-1].id
    assert placed.collection("flight").places[-1].footprint is None
    query = Query("flight", (PhotoRef("flight", last),), k=100)
    assert query_places(placed, UploadStore(), query) == ()
    far = placed.answer(Query("flight", (PhotoRef("flight", "harbor03"),), k=100))
    known = [each for each in far.neighbours if far.collection.places[each.row].footprint]
    assert len(around(far)["found"]) == len(known)


def test_the_dialog_leads_to_a_map_of_the_web(answered, placed):
    query, result = answered
    dialog = ExplainDialog(placed, UploadStore())
    neighbour = result.neighbours[2]
    value = dialog.open(SearchState(query, result), {"collection": "flight", "id": neighbour.id})
    longitude, latitude = result.collection.places[neighbour.row].centre
    assert value["where"] == (
        f"https://www.openstreetmap.org/?mlat={latitude:.6f}&mlon={longitude:.6f}"
        f"#map=18/{latitude:.6f}/{longitude:.6f}"
    )
    scenes = placed.answer(Query("scenes", (PhotoRef("scenes", "harbor03"),)))
    opened = dialog.open(SearchState(query, scenes), {"collection": "scenes", "id": scenes.neighbours[0].id})
    assert opened["where"] == ""


def write_raster(path, image, metres, crs="EPSG:32635"):
    """A GeoTIFF with north up, whose upper left corner is in Bucharest. Returns where its pixels lie."""
    east, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*BUCHAREST)
    transform = rasterio.Affine(metres, 0, east, 0, -metres, north)
    pixels = np.asarray(image).transpose(2, 0, 1)
    height, width = pixels.shape[1:]
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=3, dtype="uint8", crs=crs,
        transform=transform, photometric="RGB",
    ) as file:  # fmt: skip
        file.write(pixels)
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return lambda x, y: back.transform(*(transform @ (x, y)))


def test_the_place_of_a_raster_that_is_searched_whole_is_carried_to_the_page(placed, tmp_path):
    """It is too coarse for a square of 78 m."""
    place = write_raster(tmp_path / "a.tif", placed.collection("flight").photo_image(0), 30.0)
    upload, _seconds = embed_upload(placed, str(tmp_path / "a.tif"), ScaleHints(), None, "flight")
    assert upload.screenshot is None
    for corner, pixel in zip(upload.footprint, ((0, 0), (256, 0), (256, 256), (0, 256)), strict=True):
        assert corner == pytest.approx(place(*pixel), abs=1e-7)
    store = UploadStore()
    name = store.keep(upload)
    assert query_places(placed, store, Query("flight", uploads=(name, "gone"))) == (upload.footprint,)
    middle = Place(footprint=upload.footprint).centre
    assert middle == pytest.approx(place(128, 128), abs=30 / DEGREE)  # a pixel
    assert where_line(upload.footprint) == f"[Where is this?]({web_map_url(middle)})"


@pytest.mark.parametrize("crs", ["EPSG:32635", "EPSG:3857", "EPSG:3844"])
def test_of_an_orthophoto_the_square_has_its_own_place_to_within_a_pixel(placed, tmp_path, crs):
    scene = placed.collection("flight").photo_image(0).resize((1200, 900))
    place = write_raster(tmp_path / "o.tif", scene, 0.25, crs)
    path = str(tmp_path / "o.tif")
    upload, _seconds = embed_upload(placed, path, ScaleHints(), None, "flight")
    located = upload.screenshot.located
    left, top, right, bottom = located.square.box
    assert right - left < 500  # a part of the picture
    pixels = ((left, top), (right, top), (right, bottom), (left, bottom))
    for corner, pixel in zip(upload.footprint, pixels, strict=True):
        _, _, metres = Geod(ellps="WGS84").inv(*corner, *place(*pixel))
        assert metres < 0.25
    line = where_line_of_square(load_screenshot(upload.screenshot), located)
    longitude, latitude = place(located.square.x, located.square.y)
    assert line == f"[Where is this?]({web_map_url((longitude, latitude))})"


def test_a_screenshot_lies_where_its_maps_link_says(placed):
    path = str(SCREENSHOTS / "drumul-taberei-z18.webp")
    hints = ScaleHints("https://www.google.com/maps/@44.42,26.03,18z")
    upload, _seconds = embed_upload(placed, path, hints, None, "flight")
    longitude, latitude = Place(footprint=upload.footprint).centre
    _, _, metres = Geod(ellps="WGS84").inv(longitude, latitude, 26.03, 44.42)
    assert metres < 300
    screenshot = load_screenshot(upload.screenshot)
    assert where_line_of_square(screenshot, upload.screenshot.located) == ""  # he has just come from there
    unknown, _seconds = embed_upload(placed, path, ScaleHints(), None, "flight")
    assert unknown.footprint is None


def test_a_photo_without_a_place_has_none():
    assert Upload(None, b"").footprint is None


def test_streets_may_come_from_one_server_where_there_is_a_map_and_from_none_elsewhere():
    def pictures(policy):
        return next(part for part in policy.split("; ") if part.startswith("img-src"))

    assert "https:" not in pictures(SecurityHeaders().of_page(b""))
    has_map = [False]
    headers = SecurityHeaders(streets=lambda: has_map[0])
    assert STREETS_FROM not in headers.of_page(b"")
    has_map[0] = True  # a collection came while the page was served
    policy = headers.of_page(b"")
    assert pictures(policy) == f"img-src 'self' data: blob: {STREETS_FROM}"


def test_the_link_has_the_place_to_a_decimetre():
    assert "mlat=44.439600&mlon=26.096300" in web_map_url(BUCHAREST)
