"""A clock for tests of things that expire."""

from __future__ import annotations


class Clock:
    """A clock that is set by hand."""

    now = 1_000_000.0

    def __call__(self):
        return self.now
