"""A search has an address, and the address gives the same search back."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.query import (
    DEFAULT_NEIGHBOURS,
    FIELDS,
    MAX_NEIGHBOURS,
    MAX_PHOTOS,
    Filters,
    PhotoRef,
    Query,
    QueryError,
    checked_area,
)

NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)  # as a manifest allows them
TEXTS = st.text(min_size=1, max_size=12) | st.sampled_from(
    [
        "a/b",
        "/",
        "//",
        "..",
        "&id=x",
        "a=b",
        "k",
        "a+b",
        "a b",
        "%2F",
        "%",
        "#",
        "?",
        "ș/ț",
        "海 岸",
        '"><script>',
    ]
)
PHOTOS = st.builds(PhotoRef, NAMES, TEXTS)


def several(what, most=4):
    return st.lists(what, max_size=most, unique=True).map(tuple)


QUERIES = st.builds(
    Query,
    collection=NAMES,
    stored=several(PHOTOS),
    uploads=several(TEXTS),
    relevant=several(PHOTOS),
    irrelevant=several(PHOTOS),
    k=st.integers(1, MAX_NEIGHBOURS),
    filters=st.builds(
        Filters,
        classes=several(TEXTS),
        max_distance=st.none() | st.integers(0, 200).map(lambda number: number / 100),
        deduplicate=st.booleans(),
    ),
)


@given(QUERIES)
def test_an_address_gives_the_query_back(query):
    assert Query.parse(query.address()) == query
    assert Query.parse(f"?{query.address()}") == query


@given(QUERIES, NAMES)
def test_a_link_that_says_of_which_collection_it_is_does_not_depend_on_which_is_usual(query, usual):
    assert Query.parse(query.address(), usual) == query


@given(QUERIES, NAMES)
def test_photos_of_the_collection_that_is_searched_need_not_say_so(query, other):
    for photo in query.stored:
        moved = replace(query, stored=(photo,), collection=photo.collection)
        assert Query.parse(moved.address()).stored == (photo,)
        elsewhere = replace(moved, collection=f"{photo.collection}-{other}")
        assert Query.parse(elsewhere.address()).stored == (photo,)


@given(QUERIES)
def test_an_address_has_nothing_that_ends_a_link_or_an_attribute(query):
    address = query.address()
    assert not set(address) & set("\"'<> #?\n\\`{}")
    assert address.isascii()
    assert {name for name, _ in parse_qsl(address)} <= set(FIELDS)


@given(st.text())
def test_any_text_is_a_query_or_refused_in_a_sentence(text):
    try:
        query = Query.parse(text)
    except QueryError as error:
        assert str(error).endswith(".")
    else:
        assert 1 <= query.k <= MAX_NEIGHBOURS
        assert Query.parse(query.address(), query.collection).k == query.k


@given(st.floats(0, 2))
def test_a_distance_comes_back_to_six_digits(distance):
    query = Query("scenes", filters=Filters(max_distance=distance))
    assert Query.parse(query.address()).filters.max_distance == pytest.approx(distance, rel=1e-5)


def test_an_address_is_short_and_can_be_read():
    query = Query("scenes", (PhotoRef("scenes", "harbor03"), PhotoRef("ucmerced", "beach12")), k=20)
    assert query.address() == "collection=scenes&id=harbor03&id=ucmerced/beach12&k=20"
    refined = Query("scenes", uploads=("x_-Y",), filters=Filters(("beach", "river"), 0.5, True))
    assert refined.address() == "collection=scenes&photo=x_-Y&class=beach&class=river&max=0.5&distinct=1"


def test_a_link_without_a_collection_means_the_usual_one():
    query = Query.parse("id=harbor03&right=beach00&wrong=other/beach01", "scenes")
    assert query.collection == "scenes"
    assert query.stored == (PhotoRef("scenes", "harbor03"),)
    assert query.relevant == (PhotoRef("scenes", "beach00"),)
    assert query.irrelevant == (PhotoRef("other", "beach01"),)


def test_what_browsers_and_gradio_add_to_a_link_is_passed_over():
    plain = Query.parse("collection=scenes&id=harbor03&k=5")
    assert Query.parse("utm_source=x&__theme=dark&collection=scenes&id=harbor03&k=5&language=ro") == plain


def test_a_photo_that_is_named_twice_counts_once():
    query = Query.parse("collection=scenes&id=harbor03&id=scenes/harbor03&id=harbor03&photo=a&photo=a")
    assert query.stored == (PhotoRef("scenes", "harbor03"),)
    assert query.uploads == ("a",)


@pytest.mark.parametrize("address", ["", "?", "k=3", "id=", "&&&", "right=beach00", "class=beach&max=1"])
def test_a_link_that_names_no_photo_looks_for_nothing(address):
    assert Query.parse(address).is_empty


@pytest.mark.parametrize("address", ["id=a", "photo=a"])
def test_a_link_that_names_a_photo_looks_for_it(address):
    assert not Query.parse(address).is_empty


@pytest.mark.parametrize(
    ("text", "k"),
    [("0", 1), ("-7", 1), ("101", 100), ("inf", 100), ("1e999", 100), ("3.4", 3), ("", DEFAULT_NEIGHBOURS)],
)
def test_a_number_of_neighbours_out_of_range_is_brought_into_it(text, k):
    assert Query.parse(f"id=a&k={text}").k == k


@pytest.mark.parametrize(("text", "most"), [("-1", 0.0), ("3", 2.0), ("inf", 2.0), ("0.25", 0.25)])
def test_a_distance_out_of_range_is_brought_into_it(text, most):
    assert Query.parse(f"id=a&max={text}").filters.max_distance == most


@pytest.mark.parametrize("text", ["ten", "nan", "1,5", "0x10", "<b>", "1 2"])
@pytest.mark.parametrize("name", ["k", "max"])
def test_what_is_no_number_is_refused_and_named(name, text):
    with pytest.raises(QueryError) as refused:
        Query.parse(f"id=a&{name}={text}")
    assert str(refused.value) == f"In this link, {name} is '{text}', and has to be a number."
    assert refused.value.message.template == "In this link, {name} is '{value}', and has to be a number."
    assert refused.value.message.values == {"name": name, "value": text}


@pytest.mark.parametrize("names", [("id",), ("photo",), ("right",), ("wrong",), ("id", "photo")])
def test_too_many_photos_are_refused(names):
    def link(count):
        return "&".join(f"{names[number % len(names)]}=a{number}" for number in range(count))

    Query.parse(link(MAX_PHOTOS))
    with pytest.raises(QueryError, match=rf"too many photos: {MAX_PHOTOS} at most\.$"):
        Query.parse(link(MAX_PHOTOS + 1))


@pytest.mark.parametrize("text", ["0", ""])
def test_near_duplicates_are_hidden_only_if_the_link_says_so(text):
    assert not Query.parse(f"id=a&distinct={text}").filters.deduplicate
    assert Query.parse("id=a&distinct=1").filters.deduplicate


@given(st.text(st.characters(), max_size=60), st.sampled_from([*FIELDS, "other"]))
def test_whatever_stands_in_an_address_ends_in_a_query_that_can_be_written_or_a_sentence(text, field):
    for address in (text, f"{field}={text}", f"?collection=a&id=b&{field}={text}&{text}"):
        try:
            query = Query.parse(address)
        except QueryError as error:  # noqa: PERF203
            str(error).encode()
            assert len(str(error)) < 500
        else:
            again = Query.parse(query.address(), query.collection)
            assert again.address().encode() == query.address().encode()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("id=" + "a" * 20_000, "This link has 20,003 characters, too many for a search."),
        ("a&" * 8000, "characters, too many|fields, too many"),
        ("&".join(f"id={number}" for number in range(1000)), "more than 500 fields"),
        ("&".join(f"id={number}" for number in range(21)), "too many photos"),
        ("k=\ud800", r"k is '\?', and has to be a number"),
        ("k=" + "x" * 9000, "has to be a number"),
        ("k=nan", "has to be a number"),
    ],
)
def test_what_is_no_address_is_told_shortly(address, sentence):
    with pytest.raises(QueryError, match=sentence) as told:
        Query.parse(address)
    assert len(str(told.value).encode()) < 500


@pytest.mark.parametrize("number", ["1e999", "9" * 5000, "-1e999", "1_0", "0x10", "\u0661"])
def test_a_huge_or_odd_number_is_a_number_in_the_range_or_a_sentence(number):
    try:
        query = Query.parse(f"id=a&k={number}&max={number}")
    except QueryError as error:
        assert "has to be a number" in str(error)
    else:
        assert 1 <= query.k <= MAX_NEIGHBOURS
        assert 0 <= query.filters.max_distance <= 2


@pytest.mark.parametrize("bytes_", ["%FF%FE", "%ED%A0%80", "%00", "%", "%zz", "%F0%9F"])
def test_bytes_that_are_no_utf_8_are_shown_as_what_cannot_be_read(bytes_):
    query = Query.parse(f"collection=scenes&id={bytes_}&class={bytes_}")
    query.address().encode()
    assert query.stored[0].id


def test_half_a_character_in_an_address_is_a_name_that_nobody_has():
    for address in ("collection=scenes&id=\ud800", "collection=\ud800", "collection=scenes&class=\udfff"):
        assert Query.parse(Query.parse(address).address()) == Query.parse(address)


@settings(max_examples=100, deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
def test_an_area_comes_back_to_a_metre_from_its_address(west, south, east, north):
    area = checked_area((west, min(south, north), east, max(south, north)))
    assert area == pytest.approx((west, min(south, north), east, max(south, north)), abs=6e-6)
    address = Query("scenes", filters=Filters(area=area)).address()
    assert Query.parse(address).filters.area == area
    assert all(len(number.partition(".")[2]) <= 5 for number in address.partition("area=")[2].split(","))


def test_an_area_is_written_short():
    query = Query("scenes", filters=Filters(area=checked_area((26.05, 44.4, 26.1500001, 44.0 + 1))))
    assert query.address() == "collection=scenes&area=26.05,44.4,26.15,45"
    assert checked_area((-0.000001, 0, 0, 0)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "text",
    ["1,2,3", "1,2,3,4,5", "1,2,3," + "4" * 5000, "a,b,c,d", "nan,0,1,1", "inf,0,1,1", "181,0,1,1", "0,2,1,1",
     "0,0,1,91", "0,0,1,1e400", "0;0;1;1", ",,,", "0x1,0,1,1", "1" * 9000],
)  # fmt: skip
def test_an_area_that_is_none_is_refused_in_a_sentence(text):
    with pytest.raises(QueryError, match="An area is written as west, south, east and north") as caught:
        Query.parse(f"collection=scenes&id=a&area={text}")
    assert text not in str(caught.value)


def test_an_empty_area_is_none():
    assert Query.parse("id=a&area=").filters.area is None
