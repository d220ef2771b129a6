"""Each map writes its addresses in ways of its own: what they say, and what only looks like it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.maps.links import read_link
from retrieval.maps.scale import EQUATOR, ScaleError

GOOGLE = "https://www.google.com/maps"
EARTH = "https://earth.google.com/web"
APPLE = "https://maps.apple.com"
OSM = "https://www.openstreetmap.org"
BING = "https://www.bing.com/maps"
YANDEX = "https://yandex.com/maps"
#: Fields of an embedded map, as Google's 'Share' writes them: distance, longitude, latitude, and the rest.
EMBEDDED = (
    f"{GOOGLE}/embed?pb=!1m18!1m12!1m3!1d{{}}!2d26.1!3d44.43!2m3!1f0!2f0!3f0!3m2!1i1024!2i768!4f13.1"
    "!3m3!1m2!1s0x40b1ff4770adb5b7%3A0x8d4!2sPia%C8%9Ba+Unirii!5e{}!3m2!1sen!2sro!4v1410262779573"
)


def seen(link):
    """(latitude, longitude, zoom, height, satellite), of a site that is known."""
    view = read_link(link)
    assert not view.by_names
    return view.latitude, view.longitude, view.zoom, view.height, view.satellite


def refusal(link):
    with pytest.raises(ScaleError) as error:
        read_link(link)
    return str(error.value)


@pytest.mark.parametrize(
    ("link", "zoom", "satellite"),
    [
        ("https://www.google.com/maps?q=44.43,26.1&z=19", 19, False),
        ("https://maps.google.com/?q=44.43,26.1&z=19&t=k", 19, True),
        ("https://maps.google.com/maps?z=19.5&q=44.43%2C+26.1", 19.5, False),
        ("https://maps.google.com/maps?q=44.43,26.1+(My+house)&z=19", 19, False),
        ("https://maps.google.com/maps?q=loc:44.43,26.1&z=19", 19, False),
        ("https://maps.google.com/maps?q=loc:44.43+26.1&z=19&t=h", 19, True),
        ("https://maps.google.com/maps?q=loc%3A%2044.43%2C26.1(House)&z=19", 19, False),
        ("https://maps.google.com/maps?q=Bucharest&ll=44.43,26.1&z=19", 19, False),
        ("https://maps.google.com/maps?q=1,2&ll=44.43,26.1&z=19", 19, False),  # the view, not the pin
        (f"{GOOGLE}/search/?api=1&query=44.43%2C26.1", None, False),
        (f"{GOOGLE}/search/?api=1&query=44.43,26.1&query_place_id=ChIJ", None, False),
        (f"{GOOGLE}/@?api=1&map_action=map&center=44.43%2C26.1&zoom=19&basemap=satellite", 19, True),
        (f"{GOOGLE}/@?map_action=map&api=1&zoom=19&basemap=terrain&center=44.43,26.1", 19, False),
        (f"{GOOGLE}/embed/v1/view?key=abc&center=44.43,26.1&zoom=19&maptype=satellite", 19, True),
        (f"{GOOGLE}/d/u/0/viewer?mid=1AbC&ll=44.43%2C26.1&z=19", 19, False),
        (f"{GOOGLE}/search/44.43,+26.1", None, False),
        (f"{GOOGLE}/place/44.43,26.1/data=!3m1!1e3", None, False),
        (f"{GOOGLE}/place/Unirii/data=!4m6!3m5!1s0x40b1:0x7f!8m2!3d44.43!4d26.1!16s%2Fg", None, False),
        (f"{GOOGLE}/place/Club@19/@44.43,26.1,19z", 19, False),
        (f"{GOOGLE}/place/Club%4019/@44.43,26.1,19z", 19, False),
        (f"{GOOGLE}/place/@7,8,9z/@44.43,26.1,19z", 19, False),
        (f"{GOOGLE}/place/Caf%C3%A9%2F@7,8,9z/@44.43,26.1,19z/data=!3m1!1e3", 19, True),
        ("https://www.google.com/maps/@44.43,26.1,19z.", 19, False),
        ("(https://www.google.com/maps/@44.43,26.1,19z)", 19, False),
        ("“https://www.google.com/maps/@44.43,26.1,19z”,", 19, False),
        ("https://www.google.com./maps/@44.43,26.1,19z", 19, False),
        ("https://www.google.com:443/maps/@44.43,26.1,19z", 19, False),
        ("https://www.google.com/maps/@+44.43,+26.1,19z", 19, False),
    ],
)
def test_google_maps(link, zoom, satellite):
    assert seen(link) == (44.43, 26.1, zoom, None, satellite)


@pytest.mark.parametrize("land", ["com", "ro", "de", "co.uk", "co.jp", "com.br", "com.tr", "cat", "cn", "rs"])
@pytest.mark.parametrize("host", ["www.google", "google", "maps.google"])
def test_google_is_itself_in_each_country(host, land):
    assert read_link(f"https://{host}.{land}/maps/@44.43,26.1,19z").service == "Google Maps"


@pytest.mark.parametrize(
    "host",
    [
        "google.evil.com",
        "google.com.evil.ro",
        "www.google.comm",
        "mygoogle.com",
        "google.com-maps.ro",
        "google.ab.cd",
    ],
)
def test_a_host_that_only_sounds_like_google_is_another(host):
    view = read_link(f"https://{host}/maps/@44.43,26.1,19z")
    assert (view.service, view.by_names) == (host, True)


@pytest.mark.parametrize(
    "link",
    [
        "https://maps.google.com/?q=12,+14+Main+Street&z=19",
        "https://maps.google.com/?q=44,43,26,1&z=19",
        "https://maps.google.com/?ll=44,43,26,1&z=19",
        f"{GOOGLE}/@44,43,26,1,19z",
        f"{GOOGLE}/place/Club@19",
        f"{GOOGLE}/place/Club@44.43,26.1,19z",  # a name alone
        f"{GOOGLE}/embed?pb=",
        f"{GOOGLE}/embed?pb=!1d!2d!3d",
        f"{GOOGLE}/embed?pb=!1d500!3d44.43!2d26.1",
        f"{GOOGLE}/dir/Bucharest/Cluj",
    ],
)
def test_what_google_says_of_no_place_is_none(link):
    assert "does not say which place" in refusal(link)


@pytest.mark.parametrize(
    ("distance", "zoom"),
    [("2848.9", 17), ("1424.45", 18), ("712.2", 19), ("22791.2", 14)],
)
@pytest.mark.parametrize("kind", [0, 1])
def test_an_embedded_map_says_how_high_its_view_was(distance, zoom, kind):
    """The distances are those of the places: Google's share of a view of 1024 x 768 pixels."""
    link = EMBEDDED.format(distance, kind)
    latitude, longitude, no_zoom, height, satellite = seen(link)
    assert (latitude, longitude, no_zoom, satellite) == (44.43, 26.1, None, kind == 1)
    assert height == pytest.approx(2 * float(distance) * math.tan(math.radians(13.1 / 2)))
    metres = EQUATOR * math.cos(math.radians(44.43)) / 2**zoom
    assert read_link(link).metres_per_pixel(768) == pytest.approx(metres, rel=0.01)


