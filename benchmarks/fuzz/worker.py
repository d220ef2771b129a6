"""The process in which cases run: it may be ended by one, and is then replaced."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import resource
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

#: A case that takes longer, of the processor's time, or more memory, is a finding.
SECONDS, BYTES = 5.0, 10**9

#: What a case may allocate before Python says MemoryError: the limit of the address space, which counts more
#: than what is used.
_ADDRESS_SPACE = 3 * BYTES

RESULT, NAMED = "result", "named error"


@dataclass(frozen=True)
class Target:
    """What is fuzzed.

    Attributes:
        cases: How many of 100,000.
        make: The bytes of a case; the same for the same state of the generator.
        use: Does with them what the page does. Raises an error where they cannot be used.
    """

    cases: int
    make: Callable[[Random], bytes]
    use: Callable[[bytes], object]


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        kind: `RESULT`, `NAMED`, or what is wrong, with the place in the code.
        seconds: Of the processor, or of the clock where that is less.
        bytes: Of memory beyond what was used before.
        traceback: Of an error that has no name.
    """

    kind: str
    seconds: float
    bytes: int
    traceback: str = ""


def main(connection: Connection, seed: int, module: str) -> None:
    """Run the cases that come in as (target, number), and answer each with an `Outcome`.

    Args:
        connection: To the process that gives the cases.
        seed: Of all cases.
        module: Has `targets`.
    """
    os.setsid()  # so that it can be killed with what it started
    from retrieval.collections.artifacts import ArtifactError
    from retrieval.errors import UserError

    _be_quiet()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    all_targets = _targets(module)
    connection.send({name: target.cases for name, target in all_targets.items()})
    while (case := connection.recv()) is not None:
        name, number = case
        data = all_targets[name].make(generator(seed, name, number))
        used, started, processor = _reset_peak(), time.perf_counter(), time.process_time()
        kind, trace = RESULT, ""
        resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + _ADDRESS_SPACE, most))
        try:
            all_targets[name].use(data)
        except (UserError, ArtifactError) as error:
            kind = NAMED
            with contextlib.suppress(UnicodeEncodeError):
                str(error).encode()
        except BaseException as error:
            kind, trace = _described(error), traceback.format_exc(limit=-8)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))  # the next case is made without it
        seconds = min(time.perf_counter() - started, time.process_time() - processor)
        taken = max(_status("VmHWM") - used, 0)
        if not trace and seconds > SECONDS:
            kind = f"over {SECONDS:g} s"
        elif not trace and taken > BYTES:
            kind = "over 1 GB"
        connection.send(Outcome(kind, seconds, taken, trace))


def made(seed: int, name: str, number: int, module: str) -> bytes:
    """The bytes of a case."""
    return _targets(module)[name].make(generator(seed, name, number))


def generator(seed: int, name: str, number: int) -> Random:
    """The generator of a case: the same case for the same seed, whatever ran before it."""
    return Random(f"{seed}/{name}/{number}")


def _targets(module: str) -> dict[str, Target]:
    found: dict[str, Target] = importlib.import_module(module).targets()
    return found


def _described(error: BaseException) -> str:
    """The error's class and the last line of ours that it came from: the same fault has the same words."""
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__)
        if "/retrieval/" in frame.filename or "/ui/" in frame.filename
    ]  # fmt: skip
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "the target's own check"
    return f"{type(error).__name__} at {place}"


def _reset_peak() -> int:
    """Have the kernel measure the peak of memory anew. Returns what is used now, bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    """A figure of /proc/self/status, bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return 1024 * int(line.split()[1])
    return 0


def _be_quiet() -> None:
    """Libraries in C write what they find to the standard error."""
    warnings.simplefilter("ignore")
    logging.disable()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
