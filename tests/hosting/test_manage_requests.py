"""Events of 'Your folders' sent to the real page by what is not the page: none does anything."""

import json
import re

import httpx
import pytest

from benchmarks.server import serve
from tests.fakes.mixed_folder import write_photos
from tests.fakes.own_place import own_place
from tests.fakes.small_network import write_small_network

MANAGING = ("add", "update", "stop", "remove", "look", "opened")
REFUSED = "managed only on the page itself"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with own_place(tmp_path_factory.mktemp("manage")) as folder:
        write_small_network(folder)
        write_photos(folder / "private", ["one.jpg", "two.jpg", "three.jpg"])
        yield folder


@pytest.fixture(scope="module")
def managed(place):
    with serve("--artifacts", str(place / "first"), "--manage", "--mcp") as server:
        yield server.address


def events(address):
    """The events by their names, each with its number and how many values it takes."""
    config = httpx.get(f"{address}/config").json()
    return {each["api_name"]: each for each in config["dependencies"]}


def send(address, event, data, **headers):
    """Send an event as the page's own script does, but for some headers; None leaves one out."""
    given = {"Origin": address, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"data": data, "fn_index": event["id"], "session_hash": "a"}
    kept = {name: value for name, value in given.items() if value is not None}
    with httpx.Client(headers=kept) as client:
        return client.post(f"{address}/gradio_api/run/predict", content=json.dumps(sent))


def listed(address):
    """What the page says of the folders."""
    answer = send(address, events(address)["look"], [None])
    assert answer.status_code == 200, answer.text
    return next(each for each in answer.json()["data"] if isinstance(each, dict) and "folders" in each)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": None}, {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"}, {"X_Forwarded_For": "127.0.0.1"},
        {"Origin": "http://evil.example", "Sec_Fetch_Site": None}, {"Via": "1.1 proxy"},
    ],
)  # fmt: skip
def test_another_sites_events_are_refused(managed, place, headers):
    known = events(managed)
    for name, data in (
        ("add", [str(place / "private"), "", "none"]), ("update", [{"name": "private"}]), ("stop", [None]),
        ("remove", ["first", "first", "first", {"name": "private"}]), ("look", [None]),
    ):  # fmt: skip
        answer = send(managed, known[name], data, **headers)
        assert answer.status_code == 500
        assert REFUSED in answer.text
        assert str(place) not in answer.text
    now = listed(managed)
    assert (now["job"], now["folders"]) == (None, [])


def test_a_foreign_name_is_refused_before_all_else(managed, place):
    answer = send(
        managed, events(managed)["add"], [str(place / "private"), "", "none"],
        Host="evil.example", Origin="http://evil.example",
    )  # fmt: skip
    assert answer.status_code == 421
    assert listed(managed)["folders"] == []


def test_another_site_may_not_read_an_answer_nor_ask_to(managed):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    allowed = httpx.options(f"{managed}/gradio_api/run/predict", headers=asked).headers
    assert "access-control-allow-origin" not in allowed
    plain = send(managed, events(managed)["look"], [None], Content_Type="text/plain")
    assert plain.status_code == 422  # what needs no asking is not read


def test_the_page_may_not_be_shown_in_a_frame_of_others(managed):
    policy = httpx.get(managed).headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy.split(";")[-1].strip()
    assert "huggingface" not in policy


def test_whoever_opens_the_page_otherwise_is_told_nothing(managed):
    answer = send(managed, events(managed)["opened"], [], Origin="https://evil.example")
    assert answer.status_code == 200
    assert "version" not in answer.text


def test_the_queue_and_programs_have_no_way_to_them(managed):
    event = events(managed)["add"]
    own = {"Origin": managed, "Sec-Fetch-Site": "same-origin"}
    sent = {"data": ["/", "", "none"], "fn_index": event["id"], "session_hash": "a"}
    joined = httpx.post(f"{managed}/gradio_api/queue/join", json=sent, headers=own)
    assert "no such event" in joined.text
    for way in ("call/add", "api/add", "call/v2/add"):
        answer = httpx.post(f"{managed}/gradio_api/{way}", json={"data": ["/", "", "none"]})
        assert answer.status_code >= 400, (way, answer.text)
    named = httpx.get(f"{managed}/gradio_api/info").json()["named_endpoints"]
    assert not {f"/{name}" for name in MANAGING} & set(named)
    tools = httpx.get(f"{managed}/gradio_api/mcp/schema").json()
    assert len(tools) == 4
    assert listed(managed)["folders"] == []


def test_faults_are_said_and_nothing_begins(managed, place):
    add = events(managed)["add"]
    for typed, words in (
        ("/", "whole disk"), ("photos", "does not say where"), ("", "Type the path"),
        (str(place / "nowhere"), "There is no folder"), ("<img src=x>", "does not say where"),
    ):  # fmt: skip
        answer = send(managed, add, [typed, "", "none"])
        assert answer.status_code == 200
        assert words in answer.text
        assert not re.search(r"(?<!\\)<img", answer.text)  # Markdown, in which the sign is escaped
    for data in (["/"], [{"a": 1}, [], 3], ["/tmp", "", "secret"]):
        assert send(managed, add, data).status_code >= 400
    assert listed(managed)["folders"] == []


def test_without_the_option_there_are_no_such_events(place):
    with serve("--artifacts", str(place / "first")) as server:
        known = events(server.address)
        assert not set(MANAGING) & set(known)
        assert "Your folders" not in httpx.get(server.address).text
        beyond = {"id": max(each["id"] for each in known.values()) + 1}
        for number in (beyond, {"id": 10_000}):
            answer = send(server.address, number, [str(place / "private"), "", "none"])
            assert answer.status_code >= 400
    assert not (place / "cache" / "collections").exists()
