"""Gives cases to worker processes, replaces those that end or hang, and counts what came of them."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.fuzz.worker import NAMED, RESULT, Outcome, made, main

#: The clock runs on while other processes have the processor: only what waits so long is killed.
HANGS = 30.0

#: Cases that are given out at a time, and that are kept of one finding.
CHUNK, KEPT = 50, 3

TARGETS = "benchmarks.fuzz.targets"


@dataclass
class Finding:
    """The cases of a target in which the same went wrong."""

    target: str
    kind: str
    traceback: str
    numbers: list[int] = field(default_factory=list)
    count: int = 0

    def keep(self, seed: int, folder: Path, module: str = TARGETS) -> str:
        """Write the first cases into a folder. Returns their names."""
        folder.mkdir(parents=True, exist_ok=True)
        names = []
        for number in self.numbers:
            path = folder / f"{self.target}-{seed}-{number}.bin"
            path.write_bytes(made(seed, self.target, number, module))
            names.append(str(path))
        return ", ".join(names)


@dataclass
class Tally:
    """What came of the cases of a target; the worst seconds and bytes of any."""

    cases: int = 0
    results: int = 0
    named: int = 0
    found: int = 0
    seconds: float = 0.0
    bytes: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)

    def add(self, target: str, number: int, outcome: Outcome) -> None:
        """Count one."""
        self.cases += 1
        self.seconds, self.bytes = max(self.seconds, outcome.seconds), max(self.bytes, outcome.bytes)
        if outcome.kind == RESULT:
            self.results += 1
        elif outcome.kind == NAMED:
            self.named += 1
        else:
            self.found += 1
            finding = self.findings.setdefault(outcome.kind, Finding(target, outcome.kind, outcome.traceback))
            finding.count += 1
            if len(finding.numbers) < KEPT:
                finding.numbers.append(number)


class _Worker:
    """A process that runs cases, and is started anew when one ended it."""

    def __init__(self, seed: int, module: str = TARGETS, patience: float = HANGS) -> None:
        self._arguments, self._patience = (seed, module), patience
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection: Connection
        self._connection, other = context.Pipe()
        self._process = context.Process(target=main, args=(other, *self._arguments), daemon=True)
        self._process.start()
        other.close()
        self.targets: dict[str, int] = self._connection.recv()

    def run(self, name: str, number: int) -> Outcome:
        """What becomes of a case; a crash, and what hangs, too."""
        started = time.perf_counter()
        try:
            self._connection.send((name, number))
            if self._connection.poll(self._patience):
                outcome: Outcome = self._connection.recv()
                return outcome
            kind = f"hangs for {self._patience:g} s"
        except (EOFError, OSError):
            self._process.join(5)
            kind = f"the process ended with {self._process.exitcode}"
        self.stop()
        self._start()
        return Outcome(kind, time.perf_counter() - started, 0)

    def stop(self) -> None:
        """End the process, with what it started."""
        try:
            os.killpg(self._process.pid or 0, signal.SIGKILL)
        except ProcessLookupError:
            self._process.kill()
        self._process.join(5)
        self._connection.close()


def run(
    cases: int,
    seed: int,
    workers: int,
    only: Sequence[str] | None = None,
    *,
    module: str = TARGETS,
    patience: float = HANGS,
) -> tuple[dict[str, Tally], float]:
    """Run so many cases, divided among the targets as they say.

    Args:
        cases: How many in all; each target gets one at least.
        seed: Another one makes other cases.
        workers: Processes.
        only: These targets.
        module: Has the targets.
        patience: Seconds of the clock after which a process is killed.

    Returns:
        What came of them by target, and the seconds that it took.
    """
    started = time.perf_counter()
    first = _Worker(seed, module, patience)
    shares = {name: share for name, share in first.targets.items() if not only or name in only}
    tallies = {name: Tally() for name in shares}
    waiting: queue.SimpleQueue[tuple[str, range]] = queue.SimpleQueue()
    for name, share in shares.items():
        count = max(round(cases * share / sum(shares.values())), 1)
        for begin in range(0, count, CHUNK):
            waiting.put((name, range(begin, min(begin + CHUNK, count))))
    lock = threading.Lock()

    def work(worker: _Worker | None) -> None:
        worker = worker or _Worker(seed, module, patience)
        try:
            while True:
                name, numbers = waiting.get_nowait()
                for number in numbers:
                    outcome = worker.run(name, number)
                    with lock:
                        tallies[name].add(name, number, outcome)
        except queue.Empty:
            pass
        finally:
            worker.stop()

    threads = [
        threading.Thread(target=work, args=(first if place == 0 else None,)) for place in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tallies, time.perf_counter() - started


def run_one(target: str, number: int, seed: int, keep: Path) -> tuple[str, str]:
    """Run one case again, and keep its file. Returns what came of it, and where an error came from."""
    worker = _Worker(seed)
    try:
        outcome = worker.run(target, number)
    finally:
        worker.stop()
    file = Finding(target, outcome.kind, "", [number]).keep(seed, keep)
    return f"{file}: {outcome.kind}, {outcome.seconds:.2f} s, {outcome.bytes / 1e6:.0f} MB", outcome.traceback
