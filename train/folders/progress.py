"""How far a run is, told to programs: a line of JSON at a time on standard output.

    {"done": 64, "total": 619, "rate": 14.2}      photos; the rate, a second, is null until it is known
    {"outcome": {"count": 619, "added": 2, ...}}  the last line, of a run that was not cut off

What went wrong is a sentence on standard error, as without it. Who stops listening ends the run at its next
line: what was embedded is kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

if TYPE_CHECKING:
    from train.folders.update import Outcome

#: Seconds between two lines.
EVERY = 0.5


def bar_of(kind: str) -> type[tqdm]:
    """What tells of the progress: 'bar' or 'json'."""
    return tqdm if kind == "bar" else Lines


class Lines(tqdm):
    """A bar that writes lines of JSON."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - of tqdm
        super().__init__(**options, mininterval=EVERY, maxinterval=EVERY, disable=False)

    def display(self, *_arguments: Any, **_options: Any) -> None:  # noqa: ANN401 - of tqdm
        """Write a line, where tqdm would draw the bar."""
        now = self.format_dict
        rate = now["rate"] or (now["n"] / now["elapsed"] if now["n"] and now["elapsed"] else None)
        _tell({"done": now["n"], "total": now["total"], "rate": rate})


def tell_outcome(done: Outcome) -> None:
    """Say what was done."""
    _tell(
        {
            "outcome": {
                "count": done.count,
                "embedded": done.embedded,
                "added": done.added,
                "changed": done.changed,
                "removed": done.removed,
                "left_out": len(done.left_out),
                "others": done.others,
            }
        }
    )


def _tell(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)
