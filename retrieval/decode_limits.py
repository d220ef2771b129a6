"""How much decoding there is at a time, and how much of it one event gets.

A file within all limits may still take ten seconds of a worker, and its pixels 200 MB of the server. So few
pictures are worked on at a time, and who brings twenty such files does not hold up the others for minutes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from retrieval.errors import Message
from retrieval.images import ImageError

#: Pictures that are decoded or looked over at a time, as many as there are workers: what a picture takes
#: beside its own pixels is in memory so many times at most.
PLACES = 2

#: How long an event waits for places and for others that decode the same file, all its files together.
WAIT_SECONDS = 20.0

#: How long all files of an event may take together, beside waiting. A dozen photos of phones take three.
EVENT_SECONDS = 15.0

BUSY = Message("Too many photos are being read at the moment: try again in a minute.")
TOO_LONG_TOGETHER = Message("These files take too long to read together: choose fewer or smaller ones.")


class BusyError(ImageError):
    """An image could not be read now, which says nothing of the image."""


class Budget:
    """What is left to an event.

    Attributes:
        work: Seconds of decoding.
        wait: Seconds of waiting.
    """

    def __init__(self, work: float = EVENT_SECONDS) -> None:
        self.work, self.wait = work, WAIT_SECONDS

    def check(self) -> None:
        """Raises BusyError where nothing is left to decode with."""
        if self.work <= 0:
            raise BusyError(TOO_LONG_TOGETHER)

    @contextmanager
    def working(self) -> Iterator[float]:
        """Count as decoding what is done within; gives the seconds that it may take.

        Raises:
            BusyError: If none are left.
        """
        self.check()
        started = monotonic()
        try:
            yield self.work
        finally:
            self.work -= monotonic() - started

    @contextmanager
    def waiting(self) -> Iterator[float]:
        """Count as waiting what is done within; gives the seconds that it may take."""
        started = monotonic()
        try:
            yield max(self.wait, 0.0)
        finally:
            self.wait -= monotonic() - started


@contextmanager
def one_budget(work: float = EVENT_SECONDS) -> Iterator[Budget]:
    """Have all that is decoded within, in this thread, share a budget; within another one, that one.

    Args:
        work: Seconds of decoding that a new one has.
    """
    budget = _budget.get()
    if budget is not None:
        yield budget
        return
    token = _budget.set(budget := Budget(work))
    try:
        yield budget
    finally:
        _budget.reset(token)


@contextmanager
def place_to_work() -> Iterator[None]:
    """Hold one of the places within, in this thread; who has one already stays there.

    Raises:
        BusyError: If none is free in time.
    """
    if _has_place.get():
        yield
        return
    places = _places  # in a forked process they may be others at the end
    with one_budget() as budget:
        budget.check()
        with budget.waiting() as seconds:
            entered = places.acquire(timeout=seconds)
        if not entered:
            raise BusyError(BUSY)
        token = _has_place.set(True)
        try:
            yield
        finally:
            _has_place.reset(token)
            places.release()


_budget: ContextVar[Budget | None] = ContextVar("budget", default=None)
_has_place: ContextVar[bool] = ContextVar("has_place", default=False)
_places = threading.BoundedSemaphore(PLACES)


def _start_anew() -> None:
    """In a forked process: whoever holds a place is not there."""
    global _places
    _places = threading.BoundedSemaphore(PLACES)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
