"""Callers who are slow, or say nothing, do not hold their places for long."""

import asyncio
import contextlib
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ui.hosting import connections
from ui.hosting.connections import SlowBodies, close_silent


async def length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def late(request: Request) -> PlainTextResponse:
    await asyncio.sleep(1.0)
    return PlainTextResponse("late")


@pytest.fixture(scope="module")
def port():
    """A server that gives up on a body after 0.4 s of silence, and on a connection after 0.4 s."""
    application = Starlette(
        routes=[Route("/length", length, methods=["POST"]), Route("/late", late)],
        middleware=[Middleware(SlowBodies, seconds=0.4)],
    )
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="critical", timeout_keep_alive=60))

    async def serve():
        watching = asyncio.create_task(close_silent(server, seconds=0.4, every=0.1))
        await server.serve()
        watching.cancel()

    thread = threading.Thread(target=asyncio.run, args=[serve()], daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


def told(port: int, sent: bytes, then: bytes = b"") -> bytes:
    """What the server answers before it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(sent)
        if then:
            time.sleep(0.1)
            connection.sendall(then)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(4096):
                received += part
        return received


BEGINNING = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET /late HTTP/1.1\r\nHost: x\r\nX-Never: "])
def test_a_request_that_does_not_come_is_given_up(port, sent):
    assert told(port, sent) == b""


def test_the_rest_of_a_body_that_does_not_come_is_given_up_with_a_sentence(port):
    answer = told(port, BEGINNING + b"12345")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"The rest of this request did not come" in answer


def test_a_body_that_comes_in_pieces_is_read(port):
    answer = told(port, BEGINNING + b"12345", b"67890")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"10")


def test_an_answer_may_take_longer_than_a_request(port):
    assert httpx.get(f"http://127.0.0.1:{port}/late", trust_env=False).text == "late"


def test_a_running_page_has_the_limits(public):
    limits = Path(f"/proc/{public.process.pid}/limits").read_text().splitlines()
    files = next(line for line in limits if line.startswith("Max open files"))
    assert int(files.split()[3]) > connections.MAX_CONNECTIONS
