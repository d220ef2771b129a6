"""Contact sheets are drawn a few at a time, with threads of their own, and drawn once."""

import asyncio
import threading

import httpx
import pytest
from starlette.applications import Starlette

from tests.fakes.clock import Clock
from tests.fakes.event_loop import run
from ui import drawn as drawn_pictures
from ui.routes import routes
from ui.uploads import UploadStore

ADDRESS = "/export/neighbours.png?id=harbor03&collection=scenes&k="


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn, and whether that may end."""

    class Drawn:
        begun, order, may_end = threading.Semaphore(0), [], threading.Event()

    def draw(result, query):
        Drawn.order.append(len(result.neighbours))
        Drawn.begun.release()
        assert Drawn.may_end.wait(30)
        return b"PNG of %d" % len(result.neighbours)

    monkeypatch.setattr(drawn_pictures, "contact_sheet", draw)
    yield Drawn
    Drawn.may_end.set()


@pytest.fixture
def app(retriever, examples, monkeypatch):
    monkeypatch.setattr(drawn_pictures, "SHEETS_WAITING", 2)
    return Starlette(routes=routes(retriever, UploadStore(clock=Clock()), examples))


def client(app, address="198.51.100.1"):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://page")


async def begun(drawn):
    assert await asyncio.to_thread(drawn.begun.acquire, timeout=20)


def test_a_crowd_of_sheets_is_refused_in_a_sentence_and_delays_no_thumbnail(app, drawn, scenes):
    async def scene():
        async with client(app) as page:
            asked = [asyncio.create_task(page.get(f"{ADDRESS}{k}")) for k in range(2, 62)]
            await begun(drawn)
            small = await page.get("/photos/scenes/harbor03/small")
            assert small.status_code == 200
            assert not drawn.may_end.is_set()
            assert (await page.get("/export/neighbours.csv?id=harbor03&collection=scenes")).status_code == 200
            while sum(task.done() for task in asked) < 57:
                await asyncio.sleep(0.01)
            drawn.may_end.set()
            return await asyncio.gather(*asked)

    answers = run(scene())
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 57  # one is drawn, as one visitor may have, and two wait
    assert {answer.status_code for answer in refused} == {503}
    assert refused[0].text == "Many contact sheets are being drawn: try again in 10 seconds."
    assert refused[0].headers["Retry-After"] == "10"


def test_another_visitor_has_his_sheet_beside_a_crowd(app, drawn):
    async def scene():
        async with client(app) as greedy, client(app, "203.0.113.9") as other:
            asked = [asyncio.create_task(greedy.get(f"{ADDRESS}{k}")) for k in range(2, 12)]
            await begun(drawn)
            own = asyncio.create_task(other.get(f"{ADDRESS}50"))
            await begun(drawn)
            assert drawn.order[1] == 50
            drawn.may_end.set()
            await asyncio.gather(*asked)
            return await own

    assert run(scene()).content == b"PNG of 50"


def test_a_sheet_is_drawn_once(app, drawn):
    drawn.may_end.set()

    async def scene():
        async with client(app) as page, client(app, "203.0.113.9") as other:
            return [(await each.get(f"{ADDRESS}5")).content for each in (page, page, other)]

    assert run(scene()) == [b"PNG of 5"] * 3
    assert drawn.order == [5]


def test_what_is_kept_of_sheets_is_bounded_in_bytes(retriever, examples, drawn, monkeypatch):
    monkeypatch.setattr(drawn_pictures, "SHEETS_BYTES", 20)
    app = Starlette(routes=routes(retriever, UploadStore(clock=Clock()), examples))
    drawn.may_end.set()

    async def scene():
        async with client(app) as page:
            for k in (5, 6, 7, 8, 8, 5):
                assert (await page.get(f"{ADDRESS}{k}")).status_code == 200

    run(scene())
    assert drawn.order == [5, 6, 7, 8, 5]


def test_a_sheet_is_not_drawn_for_who_has_left(app, drawn):
    async def scene():
        gone, messages = asyncio.Event(), [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive():
            if not messages:
                await gone.wait()
                return {"type": "http.disconnect"}
            return messages.pop()

        async def send(message):
            sent.append(message)

        sent = []
        scope = {
            "type": "http", "method": "GET", "path": "/export/neighbours.png", "root_path": "",
            "query_string": b"id=harbor03&collection=scenes&k=7", "headers": [],
            "client": ("198.51.100.1", 2),
        }  # fmt: skip
        async with client(app) as page:
            first = asyncio.create_task(page.get(f"{ADDRESS}5"))
            await begun(drawn)
            waits = asyncio.create_task(app(scope, receive, send))
            later = asyncio.create_task(page.get(f"{ADDRESS}9"))
            await asyncio.sleep(0.2)
            gone.set()
            drawn.may_end.set()
            await asyncio.gather(first, waits, later)
        assert sent[0]["status"] == 499

    run(scene())
    assert sorted(drawn.order) == [5, 9]