def test_an_embedded_map_needs_no_more_than_its_three_numbers():
    assert seen(f"{GOOGLE}/embed?pb=!1d712.2!2d26.1!3d44.43")[:2] == (44.43, 26.1)
    assert seen(f"{GOOGLE}/embed?pb=%211m3%211d712.2%212d26.1%213d44.43")[:2] == (44.43, 26.1)


def test_the_html_that_embeds_a_map_may_be_pasted():
    link = EMBEDDED.format("712.2", 1)
    html = f'<iframe src="{link}&amp;z=1" width="600" height="450" style="border:0;" loading="lazy"></iframe>'
    assert seen(html) == seen(link)
    framed = '<iframe width="425" src="https://maps.google.com/?ll=44.43,26.1&amp;z=19&amp;t=k"></iframe>'
    assert seen(framed) == (44.43, 26.1, 19, None, True)


def test_an_embedded_street_view_is_a_look_from_the_ground():
    link = f"{GOOGLE}/embed?pb=!4v1595!6m8!1m7!1sAbC!2m2!1d44.43!2d26.1!3f120.5!4f0!5f0.78"
    assert "close Street View" in refusal(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/url?q=https://www.openstreetmap.org/%23map%3D19/44.43/26.1&sa=D",
        "https://www.google.ro/url?sa=t&url=https%3A%2F%2Fwww.openstreetmap.org%2F%23map%3D19%2F44.43%2F26.1",
        "https://consent.google.com/m?continue=https%3A%2F%2Fwww.google.com%2Fmaps%2F%4044.43,26.1,19z&gl=RO",
    ],
)
def test_a_link_inside_one_of_google_is_read(link):
    view = read_link(link)
    assert (view.latitude, view.longitude, view.zoom) == (44.43, 26.1, 19)
    assert view.service in ("OpenStreetMap", "Google Maps")


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("https://maps.app.goo.gl/AbC", "open it, and copy the long address"),
        ("https://example.org/", "example.org is not a map"),
        (
            "https://www.google.com/url?q=https://www.openstreetmap.org/%2523map%3D19/44.43/26.1",
            "google.com is not a map",
        ),
        ("http://[::1", "This is not a link"),
        ("https://localhost/", "This is not a link"),
        ("javascript:alert(1)", "google.com is not a map"),
        ("file:///etc/passwd", "google.com is not a map"),
        ("geo:44.43,26.1?z=19", "google.com is not a map"),
        ("", "google.com is not a map"),
    ],
)
def test_what_is_inside_is_checked_and_unwrapped_once(inner, words):
    assert words in refusal(f"https://www.google.com/url?q={inner}")


