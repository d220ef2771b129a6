"""Cheap things do not wait for costly ones, nothing is done for nobody, and a full queue says so."""

import contextlib
import json
import socket
import threading
import time

import pytest

from ui.hosting import drain
from ui.limits import queueing
from ui.limits.queueing import LANES, Lane


@pytest.fixture
def lanes(monkeypatch):
    """Searches: one at a time, two wait."""
    monkeypatch.setitem(LANES, "search", Lane(running=1, waiting=2, each=2))


@pytest.fixture
def first(served, work, lanes):
    """The search that is at work when a test begins."""
    return begin(served, work)


def begin(served, work):
    stream = listened(served, "search", "first")
    served.queue.event_queue_per_concurrency_id["search"].concurrency_limit = 1
    assert work.begun.acquire(timeout=10)
    return stream


class Stream:
    """An answer that somebody listens for, in a thread."""

    def __init__(self, served, path):
        self.lines = []

        def listen():
            with contextlib.suppress(Exception), served.client.stream("GET", path) as response:
                for line in response.iter_lines():
                    self.lines.append(line)

        self.thread = threading.Thread(target=listen, daemon=True)
        self.thread.start()

    def end(self):
        self.thread.join(20)
        assert not self.thread.is_alive()
        return "\n".join(self.lines)


def asked(served, name, data, address="198.51.100.1"):
    """A call of the API, from an address that the server's proxy names."""
    headers = {"X-Forwarded-For": address}
    return served.client.post(f"/gradio_api/call/{name}", json={"data": [data]}, headers=headers)


def listened(served, name, data, address="198.51.100.1"):
    answer = asked(served, name, data, address)
    assert answer.status_code == 200, answer.text
    return Stream(served, f"/gradio_api/call/{name}/{answer.json()['event_id']}")


def until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def waiting(served):
    return len(served.queue)


def test_a_look_up_waits_for_no_search(served, work, monkeypatch):
    lane = Lane(running=1, waiting=50)
    monkeypatch.setitem(LANES, "search", lane)
    searches = [listened(served, "search", f"photo {number}") for number in range(20)]
    assert work.begun.acquire(timeout=10)
    assert "harbor03" in listened(served, "look_up", "harbor03").end()
    assert not work.may_end.is_set()
    work.may_end.set()
    assert all("complete" in search.end() for search in searches)


def test_a_full_queue_answers_in_a_sentence_and_says_when_to_come_again(served, work, first):
    streams = [first, *fill(served)]
    refused = asked(served, "search", "one too many")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json()["detail"].startswith("Too many people are asking at the moment: try again in ")
    body = {"fn_index": 0, "data": ["x"], "session_hash": "a page", "trigger_id": None}
    of_page = served.client.post(
        "/gradio_api/queue/join", json=body, headers={"X-Forwarded-For": "198.51.100.1"}
    )
    assert of_page.status_code == 429  # of a 503, Gradio's page shows words of its own
    assert of_page.json() == refused.json()
    assert of_page.headers["Retry-After"]
    work.may_end.set()
    assert all("complete" in stream.end() for stream in streams)


def fill(served, address="198.51.100.1"):
    """As many searches as fill the line."""
    streams = []
    while waiting(served) < LANES["search"].waiting:
        before = waiting(served)
        streams.append(listened(served, "search", f"waits {before}", address))
        until(lambda: waiting(served) > before)  # noqa: B023
    return streams


def test_one_visitor_cannot_take_the_queue(served, work, first):
    greedy = fill(served)
    other = listened(served, "search", "other", "203.0.113.9")
    assert "Too many people are asking" in greedy[-1].end()  # its place went to the other
    work.may_end.set()
    assert "complete" in other.end()
    assert all("complete" in stream.end() for stream in [first, *greedy[:-1]])
    assert set(work.order) == {"first", "waits 0", "other"}


def test_who_asks_for_one_thing_is_next(served, work, monkeypatch):
    monkeypatch.setitem(LANES, "search", Lane(running=1, waiting=50))
    streams = [begin(served, work)]
    streams += [listened(served, "search", f"greedy {number}") for number in range(9)]
    until(lambda: waiting(served) == 9)
    streams.append(listened(served, "search", "other", "203.0.113.9"))
    until(lambda: waiting(served) == 10)
    work.may_end.set()
    assert all("complete" in stream.end() for stream in streams)
    assert work.order.index("other") <= 2


def test_one_page_has_a_bound_of_its_own(served, work, lanes):
    body = {"fn_index": 0, "data": ["x"], "session_hash": "a page", "trigger_id": None}
    codes = [served.client.post("/gradio_api/queue/join", json=body) for _ in range(3)]
    assert [answer.status_code for answer in codes] == [200, 200, 429]
    assert codes[2].json()["detail"] == "You asked for 2 things at once: wait for their answers."
    assert codes[2].headers["Retry-After"]


def test_a_call_that_nobody_reads_is_not_done_and_nothing_is_left_of_it(served, work, monkeypatch):
    monkeypatch.setattr(queueing, "LISTEN_WITHIN", 0.3)
    for number in range(5):
        assert asked(served, "search", f"unheard {number}").status_code == 200
    until(lambda: waiting(served) == 0)
    work.may_end.set()
    assert "complete" in listened(served, "search", "heard").end()
    assert work.order == ["heard"]
    nothing_left(served)


