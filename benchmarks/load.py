"""A hundred visitors at once on the real page: `make load`.

Each opens the page with the pictures in it, uploads a photo of his own, which is searched, follows two
neighbours, and comes back as somebody else, for as long as it lasts. Between two steps he looks for
`--think` seconds, more or less. Then programs ask for neighbours, each call with a session of its own, and
memory is compared again: that of the server, and that of the processes which it started to decode files.
What is aimed at (`AIMS`) is printed and recorded with whether it is met.

All run on the machine of the server and share its cores with it. What the browser keeps, Gradio's own
scripts, is not asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import itertools
import json
import os
import platform
import random
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.browser_protocol import Connection, OpenPage, RefusedError
from benchmarks.process_tree import memory, processor_seconds
from benchmarks.server import PROJECT, Server, serve
from examples.scenes import CLASSES, draw

RECORD = PROJECT / "docs" / "load.json"
SEED = 7000  # of scenes that are in no collection
PHOTOS = 42

#: What is aimed at on two cores with a hundred visitors, and the most that meets it.
AIMS = {
    "errors": 0,
    "refusals": 0,
    "p95 of a search, s": 5.0,
    "p95 of a look-up, s": 0.3,
    "growth of memory with the visitors, MB": 100.0,
    "growth of memory with the calls, MB": 50.0,
}


@dataclass
class Log:
    """What happened.

    Attributes:
        seconds: Of each step.
        refusals: What was said, where the server would not.
        errors: What went wrong otherwise.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refusals: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long the block takes."""
        started = time.perf_counter()
        yield
        self.seconds[step].append(time.perf_counter() - started)


def main() -> None:
    """Print the tables and write the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=100, help="how many at once (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="for how long (%(default)s)")
    parser.add_argument("--think", type=float, default=3, help="seconds between two steps (%(default)s)")
    parser.add_argument("--calls", type=int, default=10_000, help="of the API, afterwards (%(default)s)")
    parser.add_argument("--record", type=Path, default=RECORD, help="where the figures go (%(default)s)")
    options = parser.parse_args()
    with serve() as server:
        figures = asyncio.run(measure(server, options))
    figures["aims"] = judged(figures)
    figures |= {"date": date.today().isoformat(), "cores": os.cpu_count(), "machine": platform.processor()}
    options.record.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(table(figures))


