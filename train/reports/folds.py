"""The part of docs/results.md on five folds: each photo is tested once, by a network that never saw it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.proportions import wilson_interval
from train.data.ucmerced import COMMITTED, DIVISIONS, HALVES
from train.reports.markdown import table
from train.reports.records import Records

#: Title of a recipe -> the names of its run on the committed split, and of its runs on the folds and halves.
RECIPES = {
    "one of the shipped model's two: robust": ("robust-2", "robust-"),
    "the other: landscapes": ("landscapes", "landscapes-"),
    "the paper's: random triplets, at full size": ("paper", "paper-"),
}
METRICS = (
    ("test-train", "P@1"),
    ("test-train", "mAP"),
    ("test-train", "ANMRR"),
    ("test-test", "mAP"),
    ("shift-train", "P@1"),
)


def section(records: Records) -> str:
    """The section; '' before any run has a record on another division than the committed."""
    rows = [row for title, (name, prefix) in RECIPES.items() for row in _rows(records, title, name, prefix)]
    if all(division == COMMITTED for _, division, *_ in rows):
        return ""
    header = ["recipe", "division", "queries", *(f"{protocol} {metric}" for protocol, metric in METRICS)]
    return (
        "## Folds\n\n"
        "Five folds divide UC Merced into 75 % for training, 5 % to choose the epoch and 20 % for the test; "
        "50-50 tests on one half, as some do in print. One seed each, and a row for each that was run.\n\n"
        "'All five folds', in which each photo is tested once, has the means of the folds and their standard "
        "deviations; of P@1, the share of all queries and its interval (Wilson).\n\n" + table(header, rows)
    )


def _rows(records: Records, title: str, name: str, prefix: str) -> list[list[str]]:
    names = {COMMITTED: name} | {division: prefix + division for division in DIVISIONS}
    known = {division: records[run] for division, run in names.items() if run in records}
    rows = []
    for division, record in known.items():
        protocols = record.evaluation.protocols
        cells = [f"{protocols[protocol].overall[metric]:.3f}" for protocol, metric in METRICS]
        rows.append([title, division, f"{protocols['test-train'].queries:,}", *cells])
    folds = [
        known[division].evaluation.protocols
        for division in DIVISIONS
        if division in known
        if division != HALVES
    ]
    if len(folds) == len(DIVISIONS) - 1:
        queries = [fold["test-train"].queries for fold in folds]
        right = [round(fold["test-train"].overall["P@1"] * fold["test-train"].queries) for fold in folds]
        low, high = wilson_interval(sum(right), sum(queries))
        values = [[fold[protocol].overall[metric] for fold in folds] for protocol, metric in METRICS]
        first = f"{sum(right) / sum(queries):.3f} [{low:.3f}, {high:.3f}]"
        rows.append([title, "all five folds", f"{sum(queries):,}", first, *map(_mean, values[1:])])
    return rows


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"
