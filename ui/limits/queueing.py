"""Gradio's queue with bounds: lanes that do not wait for each other, turns, and nothing done for nobody.

Gradio (6.31) has one queue with one bound for all that is asked, in the order in which it comes, and
answers a full one with a bare 503. Against whom each of this is:

- **Lanes.** Each kind of work has its own places and its own line (`LANES`), so a look-up waits for no
  search, and a hundred maps leave the searches alone. Lines are bounded, so that many who ask at once take
  no memory.
- **Turns.** A script that asks without end, under a new session each time: its address waits for its own
  requests, others are next (`ui.limits.fair`). When a line is full, its last place goes to who has fewer.
- **A bound for each session.** One page that sends one event a hundred times: beyond `Lane.each` it is
  refused, also where it shares an address with others.
- **Listeners.** Who asks and does not listen for the answer, by a call whose stream is never opened, or by
  a page that is closed: a request is begun only while somebody listens, and is dropped after
  `LISTEN_WITHIN`.
- **What is left over.** Gradio keeps a few hundred bytes of each call, and of one that nobody read its
  answer, or that was cancelled; after 2,000 of those it drops what others wait for. And it has pandas
  summarise its last 10,000 events after each. Here all of that goes with the call.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.queueing import Event, Queue
from gradio.server_messages import EstimationMessage, ProcessCompletedMessage
from starlette.exceptions import HTTPException

from ui.i18n import gettext as _
from ui.i18n import use_language
from ui.i18n.routing import language_of
from ui.limits.fair import FairLine
from ui.limits.sessions import MAX_SESSION, session_too_long
from ui.limits.visitors import asking, visitor_of


@dataclass(frozen=True)
class Lane:
    """A kind of work.

    Attributes:
        running: How many requests are worked on at a time.
        waiting: How many wait at most.
        each: How many of one session wait or run at most.
    """

    running: int
    waiting: int
    each: int = 8

    def option(self, name: str) -> dict[str, Any]:
        """As an event of Gradio takes it."""
        return {"concurrency_id": name, "concurrency_limit": self.running}


#: Searches run together so that the embedder may put them into one batch; the network itself is its own
#: bound.
LANES = {
    "search": Lane(running=8, waiting=160),
    "look-up": Lane(running=8, waiting=160),
    "explain": Lane(running=1, waiting=32, each=4),
    "map": Lane(running=1, waiting=16, each=2),
}

#: Of an event that names none: the page has none such.
OTHER = Lane(running=1, waiting=16)

#: Seconds within which somebody has to listen for what was asked.
LISTEN_WITHIN = 20.0

#: Seconds between two messages about the place in the line. Gradio's own way, one to each who waits
#: whenever one is begun, makes the number of messages grow with the square of the visitors.
TELL_PLACES_EVERY = 1.0

#: Messages of one session that wait to be read: a page reads them as they come.
MAX_UNREAD = 200

#: Bytes of the bodies of all who wait in a line: read, they take up to 25 times as much memory.
LINE_BYTES = 2_000_000

#: Where a scope of ASGI has the body that was counted.
BODY = "ui.limits.body"


class EventLine(FairLine[Event]):
    """The events that wait in a lane."""

    def append(self, event: Event) -> None:
        """Place it by whose it is."""
        event.visitor = visitor_of(event.request.scope)
        event.bytes = body_bytes(event.request.scope)
        super().append(event)

    def has_room(self, size: int) -> bool:
        """Whether an event with a body of so many bytes fits beside those of all who wait."""
        return sum(int(event.bytes) for event in self) + size <= LINE_BYTES

    def yields_bytes_to(self, visitor: str, size: int) -> Event | None:
        """The last of the visitor with the most bytes, who gives way to one with fewer; or None."""
        held: Counter[str] = Counter()
        for event in self:
            held[event.visitor] += event.bytes
        greedy, most = max(held.items(), key=lambda each: each[1], default=("", 0))
        if most <= held[visitor] + size:
            return None
        return next(event for event in reversed(self) if event.visitor == greedy)


class BoundedQueue(Queue):
    """The queue of a page."""

    def __init__(self, page: gr.Blocks) -> None:
        super().__init__(
            live_updates=False,
            concurrency_count=page.max_threads,
            update_intervals=TELL_PLACES_EVERY,
            max_size=None,  # each lane has its own
            blocks=page,
            default_concurrency_limit=OTHER.running,
        )
        self.sleep_when_free = 0.005  # seconds; Gradio looks a thousand times a second
        self.ANALYTICS_MAX_EVENTS = 1
        self._listeners: Counter[str] = Counter()

    # Coming in

    def create_event_queue_for_fn(self, block_fn: Any) -> None:  # noqa: ANN401 - Gradio's
        """Make the lane of a function, if it is not there; its line is a fair one."""
        super().create_event_queue_for_fn(block_fn)
        lane = self.event_queue_per_concurrency_id[block_fn.concurrency_id]
        if not isinstance(lane.queue, EventLine):
            lane.queue = EventLine()

    async def push(self, body: Any, request: Any, username: str | None) -> Any:  # noqa: ANN401 - Gradio's
        """Take a request in, or refuse it with a sentence and the time after which to ask again."""
        fn = self.blocks.fns.get(body.fn_index)
        if len(body.session_hash or "") > MAX_SESSION:
            return False, session_too_long(), "error"
        body.session_hash = body.session_hash or None  # Gradio would keep things under an empty name
        if fn is None or fn.queue is False:  # the page asks for those by `/run`, which has its own bounds
            return False, _("There is no such event on this page: reload it."), "error"
        self.create_event_queue_for_fn(fn)
        line = self.event_queue_per_concurrency_id[fn.concurrency_id].queue
        lane = LANES.get(fn.concurrency_id, OTHER)
        if body.session_hash and (
            self._asked(body.session_hash, fn.concurrency_id) >= lane.each
            or self._unread(body.session_hash) >= MAX_UNREAD
        ):
            raise refused(
                429, _("You asked for {count} things at once: wait for their answers.", count=lane.each), 2
            )
        size, visitor = body_bytes(request.scope), visitor_of(request.scope)
        while (crowded := len(line) >= lane.waiting) or not line.has_room(size):
            seconds = self._seconds_until_free(fn, lane)
            yields = line.yields_to(visitor) if crowded else line.yields_bytes_to(visitor, size)
            if yields is None:
                # Of a 503, Gradio's page would show a sentence of its own, in English.
                raise refused(503 if body.simple_format else 429, full(seconds), seconds)
            self._send_away(yields, seconds)
        answer = await super().push(body, request, username)
        self._tell_place(answer[1])
        return answer

    def _asked(self, session: str, lane: str) -> int:
        """How much of a session waits or runs."""
        return sum(
            event.session_hash == session and event.concurrency_id == lane
            for event in self.event_ids_to_events.values()
        )

    def _unread(self, session: str) -> int:
        """How many answers and messages nobody has read yet."""
        messages = self.pending_messages_per_session.get(session)
        return max(len(self.pending_event_ids_session.get(session, ())), messages.qsize() if messages else 0)

    def _seconds_until_free(self, fn: Any, lane: Lane) -> int:  # noqa: ANN401 - Gradio's
        """After how long half of those who wait will be answered, by how long others took: 2 to 60."""
        took = self.process_time_per_fn[fn].avg_time if fn in self.process_time_per_fn else 1.0
        return round(min(max(took * lane.waiting / lane.running / 2, 2), 60))

    def _send_away(self, event: Event, seconds: int) -> None:
        """Answer one who waits that others need his place."""
        with use_language(language_of(SimpleNamespace(request=event.request))):
            told = {"error": full(seconds), "visible": True, "duration": 10, "title": ""}
        self.send_message(event, ProcessCompletedMessage(output=told, success=False))
        self._remove(event)

    def _remove(self, event: Event) -> None:
        self.event_queue_per_concurrency_id[event.concurrency_id].queue.remove(event)
        self.event_ids_to_events.pop(event._id, None)

    def _tell_place(self, event_id: str) -> None:
        """Tell one who came just now where he stands: Gradio tells the last, who may be another."""
        event = self.event_ids_to_events.get(event_id)
        line = self.event_queue_per_concurrency_id[event.concurrency_id].queue if event else []
        if event in line:
            self.send_message(event, EstimationMessage(rank=line.index(event), queue_size=len(line)))

    def send_message(self, event: Event, event_message: Any) -> None:  # noqa: ANN401 - Gradio's
        """Put a message where it is read; nothing where nobody can read it, or reads any."""
        unread = self.pending_messages_per_session.get(event.session_hash)
        if unread is None or (unread.qsize() >= MAX_UNREAD and isinstance(event_message, EstimationMessage)):
            return
        super().send_message(event, event_message)

    # Being listened to

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        """For as long as somebody listens for the answers to a session; nothing is kept for it afterwards."""
        self._listeners[session] += 1
        try:
            yield
        finally:
            self._listeners[session] -= 1
            if not self._listeners[session]:
                del self._listeners[session]
                self._forget(session)

    def _forget(self, session: str) -> None:
        """Drop what is kept for a session for which nothing is asked any more."""
        if not any(
            event.alive and event.session_hash == session for event in self.event_ids_to_events.values()
        ):
            self.pending_messages_per_session.pop(session, None)
            self.pending_event_ids_session.pop(session, None)

    async def remove_from_queue(self, event_id: str) -> None:
        """Drop a request that is cancelled, and with it what is kept for a session that nobody listens to."""
        event = self.event_ids_to_events.get(event_id)
        await super().remove_from_queue(event_id)
        if event is not None and not self._listeners[event.session_hash]:
            # Not before Gradio has put its last message there, which it does right away.
            asyncio.get_running_loop().call_soon(self._forget, event.session_hash)

    # Going out

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """The next request to work on, of any lane that has a place, for which somebody listens."""
        for name, lane in self.event_queue_per_concurrency_id.items():
            self._drop_unheard(lane.queue)
            if lane.current_concurrency >= lane.concurrency_limit:
                continue
            event = self._next(name, lane.concurrency_limit, lane.queue)
            if event is not None:
                lane.queue.remove(event)
                lane.queue.taken(event)
                return [event], False, name
        return None

    def _next(self, name: str, places: int, line: EventLine) -> Event | None:
        """The next of a lane.

        One visitor runs half of the lane while others wait, and all but one place otherwise: who comes then
        waits for none of his, however long they take.
        """
        running = Counter(
            event.visitor for job in self.active_jobs for event in job or () if event.concurrency_id == name
        )
        heard = [event for event in line if self._listeners[event.session_hash]]
        alone = len({event.visitor for event in heard}) == 1
        most = max(places - 1 if alone else places // 2, 1)
        return next((event for event in heard if running[event.visitor] < most), None)

    def _drop_unheard(self, line: EventLine) -> None:
        latest = time.monotonic() - LISTEN_WITHIN
        for event in [
            waiting
            for waiting in line
            if waiting.enqueue_time < latest and not self._listeners[waiting.session_hash]
        ]:
            event.alive = False
            self._remove(event)
            self._forget(event.session_hash)

    async def process_events(self, events: list[Event], *rest: Any) -> None:  # noqa: ANN401 - Gradio's
        """Work on a request; the session of a call of the API goes with it."""
        asking.set(visitor_of(events[0].request.scope))  # this is a task of the queue, not of the request
        await super().process_events(events, *rest)
        for event in events:
            if event.session_hash == event._id and self.server_app:
                self.server_app.state_holder.forget(event._id)
            if not self._listeners[event.session_hash]:
                self._forget(event.session_hash)

    def compute_analytics_summary(self, records: Any) -> dict[str, Any]:  # noqa: ANN401 - Gradio's
        """Nothing: the page that shows it is off."""
        del records
        return {}


def body_bytes(scope: Mapping[str, Any]) -> int:
    """Bytes of a request's body, as `RequestLimits` counted them; 0 where it did not."""
    return getattr(scope.get(BODY), "count", 0)


def full(seconds: int) -> str:
    """What is said where there is no place left in a line."""
    return _("Too many people are asking at the moment: try again in {seconds} seconds.", seconds=seconds)


def refused(status: int, sentence: str, seconds: int) -> HTTPException:
    """An answer that refuses, and says when to ask again."""
    return HTTPException(status, sentence, {"Retry-After": str(seconds)})


def is_abandoned() -> bool:
    """Whether nobody waits any more for the event that is answered at the moment."""
    page, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    event = page._queue.event_ids_to_events.get(event_id) if page and event_id else None
    return event is not None and not event.alive


def bound_queue(page: gr.Blocks) -> None:
    """Give a page this queue. Call it when the page is composed, and not `page.queue` after it."""
    page.api_open = False  # `/run` would have any event done beside the queue
    page._queue = BoundedQueue(page)
