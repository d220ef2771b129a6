"""A small page with the bounds of the real one, on this machine's loopback."""

import threading
from types import SimpleNamespace

import gradio as gr
import httpx
import pytest

from ui.events import LOOK_UP_QUEUE, PAGE_ONLY, SEARCH_QUEUE
from ui.limits import bound, limits


class Work:
    """What the page's events do: count, and wait until they may go on."""

    def __init__(self):
        self.begun, self.order, self.may_end = threading.Semaphore(0), [], threading.Event()

    def search(self, name):
        self.order.append(name)
        self.begun.release()
        assert self.may_end.wait(30)
        return name

    def look_up(self, name):
        return name


@pytest.fixture
def work():
    made = Work()
    yield made
    made.may_end.set()


@pytest.fixture
def served(work, tmp_path, monkeypatch):
    """The page: its address, its parts, and a client of it."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    with gr.Blocks() as page:
        name, choice = gr.Textbox(), gr.Dropdown(["a", "b"])
        shown = gr.HTML()
        state = gr.State()
        call = gr.Button()
        call.click(work.search, name, shown, api_name="search", **SEARCH_QUEUE)
        call.click(work.look_up, name, shown, api_name="look_up", **LOOK_UP_QUEUE)
        call.click(lambda: gr.update(choices=["c"]), None, choice, queue=False, api_name="offer", **PAGE_ONLY)
        call.click(lambda chosen: chosen, choice, state, queue=False, api_name="choose", **PAGE_ONLY)
    bound(page)
    middleware = limits(page)
    page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False,
        app_kwargs={"middleware": middleware}, max_file_size=1000,
    )  # fmt: skip
    with httpx.Client(base_url=page.local_url, timeout=30) as client:
        yield SimpleNamespace(page=page, queue=page._queue, client=client, middleware=middleware)
    work.may_end.set()
    page.close()
