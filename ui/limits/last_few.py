"""The last few of what takes a while to make, with a bound in bytes: made once, however many ask for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class LastFew(Generic[T]):
    """Things by what they were made of; may be used from several threads.

    Args:
        max_bytes: Of all together.
        size: Bytes of one.
    """

    def __init__(self, max_bytes: int, size: Callable[[T], int]) -> None:
        self.max_bytes, self._size = max_bytes, size
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing; made if it is not kept, while others who ask wait. Those asked for last stay."""
        with self._lock:
            made = self._kept.pop(key, None)
            if made is None:
                made = make()
            self._kept[key] = made
            while self.total > self.max_bytes:
                self._kept.popitem(last=False)
            return made

    @property
    def total(self) -> int:
        """Bytes of all."""
        return sum(map(self._size, self._kept.values()))
