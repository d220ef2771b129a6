"""Requests to a fake map server: what is asked for, which ground is shown, and how errors are reported."""

import threading
import time

import numpy as np
import pytest
from PIL import Image

from examples.bucharest.answers import MapError
from examples.bucharest.ground import SYSTEMS, box
from examples.bucharest.wms import MapServer
from retrieval.images import decode
from tests.fakes import wms
from tests.fakes.wms import METRES_PER_VALUE, PHOTOS, SHEETS, Wms

LATITUDE, LONGITUDE = 44.5, 26.1


@pytest.fixture
def service():
    with Wms(LATITUDE, LONGITUDE) as server:
        yield server


def opened(service, layer=None, timeout=10.0):
    return MapServer(service.address, layer, timeout)


def picture(service, timeout=10.0, **where):
    server = opened(service, timeout=timeout)
    at = {"latitude": LATITUDE, "longitude": LONGITUDE, "side": 307.2, "pixels": 256, **where}
    return server.get_image(**at)[0]


def failure(act, *arguments, **options):
    with pytest.raises(MapError) as caught:
        act(*arguments, **options)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 500
    return text


def metres(data):
    """What the map shows: the metres of each pixel to the east and north of the centre."""
    pixels = np.asarray(decode(data).image).astype(float)
    return (pixels[..., 0] - 128) * METRES_PER_VALUE, (pixels[..., 1] - 128) * METRES_PER_VALUE


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_north_is_up_and_a_pixel_has_the_size_that_was_asked_for(service, version, system):
    service.versions, service.systems = (version,), (system,)
    east, north = metres(picture(service))
    steps = (np.arange(256) + 0.5 - 128) * 1.2
    assert np.abs(east - steps[None, :]).max() < 1.6  # a value is 2 m, and it is rounded
    assert np.abs(north + steps[:, None]).max() < 1.6
    (asked,) = service.maps()
    assert asked["version"] == version
    first = float(asked["bbox"].split(",")[0])
    latitude_first = version == "1.3.0" and system in ("EPSG:4326", "EPSG:4258")
    assert system == "EPSG:3857" or round(first) == (44 if latitude_first else 26)


def test_ground_is_stretched_by_web_mercator():
    west, south, east, north = box("EPSG:3857", 60.0, 26.1, 100.0)
    assert east - west == pytest.approx(200, rel=1e-6)  # the cosine of 60 degrees is a half
    assert north - south == pytest.approx(200, rel=1e-6)
    west, south, east, north = box("EPSG:3857", 0.0, 0.0, 100.0)
    assert (west, south, east, north) == pytest.approx((-50, -50, 50, 50))
    west, south, east, north = box("epsg:4326", 60.0, 26.1, 111_319.49)
    assert (east - west, north - south) == pytest.approx((2, 1), rel=1e-6)


def test_web_mercator_comes_first_then_degrees(service):
    assert opened(service).system == "EPSG:3857"
    service.systems = ("CRS:84", "EPSG:3844", "EPSG:4326")
    assert opened(service).system == "EPSG:4326"
    service.systems = ("EPSG:3844", "CRS:84")
    assert opened(service).system == "CRS:84"


def test_the_layer_is_the_orthophotos_of_inspire_or_the_first_or_the_one_that_is_named(service):
    assert opened(service).layer == PHOTOS
    assert opened(service, SHEETS).layer == SHEETS
    service.layers = ("2019", "2022")
    assert opened(service).layer == "2019"


def test_a_layer_is_preferred_to_the_group_that_holds_it(service):
    service.group, service.layers = "everything", ("2019",)
    assert opened(service).layer == "2019"
    service.layers = ()
    assert opened(service).layer == "everything"


def test_a_layer_that_is_not_there_is_reported_with_those_that_are(service):
    assert f"no layer 'photos'; it has {SHEETS}, {PHOTOS}" in failure(opened, service, "photos")


def test_no_layer_or_no_known_coordinates_is_reported(service):
    service.systems = ("EPSG:3844",)
    assert "no layer that can be asked for in EPSG:3857" in failure(opened, service)
    service.layers = ()
    assert "no layer" in failure(opened, service)


def test_the_format_with_the_most_colours_is_asked_for(service):
    for offered, best in {
        ("image/png8", "image/jpeg", "image/png", "image/png32"): "image/png32",
        ("image/jpeg", "image/png; mode=8bit", "image/png"): "image/png",
        ("image/gif", "image/jpeg"): "image/jpeg",
    }.items():
        service.formats = offered
        assert opened(service).format == best
    service.formats = ("image/gif",)
    assert "neither PNG nor JPEG, but image/gif" in failure(opened, service)


