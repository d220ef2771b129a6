"""What is kept for visitors, with a bound in bytes: of too much, who has the most loses the oldest first.

So nobody pushes out what others have, however much he brings: he pushes out his own. What is old goes when
somebody asks, and where nobody does, when `forget_all_old` is called: the server does so every minute.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """One thing that is kept.

    Attributes:
        value: What it is.
        visitor: Whose it is.
        size: In bytes.
        until: When it goes, in seconds of the store's clock.
    """

    value: T
    visitor: str
    size: int
    until: float


class FairStore(Generic[T]):
    """Things by name; may be used from several threads.

    Args:
        max_bytes: Of all together.
        seconds: How long one is kept.
        clock: Seconds since 1970.
        on_drop: Called with the name and the value of each that goes.
    """

    def __init__(
        self,
        max_bytes: int,
        seconds: float,
        clock: Callable[[], float] = time.time,
        on_drop: Callable[[str, T], None] | None = None,
    ) -> None:
        self.max_bytes, self.seconds, self.clock = max_bytes, seconds, clock
        self._on_drop = on_drop
        self._kept: OrderedDict[str, Kept[T]] = OrderedDict()
        self._names: dict[str, OrderedDict[str, None]] = {}  # of each visitor, the oldest first
        self._bytes: dict[str, int] = {}  # of each visitor
        self._total = 0
        self._lock = threading.RLock()
        with _stores_lock:
            _stores.add(self)

    @property
    def total(self) -> int:
        """Bytes of all."""
        return self._total

    def share(self, visitor: str) -> int:
        """Bytes of a visitor."""
        return self._bytes.get(visitor, 0)

    def keep(self, name: str, value: T, size: int, visitor: str = "", until: float | None = None) -> None:
        """Keep a thing, in place of what had this name; others go if there is too much then."""
        with self._lock:
            self.forget_old()
            self._take(name)
            self._kept[name] = Kept(value, visitor, size, until or self.clock() + self.seconds)
            self._names.setdefault(visitor, OrderedDict())[name] = None
            self._bytes[visitor] = self.share(visitor) + size
            self._total += size
            self.make_room(0, visitor)

    def make_room(self, size: int, visitor: str, others: int = 0) -> bool:
        """Have things go until so many bytes more would fit.

        Args:
            size: Of the visitor.
            visitor: Who brings them, and does not push out who has less.
            others: That others bring at the moment.

        Returns:
            Whether they fit now.
        """
        with self._lock:
            while self._total + size + others > self.max_bytes:
                if not self.give_way(size, visitor):
                    return False
            return True

    def give_way(self, size: int, visitor: str) -> bool:
        """Have the oldest thing go of who has the most, the visitor with so many bytes more.

        False if that is the visitor, and nothing is kept of his: then it is for him to go without.
        """
        with self._lock:
            greedy = max(self._bytes, key=self.share, default=visitor)
            if self.share(greedy) <= self.share(visitor) + size:
                greedy = visitor
            if greedy not in self._names:
                return False
            self.drop(next(iter(self._names[greedy])))
            return True

    def get(self, name: str) -> Kept[T] | None:
        """The thing of a name; None if there is none, or it is gone."""
        with self._lock:
            self.forget_old()
            return self._kept.get(name)

    def drop(self, name: str) -> None:
        """Have one go, if it is there."""
        kept = self._take(name)
        if kept is not None and self._on_drop:
            self._on_drop(name, kept.value)

    def _take(self, name: str) -> Kept[T] | None:
        with self._lock:
            kept = self._kept.pop(name, None)
            if kept is None:
                return None
            self._total -= kept.size
            self._bytes[kept.visitor] -= kept.size
            del self._names[kept.visitor][name]
            if not self._names[kept.visitor]:
                del self._names[kept.visitor], self._bytes[kept.visitor]
            return kept

    def forget_old(self) -> None:
        """Have those go whose time is up."""
        with self._lock:
            now = self.clock()
            for name in [name for name, kept in self._kept.items() if kept.until <= now]:
                self.drop(name)

    def __len__(self) -> int:
        return len(self._kept)


_stores: WeakSet[FairStore[Any]] = WeakSet()
_stores_lock = threading.Lock()


def forget_all_old() -> None:
    """Have everything go whose time is up, in all stores of the process, though nobody asks for it."""
    with _stores_lock:
        stores = list(_stores)
    for store in stores:
        store.forget_old()
