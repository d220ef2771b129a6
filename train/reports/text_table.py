"""An evaluation -> plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.collections.evaluation import Confusion, Evaluation, ProtocolResult

#: How many of the most frequently confused pairs of classes are shown.
MAX_PAIRS = 10


def format_evaluation(evaluation: Mapping[str, Any]) -> str:
    """Three tables: all protocols, the classes of 'test-train', and its most frequently confused pairs.

    Args:
        evaluation: What `train.evaluate.protocols.evaluate` returns.
    """
    protocols = Evaluation.from_dict(evaluation).protocols
    columns = ("P@5", "P@10", "P@50", "R@5", "R@10", "R@50", "ANMRR")
    rows = [["protocol", "queries", "gallery", "P@1 (95 %)", "mAP (95 %)", *columns]]
    for name, result in protocols.items():
        rows.append(
            [
                name,
                str(result.queries),
                str(result.gallery),
                *(_with_interval(result, metric) for metric in ("P@1", "mAP")),
                *(f"{result.overall[metric]:.3f}" for metric in columns),
            ]
        )
    texts = [_align_columns(rows)]
    if test := protocols.get("test-train"):
        shown = ("P@1", "P@10", "P@50", "mAP", "ANMRR")
        lines = [[label, *(f"{of[metric]:.3f}" for metric in shown)] for label, of in test.per_class.items()]
        texts.append(_align_columns([["test-train", *shown], *lines]))
        if test.confusion and (pairs := confused_lines(test.confusion)[:MAX_PAIRS]):
            texts.append("\n".join(["First neighbours of another class in test-train:", *pairs]))
    return "\n\n".join(texts)


def confused_lines(confusion: Confusion) -> list[str]:
    """A line for each confused pair of classes, the most frequent first."""
    return [
        f"  {pair.query} finds {pair.neighbour}: {pair.count} of {pair.total}" for pair in confusion.pairs()
    ]


def _with_interval(result: ProtocolResult, metric: str) -> str:
    low, high = result.intervals[metric]
    return f"{result.overall[metric]:.3f} ({low:.3f}-{high:.3f})"


def _align_columns(rows: list[list[str]]) -> str:
    """Rows in columns as wide as they need: the first aligned to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
