"""Tools for language models ask for those who call them: no one's calls stand in another's way."""

import asyncio
import json
import threading
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace

import gradio as gr
import httpx
import pytest

from tests.fakes import event_loop
from ui import tools
from ui.arguments import text
from ui.events import SEARCH_QUEUE
from ui.limits import bound, limits
from ui.limits.queueing import LANES, refused
from ui.limits.visitors import current_visitor
from ui.refusals import BlocksWithSentences

ONE = LANES["explain"].option("explain")


class Work:
    """What the tools do: they note who asks, and wait until they may end."""

    def __init__(self):
        self.visitors, self.begun, self.may_end = [], threading.Semaphore(0), threading.Event()

    def work(self, name):
        """Do something, eight at a time."""
        self.visitors.append(current_visitor())
        self.begun.release()
        assert self.may_end.wait(30)
        return name

    def one(self, name):
        """Do something, one at a time."""
        return self.work(name)


@pytest.fixture
def served():
    """A page with tools on this machine's loopback."""
    work, loops = Work(), []
    with BlocksWithSentences() as page:
        name, shown = gr.Textbox(), gr.Textbox()
        gr.Button().click(work.work, name, shown, api_name="work", **SEARCH_QUEUE)
        gr.Button().click(work.one, name, shown, api_name="one", **ONE)
    for checks in (page.endpoints, page.tools):
        checks |= {"work": {"name": text}, "one": {"name": text}}
    bound(page)

    @asynccontextmanager
    async def running(_):
        loops.append(asyncio.get_running_loop())
        yield

    page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, mcp_server=True,
        app_kwargs={"middleware": limits(page), "lifespan": running},
    )  # fmt: skip
    yield SimpleNamespace(page=page, work=work, loop=loops[0])
    work.may_end.set()
    page.close()


HEADERS = {"Accept": "application/json, text/event-stream"}


def body(tool, name):
    return {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": tool, "arguments": {"name": name}},
    }  # fmt: skip


async def call(page, address, tool="work", name="a", **headers):
    """What a caller from an address is answered, over no network: whether it is an error, and the text."""
    within = httpx.ASGITransport(page.app, client=(address, 5))
    async with httpx.AsyncClient(transport=within, base_url=page.local_url, timeout=None) as client:
        answer = await client.post("/gradio_api/mcp/", json=body(tool, name), headers=HEADERS | headers)
    assert answer.status_code == 200, answer.text
    data = next(line for line in answer.text.splitlines() if line.startswith("data: "))
    result = json.loads(data.removeprefix("data: "))["result"]
    return result["isError"], result["content"][0]["text"]


def together(served, *calls):
    """The answers to calls at the same time, in the loop of the server."""

    async def all_of_them():
        return await asyncio.gather(*calls)

    return asyncio.run_coroutine_threadsafe(all_of_them(), served.loop)


def test_a_caller_has_the_address_that_he_calls_from_and_says_no_other(served):
    served.work.may_end.set()
    forwarded = {"X-Forwarded-For": "192.0.2.99", "Forwarded": "for=192.0.2.99"}
    answers = together(
        served, call(served.page, "203.0.113.5", **forwarded), call(served.page, "2001:db8::1", **forwarded)
    ).result(30)
    assert answers == [(False, "a")] * 2
    assert sorted(served.work.visitors) == ["2001:db8::/64", "203.0.113.5"]


def test_many_callers_take_no_places_from_each_other(served):
    callers = [f"203.0.113.{number}" for number in range(1, 5)]
    assert len(callers) * tools.EACH > LANES["search"].each
    served.work.may_end.set()
    together(served, call(served.page, callers[0])).result(30)  # whatever is made for the first call is there
    served.work.may_end.clear()
    answers = together(
        served, *(call(served.page, caller, name=caller) for caller in callers for _ in range(tools.EACH))
    )
    asked = served.page._queue.event_ids_to_events
    for _ in range(200):  # until all of them wait or run, or one is refused
        if len(asked) == len(callers) * tools.EACH:
            break
        time.sleep(0.05)
    served.work.may_end.set()
    assert answers.result(30) == [(False, caller) for caller in callers for _ in range(tools.EACH)]


def test_a_refusal_is_told_in_its_sentence(served, monkeypatch):
    async def full(**_):
        raise refused(429, "The line is full: try again in 7 seconds.", 7)

    monkeypatch.setattr(served.page._queue, "push", full)
    (answer,) = together(served, call(served.page, "203.0.113.5")).result(30)
    assert answer == (True, "The line is full: try again in 7 seconds.")


def test_a_failure_is_told_in_a_sentence(served, monkeypatch):
    monkeypatch.setattr(served.work.may_end, "wait", lambda _: 1 / 0)
    (answer,) = together(served, call(served.page, "203.0.113.5")).result(30)
    assert answer[0]
    assert "ZeroDivision" not in answer[1]
    assert answer[1].endswith(".")


def test_what_nobody_waits_for_any_more_is_not_begun(served):
    first = together(served, call(served.page, "203.0.113.5", "one", "first"))
    assert served.work.begun.acquire(timeout=30)
    line = served.page._queue.event_queue_per_concurrency_id["explain"].queue
    address = f"{served.page.local_url}gradio_api/mcp/"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(address, json=body("one", "left"), headers=HEADERS, timeout=1, trust_env=False)
    assert [event.data.data for event in line] in ([["left"]], [])
    served.work.may_end.set()
    assert first.result(30) == [(False, "first")]
    assert together(served, call(served.page, "203.0.113.6", "one", "last")).result(30) == [(False, "last")]
    assert served.work.visitors == ["203.0.113.5", "203.0.113.6"]


async def post(bounded, address, sent):
    async def send(message):
        sent.append(message.get("status"))

    await bounded({"type": "http", "method": "POST", "client": (address, 5)}, None, send)


def test_a_few_bodies_are_read_at_a_time_and_fewer_of_one_caller():
    inside, most, may_end = [], [], asyncio.Event()

    async def answers(scope, receive, send):
        del receive, send
        inside.append(scope["client"][0])
        most.append((inside.count("greedy"), len(inside)))
        await may_end.wait()
        inside.remove(scope["client"][0])

    async def scene():
        bounded, refusals = tools._Bounded(answers), []
        addresses = ["greedy"] * (tools.EACH + tools.WAITING + 1)
        addresses += [f"203.0.113.{number}" for number in range(tools.CALLS)]
        calls = [asyncio.ensure_future(post(bounded, address, refusals)) for address in addresses]
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(inside) == tools.CALLS
        may_end.set()
        await asyncio.gather(*calls)
        return [status for status in refusals if status]

    refusals = event_loop.run(scene())
    assert refusals
    assert set(refusals) == {429}
    assert max(most)[0] == tools.EACH
    assert max(total for _, total in most) == tools.CALLS
