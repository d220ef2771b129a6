"""What is written of requests, and counted: what was asked for in general, never by whom or about what.

A line has the time, the method, the route, the status, the bytes and the milliseconds. A route is one of
a few patterns: names of photos, uploads and events are left out, as are queries and addresses of visitors.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.hosting.request_path import inner_path
from ui.i18n import DEFAULT, LANGUAGES

logger = logging.getLogger("aerial.access")

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH")

#: The endpoints of `ui/api.py`; other names are what strangers try.
_ENDPOINTS = "(search|embed|neighbours_of|collections)"

_LANGUAGE = re.compile("/(?:{})(?=/|$)".format("|".join(code for code in LANGUAGES if code != DEFAULT)))

#: Patterns of paths, and how they are written; the first that fits counts.
_ROUTES = [
    (re.compile(pattern), route)
    for pattern, route in (
        (r"/?$", "/"),
        (r"/(healthz|metrics|fetching|config|theme\.css|manifest\.json|favicon\.ico|robots\.txt)/?$", r"/\1"),
        (r"/(preview\.jpg|icon\.svg|icon-(?:180|192|512)\.png|apple-touch-icon\.png)$", r"/\1"),
        (r"/photos/.*/(small|whole)$", r"/photos/{collection}/{id}/\1"),
        (r"/examples/", "/examples/{name}"),
        (r"/brought/", "/brought/{name}"),
        (r"/maps/", "/maps/{collection}"),
        (r"/export/neighbours\.(csv|json|png)$", r"/export/neighbours.\1"),
        (r"/(assets|static|svelte)/", r"/\1/{file}"),
        (rf"/gradio_api/call/(?:v2/)?{_ENDPOINTS}/.+", r"/gradio_api/call/\1/{event}"),
        (rf"/gradio_api/(call|run|api)/(?:v2/)?{_ENDPOINTS}/?$", r"/gradio_api/\1/\2"),
        (r"/gradio_api/(call|run|api)/", r"/gradio_api/\1/{name}"),
        (r"/gradio_api/heartbeat/", "/gradio_api/heartbeat/{session}"),
        (r"/gradio_api/file=", "/gradio_api/file={path}"),
        (r"/gradio_api/mcp", "/gradio_api/mcp"),
        (
            r"/gradio_api/(queue/join|queue/data|upload_progress|upload|info|openapi\.json|startup-events|cancel|"
            r"reset|app_id|login_check|user|token)/?$",
            r"/gradio_api/\1",
        ),
    )
]  # fmt: skip

OTHER = "other"


@dataclass(frozen=True)
class Answered:
    """A request that has been answered.

    Attributes:
        method: One of `METHODS`, or 'other'.
        route: As `route_of` gives it.
        status: Of the answer; 499 where the caller went before there was one, 500 where it failed.
        size: Bytes of its body.
        seconds: To the end of its body.
    """

    method: str
    route: str
    status: int
    size: int
    seconds: float


def route_of(path: str) -> str:
    """The route of a path without a proxy's: one of few, and with nothing of a visitor in it."""
    path = _LANGUAGE.sub("", path, count=1) if _LANGUAGE.match(path) else path
    for pattern, route in _ROUTES:
        if found := pattern.match(path):
            return found.expand(route)
    return OTHER


class Observed:
    """Middleware: tells of each request when it has been answered.

    Args:
        app: Answers.
        tell: Each of them is told.
    """

    def __init__(self, app: ASGIApp, tell: list[Callable[[Answered], None]]) -> None:
        self.app, self.tell = app, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not self.tell:
            await self.app(scope, receive, send)
            return
        started, status, size = time.perf_counter(), 499, 0

        async def counting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counting)
        except Exception:
            status = 500
            raise
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            sent = 0 if method == "HEAD" else size
            answered = Answered(
                method, route_of(inner_path(scope)), status, sent, time.perf_counter() - started
            )
            for tell in self.tell:
                tell(answered)


def write_line(answered: Answered) -> None:
    """Write a line of the log."""
    logger.info(
        "%s %s %s %d B %.0f ms",
        answered.method, answered.route, answered.status, answered.size, 1000 * answered.seconds,
    )  # fmt: skip


def open_log() -> None:
    """Have lines written to the standard output."""
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
