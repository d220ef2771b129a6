"""`python -m examples.bucharest --collection`: downloaded photos become tiles that know their places."""

import json
import os
import time

import numpy as np
import pyproj
import pytest
import rasterio
from PIL import Image

from examples.bucharest.__main__ import main
from examples.bucharest.collection import ORTHOPHOTOS, write_orthophotos
from examples.bucharest.ground import box
from examples.bucharest.orthophoto import METRES_PER_PIXEL, PIXELS
from examples.scenes import CLASSES, draw
from retrieval import Retriever
from retrieval.images import decode

PLACES = {"otopeni-apron": (44.5711, 26.085), "lacul-morii": (44.452, 26.04)}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    """Photos as they are downloaded, drawn here: four by four scenes each, in two coordinate systems."""
    for number, (slug, (latitude, longitude)) in enumerate(PLACES.items()):
        system = ("EPSG:3857", "CRS:84")[number]
        photo = tmp_path / "photos" / f"{slug}.jpg"
        photo.parent.mkdir(exist_ok=True)
        picture = Image.new("RGB", (PIXELS, PIXELS))
        for place in range(16):
            label = CLASSES[(place + 16 * number) % len(CLASSES)]
            picture.paste(draw(label, number, 256), (place % 4 * 256, place // 4 * 256))
        picture.save(photo, quality=95)
        fields = {
            "crs": system,
            "bbox": box(system, latitude, longitude, PIXELS * METRES_PER_PIXEL),
            "metres_per_pixel": METRES_PER_PIXEL,
            "attribution": "Drawn for this test",
        }
        photo.with_name(f"{photo.name}.json").write_text(json.dumps(fields))
    return tmp_path / "photos"


def test_a_photo_of_bucharest_finds_its_place_in_bucharest(folder, tmp_path, capfd):
    draw("river", 1, 64).save(folder / "by-hand.png")
    out = tmp_path / "bucharest"
    assert main(["--collection", str(out), "--folder", str(folder)]) == 0
    told = capfd.readouterr()
    assert "32 of these are tiles" in told.out
    assert "by-hand.png is left out: no file beside it says its place." in told.err
    retriever = Retriever.load(further=(out,))
    collection = retriever.collection("bucharest")
    assert (collection.title, collection.manifest.licences["data"]) == ("Bucharest", "Drawn for this test")
    found = collection.entries.index(
        next(e for e in collection.entries if e.id.endswith("apron.tif/0001-0002"))
    )
    tile = collection.photo_image(found)
    result = retriever.search(tile, collection="bucharest", k=3)
    nearest = result.neighbours[0]
    assert nearest.row == found
    assert nearest.distance == pytest.approx(0, abs=0.05)
    place = collection.places[nearest.row]
    left, top, right, bottom = place.window
    east, south = (METRES_PER_PIXEL * (middle / 2 - PIXELS / 2) for middle in (left + right, top + bottom))
    latitude, longitude = PLACES["otopeni-apron"]
    geod = pyproj.Geod(ellps="WGS84")
    expected = geod.fwd(*geod.fwd(longitude, latitude, 90, east)[:2], 180, south)[:2]
    assert geod.inv(*place.centre, *expected)[2] < 1  # that of the sphere is right within 0.2 %
    assert main(["--collection", str(out), "--folder", str(folder)]) == 0
    told = capfd.readouterr().out  # it is written once more where its files were too new to be sure of
    assert "is up to date: 32 photos" in told or "0 are new and 0 changed" in told


def test_geotiffs_have_the_same_pixels_and_follow_the_photos(folder):
    os.utime(folder / "lacul-morii.jpg", (time.time() - 9, time.time() - 9))
    paths, attributions = write_orthophotos(folder)
    assert [path.name for path in paths] == ["lacul-morii.tif", "otopeni-apron.tif"]
    assert attributions == ["Drawn for this test"]
    assert (np.asarray(decode(paths[0]).image) == np.asarray(decode(folder / "lacul-morii.jpg").image)).all()
    with rasterio.open(paths[1]) as raster:
        assert raster.crs.to_epsg() == 3857
    before = [path.stat().st_mtime_ns for path in paths]
    write_orthophotos(folder)
    assert [path.stat().st_mtime_ns for path in paths] == before
    (folder / "lacul-morii.jpg").unlink()
    assert [path.name for path in write_orthophotos(folder)[0]] == ["otopeni-apron.tif"]
    assert sorted(path.name for path in (folder / ORTHOPHOTOS).iterdir()) == ["otopeni-apron.tif"]


@pytest.mark.parametrize(
    "fields",
    [
        "rubbish",
        "[]",
        {"crs": "EPSG:3857"},
        {"crs": "EPSG:3857", "bbox": [1, 2, 3]},
        {"crs": "EPSG:3857", "bbox": [3, 2, 1, 4]},
        {"crs": "EPSG:3857", "bbox": [0, 0, float("inf"), 1]},
        {"crs": "nonsense", "bbox": [0, 0, 1, 1]},
    ],
)
def test_a_photo_that_does_not_say_its_place_is_left_out(tmp_path, capsys, fields):
    draw("river", 1, 64).save(tmp_path / "a.jpg")
    text = fields if isinstance(fields, str) else json.dumps(fields)
    (tmp_path / "a.jpg.json").write_text(text)
    assert main(["--collection", str(tmp_path / "out"), "--folder", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "a.jpg is left out" in error
    assert "holds no photo that knows its place" in error
    assert not (tmp_path / "out").exists()
