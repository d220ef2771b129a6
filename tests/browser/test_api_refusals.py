"""Bad calls of the endpoints, over every way in: each is answered by a sentence that never repeats it."""

from __future__ import annotations

import base64
import json

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from tests.fakes import event_loop

LONG = "A" * 200_000  # as a small photo is in base64; a larger one is refused unread
FILE = {"_type": "gradio.FileData"}

#: Of an endpoint: what is sent, and what the answer names.
BAD = [
    ("neighbours_of", ["harbor03", "3.5", "scenes"], "'k'"),
    ("neighbours_of", ["harbor03", True, "scenes"], "'k'"),
    ("neighbours_of", ["harbor03", None, "scenes"], "'k'"),
    ("neighbours_of", ["harbor03", [3], "scenes"], "'k'"),
    ("neighbours_of", ["harbor03", {"k": 3}, "scenes"], "'k'"),
    ("neighbours_of", ["harbor03", 10**400, "scenes"], "'k'"),
    ("neighbours_of", ["harbor03", LONG, "scenes"], "'k'"),
    ("neighbours_of", ["harbor03", 3, ["scenes"]], "'collection' has to be one of these"),
    ("neighbours_of", ["harbor03", 3, LONG], "'collection'"),
    ("neighbours_of", [LONG, 3, "scenes"], "'id'"),
    ("neighbours_of", [{"id": "harbor03"}, 3, "scenes"], "'id'"),
    ("neighbours_of", ["\ud800", 3, "scenes"], "There is no photo '?' in Generated scenes"),
    ("neighbours_of", ["harbor03"], "In their order they are: id, k, collection"),
    ("neighbours_of", [], "takes 3 arguments, and got 0"),
    ("search", ["/etc/passwd", 3, "scenes", 0], "'image' has to be an upload"),
    ("search", [f"data:image/png;base64,{LONG}", 3, "scenes", 0], "'image' has to be an upload"),
    ("search", [{"path": LONG}, 3, "scenes", 0], "not a file that was uploaded here"),
    ("search", [{"path": "/etc/passwd", "meta": FILE}, 3, "scenes", 0], "uploaded here"),
    ("search", [{"path": "http://127.0.0.1:9/", "meta": FILE}, 3, "scenes", 0], "could not be fetched"),
    ("embed", [None, 0], "There is no image"),
    ("embed", [None, "many"], "There is no image"),
]  # fmt: skip


@pytest.fixture(scope="module")
def http(page_url: str):
    headers = {"Content-Type": "application/json"}
    with httpx.Client(base_url=f"{page_url}/gradio_api", headers=headers, timeout=60) as client:
        yield client


def told(http: httpx.Client, endpoint: str, data: object) -> str:
    """What a call in two steps is answered: the whole answer."""
    event = http.post(f"/call/{endpoint}", content=json.dumps({"data": data})).json()["event_id"]
    return http.get(f"/call/{endpoint}/{event}").text


@pytest.mark.parametrize(("endpoint", "data", "sentence"), BAD)
def test_a_bad_argument_is_named(http, endpoint, data, sentence):
    answer = told(http, endpoint, data)
    assert answer.startswith("event: error")
    assert sentence in json.loads(answer.split("data: ", 1)[1])["error"]
    assert len(answer) < 1500

    direct = http.post(f"/run/{endpoint}", content=json.dumps({"data": data}))  # past the queue
    assert direct.status_code in (404, 500)
    assert sentence in direct.text or "join the queue" in direct.json()["detail"]
    assert len(direct.content) < 1500


def test_numbers_may_be_written_as_text(page_url, tmp_path):
    client = Client(page_url, verbose=False)
    answer = client.predict(id="harbor03", k="3", collection="scenes", api_name="/neighbours_of")
    assert len(answer["neighbours"]) == 3
    photo = handle_file("examples/queries/harbor.webp")
    answer = client.predict(photo, "2.0", "scenes", "0.3", api_name="/search")
    assert len(answer["neighbours"]) == 2
    with pytest.raises(AppError, match="'k' has to be a whole number"):
        client.predict(id="harbor03", k="3.5", collection="scenes", api_name="/neighbours_of")


@pytest.mark.parametrize("way", ["call", "run", "call/v2"])
@pytest.mark.parametrize(
    "body", ["", "no json", "[1]", "{}", json.dumps({"detail": LONG}), json.dumps([LONG])]
)
def test_a_body_that_is_no_call_is_told_what_is(http, way, body):
    answer = http.post(f"/{way}/search", content=body)
    assert answer.status_code == 422
    assert len(answer.json()["error"]) > 20
    assert len(answer.content) < 1500


