"""An answer of a collection with places, as GeoJSON, GeoPackage, CSV and JSON."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pyogrio
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from retrieval import Retriever
from retrieval.collections.collection import Collection
from retrieval.collections.places import Place
from retrieval.query import PhotoRef, Query
from retrieval.results import Neighbour, SearchResult
from tests.fakes.placed_folder import place_at, write_placed
from ui.render.export import to_csv, to_json
from ui.render.place_files import to_geojson, to_geopackage
from ui.routes import routes
from ui.uploads import UploadStore

HOSTILE = '"><img src=x onerror=alert(1)>\ud800'


@pytest.fixture(scope="module")
def placed(tmp_path_factory):
    return Collection(write_placed(tmp_path_factory.mktemp("placed") / "flight"))


@pytest.fixture
def found(placed):
    """Three neighbours: one across the 180th meridian, one elsewhere, and one whose place nobody knows."""
    rows = (0, 1, len(placed.entries) - 1)
    places = list(placed.places)
    places[0] = Place(footprint=((179.5, 10.0), (-179.5, 10.0), (-179.5, 9.0), (179.5, 9.0)))
    placed.places, before = places, placed.places
    yield SearchResult(
        placed,
        [Neighbour(placed.entries[row].id, "beach", 0.25 * rank, None, row) for rank, row in enumerate(rows)],
        np.zeros(2048, np.float32),
    )
    placed.places = before


def test_geojson_has_a_feature_for_each_neighbour(found, placed):
    read = json.loads(to_geojson(found))
    assert read["type"] == "FeatureCollection"
    assert "crs" not in read  # RFC 7946: always WGS 84
    across, plain, unknown = read["features"]
    assert across["geometry"]["type"] == "MultiPolygon"
    assert len(across["geometry"]["coordinates"]) == 2
    assert plain["geometry"]["type"] == "Polygon"
    (ring,) = plain["geometry"]["coordinates"]
    corners = {tuple(corner) for corner in placed.places[1].footprint}
    assert {tuple(position) for position in ring} == {(round(x, 7), round(y, 7)) for x, y in corners}
    assert unknown["geometry"] is None
    assert plain["properties"] == {
        "rank": 2,
        "id": placed.entries[1].id,
        "label": "beach",
        "distance": 0.25,
        "file": placed.entries[1].file,
    }


def test_a_geopackage_opens_with_gdal_and_says_the_same(found, tmp_path):
    path = tmp_path / "neighbours.gpkg"
    path.write_bytes(to_geopackage(found))
    about = pyogrio.read_info(path)
    assert (about["driver"], about["crs"], about["features"]) == ("GPKG", "EPSG:4326", 3)
    assert about["geometry_type"] == "MultiPolygon"
    assert list(about["fields"]) == ["rank", "id", "label", "distance", "file"]
    _meta, _fids, shapes, columns = pyogrio.raw.read(path)
    features = [each["properties"] for each in json.loads(to_geojson(found))["features"]]
    for name, column in zip(about["fields"], columns, strict=True):
        assert list(column) == [each[name] for each in features]
    assert [shape is None for shape in shapes] == [False, False, True]
    assert len(shapes[0]) == 9 + 2 * (9 + 4 + 5 * 16)
    west, south, _east, _north = pyogrio.read_bounds(path)[1][:, 1]
    assert (west, south) == pytest.approx(found.collection.places[1].footprint[3], abs=1e-7)


def test_of_nothing_found_there_are_empty_files(found, tmp_path):
    nothing = replace(found, neighbours=[])
    assert json.loads(to_geojson(nothing))["features"] == []
    path = tmp_path / "empty.gpkg"
    path.write_bytes(to_geopackage(nothing))
    assert pyogrio.read_info(path)["features"] == 0


def test_odd_texts_are_written_as_text(found, tmp_path):
    hostile = replace(found, neighbours=[replace(found.neighbours[1], id=HOSTILE, label="x\0y=1+1")])
    assert json.loads(to_geojson(hostile))["features"][0]["properties"]["id"].startswith('"><img')
    path = tmp_path / "hostile.gpkg"
    path.write_bytes(to_geopackage(hostile))
    assert pyogrio.raw.read(path)[3][1][0].startswith('"><img')


def test_csv_and_json_say_where_the_middle_lies_as_far_as_it_is_known(found, placed):
    header, across, plain, unknown = csv.reader(io.StringIO(to_csv(found)))
    assert header[-2:] == ["longitude", "latitude"]
    longitude, latitude = placed.places[1].centre
    assert [float(each) for each in plain[-2:]] == pytest.approx([longitude, latitude], abs=1e-7)
    assert abs(float(across[-2])) == 180
    assert unknown[-2:] == ["", ""]
    _across, told, silent = json.loads(to_json(found))["neighbours"]
    assert (told["longitude"], told["latitude"]) == pytest.approx((longitude, latitude), abs=1e-7)
    assert "longitude" not in silent


@pytest.fixture(scope="module")
def client(placed):
    retriever = Retriever.load()
    retriever.collections[placed.name] = placed
    return TestClient(Starlette(routes=routes(retriever, UploadStore())))


@pytest.mark.parametrize(
    ("kind", "begins", "media"),
    [
        ("geojson", b"{", "application/geo+json"),
        ("gpkg", b"SQLite format 3\0", "application/geopackage+sqlite3"),
    ],
)
def test_they_are_offered_where_places_are_known_alone(client, placed, kind, begins, media):
    query = Query("flight", (PhotoRef("flight", placed.entries[3].id),))
    answer = client.get(f"/export/neighbours.{kind}?{query.address()}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["content-type"].startswith(media)
    assert f'filename="neighbours.{kind}"' in answer.headers["content-disposition"]
    elsewhere = client.get(f"/export/neighbours.{kind}?collection=scenes&id=beach00")
    assert (elsewhere.status_code, elsewhere.text) == (
        404,
        "This collection does not say where its photos lie.",
    )


def test_the_places_of_a_collection_are_fetched_and_thinned(client, placed, monkeypatch):
    told = client.get("/places/flight").json()
    assert told["count"] == len(placed.entries)
    assert len(told["ids"]) == len(told["corners"]) == len(placed.entries) - 1  # one place is not known
    longitude, latitude = placed.places[5].footprint[0]
    assert told["corners"][5][0] == pytest.approx([latitude, longitude], abs=1e-6)
    monkeypatch.setattr("ui.components.place_map.MOST_DRAWN", 100)
    thinned = client.get("/places/flight").json()
    assert thinned["count"] == len(placed.entries)
    assert 50 <= len(thinned["ids"]) <= 100
    assert client.get("/places/scenes").status_code == 404
    assert client.get("/places/none").status_code == 404


def test_of_leaflet_the_files_that_are_needed_are_served(client):
    assert "/javascript" in client.get("/vendor/leaflet/leaflet.js").headers["content-type"]
    assert "BSD 2-Clause" in client.get("/vendor/leaflet/LICENSE").text
    assert client.get("/vendor/leaflet/leaflet.css").status_code == 200
    for other in ("page.css", "..%2f..%2fpage.js", "leaflet.js.map"):
        assert client.get(f"/vendor/leaflet/{other}").status_code == 404


def test_a_place_across_the_meridian_has_a_middle_there(placed):
    assert abs(place_at(179.9999, 1.0).centre[0]) == pytest.approx(180, abs=1e-3)
