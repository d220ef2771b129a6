"""The last few of what takes a while to make: made once, bounded, and those asked for last stay."""

from __future__ import annotations

import threading
import time

import pytest

from ui.limits.last_few import LastFew


def test_those_asked_for_last_stay_within_the_bound():
    few, made = LastFew(10, len), []

    def get(name):
        return few.get(name, lambda: made.append(name) or name * 5)

    for name in "abacab":
        assert get(name) == name * 5
        assert few.total <= 10
    assert made == ["a", "b", "c", "b"]


def test_what_is_larger_than_all_together_is_made_and_not_kept():
    few = LastFew(10, len)
    assert few.get("x", lambda: "x" * 11) == "x" * 11
    assert few.total == 0


def test_many_who_ask_at_once_have_it_made_once():
    few, made = LastFew(10, len), []

    def make():
        time.sleep(0.05)
        made.append("x")
        return "x"

    threads = [threading.Thread(target=few.get, args=("x", make)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert made == ["x"]


def test_what_cannot_be_made_is_tried_again():
    few = LastFew(10, len)
    with pytest.raises(ZeroDivisionError):
        few.get("x", lambda: 1 / 0)
    assert few.get("x", lambda: "x") == "x"
