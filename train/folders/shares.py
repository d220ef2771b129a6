"""A folder embedded by several processes at once, on one machine or on more that share a disk.

`torchrun` starts them and tells each its number in the environment. Each embeds its share of the listing, and
keeps it in a ledger of its own. The first one, number 0, waits until the others have ended, takes what they
kept, embeds what is missing still, and writes the collection. So the others only help: whichever of them is
slow, late, or killed, the collection becomes whole, now or by the next run, of however many processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from retrieval.collections.artifacts import Model
from train.data.ucmerced import DataError
from train.folders.ledger import Ledger
from train.folders.walk import Found

#: More than so many would be a mistake.
MOST = 1024


@dataclass(frozen=True)
class Share:
    """Which part of the work is this process's.

    Attributes:
        number: 0 is the one that writes the collection.
        count: Of processes.
        here: On this machine.
        place: Among those on this machine: which GPU it takes.
    """

    number: int = 0
    count: int = 1
    here: int = 1
    place: int = 0

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Share:
        """What torchrun says; all of the work where it says nothing. Raises DataError if that is wrong."""
        names = ("RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "LOCAL_RANK")
        given = [environment.get(name) for name in names]
        if given[0] is None or given[1] is None:
            return cls()
        try:
            number, count = int(given[0]), int(given[1])
            here, place = int(given[2] or 1), int(given[3] or 0)
        except ValueError:
            number = count = here = place = -1
        if not (0 <= number < count <= MOST and 0 <= place < here <= count):
            said = ", ".join(f"{name}={value}" for name, value in zip(names, given, strict=True) if value)
            raise DataError(
                f"The environment says {said}, which is no share of the work: start torchrun anew."
            )
        return cls(number, count, here, place)

    @property
    def helps(self) -> bool:
        """Whether another process writes the collection."""
        return self.number > 0

    @property
    def cores(self) -> int:
        """How many cores of this machine are for this process."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return max(1, cores // self.here)

    def device(self, asked: str | None) -> str | None:
        """The device of this process, of the kind that is asked for: of several GPUs each has its own."""
        if self.here == 1 or asked == "cpu":
            return asked
        import torch  # here: it takes seconds

        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return f"cuda:{self.place % gpus}" if gpus else asked

    def part(self, photos: Sequence[Found]) -> Sequence[Found]:
        """Every so many photos: large and small ones lie in the same folders, so all have as much to do."""
        return photos[self.number :: self.count]

    def ledger(self, unfinished: Path) -> Path:
        """Where this process keeps what it has embedded."""
        return unfinished / f"share-{self.number}" if self.helps else unfinished

    def lock(self, out: Path) -> Path:
        """The file that says that this process is at work on a collection."""
        return out.with_name(f".{out.name}.share-{self.number}.lock" if self.helps else f".{out.name}.lock")

    def wait_for_others(self, out: Path) -> None:
        """Wait until the others that work on a collection have ended, however they did."""
        for number in range(1, self.count):
            with FileLock(Share(number, self.count).lock(out)):
                pass


def ledgers(unfinished: Path, model: Model) -> Iterator[Ledger]:
    """What all processes have kept, those of this run and those of earlier ones; to be read alone."""
    for folder in [unfinished, *sorted(unfinished.glob("share-*"))]:
        yield Ledger(folder, model)
