"""Requests are bounded before Gradio reads them."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.fakes.event_loop import run
from ui.i18n import use_language
from ui.limits import requests
from ui.limits.requests import EVENT_BYTES, RequestLimits


def test_a_body_that_says_it_is_too_long_is_not_read(served):
    body = b'{"data": ["' + b"x" * EVENT_BYTES + b'"]}'
    for path in ("queue/join", "run/choose", "call/search", "call/v2/search"):
        answer = served.client.post(
            f"/gradio_api/{path}", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
        assert answer.json()["error"] == "This request is too large: at most 0.25 MB are read."


def test_a_body_that_does_not_say_it_is_too_long_is_read_so_far(served):
    read = 0

    def parts():
        nonlocal read
        yield b'{"data": ["'
        for _ in range(200):
            read += 1
            yield b"x" * 1_000_000

    answer = served.client.post(
        "/gradio_api/call/search", content=parts(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert "too large" in answer.json()["error"]


def limited(work):
    return RequestLimits(Starlette(routes=[Route("/gradio_api/run/{name}", work, methods=["POST"])]), None)


async def asked(app, address="198.51.100.1", body=None, send=None):
    """The answer to an event without a queue, whose body comes when it is there."""
    sent = []

    async def receive():
        if body is not None:
            await body.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def collect(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/ro/gradio_api/run/x", "headers": [],
        "root_path": "/ro", "query_string": b"", "client": (address, 1),
    }  # fmt: skip
    with use_language("ro"):
        await app(scope, receive, send or collect)
    return (sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]) if sent else None


async def settle():
    for _ in range(50):
        await asyncio.sleep(0)


def test_events_without_a_queue_run_a_few_at_a_time_and_a_flood_is_refused(monkeypatch):
    monkeypatch.setattr(requests, "RUNNING", 2)
    monkeypatch.setattr(requests, "WAITING", 3)
    running, most, ends = 0, 0, asyncio.Event()

    async def work(_):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await ends.wait()
        running -= 1
        return PlainTextResponse("done")

    app = limited(work)

    async def scene():
        flood = [asyncio.create_task(asked(app)) for _ in range(10)]
        await asyncio.sleep(0.05)
        other = asyncio.create_task(asked(app, "203.0.113.9"))
        await asyncio.sleep(0.05)
        ends.set()
        return await asyncio.gather(*flood), await other

    flood, other = run(scene())
    assert most == 2
    assert other[0] == 200
    assert sorted(status for status, _, _ in flood) == [200] * 4 + [429] * 6
    refused = next(answer for answer in flood if answer[0] == 429)
    assert refused[1][b"retry-after"] == b"2"
    assert json.loads(refused[2])["error"].startswith("Prea mulți")


def test_who_sends_no_body_or_takes_no_answer_has_no_place():
    done = []

    async def work(_):
        done.append(1)
        return PlainTextResponse("done")

    async def scene():
        app, comes, takes = limited(work), asyncio.Event(), asyncio.Event()

        async def slow(message):
            await takes.wait()

        visitors = [f"198.51.100.{number}" for number in range(20)]
        silent = [asyncio.create_task(asked(app, visitor, comes)) for visitor in visitors]
        readers = [asyncio.create_task(asked(app, visitor, send=slow)) for visitor in visitors]
        await settle()
        assert len(done) == 20  # those who take no answer have one
        other = asyncio.create_task(asked(app, "203.0.113.9"))
        await settle()
        assert other.done()
        comes.set()
        takes.set()
        await asyncio.gather(*silent, *readers)
        assert len(done) == 41

    run(scene())


def test_one_visitor_has_some_of_the_places_and_others_the_rest():
    running, ends = [], asyncio.Event()

    async def work(request):
        running.append(request.client.host)
        await ends.wait()
        return PlainTextResponse("done")

    async def scene():
        app = limited(work)
        tasks = [asyncio.create_task(asked(app)) for _ in range(20)]
        await settle()
        tasks.append(asyncio.create_task(asked(app, "203.0.113.9")))
        await settle()
        assert running == ["198.51.100.1"] * requests.EACH_RUNNING + ["203.0.113.9"]
        ends.set()
        await asyncio.gather(*tasks)

    run(scene())


def test_who_goes_away_before_his_body_is_there_has_nothing_done():
    done = []

    async def work(_):
        done.append(1)
        return PlainTextResponse("done")

    async def gone():
        return {"type": "http.disconnect"}

    async def scene():
        scope = {
            "type": "http", "method": "POST", "path": "/gradio_api/run/x", "headers": [],
            "root_path": "", "query_string": b"", "client": ("198.51.100.1", 1),
        }  # fmt: skip
        with pytest.raises(ClientDisconnect):  # `ui.hosting.connections` answers it
            await limited(work)(scope, gone, None)

    run(scene())
    assert not done


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info"])
def test_all_else_passes(served, path):
    assert served.client.get(path).status_code == 200
