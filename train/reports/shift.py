"""The record of `make bench-shift` -> tables: photos as if from elsewhere, and what verdicts are worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retrieval.proportions import wilson_interval
from retrieval.verdict import LEVELS, NEAR, STRONG
from train.data.ucmerced import DataError
from train.reports.markdown import table

#: Its name in docs/performance.
RECORD = "shift"
#: Of what is called strong, at least so many are to be right.
AIM = 0.95

Figures = Mapping[str, Any]


def read_shift(folder: Path) -> Figures | None:
    """The record, None where there is none. Raises DataError if it cannot be read."""
    path = folder / f"{RECORD}.json"
    if not path.is_file():
        return None
    try:
        found: Figures = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path} cannot be read as JSON ({error}): run bench-shift again.") from error
    return found


def title(figures: Figures, row: Figures) -> str:
    """A kind and a strength in words."""
    if row["kind"] == "none":
        return "as they are"
    name, unit = figures["kinds"][row["kind"]]
    return f"{name}: {unit.format(row['strength'])}"


def section(figures: Figures | None, folder: str = "performance") -> str:
    """The part of docs/results.md on shifted copies; '' without a record.

    Args:
        figures: The record.
        folder: Where its figures are, as seen from the page.
    """
    if figures is None:
        return ""
    return "\n".join(
        [
            "## Shifted copies\n",
            ABOUT.format(photos=figures["photos"], gallery=figures["gallery"], runtime=figures["runtime"]),
            f"![P@1 of the copies of each kind, by strength]({folder}/{RECORD}.svg)\n",
            retrieval_table(figures),
            "## What a verdict is worth elsewhere\n",
            VERDICTS,
            verdict_table(figures),
            weak_spots(figures),
            limits_table(figures),
            f"![The share that is answered, and right of these]({folder}/risk.svg)\n",
            novelty_table(figures),
        ]
    )


ABOUT = """\
Each of {photos} photos is changed as if it came from elsewhere, at several strengths, and searched in
the {gallery:,} training photos. Scale 0.5 is a view from twice as high, 2 one from half as high, which
is the middle enlarged. What comes into view from higher up, nobody knows, so it is made twice. *Scale*:
the whole photo among other test photos of its class, which is real ground, but helps to recognise it.
*Scale, mirrored*: among its own mirror images, which lends nothing, but looks like no ground. Training
may have had both kinds of view, of its own photos; the row of the other data set has neither. Nothing
was chosen by these copies. Photos are searched as the page does, which looks at those without a near
neighbour from higher up too; *plain* are their vectors as they are. Brackets are 95 % intervals
(Wilson). Queries and gallery: {runtime}. Made by `make bench-shift ARGS="--folder FOLDER"`.
"""

VERDICTS = """\
How many queries get each verdict, and how many of these find their own class first. The copies of a photo are
no independent trials, so all of them together have no interval.
"""


def retrieval_table(figures: Figures) -> str:
    """A row for each kind and strength, and one for the other data set."""
    rows = [[title(figures, row), *_cells(row)] for row in figures["copies"]]
    if other := figures["sets"].get("another data set"):
        rows.append([f"another data set (AID, {other['queries']} photos)", *_cells(other)])
    heads = ["photos", "P@1", "mAP", "called strong", "right of these", "plain P@1", "plain mAP"]
    return table(heads, rows)


def all_verdicts_table(figures: Figures) -> str:
    """Every verdict for every kind and strength; for a terminal."""
    rows = [
        [title(figures, row), *(_verdict(*row["verdicts"][level], interval=True) for level in LEVELS)]
        for row in figures["copies"]
    ]
    return table(["photos", *LEVELS], rows)


def verdict_table(figures: Figures) -> str:
    """A row for each verdict, a column for each set of queries."""
    sets = figures["sets"]
    rows = [
        [
            level,
            *(
                _verdict(*each["verdicts"][level], interval=name != "shifted copies")
                for name, each in sets.items()
            ),
        ]
        for level in LEVELS
    ]
    return table(["", *(f"{name} ({each['queries']:,})" for name, each in sets.items())], rows)


def limits_table(figures: Figures) -> str:
    """A row for each limit of what is called strong, a column for each set of queries."""
    sets = figures["sets"]
    rows = [
        [
            f"{float(near):.0%}" + (" (in use)" if float(near) == NEAR else ""),
            *(
                _verdict(*each["strong"][near], interval=name != "shifted copies")
                for name, each in sets.items()
            ),
        ]
        for near in next(iter(sets.values()))["strong"]
    ]
    return "What would be called strong, were it nearer than so many of the validation photos:\n\n" + table(
        ["", *sets], rows
    )


def weak_spots(figures: Figures) -> str:
    """Where fewer than the aim are right of what is called strong."""
    rows = [(title(figures, row), *row["verdicts"][STRONG]) for row in figures["copies"]]
    if other := figures["sets"].get("another data set"):
        rows.append(("another data set", *other["verdicts"][STRONG]))
    missed = [
        f"{name} ({right} of {count}, {right / count:.1%})"
        for name, count, right in rows
        if count and right < AIM * count
    ]
    if not missed:
        return f"Of what is called strong, at least {AIM:.0%} are right in every row.\n"
    return f"Of what is called strong, fewer than {AIM:.0%} are right in: {'; '.join(missed)}.\n"


def novelty_table(figures: Figures) -> str:
    """How well pictures of something else are told from photos."""
    rows = [[kind, str(count), f"{auroc:.3f}"] for kind, (count, auroc) in figures["novelty"].items()]
    return (
        "How well the distance to the nearest neighbour tells pictures of something else from the photos:\n\n"
        + table(["pictures", "n", "AUROC"], rows)
    )


def terminal_text(figures: Figures) -> str:
    """All tables."""
    return "\n".join(
        [
            f"Weights {figures['weights'][:16]}, {figures['runtime']}; {figures['photos']} photos of the "
            f"{figures['part']} part, searched in {figures['gallery']}.\n",
            retrieval_table(figures),
            all_verdicts_table(figures),
            verdict_table(figures),
            weak_spots(figures),
            limits_table(figures),
            novelty_table(figures),
        ]
    )


def _cells(row: Figures) -> list[str]:
    count, strong = row["verdicts"][STRONG]
    return [
        _share(row["right"], row["queries"]),
        f"{row['mAP']:.3f}",
        f"{count / row['queries']:.1%}",
        _share(strong, count) if count else "",
        f"{row['plain']['right'] / row['queries']:.3f}",
        f"{row['plain']['mAP']:.3f}",
    ]


def _share(right: int, count: int) -> str:
    low, high = wilson_interval(right, count)
    return f"{right / count:.3f} [{low:.3f}, {high:.3f}]"


def _verdict(count: int, right: int, *, interval: bool) -> str:
    if not count:
        return "none"
    low, high = wilson_interval(right, count)
    return f"{right:,} of {count:,}, {right / count:.1%}" + (f" [{low:.1%}, {high:.1%}]" if interval else "")
