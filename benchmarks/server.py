"""Runs `app.py` in its own process on a free port, for benchmarks and tests of the real page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
READY_WITHIN = 120.0  # seconds; a cold disk takes most of it

#: Chromium without a screen, and without requests to other machines.
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A page that is ready.

    Attributes:
        address: 'http://127.0.0.1:PORT'.
        pid: Of its process.
        seconds: From start to ready.
    """

    address: str
    pid: int
    seconds: float


@contextmanager
def serve(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    download: bool = False,
    program: Sequence[str] = ("app.py",),
) -> Iterator[Server]:
    """Start the page, wait until it is ready, and stop it at the end.

    Args:
        arguments: Options of `app.py`.
        environment: Variables besides those of this process.
        download: Whether it may fetch photos that are missing.
        program: What Python runs.

    Raises:
        RuntimeError: With the end of its log, if it does not become ready.
    """
    options = arguments if download else ("--no-download", *arguments)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "log.txt"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, *program, "--device", "cpu", *options],
                cwd=PROJECT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())):
                if process.poll() is not None or time.perf_counter() - started > READY_WITHIN:
                    raise RuntimeError(f"app.py did not become ready:\n{log.read_text()[-2000:]}")
                time.sleep(0.02)
            yield Server(found.group(), process.pid, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(timeout=20)