def test_a_service_without_maps_is_reported(service):
    service.operation = "GetLegendGraphic"
    assert "neither PNG nor JPEG, but nothing" in failure(opened, service)


def test_transparency_is_asked_for_where_the_format_has_it(service):
    picture(service)
    service.formats = ("image/jpeg",)
    picture(service)
    assert [asked["transparent"] for asked in service.maps()] == ["TRUE", "FALSE"]


def test_requests_say_who_asks(service):
    picture(service)
    assert {asked["agent"] for asked in service.requests} == {"aerial-image-retrieval"}


def test_a_redirect_is_followed(service):
    service.faults = {"GetCapabilities": wms.moved, "GetMap": wms.moved}
    picture(service)
    assert {asked["path"] for asked in service.requests} == {"/wms", "/moved"}


@pytest.mark.parametrize("request_kind", ["GetCapabilities", "GetMap"])
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (wms.status(404), "error 404 Not Found"),
        (wms.status(403), "error 403 Forbidden"),
        (wms.status(429), "error 429 Too Many Requests"),
        (wms.status(500), "error 500 Internal Server Error"),
        (wms.exception("Layer 'x' is\n unknown & <gone>"), "refuses: 'Layer 'x' is unknown &"),
        (wms.exception("busy", "application/vnd.ogc.se_xml", namespace=False), "refuses: 'busy'"),
        (wms.exception("busy", "text/xml; charset=UTF-8"), "refuses: 'busy'"),
        (wms.exception("busy", "text/html", code=500), "refuses: 'busy'"),
        (wms.exception("", attributes=' code="LayerNotDefined"'), "refuses: 'LayerNotDefined'"),
        (wms.exception("&#27;[31m&#7;red"), "refuses: '[31mred'"),
        (wms.exception(""), "refuses: 'no reason given'"),
        (wms.exception("no " * 5000), "no no no"),
        (wms.in_circles, "cannot be reached"),
        (wms.endless, "more than 25 MB"),
    ],
)
def test_an_error_is_reported(service, request_kind, fault, words):
    service.faults = {request_kind: fault}
    assert words in failure(picture, service)


@pytest.mark.parametrize("request_kind", ["GetCapabilities", "GetMap"])
@pytest.mark.parametrize("fault", [wms.silent, wms.dripping])
def test_a_request_is_given_up_if_its_answer_takes_too_long(service, request_kind, fault):
    service.faults = {request_kind: fault}
    started = time.monotonic()
    assert "not answered in full within 0.5 s" in failure(picture, service, timeout=0.5)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "fault",
    [
        wms.content(b"<html><body>Hello", "text/html"),
        wms.content(b"<html><body>Hello</body></html>", "text/xml"),
        wms.content(b"\0\1\2", "application/octet-stream"),
        wms.content(b"", "text/xml"),
        wms.content(b'<WMS_Capabilities xmlns="http://www.opengis.net/wms" version="1.3.0"/>', "text/xml"),
        wms.image(Image.new("RGB", (4, 4))),
    ],
)
def test_an_answer_that_is_no_map_service_is_reported(service, fault):
    service.faults = {"GetCapabilities": fault}
    assert "does not answer as a web map service (WMS)" in failure(opened, service)


def test_capabilities_may_call_themselves_anything(service):
    service.kind = "application/vnd.ogc.wms_xml; charset=UTF-8"
    assert opened(service).layer == PHOTOS


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            wms.content(b"<html>Hello</html>", "text/html; charset=utf-8"),
            "sent text/html instead of an image",
        ),
        (wms.content(b"<a/>", "application/xml; charset=UTF-8"), "sent application/xml instead"),
        (wms.content(b"<a/>", "text/xml"), "something that is no map"),
        (wms.content(b"<a/>", "text/xml; charset=UTF-8"), "something that is no map"),
        (wms.content(b"no XML", "text/xml"), "something that is no map"),
        (wms.broken, "the connection broke"),
    ],
)
def test_a_map_that_is_no_image_is_reported(service, fault, words):
    service.faults = {"GetMap": fault}
    assert words in failure(picture, service)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1/wms", "nowhere", "ftp://127.0.0.1/", "http://"])
def test_an_address_that_leads_nowhere_is_reported(endpoint):
    assert "cannot be reached" in failure(MapServer, endpoint, timeout=5)


def test_a_request_that_was_given_up_does_not_keep_the_program_from_ending(service):
    service.faults = {"GetCapabilities": wms.silent}
    before = set(threading.enumerate())
    failure(opened, service, timeout=0.2)
    assert all(thread.daemon for thread in set(threading.enumerate()) - before)
