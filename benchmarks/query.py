"""The cost of a query compared with torchvision's network, and of the start of the page: `make bench`.

For each query, the stages and both networks are timed in turn, so that other load on the machine affects
all: compare ratios, not milliseconds.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gradio_client import Client, handle_file
from PIL import Image

from benchmarks import records
from benchmarks.server import serve
from examples.scenes import CLASSES, draw
from retrieval import Retriever, SearchResult
from retrieval.collections.artifacts import WEIGHTS
from retrieval.maps.crops import GIVEN, Scale
from retrieval.maps.land_use import embed_tiles
from retrieval.maps.overlays import find_overlays
from retrieval.maps.scale import metres_per_pixel
from retrieval.network import build_network
from retrieval.query import Query
from retrieval.retriever import SHIPPED
from ui.components import photo_grid
from ui.render import charts, verdict

SEED = 5000  # of scenes that are in no collection
#: Of one image of 256 x 256 pixels: 5.35 billion products, each with a sum.
GFLOP = 10.7
OURS, THEIRS = "our forward", "torchvision's eager forward"
VISITORS, SECONDS = 16, 4.0
SCREENSHOT = (2560, 1440)  # pixels; at zoom 19 it has 91 tiles
LATITUDE = 44.43


def main() -> None:
    """Print the tables, and write the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.query", description=__doc__)
    parser.add_argument("--queries", type=int, default=42, help="how many queries (%(default)s)")
    parser.add_argument(
        "--records", type=Path, default=records.RECORDS, metavar="DIR", help="(docs/performance)"
    )
    options = parser.parse_args()
    photos = [_jpeg(CLASSES[number % len(CLASSES)], SEED + number) for number in range(options.queries)]

    retriever = Retriever.load(device="cpu")
    network = build_network(SHIPPED / WEIGHTS)
    figures: dict[str, Any] = {"queries": options.queries, "dtype": retriever.embedder.dtype}
    seconds = time_queries(retriever, network, photos)
    figures["stages"] = {stage: _summary(each, seconds) for stage, each in seconds.items()}
    figures["products"] = measure_products()
    figures["map"] = time_map(retriever)
    figures["together"] = {limit: time_together(retriever, limit) for limit in (1, 2, 4, 8)}
    figures["page"] = time_page(photos)
    path = records.write("query", figures, options.records)

    print(f"One query on the CPU in {figures['dtype']}, {options.queries} times")
    print(f"{'stage':<30}{'median ms':>10}{'least':>8}{'of torchvision':>16}")
    for stage, row in figures["stages"].items():
        print(f"{stage:<30}{row['median_ms']:>10.1f}{row['least_ms']:>8.1f}{row['ratio']:>16.2f}")
    print("\nThe limit: one image at the rate of matrix products alone")
    for kind, row in figures["products"].items():
        print(f"{kind:<30}{row['limit_ms']:>10.1f} ms at {row['gflops']:.0f} GFLOP/s")
    print(f"\n{figures['map']['tiles']} tiles of a map: {figures['map']['seconds']:.2f} s")
    print(f"{VISITORS} at once, an image each:")
    for limit, row in figures["together"].items():
        print(f"  up to {limit} a batch: {row['per_second']:.0f} a second, p95 {row['p95_ms']:.0f} ms")
    page = figures["page"]
    print(f"\nThe page: start to ready {page['ready_s']:.1f} s ({page['ready_cpu_s']:.1f} s of computing)")
    print(f"peak memory {page['peak_mb']:.0f} MB, torch {'is' if page['torch'] else 'is not'} loaded")
    print(f"/search over HTTP, upload included: {page['search_ms']:.0f} ms (median)\n\nWritten to {path}")


def time_queries(
    retriever: Retriever, network: torch.nn.Module, photos: list[bytes]
) -> dict[str, list[float]]:
    """Seconds of each stage for each photo (bytes of a file), and of both networks alone."""
    size = retriever.embedder.preprocessing.size
    batch = torch.randn(1, 3, size, size).contiguous(memory_format=torch.channels_last)
    network = network.to(memory_format=torch.channels_last)  # which is the faster order
    pixels = np.random.default_rng(SEED).integers(0, 256, (1, 3, size, size), np.uint8)
    seconds: dict[str, list[float]] = defaultdict(list)
    for photo in [*photos[:3], *photos]:  # the first three warm up
        result, whole = _timed(retriever.search, photo)
        _, ours = _timed(retriever.embedder.runtime.vectors, pixels)
        with torch.inference_mode():
            _, theirs = _timed(network, batch)
        _, render = _timed(_render, result)
        for stage, duration in result.seconds.items():
            seconds[stage].append(duration)
        seconds["render"].append(render)
        seconds["whole"].append(whole + render)
        seconds[OURS].append(ours)
        seconds[THEIRS].append(theirs)
    return {stage: durations[3:] for stage, durations in seconds.items()}


