"""A map's link becomes the view that it opens, and everything else one sentence."""

import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.maps.links import MAX_LENGTH, read_link
from retrieval.maps.scale import ScaleError, metres_per_pixel

GOOGLE = "https://www.google.com/maps"


def refusal(link):
    with pytest.raises(ScaleError) as error:
        read_link(link)
    sentence = str(error.value)
    assert sentence.endswith(".")
    return sentence


def seen(link):
    """(service, latitude, longitude, zoom, height, satellite)."""
    view = read_link(link)
    return view.service, view.latitude, view.longitude, view.zoom, view.height, view.satellite


@pytest.mark.parametrize(
    "link",
    [
        f"{GOOGLE}/@44.43,26.1,17z",
        f"{GOOGLE}/@44.43,26.1,17z?entry=ttu&g_ep=EgoyMDI1",
        f"  {GOOGLE}/@44.43,26.1,17z/\n",
        f"<{GOOGLE}/@44.43,26.1,17z>",
        f"Look at this: {GOOGLE}/@44.43,26.1,17z",
        "www.google.com/maps/@44.43,26.1,17z",
        "HTTPS://WWW.GOOGLE.COM/maps/@44.43,26.1,17z",
        "https://www.google.ro/maps/@44.43,26.1,17z",
        "google.co.uk/maps/@44.43,26.1,17z",
        "https://maps.google.com/maps/@44.43,26.1,17z",
        f"{GOOGLE}/%4044.43%2C26.1%2C17z",
        "https%3A%2F%2Fwww.google.com%2Fmaps%2F%4044.43%2C26.1%2C17z",
        f"{GOOGLE}/place/Pia%C8%9Ba+Unirii/@44.43,26.1,17z/data=!3m1!4b1!4m6!3m5!1s0x40b1:0x7f!8m2!3d44.4!4d26",
        f"{GOOGLE}/place/Piața Unirii/@44.43,26.1,17z/data=!4m6",
        f"{GOOGLE}/place/caf%C3%A9@home/@44.43,26.1,17z",
        f"{GOOGLE}/@44.43,26.1,17z/data=!5m1!1e3",  # cycle paths
        f"{GOOGLE}/@44.43,26.1,17z/data=!5m1!1e4",  # terrain
        "https://maps.google.com/?ll=44.43,26.1&z=17",
        "https://maps.google.com/maps?q=Bucharest&ll=44.43%2C26.1&z=17&t=m",
        f"{GOOGLE}/@?api=1&map_action=map&center=44.43%2C26.1&zoom=17",
    ],
)
def test_google_maps_is_a_street_map_unless_its_link_says_otherwise(link):
    assert seen(link) == ("Google Maps", 44.43, 26.1, 17.0, None, False)


@pytest.mark.parametrize(
    "link",
    [
        f"{GOOGLE}/@44.43,26.1,17z/data=!3m1!1e3",
        f"{GOOGLE}/@44.43,26.1,17z/data=!3m2!1e3!4b1",
        f"{GOOGLE}/@44.43,26.1,17z/data=%213m1%211e3?entry=ttu",
        "http://maps.google.com/?ll=44.43,26.1&z=17&t=k",
        "http://maps.google.com/maps?ll=44.43,26.1&z=17&t=h",
        f"{GOOGLE}/@?api=1&map_action=map&center=44.43,26.1&zoom=17&basemap=satellite",
    ],
)
def test_google_maps_says_that_it_shows_photos(link):
    assert seen(link) == ("Google Maps", 44.43, 26.1, 17.0, None, True)


def test_a_zoom_need_not_be_whole():
    assert read_link(f"{GOOGLE}/@-44.43,-26.1,17.25z").zoom == 17.25


@pytest.mark.parametrize("rest", ["", "/data=!3m1!1e3", ",30h/data=!3m1!1e3"])
def test_google_maps_gives_the_height_of_a_satellite_view_in_metres(rest):
    view = read_link(f"{GOOGLE}/@44.43,26.1,604m{rest}")
    assert (view.zoom, view.height, view.satellite) == (None, 604.0, True)
    assert view.metres_per_pixel(1208) == 0.5


def test_where_the_height_is_known_the_pixel_ratio_plays_no_part():
    view = read_link(f"{GOOGLE}/@44.43,26.1,604m")
    assert view.metres_per_pixel(604, pixel_ratio=3) == 1


def test_where_the_zoom_is_known_the_height_in_pixels_plays_no_part():
    view = read_link(f"{GOOGLE}/@44.43,26.1,19z")
    assert view.metres_per_pixel(0) == metres_per_pixel(44.43, 19)
    assert view.metres_per_pixel(900, pixel_ratio=2) == metres_per_pixel(44.43, 19, 2)


