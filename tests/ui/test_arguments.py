"""The arguments of the endpoints: what is taken, and that all else is answered by one sentence naming it."""

from __future__ import annotations

import base64
import math

import gradio as gr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui import arguments

#: Whatever JSON can hold, as Python reads it: NaN and infinity among it, and halves of pairs of UTF-16.
ANY_TEXT = st.text(st.characters(), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)

CHECKS = {
    "k": arguments.whole_number(1, 100),
    "metres_per_pixel": arguments.number,
    "id": arguments.text,
    "collection": arguments.one_of(lambda: ["ucmerced", "scenes"], "scenes"),
    "image": arguments.image,
}


@pytest.mark.parametrize(
    ("given_value", "read"), [(3, 3), (3.0, 3), ("3", 3), ("3.0", 3), (" 3 ", 3), ("1e1", 10), (100, 100)]
)
def test_a_whole_number_may_be_written_as_text(given_value, read):
    assert CHECKS["k"]("k", given_value) == read


@pytest.mark.parametrize(("given_value", "read"), [("0.3", 0.3), ("3", 3.0), (".5", 0.5), (0, 0), ("-1", -1)])
def test_a_number_may_be_written_as_text(given_value, read):
    assert CHECKS["metres_per_pixel"]("metres_per_pixel", given_value) == read


@pytest.mark.parametrize("name", ["k", "metres_per_pixel"])
@pytest.mark.parametrize(
    "value",
    [
        True, False, None, math.nan, math.inf, 10**400, "NaN", "inf", "1_0", "", "many", [3], {"k": 3}, "٣",
        "9" * 999,
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_by_name(name, value):
    with pytest.raises(gr.Error, match=f"^\"'{name}' has to be a"):
        CHECKS[name](name, value)


@pytest.mark.parametrize("value", ["3.5", 3.5, 0, -1, 101, 1e99])
def test_what_is_no_whole_number_in_the_range_is_refused(value):
    with pytest.raises(gr.Error, match="'k' has to be a whole number from 1 to 100"):
        CHECKS["k"]("k", value)


def test_the_names_that_there_are_are_told():
    with pytest.raises(gr.Error, match="one of these names: ucmerced, scenes"):
        CHECKS["collection"]("collection", "nowhere")
    assert CHECKS["collection"]("collection", "") == "scenes"


@pytest.mark.parametrize(
    "value", ["/etc/passwd", "iVBORw0KGgo=", ["a.png"], {"url": "https://a.org/b.png"}, 3]
)
def test_an_image_that_is_no_upload_is_told_what_is(value):
    with pytest.raises(gr.Error, match="send the file to /gradio_api/upload"):
        CHECKS["image"]("image", value)


def test_a_public_url_is_taken_where_it_is_called_a_file():
    sent = {"path": "https://a.org/b.png", "meta": {"_type": "gradio.FileData"}, "url": "file:///etc/passwd"}
    assert CHECKS["image"]("image", sent) == {"path": sent["path"], "meta": sent["meta"]}


@pytest.mark.parametrize(
    "value",
    [
        "/etc/passwd", "file:///etc/passwd", "data:,hello", "data:image/png;base64,***", "data:", 3,
        "data:image/png;base64," + "A" * 34_000_000, "https://" + "a" * 5000,
    ],
)  # fmt: skip
def test_an_image_of_a_tool_is_a_url(value):
    with pytest.raises(gr.Error, match=r"'image' has to be a URL: .* A path is not read") as refused:
        arguments.image_of_tool("image", value)
    assert len(str(refused.value)) < 300


def test_the_bytes_of_an_image_of_a_tool_are_taken():
    url = "data:image/webp;base64," + base64.b64encode(b"hello").decode()
    assert arguments.image_of_tool("image", url) == url


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(CHECKS)), JSON)
def test_whatever_is_given_is_taken_or_refused_in_a_short_sentence(name, value):
    try:
        CHECKS[name](name, value)
    except gr.Error as error:
        assert name in error.message or "uploaded here" in error.message
        assert len(error.message) < 400
        error.message.encode()  # it can be sent


def test_the_number_of_arguments_is_checked():
    with pytest.raises(gr.Error, match="takes 5 arguments, and got 1"):
        arguments.checked(CHECKS, [3])