@pytest.mark.parametrize("path", ["", "/search/Bucharest", "/search/Club@19", "/place/@1,2,3a"])
@pytest.mark.parametrize("tilt", ["0", "0.00000001", "-0", "0.4"])
def test_google_earth_straight_down_says_how_high_its_view_is(path, tilt):
    view = read_link(f"{EARTH}{path}/@44.43,26.1,80.5a,500d,35y,12.5h,{tilt}t,0r/data=CgRCAggB")
    assert (view.service, view.latitude, view.longitude) == ("Google Earth", 44.43, 26.1)
    assert (view.zoom, view.satellite, view.by_names) == (None, True, False)
    assert view.height == pytest.approx(2 * 500 * math.tan(math.radians(17.5)))
    assert view.metres_per_pixel(900) == pytest.approx(315.3 / 900, rel=1e-3)


@pytest.mark.parametrize("tilt", ["1", "45.3", "-3", "89.9"])
def test_google_earth_tilted_has_no_single_scale(tilt):
    assert "press its 2D button" in refusal(f"{EARTH}/@44.43,26.1,80a,500d,35y,0h,{tilt}t,0r")


@pytest.mark.parametrize(
    "camera",
    ["", ",80a", ",80a,500d,35y", ",500d,0t", ",35y,0t", ",500d,180y,0t", ",500d,0y,0t", ",d,35y,0t"],
)
def test_google_earth_without_all_of_its_camera_says_a_place(camera):
    assert seen(f"{EARTH}/@44.43,26.1{camera}") == (44.43, 26.1, None, None, True)


def test_google_earth_as_it_opens_says_no_place():
    assert "This Google Earth link does not say which place" in refusal(f"{EARTH}/")


@pytest.mark.parametrize("distance", ["0", "0.1", "999999999"])
def test_google_earth_at_an_absurd_height_is_refused(distance):
    assert "from top to bottom" in refusal(f"{EARTH}/@44.43,26.1,80a,{distance}d,35y,0h,0t,0r")


@pytest.mark.parametrize(
    ("link", "zoom", "satellite"),
    [
        (f"{APPLE}/?ll=44.43,26.1&z=19", 19, None),
        (f"{APPLE}/?q=My+house&ll=44.43%2C26.1&z=19.5&t=h", 19.5, True),
        (f"{APPLE}/?ll=44.43,26.1&z=19&spn=1,2", 19, None),  # a zoom is surer
        (f"{APPLE}/frame?center=44.43%2C26.1&z=19&map=explore", 19, False),
        (f"{APPLE}/place?coordinate=44.43%2C26.1&name=House", None, None),
        (f"{APPLE}/?q=44.43,26.1", None, None),
        (f"{APPLE}/?ll=44.43,26.1&span=0.0025", None, None),
        (f"{APPLE}/?ll=44.43,26.1&span=0,0", None, None),
        (f"{APPLE}/?ll=44.43,26.1&span=-1,1", None, None),
        (f"{APPLE}/?ll=44.43,26.1&span=179,1", None, None),  # over the pole
    ],
)
def test_apple_maps(link, zoom, satellite):
    assert seen(link) == (44.43, 26.1, zoom, None, satellite)


