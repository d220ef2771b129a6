"""The address of a map that nobody told the page of: read where its names are plain, and marked as such."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.maps.links import MAX_LENGTH, read_link
from retrieval.maps.scale import ScaleError

HOST = "maps.example.org"
SITE = f"https://{HOST}"


def refusal(link):
    with pytest.raises(ScaleError) as error:
        read_link(link)
    return str(error.value)


@pytest.mark.parametrize(
    "rest",
    [
        "?lat=44.43&lon=26.1&zoom=19",
        "?lat=44.43&lng=26.1&z=19",
        "?latitude=44.43&longitude=26.1&level=19",
        "?lat=44.43&long=26.1&lvl=19",
        "?LAT=44.43&Lon=26.1&Zoom=19",
        "?mlat=44.43&mlon=26.1&zl=19",
        "?x=26.1&y=44.43&z=19",
        "map?layer=ortho&lat=+44.43&lon=26.1&zoom=19.0",
        "?lat=44.43&lat=44.43&lon=26.1&zoom=19",
        "?lat=44.43&lon=26.1&mlat=1&mlon=2&x=3.5&y=4.5&zoom=19&level=2",
        "#lat=44.43&lon=26.1&zoom=19",
        "#!lat=44.43&lon=26.1&zoom=19",
        "#/map?lat=44.43&lon=26.1&zoom=19",
        "?lat=44.43&lon=26.1#zoom=19",
        "#lat%3D44.43%26lon%3D26.1%26zoom%3D19",
        "#19/44.43/26.1",
        "#/19/44.43/26.1",
        "#19/44.43/26.1/0/0.5",
        "#19.00/44.43000/26.10000/-12.5",
        "#19/44.43/26.1&layers=B",
        "#map=19/44.43/26.1",
        "?map=19/44.43/26.1",
        "#background=Bing&map=19/44.43/26.1",
        "view/@44.43,26.1,19z",
        "view/%4044.43%2C26.1%2C19z",
        "place/Club@19/@44.43,26.1,19z/more",
        "#@44.43,26.1,19z",
        "#view/@44.43,26.1,19z",
        "?view=@44.43,26.1,19z",
    ],
)
def test_usual_names_are_read_and_told(rest):
    view = read_link(f"{SITE}/{rest}")
    assert (view.latitude, view.longitude, view.zoom, view.height) == (44.43, 26.1, 19, None)
    assert (view.service, view.satellite, view.by_names) == (HOST, None, True)


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "?z=3",
        "?lat=44.43&lon=26.1",  # no zoom
        "?lat=44.43&zoom=19",
        "?lat=44.43&lon=26.1&zoom=near",
        "?lat=44,43&lon=26,1&zoom=19",
        "?lat=44.43&lat=45&lon=26.1&zoom=19",  # which of them?
        "?lat=44.43&lon=26.1&zoom=19#lat=45",
        "?lat=44.43&lon=26.1&zoom=19&zoom=3",
        "?latmin=44.43&lonmin=26.1&zoom=19",
        "?x=587000.5&y=329000.5&z=19",  # metres of a projection
        "?x=26.1&y=86&z=19",
        "?x=26.1&y=44.43&z=30",
        "?x=35&y=22&z=6",  # a tile
        "#44.43/26.1/19",  # the zoom is not first
        "#2024/05/01",
        "#12/05/24",
        "#19/44.43",
        "#map=19/44,43/26,1",
        "@44.43,26.1",
        "@44.43,26.1,604m",
        "@44,43,26,1,19z",
        "@95.43,26.1,19z" + "?q=",
        "?user=@44.43,26.1",
        "#19/95.5/26.1",
        "#19/44.43/226.1",
    ],
)
def test_what_is_not_plain_is_a_map_that_is_not_known(rest):
    sentence = refusal(f"{SITE}/{rest}")
    if rest.startswith("@95"):  # plain, and impossible
        assert "this is 95.43" in sentence
    else:
        assert sentence.startswith(f"{HOST} is not a map that is understood here")


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("?lat=85.2&lon=26.1&zoom=19", "this is 85.2"),
        ("?lat=44.43&lon=181&zoom=19", "this is 181"),
        ("?lat=44.43&lon=26.1&zoom=24", "this is 24"),
        ("?lat=44.43&lon=26.1&zoom=-1", "this is -1"),
    ],
)
def test_a_named_number_out_of_range_is_named(rest, said):
    assert said in refusal(f"{SITE}/{rest}")


@pytest.mark.parametrize("tilt", ["60", "-20", "1"])
def test_a_tilted_view_has_no_single_scale(tilt):
    assert "tilted view" in refusal(f"{SITE}/#19/44.43/26.1/0/{tilt}")


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("www.google.com.evil.example", "/maps"),
        ("maps.apple.com.evil.example", ""),
        ("notgoogle.com", "/maps"),
        ("google.com", ""),  # no map of Google's
        ("münchen.de", ""),
        ("www.openstreetmap.de", "/karte"),
    ],
)
def test_a_known_map_is_not_taken_for_another(host, path):
    view = read_link(f"https://{host}{path}/?lat=44.43&lon=26.1&zoom=19")
    assert (view.service, view.by_names) == (host, True)


NAMES = st.sampled_from(
    [("lat", "lon", "zoom"), ("latitude", "longitude", "level"), ("mlat", "mlon", "z"), ("lat", "lng", "zl")]
)


@given(NAMES, st.permutations(range(3)), st.sampled_from("?#"), st.data())
def test_names_may_stand_in_any_order(names, order, mark, data):
    numbers = (
        round(data.draw(st.floats(-85, 85)), 6),
        round(data.draw(st.floats(-180, 180)), 6),
        round(data.draw(st.floats(0, 23)), 2),
    )
    said = "&".join(f"{names[each]}={numbers[each]:.6f}" for each in order)
    view = read_link(f"{SITE}/{mark}{said}")
    assert (view.latitude, view.longitude, view.zoom) == numbers
    assert view.by_names


@pytest.mark.parametrize(
    "piece", ["@1.5,", "!1d1", "lat=1&", "/1.5", "point.", "%2540", "&map=1/", "loc:", "((", "~1", "z=1.5#"]
)
@pytest.mark.parametrize(
    "start",
    [f"{SITE}/", f"{SITE}/?map=", f"{SITE}/#", "https://www.google.com/maps/", "https://www.google.com/maps/embed?pb=",
     "https://www.google.com/maps?q=", "https://www.google.com/url?q=https://", "https://www.bing.com/maps?sp=",
     "https://yandex.ru/maps/?ll=", "https://zoom.earth/#view=", "geo:0,0?q="],
)  # fmt: skip
def test_hostile_text_is_answered_at_once(start, piece):
    text = (start + piece * MAX_LENGTH)[:MAX_LENGTH]
    started = time.process_time()
    try:
        read_link(text)
    except ScaleError as error:
        assert str(error).endswith(".")
    assert time.process_time() - started < 0.2
