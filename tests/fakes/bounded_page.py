"""A small page with the bounds of the real one, on this machine's loopback."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import gradio as gr
import httpx

from ui.events import LOOK_UP_QUEUE, PAGE_ONLY, SEARCH_QUEUE
from ui.i18n import use_language
from ui.limits import bound, limits
from ui.panels.queue_position import queue_position


class Work:
    """What the page's events do: they say that they began, and wait until they may end."""

    def __init__(self):
        self.begun, self.order, self.may_end = threading.Semaphore(0), [], threading.Event()

    def search(self, name):
        """Found at once when it may end."""
        self.order.append(name)
        self.begun.release()
        assert self.may_end.wait(30)
        return name

    def look_up(self, name):
        """Found at once."""
        return name


@contextmanager
def serve(work, language="en"):
    """Serve the page: gives it, its queue, and a client of it."""
    with use_language(language), gr.Blocks() as page:
        queue_position()
        name, choice = gr.Textbox(), gr.Dropdown(["a", "b"])
        shown, state = gr.HTML("nothing yet", elem_id="shown"), gr.State()
        call = gr.Button("Search", elem_id="search")
        call.click(work.search, name, shown, api_name="search", **SEARCH_QUEUE)
        call = gr.Button("Look up")
        call.click(work.look_up, name, shown, api_name="look_up", **LOOK_UP_QUEUE)
        call.click(lambda: gr.update(choices=["c"]), None, choice, queue=False, api_name="offer", **PAGE_ONLY)
        call.click(lambda chosen: chosen, choice, state, queue=False, api_name="choose", **PAGE_ONLY)
    bound(page)
    page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, max_file_size=1000,
        app_kwargs={"middleware": limits(page)},
    )  # fmt: skip
    try:
        with httpx.Client(base_url=page.local_url, timeout=30) as client:
            yield SimpleNamespace(page=page, queue=page._queue, client=client, address=page.local_url)
    finally:
        work.may_end.set()
        page.close()
