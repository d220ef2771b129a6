"""The end of the process: what runs is answered, who waits is told, and no trace stays."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.hosting.conftest import AT_WORK

PHOTO = next((Path(__file__).resolve().parents[2] / "examples" / "queries").glob("*.webp"))
#: More than run at a time.
MANY = 14

TOLD = "The page is being restarted: try again in a minute."


def upload(address: str) -> str:
    answer = httpx.post(
        f"{address}/gradio_api/upload", files={"files": ("photo.webp", PHOTO.read_bytes())}, trust_env=False
    )
    return answer.json()[0]


def ask(address: str, path: str) -> str:
    """Call the endpoint. Returns the event's name."""
    body = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, 3, "scenes", 0]}
    answer = httpx.post(f"{address}/gradio_api/call/search", json=body, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()["event_id"]


def answer_of(address: str, event: str) -> str:
    return httpx.get(f"{address}/gradio_api/call/search/{event}", trust_env=False, timeout=60).text


def health(page) -> str:
    try:
        return httpx.get(f"{page.address}/healthz", trust_env=False).text
    except httpx.TransportError as error:
        time.sleep(1.0)
        raise AssertionError(f"ended with {page.process.poll()}:\n{page.log}") from error


def wait_for_work(address: str) -> None:
    for _ in range(400):
        figures = httpx.get(f"{address}/metrics", trust_env=False).text
        if "aerial_queue_running 0.0" not in figures.splitlines():
            return
        time.sleep(0.05)
    raise AssertionError(figures)


@pytest.mark.parametrize(
    ("number", "options"), [(signal.SIGTERM, []), (signal.SIGINT, ["--mcp"])], ids=["SIGTERM", "Ctrl+C"]
)
def test_what_runs_is_answered_and_who_waits_is_told(start, number, options):
    page = start("--metrics", *options, slowed=3.0)
    address = page.ready()
    photo = upload(address)
    assert list(page.uploads.glob("*/*/*.webp"))
    events = [ask(address, photo) for _ in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        answers = [pool.submit(answer_of, address, event) for event in events]
        wait_for_work(address)
        time.sleep(0.3)
        page.send(number)
        time.sleep(0.3)
        health = httpx.get(f"{address}/healthz", trust_env=False)
        refused = httpx.post(f"{address}/gradio_api/call/search", json={"data": []}, trust_env=False)
        joins = httpx.post(f"{address}/ro/gradio_api/queue/join", json={"data": []}, trust_env=False)
        picture = httpx.get(f"{address}/photos/scenes/harbor03/small", trust_env=False)
        texts = [answer.result() for answer in answers]
    assert (health.status_code, health.text) == (503, "draining\n")
    assert refused.status_code == 503
    assert refused.json()["detail"] == TOLD
    assert int(refused.headers["retry-after"]) > 0
    assert "Pagina se repornește" in joins.json()["error"]
    assert picture.status_code == 200  # what is no work is answered still
    answered = sum('"neighbours"' in text for text in texts)
    told = sum(TOLD in text for text in texts)
    assert answered >= 2
    assert told >= 2
    assert answered + told == MANY
    assert page.ended() == 0
    for words in ("Traceback", "terminate called", "Exception", "Error"):
        assert words not in page.log
    assert not list(page.uploads.glob("aerial-uploads-*"))


@pytest.mark.parametrize("torch", [False, True], ids=["OpenVINO", "torch"])
def test_who_is_answered_too_slowly_is_told_and_the_process_ends_though_the_network_runs(start, torch):
    program = AT_WORK.format(seconds=60, torch=torch)
    page = start("--metrics", "--drain-seconds", "1", program=program)
    address = page.ready()
    assert ("runs in torch" in page.log) == torch
    photo = upload(address)
    events = [ask(address, photo) for _ in range(4)]
    with ThreadPoolExecutor(len(events)) as pool:
        answers = [pool.submit(answer_of, address, event) for event in events]
        wait_for_work(address)
        time.sleep(0.5)
        page.send(signal.SIGINT)
        assert all(TOLD in answer.result() for answer in answers)
    assert page.ended(15) == 0
    assert "Traceback" not in page.log
    assert "terminate called" not in page.log


def test_a_second_signal_ends_the_process_at_once(start):
    page = start("--metrics", slowed=60.0)
    address = page.ready()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(answer_of, address, ask(address, upload(address)))  # what nobody listens to is not begun
        wait_for_work(address)
        page.send(signal.SIGTERM)
        while "draining" not in health(page):
            time.sleep(0.05)
        page.send(signal.SIGINT)
        assert page.ended(5) == 128 + signal.SIGINT
    assert "Traceback" not in page.log


def test_ctrl_c_before_the_page_is_served_leaves_no_traceback(start):
    page = start(slowed=0.0)
    while "begins" not in page.log:
        assert page.process.poll() is None, page.log
        time.sleep(0.02)
    time.sleep(0.5)
    page.send(signal.SIGINT)
    assert page.ended(30) == 0
    assert "Traceback" not in page.log
