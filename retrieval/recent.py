"""What was used in the last minutes, within a number of bytes; forgotten by itself, also when nobody asks."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values that are kept for a while; may be used from several threads.

    Args:
        max_bytes: Of all together; those used longest ago go first. A larger value is not kept at all.
        seconds: How long after its last use one is kept.
        size: The bytes of a value.
        clock: Seconds, from any start.
    """

    def __init__(
        self,
        max_bytes: int,
        seconds: float,
        size: Callable[[Value], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_bytes, self._seconds, self._size, self._clock = max_bytes, seconds, size, clock
        self._kept: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()  # the last used is the last
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def get(self, key: Hashable) -> Value | None:
        """The value of a key, which counts as a use; None if there is none."""
        with self._lock:
            self._forget_old()
            if key not in self._kept:
                return None
            value = self._kept.pop(key)[1]
            self._kept[key] = (self._clock(), value)
            return value

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value, and forget others if it takes their place."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (self._clock(), value)
            while self.bytes > self._max_bytes:
                self._kept.popitem(last=False)
            self._forget_old()
            self._forget_later()

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()

    @property
    def bytes(self) -> int:
        """Of all that is kept."""
        return sum(self._size(value) for _, value in self._kept.values())

    def _forget_old(self) -> None:
        until = self._clock() - self._seconds
        for key in [key for key, (used, _) in self._kept.items() if used <= until]:
            del self._kept[key]

    def _forget_later(self) -> None:
        if self._timer is None and self._kept:
            self._timer = threading.Timer(self._seconds, self._on_time)
            self._timer.daemon = True
            self._timer.start()

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
            self._forget_old()
            self._forget_later()
