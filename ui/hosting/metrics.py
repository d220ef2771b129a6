"""Figures for Prometheus at `/metrics`, where `--metrics` asks for them. They are not for the public.

They say how much is asked for and how the process does, and nothing of any visitor.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from retrieval.embedder import Embedder
from ui.hosting.access_log import Answered
from ui.hosting.drain import ServerState
from ui.uploads import UploadStore

#: Bounds of durations, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """All figures of a process.

    Args:
        state: Of the process.
        folder: Of its uploads.
        uploads: Visitors' photos that are kept.
        embedder: Owns the network.
    """

    def __init__(self, state: ServerState, folder: Path, uploads: UploadStore, embedder: Embedder) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.registry.register(_Now(state, folder, uploads, embedder))
        self._requests = Counter(
            "aerial_requests", "Requests that were answered.", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "aerial_request_seconds", "Seconds to the end of an answer, by route.", ["route"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._bytes = Counter(
            "aerial_sent_bytes", "Bytes of answers, before the network.", registry=self.registry
        )

    def count(self, answered: Answered) -> None:
        """Count a request."""
        self._requests.labels(answered.method, answered.route, str(answered.status)).inc()
        self._seconds.labels(answered.route).observe(answered.seconds)
        self._bytes.inc(answered.size)

    def answer(self) -> Response:
        """The figures, as Prometheus reads them."""
        return Response(
            generate_latest(self.registry),
            media_type=CONTENT_TYPE_LATEST,
            headers={"Cache-Control": "no-store"},
        )


class MetricsRoute:
    """Middleware: answers `/metrics`, if there are any; that path alone, and none below a proxy's.

    So a proxy keeps the figures from the public by refusing the one path that it makes `/metrics` of.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics | None) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self.metrics is None or scope["type"] != "http" or scope["path"] != "/metrics":
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await self.metrics.answer()(scope, receive, send)
        else:
            await PlainTextResponse("Ask with GET.\n", 405, {"Allow": "GET, HEAD"})(scope, receive, send)


class _Now(Collector):
    """What is read at the moment of asking."""

    def __init__(self, state: ServerState, folder: Path, uploads: UploadStore, embedder: Embedder) -> None:
        self._state, self._folder, self._uploads, self._embedder = state, folder, uploads, embedder

    def describe(self) -> list[Metric]:
        """Nothing: so that nothing is read before the page is there."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        ready = self._state.word() == "ready"
        yield GaugeMetricFamily("aerial_ready", "1 while /healthz says 200.", value=float(ready))
        yield GaugeMetricFamily(
            "aerial_requests_in_flight", "Requests being answered.", value=self._state.in_flight
        )
        page = self._state.page
        if page is not None:
            yield from _of_queue(page._queue)
            yield GaugeMetricFamily(
                "aerial_sessions",
                "Visits whose state is kept.",
                value=len(page.app.state_holder.session_data),
            )
        yield GaugeMetricFamily(
            "aerial_uploads_kept",
            "Photos of visitors whose vectors are kept.",
            value=self._uploads.count,
        )
        network = GaugeMetricFamily(
            "aerial_network",
            "1 for where the network runs now, and what it computes in.",
            labels=["device", "dtype"],
        )
        network.add_metric([self._embedder.device, self._embedder.dtype], 1.0)
        yield network
        files, size = _size_of(self._folder)
        yield GaugeMetricFamily("aerial_upload_files", "Files of uploads on the disk.", value=files)
        yield GaugeMetricFamily("aerial_upload_bytes", "Bytes of these.", value=size)


def _of_queue(queue: object) -> Iterator[Metric]:
    """What Gradio's queue tells of itself; it has no types."""
    waiting = getattr(queue, "event_queue_per_concurrency_id", {})
    yield GaugeMetricFamily(
        "aerial_queue_waiting", "Events that wait.", value=sum(len(one.queue) for one in waiting.values())
    )
    yield GaugeMetricFamily(
        "aerial_queue_running", "Events that are being worked on.",
        value=sum(one.current_concurrency for one in waiting.values()),
    )  # fmt: skip
    seconds = SummaryMetricFamily(
        "aerial_event_seconds", "Seconds of work for events that went well.", labels=["event"]
    )
    totals: dict[str, tuple[int, float]] = {}
    for function, spent in list(getattr(queue, "process_time_per_fn", {}).items()):
        count, total = totals.get(function.name, (0, 0.0))
        totals[function.name] = (count + spent.count, total + spent.process_time)
    for name, (count, total) in totals.items():
        seconds.add_metric([name], count, total)
    yield seconds


def _size_of(folder: Path) -> tuple[int, int]:
    """Files in a folder, and their bytes."""
    files = size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # just deleted
                size += Path(parent, name).lstat().st_size
                files += 1
    return files, size
