"""Metrics of runs -> Markdown: cells, tables, and the table that compares runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from retrieval.collections.evaluation import Evaluation, ProtocolResult
from train.reports.records import Records

COMPARISON_COLUMNS = [
    "",
    "validation mAP",
    "validation P@1",
    "test-test mAP",
    "test mAP",
    "test P@1",
    "shift mAP",
    "shift P@1",
]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    line: Callable[[Sequence[str]], str] = lambda cells: f"| {' | '.join(cells)} |"  # noqa: E731
    return "\n".join([line(header), line(["---"] * len(header)), *map(line, rows)]) + "\n"


def metric_cell(result: ProtocolResult, metric: str, *, interval: bool = False) -> str:
    """A metric to three decimals, with its interval in brackets if wanted."""
    text = f"{result.overall[metric]:.3f}"
    low, high = result.intervals[metric]
    return f"{text} [{low:.3f}, {high:.3f}]" if interval else text


def headline_cell(evaluation: Evaluation, protocol: str, metric: str) -> str:
    """A metric of a protocol; the most important metrics with their interval."""
    return metric_cell(evaluation.protocols[protocol], metric, interval=metric in ("P@1", "mAP", "ANMRR"))


def comparison(records: Records, runs: Sequence[tuple[str, str]]) -> str:
    """A table with a row for each run that has a record.

    Args:
        records: All records.
        runs: The title of each row, and the name of its run.
    """
    rows = [comparison_row(title, records[run].evaluation) for title, run in runs if run in records]
    return table(COMPARISON_COLUMNS, rows)


def comparison_row(title: str, evaluation: Evaluation) -> list[str]:
    """The row of an evaluation under `COMPARISON_COLUMNS`; cells without a measurement are empty."""

    def cell(protocol: str, metric: str, interval: bool = False) -> str:
        result = evaluation.protocols.get(protocol)
        return metric_cell(result, metric, interval=interval) if result else ""

    return [
        title,
        cell("validation-train", "mAP"),
        cell("validation-train", "P@1"),
        cell("test-test", "mAP"),
        cell("test-train", "mAP", interval=True),
        cell("test-train", "P@1", interval=True),
        cell("shift-train", "mAP"),
        cell("shift-train", "P@1"),
    ]


def change_sentence(records: Records, what: str, before: str, after: str) -> str:
    """A sentence on the change of the test mAP between two runs; '' where one has no record."""
    if not {before, after} <= records.keys():
        return ""
    old, new = (records[run].evaluation.protocols["test-train"] for run in (before, after))
    (old_low, old_high), (new_low, new_high) = old.intervals["mAP"], new.intervals["mAP"]
    apart = old_high < new_low or new_high < old_low
    return (
        f"\n{what}, the test mAP goes from {old.overall['mAP']:.3f} to {new.overall['mAP']:.3f}; the "
        f"intervals {'do not touch' if apart else 'overlap'}.\n"
    )