@pytest.mark.parametrize(
    "link",
    [
        f"{APPLE}/frame?center=44.43%2C26.1&span=0.0025%2C0.004&map=satellite",
        f"{APPLE}/?ll=44.43,26.1&spn=0.0025,0.004&t=k",
        f"{YANDEX}/?ll=26.1,44.43&spn=0.004,0.0025&l=sat",  # longitude first
        "https://maps.google.com/?ll=44.43,26.1&spn=0.0025,0.004&t=k",
    ],
)
def test_a_span_in_degrees_is_a_height(link):
    latitude, longitude, zoom, height, satellite = seen(link)
    assert (latitude, longitude, zoom, satellite) == (44.43, 26.1, None, True)
    assert height == pytest.approx(0.0025 * 111319.49, rel=1e-4)


@pytest.mark.parametrize(("latitude", "zoom"), [(0, 5), (44.43, 9), (-60, 7), (70, 6)])
def test_a_large_span_is_told_by_the_scale_in_the_middle(latitude, zoom):
    """768 pixels of a map, from the degrees that its first and last row show."""
    radius = 256 * 2**zoom / (2 * math.pi)
    middle = radius * math.asinh(math.tan(math.radians(latitude)))
    ends = [math.degrees(math.atan(math.sinh((middle + step) / radius))) for step in (-384, 384)]
    height = read_link(f"{APPLE}/?ll={latitude},0&spn={ends[1] - ends[0]:.9f},1").height
    assert height / 768 == pytest.approx(EQUATOR * math.cos(math.radians(latitude)) / 2**zoom, rel=0.02)


@pytest.mark.parametrize(
    ("link", "zoom", "satellite"),
    [
        (f"{OSM}/#map=19/44.43/26.1", 19, False),
        (f"{OSM}/#map=18.5/44.43/26.1&layers=P", 18.5, False),
        (f"{OSM}/edit#map=19/44.43/26.1", 19, True),
        (f"{OSM}/edit?editor=id#map=19/44.43/26.1", 19, True),
        (f"{OSM}/?editor=id#map=19/44.43/26.1", 19, True),
        (f"{OSM}/edit#background=Bing&disable_features=boundaries&map=19/44.43/26.1", 19, True),
        (f"{OSM}/edit?lat=44.43&lon=26.1&zoom=19", 19, True),
        (f"{OSM}/?mlat=44.43&mlon=26.1&zoom=19", 19, False),
        (f"{OSM}/?mlat=44.43&mlon=26.1", None, False),
        (f"{OSM}/?mlat=44.43&mlon=26.1#map=19", None, False),
        (f"{OSM}/?mlat=1&mlon=2&zoom=3#map=19/44.43/26.1", 19, False),  # the view, not the marker
        (f"{OSM}/?mlat=1&mlon=2&lat=44.43&lon=26.1&zoom=19", 19, False),
        (f"{OSM}/?lat=44.43&lon=26.1&zoom=19", 19, False),
        (f"{OSM}/relation/90351#map=19/44.43/26.1", 19, False),
    ],
)
def test_openstreetmap(link, zoom, satellite):
    assert seen(link) == (44.43, 26.1, zoom, None, satellite)


@pytest.mark.parametrize(
    "link",
    [f"{OSM}/#map=19/44,43/26,1", f"{OSM}/?mlat=44,43&mlon=26,1&zoom=19", f"{OSM}/?mlat=44.43&zoom=19"],
)
def test_a_decimal_comma_is_no_place(link):
    assert "does not say which place" in refusal(link)


