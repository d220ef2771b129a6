"""The real page in a process of its own, which tests may end as they like."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

PROJECT = Path(__file__).resolve().parents[2]
READY_WITHIN = 120.0  # seconds

#: Runs `app.py`, in which each photo takes so many seconds to embed.
SLOWED = """
import sys, time
sys.path.insert(0, ".")
import app
from retrieval import Retriever
embed_image = Retriever.embed_image
def slowly(*arguments, **named):
    time.sleep({seconds})
    return embed_image(*arguments, **named)
Retriever.embed_image = slowly
print("begins", flush=True)
app.run()
"""

#: Runs `app.py`, in which the network embeds each photo again and again for so many seconds. Python's own end
#: takes its threads' libraries away meanwhile, and C++ then calls `terminate`.
AT_WORK = """
import sys, time
sys.path.insert(0, ".")
if {torch}:
    sys.modules["openvino"] = None
import app
from retrieval import Retriever
embed_image = Retriever.embed_image
def again_and_again(*arguments, **named):
    ends = time.monotonic() + {seconds}
    while time.monotonic() < ends:
        embedded = embed_image(*arguments, **named)
    return embedded
Retriever.embed_image = again_and_again
app.run()
"""


class Page:
    """A process of `app.py`, and what it said."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, folder: Path) -> None:
        self.process, self._log, self.uploads = process, log, folder

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self._log.read_text()

    @property
    def address(self) -> str:
        """'http://127.0.0.1:PORT'; waits for it."""
        started = time.monotonic()
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", self.log)):
            assert self.process.poll() is None, self.log
            assert time.monotonic() - started < READY_WITHIN, self.log
            time.sleep(0.05)
        return found.group()

    def ready(self) -> str:
        """The address, once `/healthz` says 200."""
        address, started = self.address, time.monotonic()
        while httpx.get(f"{address}/healthz", trust_env=False).status_code != 200:
            assert time.monotonic() - started < READY_WITHIN, self.log
            time.sleep(0.05)
        return address

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def ended(self, within: float = 40.0) -> int:
        """The exit status, once it has ended."""
        return self.process.wait(timeout=within)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Page]]:
    """Starts a page; all that still run are killed at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def starts(
        *arguments: str, slowed: float | None = None, program: str | None = None, place: Path | None = None,
        **environment,
    ) -> Page:  # fmt: skip
        folder = place or tmp_path_factory.mktemp("page")
        log = folder / f"log-{len(started)}.txt"
        program = program if slowed is None else SLOWED.format(seconds=slowed)
        runs = ["app.py"] if program is None else ["-c", program]
        own = {
            "PYTHONUNBUFFERED": "1",
            "AERIAL_CACHE": str(folder / "cache"),
            "GRADIO_TEMP_DIR": str(folder / "uploads"),
            "HF_ENDPOINT": "http://127.0.0.1:9",  # nobody listens there
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    sys.executable, *runs, "--device", "cpu", "--no-download",
                    "--photos", str(folder / "none"), *arguments,
                ],
                cwd=PROJECT, env={**os.environ, **own, **environment},
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        started.append(process)
        return Page(process, log, folder / "uploads")

    yield starts
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def public(start) -> Page:
    """A page as one would serve it to the public: with a log, figures, and a name."""
    page = start("--access-log", "--metrics", "--allowed-host", "page.example", "--mcp")
    page.ready()
    return page


@pytest.fixture
def client(public: Page) -> Iterator[httpx.Client]:
    """Asks that page."""
    with httpx.Client(base_url=public.address, trust_env=False, timeout=60) as asks:
        yield asks