async def measure(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    """Everything that is measured, as the record has it."""
    config = json.loads(await Connection(server.address).ask("GET", "/config"))
    photos = [_jpeg(number) for number in range(PHOTOS)]
    names = itertools.count()
    # What is made once; two at a time, so that both of the processes are there that decode files.
    await asyncio.gather(*(visit(server.address, config, photos, names, Log(), 0) for _ in range(2)))
    before, spent, log = memory(server.pid), processor_seconds(server.pid), Log()
    ends = time.monotonic() + options.seconds
    started = time.process_time()
    await asyncio.gather(
        *(stay(server.address, config, photos, names, log, options, ends) for _ in range(options.visitors))
    )
    own = (time.process_time() - started) / options.seconds
    after, spent = memory(server.pid), processor_seconds(server.pid) - spent
    figures = {
        "visitors": options.visitors,
        "seconds": options.seconds,
        "think": options.think,
        "errors": len(log.errors),
        "refusals": len(log.refusals),
        "steps": {step: _percentiles(durations) for step, durations in log.seconds.items()},
        "cores used by the visitors": round(own, 2),
        "cores used by the server": round(spent / options.seconds, 2),
        "ms of a core for a visit": round(1000 * spent / max(len(log.seconds["open"]), 1)),
    }
    for told in sorted({*log.errors, *log.refusals}):
        print(f"  {told}")
    seconds = await call(server.address, options.calls)
    return figures | {
        "calls": options.calls,
        "calls a second": round(options.calls / max(seconds, 1e-9)),
        "memory MB": {"before": before, "after": after, "after calls": memory(server.pid)},
    }


async def stay(
    address: str, config: dict[str, Any], photos: list[bytes], names: Iterator[int], log: Log,
    options: argparse.Namespace, ends: float,
) -> None:  # fmt: skip
    """Visit again and again."""
    await asyncio.sleep(random.uniform(0, 4 * options.think))
    while time.monotonic() < ends:
        try:
            await visit(address, config, photos, names, log, options.think)
        except RefusedError as error:  # noqa: PERF203 - the next visit may be better
            (log.refusals if re.match("429|503", str(error)) else log.errors).append(str(error))
        except Exception as error:
            log.errors.append(repr(error))


async def visit(
    address: str, config: dict[str, Any], photos: list[bytes], names: Iterator[int], log: Log, think: float
) -> None:
    """Open the page, search with a photo, follow two neighbours. Raises RefusedError or OSError."""
    page = OpenPage(address, config)
    try:
        with log.timed("open"):
            await page.connection.ask("GET", "/")
            await asyncio.gather(*(_fire(page, event) for event in page.events("", "load")))
        await _look(page, log, think)
        number = next(names)
        photo = photos[number % len(photos)] + b"%d" % number  # another file to the server, the same picture
        (upload, *_) = page.events("upload", "upload")
        with log.timed("upload"):
            path = await page.upload(f"{number}.jpg", photo)
        page.values[upload["inputs"][1]] = {"path": path, "meta": {"_type": "gradio.FileData"}}
        with log.timed("search"):
            await page.send(upload)
        for event in page.following(upload):
            with log.timed("look-up"):
                await page.send(event)
        for _ in range(2):
            await _look(page, log, think)
            (walk,) = page.events("walk", "follow")
            clicked = random.choice(_tiles(page))
            page.values[walk["inputs"][-1]] = {
                "part": "neighbours", "event": "follow",
                "collection": clicked["collection"], "id": clicked["id"],
            }  # fmt: skip
            with log.timed("look-up"):
                await page.send(walk)
            for event in page.following(walk):
                with log.timed("look-up"):
                    await page.send(event)
        await _look(page, log, think)
    finally:
        await page.close()


async def _fire(page: OpenPage, event: dict[str, Any]) -> None:
    """An event and those that come after it, on a connection of its own."""
    own = OpenPage.__new__(OpenPage)
    own.__dict__ = page.__dict__ | {"connection": Connection(page.address)}
    try:
        await own.send(event)
        for after in page.following(event):
            await own.send(after)
    finally:
        own.connection.close()


def _tiles(page: OpenPage) -> list[dict[str, Any]]:
    """The photos that the page shows."""
    grids = (value for value in page.values.values() if isinstance(value, dict) and value.get("tiles"))
    return [tile for grid in grids for tile in grid["tiles"]]


async def _look(page: OpenPage, log: Log, think: float) -> None:
    """Fetch the pictures, and look at them."""
    for tile in _tiles(page)[:12]:
        with log.timed("picture"):
            await page.connection.ask("GET", "/" + tile["small"])
    await asyncio.sleep(random.uniform(0.5, 1.5) * think)


async def call(address: str, calls: int, at_once: int = 8) -> float:
    """Ask for neighbours by the API, each time with a session of its own. Returns the seconds it took."""
    left = iter(range(calls))
    body = json.dumps({"data": ["harbor03", 12, "scenes"]}).encode()

    async def caller() -> None:
        asks, listens = Connection(address), Connection(address)
        for _ in left:
            event = json.loads(await asks.ask("POST", "/gradio_api/call/neighbours_of", body))["event_id"]
            answer = await listens.ask("GET", f"/gradio_api/call/neighbours_of/{event}")
            if b"event: complete" not in answer:
                raise RefusedError(answer.decode(errors="replace"))

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    return time.perf_counter() - started


def judged(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each of the aims: what was measured (None: nothing was), the most that meets it, whether it is met."""
    totals = [sum(each.values()) for each in figures["memory MB"].values()]
    steps = figures["steps"]
    measured = (
        figures["errors"],
        figures["refusals"],
        steps["search"]["p95"] if "search" in steps else None,
        steps["look-up"]["p95"] if "look-up" in steps else None,
        round(totals[1] - totals[0], 1),
        round(totals[2] - totals[1], 1),
    )
    return {
        aim: {"measured": value, "most": most, "met": value is not None and value <= most}
        for (aim, most), value in zip(AIMS.items(), measured, strict=True)
    }


def table(figures: dict[str, Any]) -> str:
    """What is printed, in Markdown."""
    rows = [
        f"| {step} | {each['n']} | {1000 * each['p50']:.0f} | {1000 * each['p95']:.0f} "
        f"| {1000 * each['max']:.0f} |"
        for step, each in figures["steps"].items()
    ]
    moments = figures["memory MB"]
    held = [
        f"| {name} | " + " | ".join(f"{each[name]:.0f}" for each in moments.values()) + " |"
        for name in ("server", "workers")
    ]
    aims = [
        f"| {aim} | {each['measured']} | {each['most']:g} | {'met' if each['met'] else 'not met'} |"
        for aim, each in figures["aims"].items()
    ]
    return "\n".join(
        [
            f"{figures['visitors']} visitors, {figures['seconds']:g} s, {figures['think']:g} s between steps",
            "", "| step | n | p50, ms | p95, ms | slowest, ms |", "|---|---|---|---|---|", *rows, "",
            f"cores used: {figures['cores used by the server']} by the server, "
            f"{figures['cores used by the visitors']} by the visitors; "
            f"a visit takes {figures['ms of a core for a visit']} ms of a core",
            f"{figures['calls']} calls of the API, {figures['calls a second']} a second", "",
            f"| memory, MB | {' | '.join(moments)} |", "|---|---|---|---|", *held, "",
            "| aim | measured | at most | |", "|---|---|---|---|", *aims,
        ]
    )  # fmt: skip


def _percentiles(durations: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(durations, n=20, method="inclusive") if len(durations) > 1 else durations * 19
    return {
        "n": len(durations),
        "p50": round(statistics.median(durations), 4),
        "p95": round(cuts[18], 4),
        "max": round(max(durations), 4),
    }


def _jpeg(number: int) -> bytes:
    data = io.BytesIO()
    draw(CLASSES[number % len(CLASSES)], SEED + number).save(data, "JPEG", quality=90)
    return data.getvalue()


if __name__ == "__main__":
    main()
