"""Each visitor in turn, however much one asks for."""

import asyncio

import pytest

from tests.fakes.event_loop import run
from ui.limits.fair import FairGate, FairLine, FullError


class Item:
    """What waits."""

    turn = 0

    def __init__(self, visitor, number=0):
        self.visitor, self.number = visitor, number


def line_of(visitors):
    line = FairLine()
    for number, visitor in enumerate(visitors):
        line.append(Item(visitor, number))
    return line


def served(line):
    """The visitors in the order in which they are served."""
    order = []
    while line:
        item = line[0]
        line.remove(item)
        line.taken(item)
        order.append(item.visitor)
    return "".join(order)


def test_who_asks_for_one_thing_waits_for_one_of_each_other_visitor():
    assert served(line_of("aaaaabc")) == "abcaaaa"
    assert served(line_of("aaabbb")) == "ababab"


def test_of_one_visitor_the_order_stays():
    line = line_of("abaab")
    assert [item.number for item in line if item.visitor == "a"] == [0, 2, 3]


def test_who_comes_later_is_not_behind_what_came_before_of_a_greedy_one():
    line = line_of("a" * 50)
    for _ in range(20):
        item = line[0]
        line.remove(item)
        line.taken(item)
    line.append(Item("b"))
    assert served(line)[:2] in ("ab", "ba")


def test_a_full_line_gives_the_last_place_of_the_greediest():
    line = line_of("aaaaab")
    yields = line.yields_to("c")
    assert (yields.visitor, yields.number) == ("a", 4)
    assert line.yields_to("a") is None
    assert line_of("ab").yields_to("c") is None  # none has more than one would get
    assert FairLine().yields_to("a") is None


def inside(gate, visitor, log, leave):
    async def visit():
        async with gate.enter(visitor):
            log.append(visitor)
            await leave.wait()

    return asyncio.create_task(visit())


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_gate_lets_so_many_in_and_the_others_in_turn():
    async def scene():
        gate, log, leave = FairGate(2, 10), [], asyncio.Event()
        tasks = [inside(gate, visitor, log, leave) for visitor in "aaaab"]
        await settle()
        assert log == ["a", "a"]
        leave.set()
        await asyncio.gather(*tasks)
        assert log == ["a", "a", "b", "a", "a"] or log[:3] == ["a", "a", "a"]
        assert log.count("b") == 1
        return log

    log = run(scene())
    assert log.index("b") <= 3  # the last to come, and not the last to be served


def test_a_gate_has_a_bound_for_each_visitor():
    async def scene():
        gate, log, leave = FairGate(2, 10, each=1), [], asyncio.Event()
        tasks = [inside(gate, visitor, log, leave) for visitor in "aaab"]
        await settle()
        assert sorted(log) == ["a", "b"]
        leave.set()
        await asyncio.gather(*tasks)

    run(scene())


def test_a_full_gate_refuses_the_greedy_one_and_takes_the_other_in():
    async def scene():
        gate, log, leave = FairGate(1, 3), [], asyncio.Event()
        tasks = [inside(gate, "a", log, leave) for _ in range(4)]
        await settle()
        with pytest.raises(FullError):
            async with gate.enter("a"):
                raise AssertionError("there is no place")
        other = inside(gate, "b", log, leave)
        await settle()
        assert [task.done() for task in tasks] == [False, False, False, True]
        assert isinstance(tasks[3].exception(), FullError)
        leave.set()
        await asyncio.gather(*tasks[:3], other)
        assert log.count("b") == 1

    run(scene())


def test_who_goes_away_leaves_his_place():
    async def scene():
        gate, log, leave = FairGate(1, 5), [], asyncio.Event()
        first, waits, last = (inside(gate, visitor, log, leave) for visitor in "abc")
        await settle()
        waits.cancel()
        first.cancel()
        await settle()
        assert log == ["a", "c"]
        leave.set()
        await last
        async with gate.enter("d"):
            pass

    run(scene())


def test_who_goes_away_just_as_his_turn_comes_leaves_his_place():
    async def scene():
        gate, log, leave = FairGate(1, 5), [], asyncio.Event()
        first, waits = (inside(gate, visitor, log, leave) for visitor in "ab")
        await settle()
        leave.set()
        waits.cancel()  # before it wakes, the first leaves
        await first
        await asyncio.wait_for(inside(gate, "c", log, leave), 5)
        assert waits.cancelled()
        assert log == ["a", "c"]

    run(scene())


def test_who_goes_away_just_as_his_place_is_given_away_disturbs_nobody():
    async def scene():
        gate, log, leave = FairGate(1, 2), [], asyncio.Event()
        first, waits, greedy = (inside(gate, "a", log, leave) for _ in range(3))
        await settle()
        other = inside(gate, "b", log, leave)  # comes before the greedy one wakes
        greedy.cancel()
        leave.set()
        await asyncio.gather(first, waits, other)
        assert log.count("b") == 1

    run(scene())
