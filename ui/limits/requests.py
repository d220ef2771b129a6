"""Bounds on requests, before Gradio sees them: how much one may send, and how many are worked on at a time.

- **Bodies.** Gradio reads a body as a whole into memory. An event carries a few kB; a tool for language models may
  carry an image as text. More than that is refused, by what the request says of itself and by what then comes.
- **Events without a queue** (`/run`). They are answered at once, by threads that pictures and files need too: a
  script could take all of them. A few run at a time, the visitors in turn, and the others wait for milliseconds.
- **Listeners.** The streams on which answers are sent tell the queue that somebody listens.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.i18n import gettext as _
from ui.limits.fair import FairGate, FullError
from ui.limits.queueing import full
from ui.limits.visitors import visitor_of

#: Bytes of an event, which carries what the page's fields hold; and of a call of a tool, with an image as text.
EVENT_BYTES, TOOL_BYTES = 4_000_000, 36_000_000

#: Events without a queue: how many at a time, how many wait, and seconds until a refused one may ask again.
AT_ONCE, WAITING, AGAIN_AFTER = 12, 400, 2

_ROUTE = re.compile(r"/gradio_api/(.*?)/?$")


class RequestLimits:
    """Middleware.

    Args:
        app: What answers.
        page: Whose queue is told who listens.
    """

    def __init__(self, app: ASGIApp, page: gr.Blocks) -> None:
        self.app, self.page = app, page
        self._gate: FairGate | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        found = _ROUTE.search(scope["path"]) if scope["type"] == "http" else None
        route = found[1] if found else ""
        if scope["type"] != "http" or (scope["method"] == "POST" and route == "upload"):
            await self.app(scope, receive, send)  # `ui.limits.upload_folder` bounds those
            return
        body = _Body(receive, TOOL_BYTES if route.startswith("mcp") else EVENT_BYTES)
        if body.is_too_large(scope):
            await _refusal(413, too_large(body.most))(scope, receive, send)
            return
        try:
            if scope["method"] == "POST" and route.startswith(("run/", "api/")):
                self._gate = self._gate or FairGate(AT_ONCE, WAITING)
                async with self._gate.enter(visitor_of(scope)):
                    await self.app(scope, body.receive, send)
            else:
                with self._listening(scope, route):
                    await self.app(scope, body.receive, send)
        except FullError:
            again = {"Retry-After": str(AGAIN_AFTER)}
            await _refusal(429, full(AGAIN_AFTER), again)(scope, receive, send)
        except BodyTooLargeError:
            await _refusal(413, too_large(body.most))(scope, receive, send)

    def _listening(self, scope: Scope, route: str) -> Any:  # noqa: ANN401 - a context manager
        queue = self.page._queue
        if scope["method"] != "GET":
            return nullcontext()
        if route == "queue/data":
            named = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])
            return queue.listening(named[0])
        if route.startswith("call/"):
            event_id = route.rsplit("/", 1)[-1]
            event = queue.event_ids_to_events.get(event_id)
            return queue.listening(event.session_hash if event else event_id)
        return nullcontext()


class BodyTooLargeError(Exception):
    """More came than a body may have."""


class _Body:
    """What is received of a request, counted."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self.most, self._count = receive, most, 0

    def is_too_large(self, scope: Scope) -> bool:
        """Whether the request says so itself."""
        return content_length(scope) > self.most

    async def receive(self) -> Message:
        """As ASGI's. Raises BodyTooLargeError."""
        message = await self._receive()
        self._count += len(message.get("body", b""))
        if self._count > self.most:
            raise BodyTooLargeError
        return message


def content_length(scope: Scope) -> int:
    """How many bytes a request says that it has; 0 where it does not say."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def too_large(most: int) -> str:
    """What is said of a body with more bytes than that."""
    return _("This request is too large: at most {most:.0f} MB are read.", most=most / 1e6)


def _refusal(status: int, sentence: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """As Gradio's script reads it: it shows `error`, or `detail`."""
    return JSONResponse({"error": sentence, "detail": sentence}, status, headers)