def test_a_view_checks_the_pixel_ratio():
    with pytest.raises(ScaleError, match="pixel ratio of 9"):
        read_link(f"{GOOGLE}/@44.43,26.1,19z").metres_per_pixel(900, pixel_ratio=9)


@pytest.mark.parametrize("height", ["0m", "0.5m", "900000000m"])
def test_a_view_of_absurd_height_is_refused(height):
    assert "from top to bottom" in refusal(f"{GOOGLE}/@44.43,26.1,{height}")


@pytest.mark.parametrize(
    "link",
    [
        f"{GOOGLE}/@44.43,26.1,500a,35y,45t/data=!3m1!1e3",
        f"{GOOGLE}/@44.43,26.1,500a,35y,39.2h,45t/data=!3m1!1e3",
        f"{GOOGLE}/place/X/@44.43,26.1,500a,35y,45t/data=!3m1!1e3!4m6!3m5!1s0x40b1:0x7f",
        f"{GOOGLE}/@44.43,26.1,17z,45t",
    ],
)
def test_a_tilted_view_has_no_single_scale(link):
    assert "2D button" in refusal(link)


@pytest.mark.parametrize(
    "link",
    [
        f"{GOOGLE}/@44.43,26.1,3a,75y,90h,90t/data=!3m6!1e1!3m4!1sAbC!2e0!7i13312!8i6656",
        f"{GOOGLE}/@44.43,26.1,2a,75y,90h,90t/data=!3m7!1e1!3m5!1sAbC",
        f"{GOOGLE}/@44.43,26.1,3a,75y,90h,90t",
        f"{GOOGLE}/@?api=1&map_action=pano&viewpoint=44.43,26.1",
        "http://maps.google.com/maps?ll=44.43,26.1&z=17&layer=c&cbll=44.43,26.1",
    ],
)
def test_street_view_is_no_look_from_above(link):
    assert "close Street View" in refusal(link)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://www.openstreetmap.org/#map=19/44.43/26.1", ("OpenStreetMap", 19.0, False)),
        ("openstreetmap.org/#map=19/44.43/26.1&layers=H", ("OpenStreetMap", 19.0, False)),
        (
            "https://www.openstreetmap.org/way/1?mlat=1&mlon=2#map=19/44.43/26.1",
            ("OpenStreetMap", 19.0, False),
        ),
        ("https://www.openstreetmap.org/#map%3D19%2F44.43%2F26.1", ("OpenStreetMap", 19.0, False)),
        ("https://www.bing.com/maps?cp=44.43~26.1&lvl=19&style=a", ("Bing Maps", 19.0, True)),
        ("https://www.bing.com/maps?cp=44.43%7E26.1&lvl=19.5&sty=h&dir=90", ("Bing Maps", 19.5, True)),
        ("https://bing.com/maps/?cp=44.43~26.1&lvl=19&style=r", ("Bing Maps", 19.0, False)),
        ("https://www.bing.com/maps?cp=44.43~26.1&lvl=19", ("Bing Maps", 19.0, None)),
        ("https://yandex.com/maps/?ll=26.1%2C44.43&z=19&l=sat", ("Yandex Maps", 19.0, True)),
        (
            "https://yandex.ru/maps/10487/bucharest/?l=sat%2Cskl&ll=26.1,44.43&z=19",
            ("Yandex Maps", 19.0, True),
        ),
        ("https://yandex.com.tr/maps/?ll=26.1%2C44.43&z=19&l=map", ("Yandex Maps", 19.0, False)),
        ("https://maps.yandex.ru/?ll=26.1%2C44.43&z=19", ("Yandex Maps", 19.0, None)),
        ("https://maps.apple.com/?ll=44.43,26.1&z=19&t=k", ("Apple Maps", 19.0, True)),
        ("https://maps.apple.com/?ll=44.43,26.1&z=19&t=h&spn=0.01,0.02", ("Apple Maps", 19.0, True)),
        ("https://maps.apple.com/?ll=44.43,26.1&z=19&t=m", ("Apple Maps", 19.0, False)),
        ("https://maps.apple.com/frame?center=44.43,26.1&z=19&map=satellite", ("Apple Maps", 19.0, True)),
        ("https://maps.apple.com/?ll=44.43,26.1&z=19", ("Apple Maps", 19.0, None)),
        ("https://wego.here.com/?map=44.43,26.1,19,satellite", ("HERE WeGo", 19.0, True)),
        ("https://wego.here.com/p/s-Yz?map=44.43%2C26.1%2C19%2Cnormal", ("HERE WeGo", 19.0, False)),
        ("https://wego.here.com/?map=44.43,26.1,19", ("HERE WeGo", 19.0, None)),
        ("https://livingatlas.arcgis.com/wayback/#mapCenter=26.1%2C44.43%2C19", ("Esri Wayback", 19.0, True)),
        (
            "https://livingatlas.arcgis.com/wayback/#active=37965&mapCenter=26.1%2C44.43%2C19&mode=explore",
            ("Esri Wayback", 19.0, True),
        ),
        ("geo:44.43,26.1?z=19", ("geo:", 19.0, None)),
        ("geo:44.43,26.1;u=35?z=19", ("geo:", 19.0, None)),
        ("GEO:44.43,26.1,80;u=35?z=19&q=44.43,26.1(Here)", ("geo:", 19.0, None)),
        ("44.43, 26.1, 19", ("Coordinates", 19.0, None)),
        ("44.43 26.1 19", ("Coordinates", 19.0, None)),
        ("44.43,26.1,19.", ("Coordinates", 19.0, None)),
    ],
)
def test_each_map_has_its_own_way_to_say_the_same(link, expected):
    service, zoom, satellite = expected
    assert seen(link) == (service, 44.43, 26.1, zoom, None, satellite)


