"""A page that stays open: hundreds of events leave nothing behind, and what is kept is bounded."""

import gc
import io
import json

import pytest

from benchmarks.browser_protocol import Connection, OpenPage
from examples.scenes import draw
from tests.fakes import event_loop
from ui.limits import limits
from ui.page import SESSIONS, build_page
from ui.routes import routes
from ui.uploads import UploadStore

#: Events before anything is counted, which fill what is bounded; and those that must leave nothing.
FIRST, MORE = 60, 240

#: What a timeout of asyncio leaves until its time has come: it goes by itself.
OF_TIMERS = {"TimerHandle", "Context", "hamt", "hamt_bitmap_node", "hamt_array_node"}


@pytest.fixture
def served(retriever, tmp_path, monkeypatch):
    """The real page with little room for photos, and its store of them."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    uploads = UploadStore(max_bytes=60_000)
    page = build_page(retriever, uploads)
    page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, state_session_capacity=SESSIONS,
        app_kwargs={"routes": routes(retriever, uploads), "middleware": limits(page)},
    )  # fmt: skip
    yield page, uploads
    page.close()


async def opened(address):
    visit = OpenPage(address, json.loads(await Connection(address).ask("GET", "/config")))
    for event in visit.events("", "load"):
        await send(visit, event)
    return visit


async def send(visit, event):
    """An event and those that come after it. Returns how many."""
    await visit.send(event)
    after = visit.following(event)
    for each in after:
        await visit.send(each)
    return 1 + len(after)


async def walk(visit, events):
    """Follow one neighbour after another, move a control after each, until so many events were answered."""
    (event,) = visit.events("walk", "follow")
    controls = [*visit.events("settle", "input"), *visit.events("show", "input")]
    answered = 0
    while answered < events:
        grids = [value for value in visit.values.values() if isinstance(value, dict) and value.get("tiles")]
        tiles = [tile for grid in grids for tile in grid["tiles"]]
        tile = tiles[answered % 12]
        visit.values[event["inputs"][-1]] = {
            "part": "neighbours", "event": "follow", "collection": tile["collection"], "id": tile["id"],
        }  # fmt: skip
        answered += await send(visit, event)
        answered += await send(visit, controls[answered % len(controls)])


async def bring(visit, number):
    """Search with another photo."""
    data = io.BytesIO()
    draw("harbor", number).resize((64, 64)).save(data, "JPEG")
    (event, *_) = visit.events("upload", "upload")
    path = await visit.upload(f"{number}.jpg", data.getvalue())
    visit.values[event["inputs"][1]] = {"path": path, "meta": {"_type": "gradio.FileData"}}
    await send(visit, event)


def objects():
    """How many objects there are, after those are gone that nothing holds, and without those of timers."""
    for _ in range(3):
        gc.collect()
    return sum(type(each).__name__ not in OF_TIMERS for each in gc.get_objects())


def kept(page):
    """How much is kept of the page's visits, by its place."""
    session, queue = page.app.state_holder, page._queue
    places = {
        "sessions": session.session_data, "used": session.time_last_used, "visitors": session._visitors,
        "events": queue.event_ids_to_events, "messages": queue.pending_messages_per_session,
        "waited for": queue.pending_event_ids_session, "listeners": queue._listeners,
        "iterators": page.app.iterators,
    }  # fmt: skip
    return {name: len(each) for name, each in places.items()}


def test_hundreds_of_events_of_one_open_page_leave_nothing_behind(served):
    page, uploads = served

    async def a_day():
        visit = await opened(page.local_url.rstrip("/"))
        try:
            await walk(visit, FIRST)
            before, there = objects(), kept(page)
            await walk(visit, MORE)
            grown = objects() - before
            assert kept(page) == there
            assert there["sessions"] == 1
            assert grown < MORE / 4, grown
            for number in range(8):
                await bring(visit, number)
            assert 1 <= uploads.count < 8
            assert uploads._kept.total <= 60_000
            assert kept(page) == there
            assert len(page._queue.event_analytics) <= 1
        finally:
            await visit.close()

    event_loop.run(a_day())
