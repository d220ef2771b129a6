"""What a process and those that it started hold and use, as Linux tells it under `/proc`."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and that these started, which live now."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):  # it has just ended
                parents[int(folder.name)] = int(_stat(int(folder.name))[1])
    found, asked = [], [pid]
    while asked:
        parent = asked.pop()
        children = [child for child, of in parents.items() if of == parent]
        found += children
        asked += children
    return sorted(found)


def memory(pid: int) -> dict[str, float]:
    """What a process holds (resident), and what all that it started hold together ('workers'), in MB."""
    workers = sum(_resident(child) for child in descendants(pid))
    return {"server": round(_resident(pid), 1), "workers": round(workers, 1)}


def processor_seconds(pid: int) -> float:
    """What a process and all that it started took of the cores, in seconds; also those that ended."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        with suppress(OSError):
            ticks += sum(map(int, _stat(each)[11:15]))  # of its own, and of children that it waited for
    return ticks / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    with suppress(OSError):
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 / 1e6 if found else 0.0
    return 0.0


def _stat(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` after the name: the first is the state, the second the parent."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