@pytest.mark.parametrize("text", ["", "   \n", '""'])
def test_an_empty_text_asks_for_a_link(text):
    assert "There is no link yet" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "my house",
        "44.43, 26.1",
        "44,43 26,1",
        "44,43, 26,1, 19",
        "19/44.43/26.1",
        "http://",
        "https://[::1",
        "https:///maps/@1,2,3z",
        "javascript:alert(1)",
        "<b>x</b>",
        "https://<script>.com/maps",
        "localhost/maps",
        f"https://{'a.' * 200}com/",
    ],
)
def test_what_is_no_link_is_told_how_a_link_looks(text):
    assert "This is not a link" in refusal(text)


@pytest.mark.parametrize(
    "link",
    [
        "https://maps.app.goo.gl/AbCdEf",
        "Piața Unirii https://maps.app.goo.gl/AbCdEf?g_st=ac",
        "https://goo.gl/maps/AbC",
        "https://g.co/kgs/AbC",
        "bit.ly/abc",
        "https://t.co/abc",
        "https://tinyurl.com/abc",
        "https://osm.org/go/0EEQ--",
        "https://www.openstreetmap.org/go/0EEQ--",
        "https://yandex.com/maps/-/CDabc",
        "https://yandex.com.tr/maps/-/CDabc",
        "https://ya.ru/maps/-/CDabc",
        "https://binged.it/abc",
        "https://maps.apple/p/abc",
    ],
)
def test_a_shortened_link_has_to_be_opened_first(link):
    assert "open it, and copy the long address" in refusal(link)


@pytest.mark.parametrize(
    "host",
    [
        "www.mapy.cz",
        "www.google.com.evil.example",
        "maps.apple.com.evil.example",
        "notgoogle.com",
        "münchen.de",
        "google.com",
    ],
)
def test_another_map_is_named_with_those_that_are_known(host):
    sentence = refusal(f"https://{host}/view/44.43,26.1,19z")
    assert sentence.startswith(f"{host} is not a map")
    assert "Google Maps, OpenStreetMap, Bing Maps" in sentence
    assert "HERE WeGo or Esri Wayback" in sentence
    assert "zoom and the latitude" in sentence


@pytest.mark.parametrize(
    ("link", "service"),
    [
        ("https://maps.google.com/?q=Bucharest", "Google Maps"),
        (f"{GOOGLE}/place/Bucharest", "Google Maps"),
        (f"{GOOGLE}/@somewhere", "Google Maps"),
        ("https://www.google.com/maps", "Google Maps"),
        ("https://www.openstreetmap.org/", "OpenStreetMap"),
        ("https://www.openstreetmap.org/#map=19", "OpenStreetMap"),
        ("https://www.bing.com/maps?lvl=19", "Bing Maps"),
        ("https://yandex.com/maps/?z=19", "Yandex Maps"),
        ("https://yandex.com/maps/?ll=26.1&z=19", "Yandex Maps"),
        ("https://maps.apple.com/?address=Bucharest&z=19", "Apple Maps"),
        ("https://wego.here.com/", "HERE WeGo"),
        ("https://livingatlas.arcgis.com/wayback/", "Esri Wayback"),
        ("https://livingatlas.arcgis.com/wayback/#mapCenter=26,1,44,43,19", "Esri Wayback"),
        ("https://wego.here.com/?map=44,43,26,1,19,satellite", "HERE WeGo"),
        ("geo:44,43,26,1?z=19", "geo:"),
        ("geo:0,0?q=Bucharest&z=19", "geo:"),
    ],
)
def test_a_map_without_a_place_is_named(link, service):
    assert refusal(link).startswith(f"This {service} link does not say which place")