@pytest.mark.parametrize(
    ("link", "zoom"),
    [
        (f"{BING}?cp=44.43~26.1&lvl=19", 19),
        (f"{BING}/?cp=44.43%7E26.1&lvl=19.5", 19.5),
        (f"{BING}/default.aspx?v=2&cp=44.43~26.1&lvl=19", 19),
        ("https://cn.bing.com/maps?cp=44.43~26.1&lvl=19", 19),
        (f"{BING}?sp=point.44.43_26.1_My%20house&lvl=19", 19),
        (f"{BING}?sp=point.44.43_26.1_A_note_https%3A%2F%2Fexample.org%2F~", None),
        (f"{BING}?sp=point.44.43_26.1", None),
        (f"{BING}?sp=point.1_2_A~point.3_4_B&cp=44.43~26.1&lvl=19", 19),
    ],
)
def test_bing_maps(link, zoom):
    if link.endswith("~"):  # an empty second point
        assert "does not say which place" in refusal(link)
    else:
        assert seen(link) == (44.43, 26.1, zoom, None, None)


@pytest.mark.parametrize(
    "stated",
    ["sp=point.1_2_A~point.3_4_B", "sp=line.44.43_26.1_45_27", "sp=point.44,43_26,1", "cp=44,43~26,1"],
)
def test_bing_with_several_places_or_none_says_none(stated):
    assert "does not say which place" in refusal(f"{BING}?{stated}&lvl=19")


@pytest.mark.parametrize(
    ("stated", "zoom", "satellite"),
    [
        ("ll=26.1%2C44.43&z=19&l=sat", 19, True),
        ("ll=26.1,44.43&z=18.34&l=sat%2Cskl", 18.34, True),
        ("whatshere[point]=26.1,44.43&whatshere[zoom]=19&mode=whatshere", 19, None),
        ("whatshere%5Bpoint%5D=26.1%2C44.43&whatshere%5Bzoom%5D=19", 19, None),
        (
            "whatshere[point]=1,2&whatshere[zoom]=3&ll=26.1,44.43&z=19",
            19,
            None,
        ),  # the view, not the place asked
        ("whereami[point]=26.1,44.43&whereami[zoom]=19", 19, None),
        ("whereami=26.1,44.43&z=19&l=map", 19, False),
        ("whatshere[point]=26.1,44.43", None, None),
    ],
)
def test_yandex_maps_writes_longitude_first(stated, zoom, satellite):
    assert seen(f"{YANDEX}/?{stated}") == (44.43, 26.1, zoom, None, satellite)


@pytest.mark.parametrize(
    "address",
    [
        *(f"yandex.{land}/maps" for land in ("ru", "com", "com.tr", "by", "kz", "com.ge", "co.il")),
        "www.yandex.ru/maps/213/moscow", "maps.yandex.ru", "maps.yandex.com/213", "harita.yandex.com.tr",
        "yandex.com.tr/harita/11508/istanbul", "m.yandex.ru/maps", "yandex.ru/map-widget/v1", "ya.ru/maps",
        "yandex.ru/web-maps",
    ],
)  # fmt: skip
def test_yandex_has_many_hosts(address):
    assert read_link(f"https://{address}/?ll=26.1,44.43&z=19").service == "Yandex Maps"


@pytest.mark.parametrize("host", ["yandex.evil.com", "notyandex.ru", "yandex.ru.evil.com"])
def test_a_host_that_only_sounds_like_yandex_is_none(host):
    assert refusal(f"https://{host}/maps/?ll=26.1,44.43&z=19").startswith(f"{host} is not a map")


@pytest.mark.parametrize(
    ("link", "zoom", "satellite"),
    [
        ("https://zoom.earth/#view=44.43,26.1,19z", 19, None),
        ("zoom.earth/#view=44.43,26.1,8.5z/date=2024-05-01,12:00,+3", 8.5, None),
        ("https://zoom.earth/maps/satellite/#view=44.43,26.1,8z", 8, True),
        ("https://zoom.earth/maps/satellite-hd/#view=44.43,26.1,8z/overlays=labels:off", 8, None),
        ("https://zoom.earth/#44.43,26.1,19z,map", 19, None),
        ("https://zoom.earth/maps/satellite/#view=44.43,26.1", None, True),
        ("https://zoom.earth/maps/satellite/#view%3D44.43%2C26.1%2C8z", 8, True),
    ],
)
def test_zoom_earth(link, zoom, satellite):
    assert read_link(link).service == "Zoom Earth"
    assert seen(link) == (44.43, 26.1, zoom, None, satellite)


