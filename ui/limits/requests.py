"""Bounds on requests, before Gradio sees them: how much one may send, and how many run at a time.

- **Bodies.** Gradio reads a body as a whole into memory, and what it parses it into takes up to 25 times as
  much. An event carries a few kB, a call of a tool for language models perhaps an image as text. More is
  refused, by what the request says of itself and by what then comes.
- **Events without a queue** (`/run`). They are answered at once, by threads that pictures and files need
  too, so a script could take all of them. A few run at a time, the visitors in turn and none in all places;
  others wait for milliseconds.
- **Listeners.** The streams on which answers are sent tell the queue that somebody listens.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext

import gradio as gr
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.i18n import gettext as _
from ui.limits.error_answer import error_answer
from ui.limits.fair import FairGate, FullError
from ui.limits.queueing import BODY, full
from ui.limits.visitors import asking, visitor_of

#: Bytes of an event, with what the page's fields hold; and of a call of a tool, with an image as text.
EVENT_BYTES, TOOL_BYTES = 250_000, 36_000_000

#: Events without a queue: how many at a time, how many wait, and seconds until a refused one may ask again.
RUNNING, WAITING, AGAIN_AFTER = 12, 400, 2

#: How many of those places one visitor has at most.
EACH_RUNNING = 4

_ROUTE = re.compile(r"/gradio_api/(.*?)/?$")


class BodyTooLargeError(Exception):
    """More came than a body may have."""


class ContentBody:
    """A request's body, counted as it comes, and the answer to it.

    Args:
        receive: As ASGI's, likewise `send`.
        most: Bytes of the body.
    """

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self.most = receive, send, most
        self.count = 0

    async def next(self) -> Message:
        """The next message, counted."""
        message = await self._receive()
        self.count += len(message.get("body", b""))
        return message

    async def receive(self) -> Message:
        """As ASGI's. Raises BodyTooLargeError."""
        message = await self.next()
        self._check()
        return message

    async def whole(self) -> list[Message]:
        """All of it, in one message. Raises BodyTooLargeError, or ClientDisconnect if it does not come."""
        parts: list[bytes] = []
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        return [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def send(self, message: Message) -> None:
        """As ASGI's. Raises BodyTooLargeError in place of the 400 that FastAPI makes of one."""
        self._check()
        await self._send(message)

    def _check(self) -> None:
        if self.count > self.most:
            raise BodyTooLargeError


class RequestLimits:
    """Middleware.

    Args:
        app: What answers.
        page: Whose queue is told who listens.
    """

    def __init__(self, app: ASGIApp, page: gr.Blocks) -> None:
        self.app, self.page = app, page
        self._gate = FairGate(RUNNING, WAITING, each=EACH_RUNNING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http" or is_route(scope, "POST", "upload"):
            await self.app(scope, receive, send)  # `ui.limits.upload_limits` bounds those
            return
        asking.set(visitor_of(scope))
        route = route_of(scope)
        body = ContentBody(receive, send, TOOL_BYTES if route.startswith("mcp") else EVENT_BYTES)
        scope[BODY] = body
        if content_length(scope) > body.most:
            await error_answer(413, event_too_large(body.most))(scope, receive, send)
            return
        try:
            if scope["method"] == "POST" and route.startswith(("run/", "api/")):
                await self._run(scope, body)
            else:
                with self._listening(scope, route):
                    await self.app(scope, body.receive, body.send)
        except FullError:
            await error_answer(429, full(AGAIN_AFTER), AGAIN_AFTER)(scope, receive, send)
        except BodyTooLargeError:
            await error_answer(413, event_too_large(body.most))(scope, receive, send)

    async def _run(self, scope: Scope, body: ContentBody) -> None:
        """Have an event run, in a place that it has for no longer than it runs.

        Who sends a request slowly, or takes the answer slowly, has no place meanwhile.
        """
        request = await body.whole()
        answer: list[Message] = []

        async def receive() -> Message:
            return request.pop() if request else await body.receive()

        async def send(message: Message) -> None:
            answer.append(message)

        async with self._gate.enter(visitor_of(scope)):
            await self.app(scope, receive, send)
        for message in answer:
            await body.send(message)

    def _listening(self, scope: Scope, route: str) -> AbstractContextManager[None]:
        """Note for the queue whom a stream of answers is for."""
        queue = self.page._queue
        if scope["method"] == "GET" and route == "queue/data":
            named = QueryParams(scope["query_string"]).get("session_hash", "")
        elif scope["method"] == "GET" and route.startswith("call/"):
            event_id = route.rsplit("/", 1)[-1]
            event = queue.event_ids_to_events.get(event_id)
            named = event.session_hash if event else event_id
        else:
            return nullcontext()
        listening: AbstractContextManager[None] = queue.listening(named)
        return listening


def is_route(scope: Scope, method: str, route: str) -> bool:
    """Whether a request is for one of Gradio's routes."""
    return scope["type"] == "http" and scope["method"] == method and route_of(scope) == route


def route_of(scope: Scope) -> str:
    """Which of Gradio's routes a request is for; '' for all else."""
    found = _ROUTE.search(scope["path"])
    return found[1] if found else ""


def content_length(scope: Scope) -> int:
    """How many bytes a request says that it has; 0 where it does not say."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def too_large(most: int) -> str:
    """What is said of a body with more bytes than that."""
    return _("This request is too large: at most {most:g} MB are read.", most=most / 1e6)


def event_too_large(most: int) -> str:
    """As `too_large`, for who may have put an image into an event."""
    if most != EVENT_BYTES:
        return too_large(most)
    uploaded = _("An image is uploaded first, and named by the path that the upload answers.")
    return f"{too_large(most)} {uploaded}"
