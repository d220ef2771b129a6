"""Answers as a network wants them: sent once while they stay the same, compressed, with the security headers.

Answers that come whole, up to `LARGEST` bytes, get an ETag, and are compressed if they are text. What a
browser has already is answered with 304 and no body. Streams (of events), and large files, pass as they are.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable

import brotli
from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.recent import Recent
from ui.hosting.security import SecurityHeaders

#: Bytes; the page is 0.4 MB of them.
LARGEST = 4_000_000
SMALLEST_COMPRESSED = 500

#: Compressed bodies that are kept, in bytes: the page in each language, and what all visitors ask for. And
#: for how many seconds after each was asked for.
KEPT_BYTES, KEPT_SECONDS = 8_000_000, 3600

TEXT = ("text/", "application/json", "application/javascript", "application/manifest+json", "image/svg+xml")
STREAM = "text/event-stream"


class Answers:
    """Middleware, see above.

    Args:
        app: Answers.
        security: Makes the headers.
    """

    def __init__(self, app: ASGIApp, security: SecurityHeaders) -> None:
        self.app, self.security = app, security
        self._compressed: Recent[bytes] = Recent(KEPT_BYTES, KEPT_SECONDS, len)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Gradio answers HEAD for its page alone. Nobody calls its own routes so, which may be streams.
        if scope["method"] == "HEAD" and "/gradio_api/" not in scope["path"]:
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, _Answer(self, scope, send))

    async def compressed(self, body: bytes, etag: str, encoding: str) -> bytes:
        """A body in an encoding ('br' or 'gzip'), made once for all who ask."""
        made = self._compressed.get((etag, encoding))
        if made is None:
            made = await to_thread.run_sync(_compress, body, encoding)
            self._compressed.put((etag, encoding), made)
        return made


class _Answer:
    """Sends one answer: as it comes, or once all of it is here."""

    def __init__(self, answers: Answers, scope: Scope, send: Send) -> None:
        self._answers, self._scope, self._send = answers, scope, send
        self._start: Message | None = None  # held back until the body is whole
        self._body: list[bytes] = []
        self._nothing_more = False  # of a body that a browser has already

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] != "http.response.body" or (self._start is None and not self._nothing_more):
            await self._send(message)
        elif not self._nothing_more:
            self._body.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(b"".join(self._body))

    async def _begin(self, message: Message) -> None:
        message.setdefault("headers", [])
        headers = MutableHeaders(scope=message)
        for name, value in self._answers.security.of_all():
            headers.setdefault(name, value)
        if not _is_page(self._scope, headers):
            headers.setdefault("Content-Security-Policy", self._answers.security.of_file())
        if self._same_as_before(message, headers):
            await self._not_modified(message, headers)
        elif _is_page(self._scope, headers) or self._may_be_kept(message, headers):
            self._start = message
        else:
            await self._send(message)

    def _may_be_kept(self, message: Message, headers: Headers) -> bool:
        """Whether the answer is to get an ETag: whole, not large, and not forbidden to be stored."""
        length = headers.get("content-length", "")
        return (
            self._scope["method"] == "GET"
            and message["status"] == 200
            and length.isdigit()
            and int(length) <= LARGEST
            and "etag" not in headers
            and "content-encoding" not in headers
            and "no-store" not in headers.get("cache-control", "")
            and not headers.get("content-type", "").startswith(STREAM)
        )

    def _same_as_before(self, message: Message, headers: Headers) -> bool:
        """Whether the browser says that it has just this answer."""
        return (
            self._scope["method"] == "GET"
            and message["status"] == 200
            and (etag := headers.get("etag")) is not None
            and etag_matches(etag, Headers(scope=self._scope).getlist("if-none-match"))
        )

    async def _not_modified(self, message: Message, headers: MutableHeaders) -> None:
        for name in ("content-length", "content-encoding", "content-type", "content-disposition"):
            if name in headers:
                del headers[name]
        self._nothing_more = True
        await self._send({**message, "status": 304})
        await self._send({"type": "http.response.body", "body": b""})

    async def _finish(self, body: bytes) -> None:
        assert self._start is not None
        message, headers = self._start, MutableHeaders(scope=self._start)
        if _is_page(self._scope, headers):
            headers.setdefault("Content-Security-Policy", self._answers.security.of_page(body))
        if self._may_be_kept(message, headers):
            # Weak: the same for each encoding of the body.
            headers["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
            if _is_page(self._scope, headers):
                headers.setdefault("Cache-Control", "private, no-cache")
            if self._same_as_before(message, headers):
                await self._not_modified(message, headers)
                return
        if headers.get("content-type", "").startswith(TEXT) and "content-encoding" not in headers:
            headers.add_vary_header("Accept-Encoding")
            encoding = chosen_encoding(Headers(scope=self._scope).getlist("accept-encoding"))
            if encoding and "etag" in headers and len(body) >= SMALLEST_COMPRESSED:
                body = await self._answers.compressed(body, headers["etag"], encoding)
                headers["Content-Encoding"] = encoding
                headers["Content-Length"] = str(len(body))
        await self._send(message)
        await self._send({"type": "http.response.body", "body": body})


def etag_matches(etag: str, named: Iterable[str]) -> bool:
    """Whether an If-None-Match names this ETag (RFC 9110, 13.1.2: weakly compared)."""
    wanted = etag.removeprefix("W/")
    given = [one.strip().removeprefix("W/") for value in named for one in value.split(",")]
    return "*" in given or wanted in given


def chosen_encoding(accepted: Iterable[str]) -> str | None:
    """The best encoding of those that a browser accepts: 'br', 'gzip', or None (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for item in (item for value in accepted for item in value.split(",")):
        name, _, parameter = item.strip().lower().partition(";")
        try:
            weights[name.strip()] = float(parameter.partition("=")[2]) if parameter.strip() else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    for name in ("br", "gzip"):
        if weights.get(name, weights.get("*", 0.0)) > 0:
            return name
    return None


def _is_page(scope: Scope, headers: Headers) -> bool:
    """Whether this is the page. HTML below Gradio's own routes may be a file that a visitor uploaded."""
    return headers.get("content-type", "").startswith("text/html") and "/gradio_api/" not in scope["path"]


def _compress(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        made: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=5)
        return made
    return gzip.compress(body, 6, mtime=0)
