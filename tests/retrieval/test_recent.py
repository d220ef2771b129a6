"""What is kept for a while is bounded by bytes and by time, and goes by itself."""

import threading

import pytest

from retrieval.recent import Recent


@pytest.fixture
def now():
    return [0.0]


def of_ten_seconds(now, max_bytes=100):
    return Recent(max_bytes, 10.0, len, clock=lambda: now[0])


def test_one_is_kept_for_a_while_after_its_last_use(now):
    recent = of_ten_seconds(now)
    recent.put("a", "one")
    now[0] = 9.0
    assert recent.get("a") == "one"
    now[0] = 18.0
    assert recent.get("a") == "one"
    now[0] = 28.0
    assert recent.get("a") is None
    assert recent.bytes == 0


def test_those_used_longest_ago_make_room(now):
    recent = of_ten_seconds(now)
    for name in "abc":
        recent.put(name, "x" * 33)
    recent.get("a")
    recent.put("d", "x" * 33)
    assert [name for name in "abcd" if recent.get(name)] == ["a", "c", "d"]
    assert recent.bytes == 99
    recent.put("a", "y")  # in place of another value
    assert (recent.get("a"), recent.bytes) == ("y", 67)


def test_what_is_larger_than_all_room_is_not_kept(now):
    recent = of_ten_seconds(now)
    recent.put("a", "x" * 101)
    assert (recent.get("a"), recent.bytes) == (None, 0)


def test_nobody_has_to_ask_for_it_to_go():
    gone = threading.Event()

    class Picture:
        def __del__(self):
            gone.set()

    recent = Recent(100, 0.05, lambda value: 1)
    recent.put("a", Picture())
    assert gone.wait(20)
    assert recent.bytes == 0


def test_all_can_be_forgotten(now):
    recent = of_ten_seconds(now)
    recent.put("a", "one")
    recent.clear()
    assert recent.get("a") is None
