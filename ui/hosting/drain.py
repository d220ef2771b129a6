"""Whether the page takes work, and its end: what runs is answered, who waits is told, then the process stops.

`Health` answers `/healthz`, `TakesWork` refuses new work once the end has begun, and `drain` does the rest.
"""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.hosting.request_path import inner_path
from ui.i18n import gettext as _
from ui.i18n import use_language
from ui.i18n.routing import language_of
from ui.limits.error_answer import error_answer

#: Seconds that what runs is given to end. A search takes less than one, a whole map ten.
DRAIN_SECONDS = 20.0

#: Seconds that an answer is given to be fetched, by a caller who has not asked for it yet.
FETCH_SECONDS = 2.0

#: Seconds after which to ask again; by then another process has taken over.
RETRY_AFTER = 30

#: Streams that are open as long as a page is, and wait for nothing.
_OPEN_ENDED = ("/gradio_api/heartbeat/", "/gradio_api/mcp")

#: What ends work, rather than begins it.
_ENDS_WORK = ("/gradio_api/cancel", "/gradio_api/reset")


class ServerState:
    """Of the whole process.

    Attributes:
        page: Is served; None until it can be.
        draining: Whether the end has begun.
        in_flight: Requests that are being answered, without those that never end.
    """

    def __init__(self) -> None:
        self.page: Any = None  # gr.Blocks, which has no types
        self.draining = False
        self.in_flight = 0

    def word(self) -> str:
        """'ready', or what is amiss."""
        if self.draining:
            return "draining"
        if self.page is None or not self.page.is_running or not self.page.app.startup_events_triggered:
            return "starting"
        return "queue stopped" if self.page._queue.stopped else "ready"


class Health:
    """Middleware: answers `/healthz`. The network was loaded and warmed before anything is served."""

    def __init__(self, app: ASGIApp, state: ServerState) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or inner_path(scope) != "/healthz":
            await self.app(scope, receive, send)
            return
        answer: Response
        if scope["method"] not in ("GET", "HEAD"):
            answer = PlainTextResponse("Ask with GET or HEAD.\n", 405, {"Allow": "GET, HEAD"})
        else:
            word = self.state.word()
            answer = PlainTextResponse(f"{word}\n", 200 if word == "ready" else 503)
        answer.headers["Cache-Control"] = "no-store"
        await answer(scope, receive, send)


class TakesWork:
    """Middleware: counts what is being answered, and refuses new work once the end has begun."""

    def __init__(self, app: ASGIApp, state: ServerState) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = inner_path(scope) if scope["type"] == "http" else ""
        if scope["type"] != "http" or (scope["method"] == "GET" and path.startswith(_OPEN_ENDED)):
            await self.app(scope, receive, send)
            return
        if self.state.draining and _is_work(scope["method"], path):
            await refusal(path)(scope, receive, send)
            return
        self.state.in_flight += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.state.in_flight -= 1


def _is_work(method: str, path: str) -> bool:
    return (method == "POST" and not path.startswith(_ENDS_WORK)) or path.startswith("/export/")


def stopping() -> str:
    """What is said to those who are not answered any more."""
    return _("The page is being restarted: try again in a minute.")


def refusal(path: str) -> Response:
    """The answer to new work."""
    # In place of the sentence of a 503, Gradio's page shows one of its own, in English (in 6.31).
    status = 429 if path == "/gradio_api/queue/join" else 503
    return error_answer(status, stopping(), RETRY_AFTER)


async def drain(state: ServerState, seconds: float = DRAIN_SECONDS) -> bool:
    """Take no more work, tell those who wait, and answer what runs.

    It runs in the server's event loop.

    Args:
        state: Of the process; its page is being served.
        seconds: The most that what runs is given.

    Returns:
        Whether all that ran was answered; the rest was told.
    """
    state.draining = True
    queue = state.page._queue
    started = time.monotonic()
    for events in queue.event_queue_per_concurrency_id.values():
        for event in list(events.queue):
            events.queue.remove(event)
            _tell(queue, event)
    while (left := started + seconds - time.monotonic()) > 0:
        running = any(queue.active_jobs) or state.in_flight
        unfetched = any(queue.pending_event_ids_session.values()) and seconds - left < FETCH_SECONDS
        if not running and not unfetched:
            break
        await asyncio.sleep(0.05)
    running_events = [event for job in queue.active_jobs if job for event in job]
    for event in running_events:
        _tell(queue, event)
    if running_events:
        await asyncio.sleep(0.5)  # for the sentence to be sent
    # Closes the streams of open pages, which say then that the connection is lost, and come back later.
    state.page.server_app.stop_event.set()
    return not running_events and not state.in_flight


def _tell(queue: Any, event: Any) -> None:  # noqa: ANN401 - Gradio's, which have no types
    """Answer an event with a sentence in its language."""
    with use_language(language_of(SimpleNamespace(request=event.request))):
        output = error_payload(gr.Error(stopping()), False)
    message = ProcessCompletedMessage(output=output, title=output.get("title", "Error"), success=False)
    queue.send_message(event, message)
    queue.event_ids_to_events.pop(event._id, None)
