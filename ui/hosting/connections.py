"""Limits on connections: how many, and how long one may hold its place without asking for anything.

A proxy in front of the page (docs/deploy.md) keeps slow callers away before they come here. Without one these
limits see to it that they end.
"""

from __future__ import annotations

import asyncio
import resource
import time
from typing import Any
from weakref import WeakKeyDictionary

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: More are refused with 503. Each open page holds one, and one more while it waits for an answer.
MAX_CONNECTIONS = 1000

#: Files and connections that the process may have open; what the system allows, if that is less.
OPEN_FILES = 4096

#: Seconds that an answered connection waits for the next request.
KEEP_ALIVE_SECONDS = 15

#: Seconds within which a request has to have arrived, up to its body.
HEADER_SECONDS = 20.0

#: Seconds that a stopped server gives connections to close.
CLOSING_SECONDS = 3


def limit(server: Any) -> None:  # noqa: ANN401 - uvicorn's server, made by Gradio
    """Set the limits of a running server. New connections read them as they come."""
    server.config.limit_concurrency = MAX_CONNECTIONS
    server.config.timeout_keep_alive = KEEP_ALIVE_SECONDS
    server.config.timeout_graceful_shutdown = CLOSING_SECONDS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def close_silent(server: Any, seconds: float = HEADER_SECONDS, every: float = 5.0) -> None:  # noqa: ANN401
    """Close connections that ask for nothing, again and again until cancelled.

    uvicorn has no limit of its own on how long a request may take to arrive (in 0.54).
    """
    silent: WeakKeyDictionary[Any, tuple[int, float]] = WeakKeyDictionary()
    while True:
        await asyncio.sleep(every)
        for connection in list(server.server_state.connections):
            request = getattr(connection, "cycle", None)
            if request is not None and not request.response_complete:
                silent.pop(connection, None)
                continue
            before = silent.get(connection)
            if before is None or before[0] != id(request):
                silent[connection] = (id(request), time.monotonic())
            elif time.monotonic() - before[1] > seconds and connection.transport is not None:
                connection.transport.close()


class SlowBodies:
    """Middleware: gives up on a request whose body does not come.

    Args:
        app: Answers.
        seconds: The longest wait for the next piece.
    """

    def __init__(self, app: ASGIApp, seconds: float = 30.0) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        whole = started = late = False

        async def in_time() -> Message:
            nonlocal whole, late
            if whole:  # what comes next is that the caller has gone, which may take its time
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self.seconds)
            except asyncio.TimeoutError:
                late = True
                return {"type": "http.disconnect"}
            whole = not message.get("more_body", False)
            return message

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, in_time, noting)
        except ClientDisconnect:  # it is no fault, and nobody has to read of it
            if late and not started:
                sentence = "The rest of this request did not come: send it again."
                await PlainTextResponse(sentence, 408, {"Connection": "close"})(scope, receive, send)
