"""The places around Bucharest, the download of their photos from a fake map server, and the command."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from examples.bucharest import places as module
from examples.bucharest.__main__ import main
from examples.bucharest.answers import MapError
from examples.bucharest.orthophoto import ENDPOINT, LICENCE, SOURCE, Settings, download
from examples.bucharest.places import PLACES, Place, choose, find_examples, read_places, sidecar
from examples.scenes import CLASSES
from retrieval.collections.photos import PROJECT
from retrieval.images import decode
from tests.fakes import wms
from tests.fakes.wms import PHOTOS, Wms

PLACE = Place("otopeni-apron", "Otopeni, aerogară", 44.5, 26.1, "airplane", "https://maps")
HEADER = "slug,name,latitude,longitude,label,link\n"
ROW = "a-1,Ă,44.5,26.1,beach,https://maps\n"


@pytest.fixture
def service(monkeypatch):
    with Wms(PLACE.latitude, PLACE.longitude) as server:
        monkeypatch.setenv("BUCHAREST_WMS", server.address)
        monkeypatch.delenv("BUCHAREST_WMS_LAYER", raising=False)
        yield server


def failure(folder, **settings):
    before = contents(folder)
    with pytest.raises(MapError) as caught:
        download(PLACE, folder, settings=Settings(**settings))
    text = str(caught.value)
    assert text.startswith(PLACE.name)
    assert text.endswith(".")
    assert "\n" not in text
    assert contents(folder) == before
    return text


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def command(folder, *arguments):
    return main([*arguments, "--folder", str(folder), "--wait", "0", "--timeout", "10"])


# The list


def test_there_are_a_dozen_places_around_bucharest_of_a_dozen_classes():
    places = read_places()
    assert len(places) >= 14
    assert len({place.label for place in places}) >= 12
    assert {place.label for place in places} <= set(CLASSES)
    for place in places:
        assert 44.2 < place.latitude < 44.7, place.slug
        assert 25.8 < place.longitude < 26.4, place.slug


def test_each_link_opens_its_place_from_above():
    for place in read_places():
        found = re.fullmatch(
            r"https://www\.google\.com/maps/@([\d.]+),([\d.]+),1[89]z/data=!3m1!1e3", place.link
        )
        assert (float(found[1]), float(found[2])) == (place.latitude, place.longitude), place.slug


def test_names_have_romanian_letters_and_not_the_turkish_ones():
    names = " ".join(place.name for place in read_places())
    assert set("ășț") & set(names)
    assert not set("şţŞŢ") & set(names)  # with a cedilla, as old keyboards wrote them


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: the columns"),
        ("name,slug\n", "line 1: the columns"),
        (HEADER, "names no place"),
        (HEADER + "a,b\n", "line 2: it has to have 6 columns"),
        (HEADER + ROW.strip() + ",more\n", "line 2: it has to have 6 columns"),
        (HEADER + ROW + ROW, "line 3: the slug 'a-1' is there twice"),
        (HEADER + ROW.replace("a-1", "../a"), "line 2: the slug '../a' names a file"),
        (HEADER + ROW.replace("Ă", " "), "line 2: the column 'name' is empty"),
        (HEADER + ROW.replace("44.5", "north"), "line 2: the latitude 'north' is no number"),
        (HEADER + ROW.replace("44.5", "nan"), "line 2: the latitude 'nan' is no number"),
        (HEADER + ROW.replace("26.1", "181"), "line 2: the longitude '181'"),
        (HEADER + ROW.replace("https", "javascript"), "line 2: the link"),
    ],
)
def test_a_broken_list_is_reported_with_its_line(tmp_path, text, words):
    path = tmp_path / "places.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(f"places.csv{',' if 'line' in words else ''} {words}")):
        read_places(path)


def test_a_list_that_a_spreadsheet_saved_is_read(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text((HEADER + ROW).replace("\n", "\r\n"), encoding="utf-8-sig")
    assert [place.name for place in read_places(path)] == ["Ă"]


def test_places_are_chosen_in_the_order_of_the_list():
    places = read_places()
    assert choose([places[3].slug, places[1].slug], places) == [places[1], places[3]]
    with pytest.raises(ValueError, match="no place 'atlantis'"):
        choose(["atlantis"], places)


# One photo


def test_a_photo_is_a_square_around_its_place_with_north_up(service, tmp_path):
    path = download(PLACE, tmp_path / "new" / "folder")
    assert path.name == "otopeni-apron.png"
    assert sorted(contents(path.parent)) == [path.name, f"{path.name}.json"]
    pixels = np.asarray(decode(path).image).astype(int)
    assert pixels.shape == (1024, 1024, 3)
    assert pixels[511, 511, :2].tolist() == [128, 128]
    assert pixels[511, 1023, 0] - pixels[511, 0, 0] == pytest.approx(307.2 / 2, abs=1)
    assert pixels[0, 511, 1] - pixels[1023, 511, 1] == pytest.approx(307.2 / 2, abs=1)


def test_the_sidecar_says_where_a_photo_is_from(service, tmp_path):
    fields = json.loads(sidecar(download(PLACE, tmp_path)).read_text(encoding="utf-8"))
    assert fields["place"] == PLACE.name
    assert (fields["metres_per_pixel"], fields["crs"], fields["layer"]) == (0.3, "EPSG:3857", PHOTOS)
    assert fields["endpoint"] == fields["attribution"] == service.address
    assert fields["licence"] == ""  # not known, as it is not the national one
    assert len(fields["bbox"]) == 4
    assert re.match(r"\d{4}-\d\d-\d\dT", fields["date"])


def test_the_national_orthophoto_is_attributed(service, tmp_path):
    server = Settings().open()
    server.endpoint = ENDPOINT
    (example,) = find_examples(download(PLACE, tmp_path, server=server).parent)
    assert example.attribution == f"{SOURCE} ({LICENCE})"
    assert example.metres_per_pixel == 0.3


def test_a_photo_may_be_jpeg_if_that_is_all_there_is(service, tmp_path):
    service.formats = ("image/jpeg",)
    assert download(PLACE, tmp_path).name == "otopeni-apron.jpg"


def test_a_new_photo_replaces_an_older_one(service, tmp_path):
    old = download(PLACE, tmp_path)
    before = old.read_bytes()
    download(replace(PLACE, latitude=44.501), tmp_path)
    assert old.read_bytes() != before
    service.formats = ("image/jpeg",)
    download(PLACE, tmp_path)
    assert sorted(contents(tmp_path)) == ["otopeni-apron.jpg", "otopeni-apron.jpg.json"]


def test_a_photo_that_a_person_put_there_is_never_replaced(service, tmp_path):
    (tmp_path / "otopeni-apron.png").write_bytes(b"my own")
    assert "was not downloaded from here" in failure(tmp_path)
    service.formats = ("image/jpeg",)
    download(PLACE, tmp_path)
    assert (tmp_path / "otopeni-apron.png").read_bytes() == b"my own"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (wms.exception("no such layer"), "refuses: 'no such layer'"),
        (wms.content(b"rubbish", "image/png"), "sent an image that cannot be used"),
        (wms.content(b"", "image/png"), "sent an image that cannot be used"),
        (wms.content(b"<html>", "image/png"), "not an image but a web page"),
        (wms.cut_off, "damaged or cut off"),
        (wms.content(b"BM", "image/bmp"), "sent an image that cannot be used"),
        (wms.image(Image.effect_noise((512, 1024), 90)), "512 x 1024 pixels instead of 1024 x 1024"),
        (wms.image(Image.new("RGB", (1024, 1024), "white")), "has nothing here"),
        (wms.image(Image.new("RGB", (1024, 1024), "white"), "image/jpeg"), "has nothing here"),
        (wms.image(Image.new("RGBA", (1024, 1024), (9, 99, 200, 0))), "has nothing here"),
        (wms.status(503), "error 503"),
    ],
)
def test_an_older_photo_stays_if_a_new_one_cannot_be_downloaded(service, tmp_path, fault, words):
    download(PLACE, tmp_path)
    service.faults = {"GetMap": fault}
    assert words in failure(tmp_path)


def test_an_image_of_another_format_is_refused(service, tmp_path):
    picture = tmp_path / "photo.webp"
    Image.effect_noise((1024, 1024), 90).save(picture)
    service.faults = {"GetMap": wms.content(picture.read_bytes(), "image/png")}
    assert "neither PNG nor JPEG" in failure(tmp_path / "photos")


def test_settings_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("BUCHAREST_WMS", raising=False)
    monkeypatch.delenv("BUCHAREST_WMS_LAYER", raising=False)
    assert (Settings().endpoint, Settings().layer) == (ENDPOINT, None)
    monkeypatch.setenv("BUCHAREST_WMS", "http://127.0.0.1:1/")
    monkeypatch.setenv("BUCHAREST_WMS_LAYER", "2019")
    assert (Settings().endpoint, Settings().layer) == ("http://127.0.0.1:1/", "2019")
    assert "cannot be reached" in failure(tmp_path)


def test_a_folder_that_cannot_be_made_is_reported(service, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in failure(tmp_path / "file" / "photos")


@pytest.mark.parametrize("failing", ["write_bytes", "write_text", "replace"])
def test_a_full_disk_leaves_the_photo_that_was_there(service, tmp_path, monkeypatch, failing):
    download(PLACE, tmp_path)
    service.centre = (44.49, 26.1)  # so that another photo comes

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"pathlib.Path.{failing}", full)
        assert "cannot be written (No space left on device)" in failure(tmp_path)


# All photos that are here


def test_a_folder_that_is_not_there_holds_no_examples(tmp_path):
    assert find_examples(tmp_path / "none") == []
    (tmp_path / "file").write_text("")
    assert find_examples(tmp_path / "file") == []


def test_examples_are_downloaded_photos_and_those_that_a_person_put_there(service, tmp_path):
    place = read_places()[0]
    service.centre = (place.latitude, place.longitude)
    downloaded = download(place, tmp_path)
    Image.new("RGB", (8, 8)).save(tmp_path / "Dropped photo.JPG", "JPEG")
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder.png").mkdir()
    dropped, known = find_examples(tmp_path)
    assert (dropped.caption, dropped.metres_per_pixel, dropped.attribution) == ("Dropped photo", None, "")
    assert known.path == downloaded
    assert str(known.caption) == f"{place.name}: {place.sight}"
    assert known.attribution == service.address


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"metres_per_pixel": "0.3", "attribution": 3}', '{"metres_per_pixel": true}']
    + [f'{{"metres_per_pixel": {number}}}' for number in ("NaN", "Infinity", "-1", "0", "[1]", "null")]
    + ["\x00", "[" * 100_000, *(f'{{"metres_per_pixel": 1{"0" * zeros}}}' for zeros in (3, 400, 5000))],
)
def test_a_broken_sidecar_is_ignored(tmp_path, text):
    (tmp_path / "a.png").write_bytes(b"")
    sidecar(tmp_path / "a.png").write_text(text)
    (example,) = find_examples(tmp_path)
    assert (example.metres_per_pixel, example.attribution) == (None, "")


def test_a_sidecar_of_another_encoding_is_ignored(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    sidecar(tmp_path / "a.png").write_bytes(b'{"attribution": "\xff"}')
    assert find_examples(tmp_path)[0].attribution == ""


def test_the_folder_is_one_that_git_ignores_or_the_one_that_is_named():
    asked = subprocess.run(
        ["git", "check-ignore", "-q", "examples/bucharest/photos/a.png"], cwd=PROJECT, check=False
    )
    assert asked.returncode in (0, 128)  # 128: this is no checkout
    program = "from examples.bucharest.places import FOLDER; print(FOLDER)"
    named = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "BUCHAREST_DIR": "/my/photos"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert named.stdout.strip() == "/my/photos"
    assert "BUCHAREST_DIR" in os.environ or PLACES.parent / "photos" == module.FOLDER


def test_importing_the_modules_loads_no_map_library():
    program = (
        "import examples.bucharest.orthophoto, sys; print({'owslib', 'lxml', 'torch'} & set(sys.modules))"
    )
    run = [sys.executable, "-c", program]
    assert subprocess.run(run, cwd=PROJECT, capture_output=True, text=True, check=True).stdout == "set()\n"


# The command


SOME = [place.slug for place in read_places()[:3]]


@pytest.fixture
def wide(service, monkeypatch):
    """The fake map server around the first place: its map is of one colour far from there."""
    first = read_places()[0]
    service.centre = (first.latitude, first.longitude)
    return service


def test_the_command_lists_the_places(capsys, tmp_path):
    assert command(tmp_path, "--list") == 0
    shown = capsys.readouterr().out
    for place in read_places():
        assert place.name in shown
        assert place.link in shown


def test_the_command_downloads_what_is_missing_and_asks_for_the_capabilities_once(wide, capsys, tmp_path):
    assert command(tmp_path, SOME[0]) == 0
    assert f"1 of 1 photos are in {tmp_path}" in capsys.readouterr().out
    assert len(wide.requests) == 2
    assert command(tmp_path, SOME[0]) == 0
    assert len(wide.requests) == 2
    assert command(tmp_path, SOME[0], "--again") == 0
    assert len(wide.requests) == 4


def test_the_command_goes_on_after_a_failure_and_reports_it_at_the_end(wide, capsys, tmp_path):
    assert command(tmp_path, *SOME) == 1
    shown = capsys.readouterr()
    assert f"1 of 3 photos are in {tmp_path}" in shown.out
    assert len([line for line in shown.err.splitlines() if "has nothing here" in line]) == 2
    assert [example.path.stem for example in find_examples(tmp_path)] == [SOME[0]]


def test_the_command_does_not_ask_for_every_place_where_nothing_answers(service, capsys, tmp_path):
    service.faults = {"GetCapabilities": wms.status(500)}
    assert command(tmp_path) == 1
    assert len(service.requests) == 1
    assert "error 500" in capsys.readouterr().err


def test_the_command_takes_another_service_and_layer(wide, monkeypatch, tmp_path):
    monkeypatch.setenv("BUCHAREST_WMS", "http://127.0.0.1:1/")
    assert command(tmp_path, SOME[0], "--endpoint", wide.address, "--layer", wms.SHEETS) == 0
    assert wide.maps()[0]["layers"] == wms.SHEETS


def test_the_command_waits_before_each_photo(wide, monkeypatch, tmp_path):
    waited = []
    monkeypatch.setattr("examples.bucharest.__main__.time.sleep", waited.append)
    main([SOME[0], "--folder", str(tmp_path)])
    assert waited == [1.0]


def test_an_interruption_is_reported(service, monkeypatch, capsys, tmp_path):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("examples.bucharest.__main__.download", stop)
    assert command(tmp_path, SOME[0]) == 130
    assert "What was finished is kept" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["atlantis"], ["--timeout", "0"], ["--timeout", "soon"], ["--wait", "-1"]])
def test_a_wrong_option_is_reported(wrong, capsys, tmp_path):
    try:
        status = main(["--folder", str(tmp_path), *wrong])
    except SystemExit as stopped:
        status = stopped.code
    assert status in (1, 2)
    assert wrong[-1] in capsys.readouterr().err
