"""The making of a collection, in a process of its own: its progress is read, and it can be stopped.

The page does not import what makes collections: it runs the command, with less priority than it has itself.
The process ends with the server: where that is killed, nobody reads the process's lines, which ends it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from retrieval.plain_text import one_line
from ui.manage.typed_folder import PROJECT

#: How much less urgent than the page the process is, as `nice` has it.
NICE = 10

#: Seconds that it has to end by itself, before it is killed: what was embedded is kept in either case.
STOP_WITHIN = 15.0

#: Characters of a line that are read, and lines of what it says of faults that are kept.
MAX_LINE, LAST_LINES = 10_000, 20
MAX_SAID = 600

#: How a job ended.
DONE, STOPPED, FAILED = "done", "stopped", "failed"


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    Attributes:
        done: Photos that were read, of those that are new or changed.
        total: Of how many; None until the folder was looked through.
        rate: A second; None until it is known.
    """

    done: int = 0
    total: int | None = None
    rate: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Until all are read."""
        return (self.total - self.done) / self.rate if self.total is not None and self.rate else None


@dataclass(frozen=True)
class Ended:
    """How a job ended.

    Attributes:
        how: `DONE`, `STOPPED` or `FAILED`.
        counts: What was done, as `train.folders.progress` tells it; empty unless it is done.
        said: What went wrong, in the command's words; empty unless it failed, and where it was killed.
    """

    how: str
    counts: dict[str, int]
    said: str = ""


class Job:
    """A run of `python -m train index`, which begins when this is made.

    Args:
        options: Of the command.
        when_ended: Called once, in a thread of its own.

    Raises:
        OSError: If no process can be started.
    """

    def __init__(self, options: Sequence[str], when_ended: Callable[[Ended], None]) -> None:
        self.progress = Progress()
        self.stopping = False
        self._when_ended = when_ended
        self._counts: dict[str, int] | None = None
        self._said: deque[str] = deque(maxlen=LAST_LINES)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "train", "index", "--progress=json", *options],
            cwd=PROJECT,
            env={**os.environ, "OMP_NUM_THREADS": str(threads())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C in the terminal is the server's, which stops this in its turn
        )
        with suppress(OSError):  # it has ended already; what it starts takes after it
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
        self._complaints = threading.Thread(target=self._listen_to_complaints, daemon=True)
        self._complaints.start()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def stop(self) -> None:
        """Have it end, as Ctrl+C does; what was embedded is kept. Returns at once."""
        if not self.stopping:
            self.stopping = True
            threading.Thread(target=self._end, daemon=True).start()

    def close(self) -> None:
        """Have it end, and wait until it has."""
        self.stopping = True
        self._end()
        self._reading.join(STOP_WITHIN)

    def _end(self) -> None:
        self._signal(signal.SIGINT)
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, number)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            while line := lines.readline(MAX_LINE):
                self._hear(line)
        status = self._process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # those that decoded for one that was killed
        self._complaints.join(STOP_WITHIN)
        if status == 0 and self._counts is not None:
            self._when_ended(Ended(DONE, self._counts))
        elif self.stopping:
            self._when_ended(Ended(STOPPED, {}))
        else:
            self._when_ended(Ended(FAILED, {}, self._last_words() if status > 0 else ""))

    def _hear(self, line: bytes) -> None:
        try:
            said: Any = json.loads(line)
        except ValueError:
            return
        match said:
            case {"done": int(done), "total": int(total), "rate": float() | int() | None as rate}:
                self.progress = Progress(done, total, rate)
            case {"outcome": dict(counts)}:
                self._counts = {name: count for name, count in counts.items() if isinstance(count, int)}

    def _listen_to_complaints(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            while line := lines.readline(MAX_LINE):
                if text := line.decode("utf-8", "replace").strip():
                    self._said.append(text)

    def _last_words(self) -> str:
        """Its last line, which is the command's sentence."""
        return one_line(self._said[-1], MAX_SAID) if self._said else ""


def threads() -> int:
    """Of the network: all cores but one, which is the page's."""
    return max(1, len(os.sched_getaffinity(0)) - 1)