@pytest.mark.parametrize(
    ("link", "service"),
    [
        (f"{GOOGLE}/@44.43,26.1", "Google Maps"),
        (f"{GOOGLE}/@44.43,26.1,z", "Google Maps"),
        ("https://maps.google.com/?ll=44.43,26.1", "Google Maps"),
        ("https://www.bing.com/maps?cp=44.43~26.1", "Bing Maps"),
        ("https://yandex.com/maps/?ll=26.1,44.43&z=near", "Yandex Maps"),
        ("https://maps.apple.com/?ll=44.43,26.1", "Apple Maps"),
        ("https://wego.here.com/?map=44.43,26.1,normal", "HERE WeGo"),
        ("https://livingatlas.arcgis.com/wayback/#mapCenter=26.1,44.43", "Esri Wayback"),
        ("geo:44.43,26.1", "geo:"),
    ],
)
def test_a_place_without_a_zoom_is_a_place_without_a_scale(link, service):
    view = read_link(link)
    assert (view.service, view.latitude, view.longitude) == (service, 44.43, 26.1)
    assert (view.zoom, view.height, view.has_scale) == (None, None, False)
    with pytest.raises(ScaleError, match="needs a zoom"):
        view.metres_per_pixel(900)


@pytest.mark.parametrize("style", ["b", "o"])
def test_the_birds_eye_view_of_bing_has_no_single_scale(style):
    assert "choose Aerial" in refusal(f"https://www.bing.com/maps?cp=44.43~26.1&lvl=19&style={style}")


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (f"{GOOGLE}/@85.2,26.1,19z", "this is 85.2"),
        (f"{GOOGLE}/@-91,26.1,19z", "this is -91"),
        (f"{GOOGLE}/@44.43,180.5,604m", "this is 180.5"),
        (f"{GOOGLE}/@44.43,26.1,24z", "this is 24"),
        ("https://www.bing.com/maps?cp=44.43~26.1&lvl=-1", "this is -1"),
        ("44.43, 26.1, 900", "this is 900"),
    ],
)
def test_a_number_out_of_range_is_named(link, said):
    assert said in refusal(link)


@pytest.mark.parametrize("number", ["nan", "inf", "1e999", "1_9", "١٩", "9" * 400, "0x13"])
def test_what_only_looks_like_a_number_is_none(number):
    assert read_link(f"https://www.bing.com/maps?cp=44.43~26.1&lvl={number}").zoom is None
    assert "which place" in refusal(f"https://www.bing.com/maps?cp={number}~26.1&lvl=19")


@pytest.mark.parametrize(
    ("piece", "times"),
    [
        ("a", 10**6),
        (" ", 10**6),
        ("@1,", 10**6),
        ("https://", MAX_LENGTH // 8),
        ("1", MAX_LENGTH),
        ("\t1", MAX_LENGTH // 2),
        ("a.", MAX_LENGTH // 2),
        ("@1", MAX_LENGTH // 2),
    ],
)
def test_a_long_text_is_refused_at_once(piece, times):
    start = time.process_time()
    refusal(piece * times)
    refusal(f"{GOOGLE}/{piece * (times - 100)}"[:MAX_LENGTH])
    assert time.process_time() - start < 0.5


#: What links are made of.
LINKS = f"""{GOOGLE}/@44.43,26.1,17z/data=!3m1!1e3 604m 3a 45t 9e9 %2C%40 geo:-180 [
https://www.openstreetmap.org/#map=19 https://www.bing.com/maps?cp=44.43~26.1&lvl=19&style=a
https://yandex.ru/maps/?ll=26.1&z=19&l=sat https://wego.here.com/ maps.apple.com/
livingatlas.arcgis.com/wayback mapCenter= https://www.google.ro/url?q=loc: embed?pb=!1d500!2d26.1!3d44.43
https://earth.google.com/web/@44.43,26.1,80a,500d,35y,0h,0t zoom.earth/#view= span=0.1,0.2 sp=point.44.43_26.1
https://maps.example.org/?lat=44.43&lon=26.1&zoom=19&x=1.5&y=2.5 whatshere[point]= mlat mlon /edit"""
PIECES = sorted(set(re.findall(r"[\w.]+|\W", LINKS)))


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join)))
def test_any_text_gives_a_view_or_a_sentence(text):
    try:
        view = read_link(text)
    except ScaleError as error:
        assert str(error).endswith(".")
    else:
        assert abs(view.latitude) <= 85.05
        assert abs(view.longitude) <= 180
        assert not view.has_scale or 0 < view.metres_per_pixel(800) < math.inf