def measure_products(side: int = 2048) -> dict[str, dict[str, float]]:
    """The rate of matrix products, in GFLOP a second, and what an image would take at that rate."""
    found = {}
    for kind in (torch.float32, torch.bfloat16):
        one = torch.randn(side, side).to(kind)
        seconds = min(_timed(torch.mm, one, one)[1] for _ in range(8))
        rate = 2 * side**3 / seconds / 1e9
        found[str(kind).removeprefix("torch.")] = {
            "gflops": round(rate, 1),
            "limit_ms": round(1000 * GFLOP / rate, 2),
        }
    return found


def time_map(retriever: Retriever) -> dict[str, float]:
    """Seconds to embed the tiles of a screenshot."""
    image = Image.new("RGB", SCREENSHOT)
    for number in range(60):
        image.paste(
            draw(CLASSES[number % len(CLASSES)], SEED + number), (number % 10 * 256, number // 10 * 256)
        )
    scale = Scale(metres_per_pixel(LATITUDE, 19), GIVEN)
    overlays = find_overlays(image)
    runs = [_timed(embed_tiles, image, overlays, scale, retriever.embedder) for _ in range(3)]
    return {"tiles": len(runs[0][0].places), "seconds": round(min(seconds for _, seconds in runs), 2)}


def time_together(retriever: Retriever, limit: int) -> dict[str, float]:
    """Images a second, and the 95th percentile of the wait, while visitors embed one after another."""
    embedder, image = retriever.embedder, draw("harbor", SEED)
    usual, embedder.runtime.batch = embedder.runtime.batch, limit
    waits: list[float] = []
    end = time.perf_counter() + SECONDS

    def visit() -> None:
        while time.perf_counter() < end:
            waits.append(_timed(embedder.embed, [image])[1])

    threads = [threading.Thread(target=visit) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    embedder.runtime.batch = usual
    return {
        "per_second": round(len(waits) / SECONDS, 1),
        "p95_ms": round(1000 * float(np.percentile(waits, 95)), 1),
    }


def time_page(photos: list[bytes]) -> dict[str, Any]:
    """From start to ready, a `/search` over HTTP, the server's peak memory, and whether it loaded torch."""
    starts = []
    for _ in range(2):  # the first one warms the disk's cache
        with serve() as server:
            starts.append((server.seconds, _computing(server.pid)))
    with serve() as server, tempfile.TemporaryDirectory() as place:
        starts.append((server.seconds, _computing(server.pid)))
        client = Client(server.address, verbose=False)
        durations = []
        for number, photo in enumerate(photos[:12]):
            path = Path(place) / f"{number}.jpg"
            path.write_bytes(photo)
            _, duration = _timed(client.predict, image=handle_file(path), api_name="/search")
            durations.append(duration)
        return {
            "ready_s": round(min(wall for wall, _ in starts), 2),
            "ready_cpu_s": round(min(computing for _, computing in starts), 2),
            "search_ms": round(1000 * statistics.median(durations), 1),
            "peak_mb": round(_peak_memory(server.pid)),
            "torch": "libtorch" in Path(f"/proc/{server.pid}/maps").read_text(),
        }


def _summary(durations: list[float], seconds: dict[str, list[float]]) -> dict[str, float]:
    pairs = zip(durations, seconds[THEIRS], strict=True)
    return {
        "median_ms": round(1000 * statistics.median(durations), 2),
        "least_ms": round(1000 * min(durations), 2),
        "ratio": round(statistics.median(one / other for one, other in pairs), 3),
        "least_ratio": round(min(durations) / min(seconds[THEIRS]), 3),
    }


def _render(result: SearchResult) -> None:
    """Make all that the page shows of a result."""
    photo_grid.answer(result)
    verdict.summary(result, Query())
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


def _computing(pid: int) -> float:
    """Seconds that all threads of a process computed: other load on the machine changes it little."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) * 1024 / 1e6  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
