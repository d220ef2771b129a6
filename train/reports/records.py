"""The records of runs, which `python -m train series` writes to docs/runs, and figures of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from train.data.ucmerced import DataError

Record = Mapping[str, Any]

#: The run whose weights are shipped.
SHIPPED = "final"
PERMUTATIONS = 10_000


def read_records(folder: Path) -> dict[str, Record]:
    """The records of a folder by the name of their run.

    Raises:
        DataError: If one cannot be read, or that of the shipped or of the initial weights is missing.
    """
    records = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
    missing = {SHIPPED, "initial"} - records.keys()
    if missing:
        raise DataError(
            f"{folder} lacks {', '.join(f'{name}.json' for name in sorted(missing))}: make it with "
            f"'python -m train series {' '.join(sorted(missing))} --shift FOLDER'."
        )
    return records


def _read(path: Path) -> Record:
    try:
        record: Record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(
            f"{path} cannot be read as JSON ({error}): restore it, or make it again with 'train series'."
        ) from error
    return record


def figure(record: Record, protocol: str, name: str) -> str:
    """A measure of a run, and its interval where that says most."""
    return value(record["evaluation"]["protocols"][protocol], name, name in ("P@1", "mAP", "ANMRR"))


def value(measures: Record, name: str, interval: bool) -> str:
    """A measure to three decimals, and its interval if asked for."""
    text = f"{measures['overall'][name]:.3f}"
    low, high = measures["intervals"][name]
    return f"{text} [{low:.3f}, {high:.3f}]" if interval else text


def wrong_pairs(measures: Record) -> list[tuple[int, str, str]]:
    """How often queries of a class have their first neighbour in another: most often first."""
    confusion = measures["confusion"]
    pairs = [
        (count, query, found)
        for query, counts in zip(confusion["labels"], confusion["counts"], strict=True)
        for found, count in zip(confusion["columns"], counts, strict=True)
        if count and query != found
    ]
    return sorted(pairs, key=lambda pair: (-pair[0], pair[1:]))


def by_chance(first: Sequence[float], second: Sequence[float]) -> float:
    """Share of random divisions whose means are at least as far apart: a permutation test, two-sided."""
    values = np.array([*first, *second])
    chance = np.random.default_rng(0)

    def gap(order: Sequence[float] | Any) -> float:  # noqa: ANN401 - an array as well
        return abs(float(np.mean(order[: len(first)]) - np.mean(order[len(first) :])))

    seen = gap(values)
    return float(np.mean([gap(chance.permutation(values)) >= seen - 1e-12 for _ in range(PERMUTATIONS)]))
