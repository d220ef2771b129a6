"""The cost of a query compared with the bare network, and of the start of the page: `make bench`.

For each query, the stages and the bare network are timed in turn, so that other load on the machine affects
both: compare ratios, not milliseconds.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from gradio_client import Client, handle_file

from benchmarks.server import serve
from examples.scenes import CLASSES, draw
from retrieval import Retriever, SearchResult
from retrieval.collections.artifacts import WEIGHTS
from retrieval.network import build_network
from retrieval.retriever import SHIPPED
from ui.components import photo_grid
from ui.render import charts, sentences

SEED = 5000  # of scenes that are in no collection


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.query", description=__doc__)
    parser.add_argument("--queries", type=int, default=42, help="how many queries (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the network (%(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    photos = [_jpeg(CLASSES[number % len(CLASSES)], SEED + number) for number in range(options.queries)]

    retriever = Retriever.load(device="cpu")
    network = build_network(SHIPPED / WEIGHTS)
    seconds = time_queries(retriever, network, photos)
    bare = seconds.pop("bare forward")
    print(f"One query, CPU, {options.threads} threads, median of {options.queries}")
    print(f"{'stage':<14}{'ms':>8}{'of bare forward':>18}")
    for stage, durations in [*seconds.items(), ("bare forward", bare)]:
        ratio = statistics.median(one / other for one, other in zip(durations, bare, strict=True))
        print(f"{stage:<14}{1000 * statistics.median(durations):>8.1f}{ratio:>18.2f}")

    ready, round_trip, peak = time_page(photos)
    print(f"\nThe page: start to ready {ready:.1f} s, peak memory {peak:.0f} MB")
    print(f"/search over HTTP, upload included: {1000 * round_trip:.0f} ms (median)")


def time_queries(
    retriever: Retriever, network: torch.nn.Module, photos: list[bytes]
) -> dict[str, list[float]]:
    """Seconds of each stage for each photo (bytes of a file), and of the network alone."""
    size = retriever.embedder.preprocessing.size
    batch = torch.randn(1, 3, size, size).contiguous(memory_format=torch.channels_last)
    network = network.to(memory_format=torch.channels_last)  # as the embedder has it
    seconds: dict[str, list[float]] = defaultdict(list)
    for photo in [*photos[:3], *photos]:  # the first three warm up
        with torch.inference_mode():
            _, bare = _timed(network, batch)
        result, whole = _timed(retriever.search, photo)
        _, render = _timed(_render, result)
        for stage, duration in result.seconds.items():
            seconds[stage].append(duration)
        seconds["render"].append(render)
        seconds["whole"].append(whole + render)
        seconds["bare forward"].append(bare)
    return {stage: durations[3:] for stage, durations in seconds.items()}


def time_page(photos: list[bytes]) -> tuple[float, float, float]:
    """Seconds from start to ready, seconds of a `/search` over HTTP, and the server's peak memory in MB."""
    with serve() as server, tempfile.TemporaryDirectory() as place:
        client = Client(server.address, verbose=False)
        durations = []
        for number, photo in enumerate(photos[:12]):
            path = Path(place) / f"{number}.jpg"
            path.write_bytes(photo)
            _, duration = _timed(client.predict, image=handle_file(path), api_name="/search")
            durations.append(duration)
        return server.seconds, statistics.median(durations), _peak_memory(server.pid)


def _render(result: SearchResult) -> None:
    """Make all that the page shows of a result."""
    photo_grid.answer(result)
    sentences.summary(result)
    charts.distances(result, result.neighbours)
    charts.histogram(result)
    charts.table_html(result)


def _timed(action: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[Any, float]:  # noqa: ANN401
    started = time.perf_counter()
    value = action(*arguments, **named)
    return value, time.perf_counter() - started


def _jpeg(label: str, seed: int) -> bytes:
    data = io.BytesIO()
    draw(label, seed).save(data, "JPEG", quality=90)
    return data.getvalue()


def _peak_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) * 1024 / 1e6  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
