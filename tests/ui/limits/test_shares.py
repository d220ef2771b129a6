"""What is kept is bounded in bytes, and nobody pushes out what is another's."""

import pytest

from tests.fakes.clock import Clock
from ui.limits.shares import FairStore


@pytest.fixture
def gone():
    return []


@pytest.fixture
def store(gone):
    return FairStore(100, 60, Clock(), lambda name, _: gone.append(name))


def test_of_too_much_the_visitor_with_the_most_loses_the_oldest(store, gone):
    store.keep("small", "x", 30, "one")
    for number in range(6):
        store.keep(f"large {number}", "x", 20, "greedy")
    assert store.get("small")
    assert gone == ["large 0", "large 1", "large 2"]
    assert store.total == 90
    assert store.share("greedy") == 60


def test_what_is_larger_than_all_is_not_kept(store):
    store.keep("huge", "x", 101, "one")
    assert store.get("huge") is None
    assert store.total == 0


def test_a_name_that_is_kept_again_is_counted_once(store, gone):
    for size in (10, 20, 30):
        store.keep("name", size, size, "one")
    assert store.get("name").value == 30
    assert store.total == store.share("one") == 30
    assert not gone  # a file of that name is still there


def test_what_is_old_goes_and_its_share_with_it(store, gone):
    store.keep("a", "x", 50, "one")
    store.clock.now += 60
    assert store.get("a") is None
    assert (store.total, store.share("one"), len(store), gone) == (0, 0, 0, ["a"])


def test_room_is_made_for_what_is_about_to_come(store, gone):
    store.keep("a", "x", 50, "one")
    store.keep("b", "x", 40, "two")
    assert store.make_room(30, "three")
    assert gone == ["a"]


def test_nobody_is_pushed_out_by_one_who_brings_more(store, gone):
    store.keep("a", "x", 50, "one")
    store.keep("b", "x", 40, "two")
    assert not store.make_room(60, "three")
    assert not store.make_room(1000, "three")
    assert not gone
    assert store.make_room(20, "three", others=20)  # of what others bring just now, too
    assert gone == ["a"]


def test_room_is_made_by_the_visitor_who_asks_for_it(store, gone):
    store.keep("a", "x", 40, "one")
    store.keep("b", "x", 30, "two")
    store.make_room(40, "two")
    assert gone == ["b"]
