"""Requests are bounded before Gradio reads them."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
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
        assert answer.json()["error"] == "This request is too large: at most 4 MB are read."


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

    app = RequestLimits(Starlette(routes=[Route("/gradio_api/run/{name}", work, methods=["POST"])]), None)

    async def asked(address):
        sent = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/ro/gradio_api/run/x", "headers": [],
            "root_path": "/ro", "query_string": b"", "client": (address, 1),
        }  # fmt: skip
        with use_language("ro"):
            await app(scope, receive, send)
        return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]

    async def scene():
        flood = [asyncio.create_task(asked("198.51.100.1")) for _ in range(10)]
        await asyncio.sleep(0.05)
        other = asyncio.create_task(asked("203.0.113.9"))
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


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info"])
def test_all_else_passes(served, path):
    assert served.client.get(path).status_code == 200