@pytest.mark.parametrize(
    "link", ["https://zoom.earth/", "https://zoom.earth/#view=44,43,26,1,19z", "https://zoom.earth/#view=19z"]
)
def test_zoom_earth_without_a_place_says_so(link):
    assert "This Zoom Earth link does not say which place" in refusal(link)


@pytest.mark.parametrize(
    ("link", "place", "zoom"),
    [
        ("geo:0,0?q=44.43,26.1(Label)&z=19", (44.43, 26.1), 19),
        ("geo:0,0?z=19&q=44.43%2C26.1", (44.43, 26.1), 19),
        ("geo:44.43,26.1?q=1,2", (44.43, 26.1), None),
    ],
)
def test_geo_may_say_the_place_as_something_searched(link, place, zoom):
    view = read_link(link)
    assert ((view.latitude, view.longitude), view.zoom) == (place, zoom)


#: Each site's own way to write latitude, longitude and zoom.
WAYS = [
    GOOGLE + "/@{0},{1},{2}z", GOOGLE + "/place/A@1,2/@{0},{1},{2}z/data=!3m1!1e3",
    "https://maps.google.co.uk/?ll={0},{1}&z={2}", "https://www.google.ro/maps?q={0},{1}&z={2}",
    "https://maps.google.com/maps?q=loc:{0}+{1}&z={2}",
    GOOGLE + "/@?api=1&map_action=map&center={0}%2C{1}&zoom={2}",
    "https://www.google.com/url?q=https://www.bing.com/maps?cp%3D{0}~{1}%26lvl%3D{2}",
    OSM + "/#map={2}/{0}/{1}", OSM + "/edit#map={2}/{0}/{1}", OSM + "/?mlat={0}&mlon={1}&zoom={2}",
    BING + "?cp={0}~{1}&lvl={2}", BING + "?sp=point.{0}_{1}_Name&lvl={2}",
    YANDEX + "/?ll={1},{0}&z={2}", YANDEX + "/?whatshere[point]={1},{0}&whatshere[zoom]={2}",
    APPLE + "/?ll={0},{1}&z={2}", "https://zoom.earth/#view={0},{1},{2}z",
    "https://wego.here.com/?map={0},{1},{2},satellite",
    "https://livingatlas.arcgis.com/wayback/#mapCenter={1},{0},{2}", "geo:{0},{1}?z={2}", "{0}, {1}, {2}",
]  # fmt: skip

LATITUDES = st.floats(-85, 85).map(lambda value: round(value, 6))
LONGITUDES = st.floats(-180, 180).map(lambda value: round(value, 6))
ZOOMS = st.floats(0, 23).map(lambda value: round(value, 2)) | st.integers(0, 23)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40)
@given(LATITUDES.filter(bool), LONGITUDES, ZOOMS)
def test_what_a_site_writes_is_read_again(way, latitude, longitude, zoom):
    view = read_link(way.format(f"{latitude:.6f}", f"{longitude:.6f}", f"{zoom:g}"))
    assert (view.latitude, view.longitude, view.zoom) == (latitude, longitude, zoom)
    assert not view.by_names


@given(LATITUDES, LONGITUDES, st.floats(10, 1e6), st.floats(10, 90))
def test_what_google_earth_writes_is_read_again(latitude, longitude, distance, angle):
    link = f"{EARTH}/@{latitude:.6f},{longitude:.6f},12a,{distance:.8f}d,{angle:.8f}y,0h,0t,0r"
    view = read_link(link)
    assert (view.latitude, view.longitude) == (latitude, longitude)
    assert view.height == pytest.approx(2 * distance * math.tan(math.radians(angle) / 2), rel=1e-6)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=20)
@given(st.sampled_from([(85.2, 0), (-90, 0), (4e7, 1), (1, 180.1), (1, -200)]), ZOOMS)
def test_a_place_that_is_none_on_a_map_is_refused_everywhere(way, place, zoom):
    assert "degrees, and this is" in refusal(way.format(f"{place[0]:.6f}", f"{place[1]:.6f}", f"{zoom:g}"))