def nothing_left(served):
    queue = served.queue
    until(lambda: not queue.event_ids_to_events and not queue._listeners)
    until(lambda: not queue.pending_messages_per_session and not queue.pending_event_ids_session)
    assert len(queue.event_analytics) <= 1
    assert not served.page.app.iterators


def test_a_stream_that_is_closed_takes_its_search_out_of_the_line(served, work, first):
    event = asked(served, "search", "closed").json()["event_id"]
    with socket.create_connection((served.page.server_name, served.page.server_port)) as connection:
        connection.sendall(f"GET /gradio_api/call/search/{event} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: served.queue._listeners[event])
        assert waiting(served) == 1
    until(lambda: waiting(served) == 0)
    work.may_end.set()
    assert "complete" in first.end()
    assert work.order == ["first"]
    nothing_left(served)


def test_a_call_leaves_nothing_behind(served, work):
    work.may_end.set()
    for number in range(30):
        assert "complete" in listened(served, "look_up", f"photo {number}").end()
    nothing_left(served)
    assert not served.page.app.state_holder.session_data
    assert not served.page.app.state_holder.time_last_used


def test_what_is_queued_cannot_be_had_beside_the_queue(served, work):
    work.may_end.set()
    assert served.client.post("/gradio_api/run/search", json={"data": ["x"]}).status_code == 404
    assert work.order == []


def test_an_event_that_is_not_there_is_refused(served):
    body = {"fn_index": 99, "data": [], "session_hash": "a page"}
    assert served.client.post("/gradio_api/queue/join", json=body).status_code == 400


def test_who_waits_is_told_his_place(served, work, first):
    body = {"fn_index": 0, "data": ["x"], "session_hash": "a page", "trigger_id": None}
    served.client.post("/gradio_api/queue/join", json=body)
    page = Stream(served, "/gradio_api/queue/data?session_hash=a%20page")
    until(lambda: any("estimation" in line for line in page.lines))
    told = [json.loads(line[6:]) for line in page.lines if "estimation" in line]
    assert (told[0]["rank"], told[0]["queue_size"]) == (0, 1)
    work.may_end.set()
    assert "process_completed" in page.end()
    first.end()


def joined(served, session, address="198.51.100.1"):
    body = {"fn_index": 0, "data": ["x"], "session_hash": session, "trigger_id": None}
    headers = {"X-Forwarded-For": address}
    return served.client.post("/gradio_api/queue/join", json=body, headers=headers)


def cancelled(served, session, event_id, fn_index=0):
    body = {"session_hash": session, "fn_index": fn_index, "event_id": event_id}
    return served.client.post("/gradio_api/cancel", json=body).status_code


def test_a_call_that_is_cancelled_leaves_nothing_behind(served, work, first):
    queue = served.queue
    kept = len(queue.pending_messages_per_session)
    for number in range(20):
        event_id = joined(served, f"cancels {number}").json()["event_id"]
        assert cancelled(served, f"cancels {number}", event_id) == 200
        event_id = joined(served, f"cancels {number}").json()["event_id"]
        assert cancelled(served, "named otherwise", event_id) == 200
    until(lambda: len(queue.pending_messages_per_session) == kept)
    assert not any("cancels" in session for session in queue.pending_event_ids_session)
    work.may_end.set()
    assert "complete" in first.end()
    nothing_left(served)


def test_who_cancels_without_end_makes_nobody_lose_an_answer(served, work, first):
    served.queue.pending_messages_per_session.max_size = 5
    for number in range(6):
        event_id = joined(served, f"cancels {number}").json()["event_id"]
        assert cancelled(served, f"cancels {number}", event_id) == 200
    work.may_end.set()
    assert "complete" in first.end()


def test_a_message_for_a_session_that_is_gone_goes_nowhere(served, work, first):
    joined(served, "gone")
    served.queue.pending_messages_per_session.pop("gone")
    for name in served.queue.event_queue_per_concurrency_id:
        served.queue.broadcast_estimations(name)
    (event,) = served.queue.event_queue_per_concurrency_id["search"].queue
    drain._tell(served.queue, event)  # the end of the process is none the worse
    assert event._id not in served.queue.event_ids_to_events


def test_what_is_not_read_of_one_session_is_bounded(served, work, first, monkeypatch):
    monkeypatch.setattr(queueing, "MAX_UNREAD", 6)
    joined(served, "reads nothing")
    with served.queue.listening("reads nothing"):  # a stream whose other end takes nothing
        codes = []
        for _ in range(12):
            answer = joined(served, "reads nothing")
            codes.append(answer.status_code)
            if answer.status_code == 200:
                cancelled(served, "named otherwise", answer.json()["event_id"])
        assert codes[0] == 200
        assert codes[-1] == 429
        for _ in range(20):
            served.queue.broadcast_estimations("search")
        assert served.queue.pending_messages_per_session["reads nothing"].qsize() <= 8
