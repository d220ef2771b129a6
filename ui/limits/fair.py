"""The order in which visitors get what is scarce: each in turn, however much one asks for.

Start-time fair queueing (Goyal, Vin and Cheng 1996) with requests of equal cost: a visitor's first request
waits for one round, the second for two, and so on. So who asks for a hundred things waits for them, and who
asks for one is next. Against one that fills a line: it yields the last place to others, see
`FairLine.yields_to`.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar


class Waiting(Protocol):
    """What waits in a line.

    Attributes:
        visitor: Whose it is.
        turn: The round in which it is served; the line sets it.
    """

    visitor: str
    turn: int


W = TypeVar("W", bound=Waiting)


class FairLine(list[W]):
    """A line; the first is served next."""

    def __init__(self) -> None:
        super().__init__()
        self._round = 0

    def append(self, item: W) -> None:
        """Place it behind all that are served no later."""
        own = [other.turn for other in self if other.visitor == item.visitor]
        item.turn = max([self._round, *(turn + 1 for turn in own)])
        self.insert(bisect_right(self, item.turn, key=lambda other: other.turn), item)

    def taken(self, item: W) -> None:
        """Note that this one was served: who comes now does not come before it."""
        self._round = max(self._round, item.turn)

    def yields_to(self, visitor: str) -> W | None:
        """The last of the visitor with the most places, who gives it to one with far fewer; or None."""
        places = Counter(item.visitor for item in self)
        greedy, most = max(places.items(), key=lambda each: each[1], default=("", 0))
        if most <= places[visitor] + 1:
            return None
        return next(item for item in reversed(self) if item.visitor == greedy)


class FullError(Exception):
    """There is no place left, not even to wait."""


class _Waiter:
    def __init__(self, visitor: str) -> None:
        self.visitor, self.turn = visitor, 0
        self.admitted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()


class FairGate:
    """Lets a few in at a time, and others wait; for one event loop.

    Args:
        places: How many are let in.
        waiting: How many may wait.
        each: How many places one visitor has at most.
    """

    def __init__(self, places: int, waiting: int, each: int | None = None) -> None:
        self._places, self._waiting, self._each = places, waiting, each or places
        self._inside: Counter[str] = Counter()
        self._line: FairLine[Any] = FairLine()

    @asynccontextmanager
    async def enter(self, visitor: str) -> AsyncIterator[None]:
        """Wait for a place, and have it for the block. Raises FullError where there is none to wait for."""
        waiter = _Waiter(visitor)
        self._drop_cancelled()
        if len(self._line) >= self._waiting:
            yields = self._line.yields_to(visitor)
            if yields is None:
                raise FullError
            self._line.remove(yields)
            yields.admitted.set_result(False)
        self._line.append(waiter)
        self._admit()
        try:
            admitted = await waiter.admitted
        except asyncio.CancelledError:
            if waiter in self._line:
                self._line.remove(waiter)
            elif not waiter.admitted.cancelled() and waiter.admitted.result():
                self._leave(visitor)
            raise
        if not admitted:
            raise FullError
        try:
            yield
        finally:
            self._leave(visitor)

    def _drop_cancelled(self) -> None:
        """Take those out who went away and do not know as yet: they are not told anything any more."""
        self._line[:] = [waiter for waiter in self._line if not waiter.admitted.done()]

    def _admit(self) -> None:
        self._drop_cancelled()
        while self._inside.total() < self._places:
            waiter = next((item for item in self._line if self._inside[item.visitor] < self._each), None)
            if waiter is None:
                return
            self._line.remove(waiter)
            self._line.taken(waiter)
            self._inside[waiter.visitor] += 1
            waiter.admitted.set_result(True)

    def _leave(self, visitor: str) -> None:
        self._inside[visitor] -= 1
        if not self._inside[visitor]:
            del self._inside[visitor]
        self._admit()