@pytest.mark.parametrize("way", ["call", "run", "call/v2"])
def test_a_name_that_no_endpoint_has_is_answered(http, way):
    answer = http.post(f"/{way}/nowhere", json={"data": []})
    assert answer.status_code == 404
    assert "There is no endpoint of this name" in answer.json()["error"]


def test_an_argument_is_named_that_is_missing_or_unknown_by_name(http):
    assert http.post("/call/v2/search", json={"k": 1}).json()["error"] == "The argument 'image' is missing."
    answer = http.post("/call/v2/search", json={LONG: 1})
    assert "no argument of a name that was given" in answer.json()["error"]
    assert len(answer.content) < 1500


def test_the_pages_own_events_say_a_sentence_too_in_the_language_of_the_page(page_url):
    config = httpx.get(f"{page_url}/config").json()
    buttons = {each["id"] for each in config["components"] if each["props"].get("file_count") == "multiple"}
    stolen = [{"path": "/etc/passwd", "meta": FILE}]
    taking = [each for each in config["dependencies"] if buttons & set(each["inputs"])]
    assert taking
    for path, sentence in (
        ("", "not a file that was uploaded here"),
        ("/ro", "nu este un fișier încărcat aici"),
    ):
        for event in taking:
            data = [stolen if each in buttons else None for each in event["inputs"]]
            assert sentence in told_by_event(f"{page_url}{path}/gradio_api", event["id"], data)


def told_by_event(api: str, number: int, data: list) -> str:
    """What the queue answers a caller who names an event of the page by its number: the error."""
    session = f"refused{number}"
    httpx.post(f"{api}/queue/join", json={"data": data, "fn_index": number, "session_hash": session})
    with httpx.stream("GET", f"{api}/queue/data", params={"session_hash": session}, timeout=60) as answer:
        for line in answer.iter_lines():
            if "process_completed" in line:
                return json.loads(line.removeprefix("data:"))["output"]["error"]
    return ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JSON, max_size=4))
def test_whatever_is_sent_is_answered_by_an_answer_or_a_sentence(http, data):
    answer = told(http, "neighbours_of", data)
    event, line = answer.strip().split("\n", 1)
    answered = json.loads(line.removeprefix("data: "))
    assert answered[0]["neighbours"] if event == "event: complete" else answered["error"]
    assert len(answer) < 20_000


def test_a_bad_argument_of_a_tool_is_named_and_not_repeated(page_url):
    image = "data:image/webp;base64," + base64.b64encode(b"no image").decode()
    calls = [
        ("search", {"image": image, "k": LONG}, "'k' has to be a whole number"),
        ("search", {"image": image, "k": "3.5"}, "'k' has to be a whole number"),
        ("search", {"image": LONG}, "'image' has to be a URL"),
        ("search", {"image": f"data:image/png;base64,{LONG}!"}, "'image' has to be a URL"),
        ("search", {"image": {"path": "/etc/passwd"}}, "'image' has to be a URL"),
        ("search", {"k": 3}, "There is no image"),
        ("search", {"image": image, "collection": LONG}, "'collection' has to be one of these names"),
        ("search", {"image": image, LONG: 3}, "takes the arguments image, k, collection, metres_per_pixel"),
        ("search", {"image": image, "metres_per_pixel": [LONG]}, "'metres_per_pixel' has to be a number"),
        ("search", {"image": image}, "not an image that can be read"),
        ("search", {"image": "http://127.0.0.1:9/a.png"}, "could not be fetched"),
        ("neighbours_of", {"id": LONG}, "'id' has to be a text"),
        ("neighbours_of", {}, "'id' has to be a text"),
        ("nowhere" + LONG, {}, "There is no tool of this name"),
    ]

    async def answers() -> list[tuple[str, bool, str]]:
        async with (
            streamable_http_client(f"{page_url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            results = [(sentence, await session.call_tool(name, given)) for name, given, sentence in calls]
            read_as_numbers = await session.call_tool("neighbours_of", {"id": "harbor03", "k": "2"})
            assert not read_as_numbers.isError
            return [(sentence, result.isError, result.content[0].text) for sentence, result in results]

    for sentence, is_error, text in event_loop.run(answers()):
        assert is_error
        assert sentence in text
        assert len(text) < 500
