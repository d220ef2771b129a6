"""Serve the page, and end well: Gradio's launch between what the public needs before, around and after it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from starlette.middleware import Middleware

from retrieval import Retriever
from retrieval.collections.photo_fetch import PhotoFetch
from ui.example_uploads import ExampleUploads
from ui.hosting.access_log import Answered, Observed, open_log, write_line
from ui.hosting.answers import Answers
from ui.hosting.connections import SlowBodies, close_silent, limit
from ui.hosting.drain import DRAIN_SECONDS, Health, ServerState, TakesWork, drain
from ui.hosting.gradio_routes import OpenRoutes
from ui.hosting.hosts import AllowedHosts, allowed_hosts
from ui.hosting.link_cards import LinkCards
from ui.hosting.page_head import PageHead
from ui.hosting.security import FRAMED_BY, SecurityHeaders
from ui.hosting.upload_folder import Sweeper, upload_folder
from ui.i18n.routing import LanguageByPath
from ui.limits import limits
from ui.limits.upload_limits import FILE_BYTES
from ui.manage.folders import OwnFolders
from ui.page import (
    MANAGING_STYLES,
    NO_NAVIGATION,
    SESSIONS,
    STATIC,
    STYLES,
    build_page,
    opened_first,
    script,
    theme,
)
from ui.refusals import HANDLERS
from ui.routes import routes
from ui.uploads import UploadStore
from ui.whole_maps import WholeMaps


@dataclass(frozen=True)
class Hosting:
    """Where and how the page is served.

    Attributes:
        host: Address to listen on; None for this machine alone.
        port: None for the first free one from 7860.
        root_path: Path under which a proxy serves the page, such as '/aerial'; None for GRADIO_ROOT_PATH.
        allowed_hosts: Names by which the page may be asked for, see `ui.hosting.hosts`.
        frame_ancestors: Origins whose pages may show this one in a frame.
        share: Whether to open Gradio's public link.
        mcp: Whether to serve tools for language models.
        access_log: Whether to write a line for each request.
        metrics: Whether to answer `/metrics`.
        drain_seconds: What running work is given when the process is told to end.
        manage: Whether folders are managed on the page, where `ui.hosting.managing` has nothing against it.
        device: Where the network of what makes collections runs; None for a GPU where there is one.
    """

    host: str | None = None
    port: int | None = None
    root_path: str | None = None
    allowed_hosts: Sequence[str] = ()
    frame_ancestors: Sequence[str] = FRAMED_BY
    share: bool = False
    mcp: bool = False
    access_log: bool = False
    metrics: bool = False
    drain_seconds: float = DRAIN_SECONDS
    manage: bool = False
    device: str | None = None


def serve(retriever: Retriever, fetch: PhotoFetch, hosting: Hosting) -> None:
    """Serve the page until SIGTERM or SIGINT (Ctrl+C), then answer what runs; a second one ends at once.

    Args:
        retriever: Answers.
        fetch: Brings photos that are missing, while the page is served.
        hosting: Where and how.

    Raises:
        OSError: If the port is taken or not allowed, or uploads have no place.
    """
    state = ServerState()
    with _stop_on_signals() as stop, upload_folder() as folder:
        uploads, examples, maps = UploadStore(), ExampleUploads(retriever, fetch), WholeMaps()
        folders = OwnFolders(retriever, hosting.device) if hosting.manage else None
        page = build_page(retriever, uploads, examples, maps, folders)
        if folders:
            folders.load()
        loops: list[asyncio.AbstractEventLoop] = []

        @asynccontextmanager
        async def running(_app: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Gradio's
            loops.append(asyncio.get_running_loop())
            yield

        page.launch(
            prevent_thread_lock=True,
            server_name=hosting.host,
            server_port=hosting.port,
            root_path=hosting.root_path,
            share=hosting.share,
            mcp_server=hosting.mcp,
            state_session_capacity=SESSIONS,
            max_file_size=FILE_BYTES,  # of rasters; of others `ui.limits.upload_limits` takes less
            theme=theme(),
            css_paths=[STATIC / f"{name}.css" for name in (*STYLES, *(MANAGING_STYLES if folders else ()))],
            js=script(),
            head=NO_NAVIGATION,
            app_kwargs={
                "routes": routes(retriever, uploads, examples, maps),
                "middleware": [
                    *_middleware(hosting, state, folder, uploads, retriever),
                    *limits(page),
                ],
                "exception_handlers": HANDLERS,
                "lifespan": running,
            },
            footer_links=["api"],
            enable_monitoring=False,
            ssr_mode=False,
        )
        if not page.is_running:
            return
        examples.prepare_in_background()
        fetch.start()
        limit(page.server)
        watching = asyncio.run_coroutine_threadsafe(close_silent(page.server), loops[0])
        sweeper = Sweeper(folder, lambda: _never_deleted(page))
        state.page = page
        stop.wait()
        if folders:
            folders.stop()
        asyncio.run_coroutine_threadsafe(drain(state, hosting.drain_seconds), loops[0]).result()
        watching.cancel()
        sweeper.stop()
        page.close(verbose=False)
        if folders:
            folders.close()


def _middleware(
    hosting: Hosting, state: ServerState, folder: Path, uploads: UploadStore, retriever: Retriever
) -> list[Middleware]:
    """What stands around the page; the first sees a request first."""
    space = "SPACE_ID" in os.environ
    tell: list[Callable[[Answered], None]] = []
    if hosting.access_log:
        open_log()
        tell.append(write_line)
    figures: list[Middleware] = []
    if hosting.metrics:
        from ui.hosting.metrics import Metrics, MetricsRoute  # here, as its package is asked for by few

        metrics = Metrics(state, folder, uploads, retriever.embedder)
        tell.append(metrics.count)
        figures = [Middleware(MetricsRoute, metrics)]
    allowed = allowed_hosts(
        hosting.allowed_hosts,
        hosting.host or os.environ.get("GRADIO_SERVER_NAME"),
        share=hosting.share,
        space=space,
    )
    security = SecurityHeaders(
        hosting.frame_ancestors,
        share=hosting.share,
        space=space,
        streets=lambda: any(collection.places for collection in retriever.collections.values()),
    )
    return [
        Middleware(Observed, tell),
        Middleware(Health, state),
        *figures,
        Middleware(AllowedHosts, allowed),
        Middleware(Answers, security),
        Middleware(SlowBodies),
        Middleware(LanguageByPath),
        Middleware(PageHead, LinkCards(retriever, uploads, lambda: opened_first(retriever))),
        Middleware(OpenRoutes, mcp=hosting.mcp),
        Middleware(TakesWork, state),
    ]


def _never_deleted(page: Any) -> set[str]:  # noqa: ANN401 - Gradio's blocks
    """Files in the folder of uploads that are the page's own."""
    return {path for block in page.blocks.values() for path in getattr(block, "keep_in_cache", ())}


class _Stop:
    """Whether the process was told to end.

    A plain attribute: the lock of a `threading.Event` may be held by the thread that a signal interrupts.
    """

    def __init__(self) -> None:
        self.asked = False

    def wait(self) -> None:
        """Wait until it is."""
        while not self.asked:
            time.sleep(0.1)


@contextmanager
def _stop_on_signals() -> Iterator[_Stop]:
    """Inside the block the first SIGTERM or SIGINT asks to stop, and a second ends the process."""
    stop = _Stop()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.asked:
            os._exit(128 + number)
        stop.asked = True

    if threading.current_thread() is not threading.main_thread():  # there Python allows no handlers
        yield stop
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
