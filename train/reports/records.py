"""The records of runs, which `python -m train series` writes into docs/runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.collections.evaluation import Evaluation
from train.data.ucmerced import DataError

#: The run whose weights are shipped.
SHIPPED = "final"
#: The record of the weights before training.
INITIAL = "initial"


@dataclass(frozen=True)
class RunRecord:
    """What is kept of a run.

    Attributes:
        evaluation: Of its best weights.
        variants: Of the same weights, with more views or with query expansion.
        epochs: A row of the log for each epoch; empty for the initial weights and for means of weights, which
            lack all below as well.
        seed: Of the training.
        best_epoch: From 1, whose weights are the best.
        command: That trained it.
        device: That it was trained on, as 'CPU'.
    """

    evaluation: Evaluation
    variants: tuple[Evaluation, ...] = ()
    epochs: Sequence[Mapping[str, float]] = ()
    seed: int | None = None
    best_epoch: int | None = None
    command: str | None = None
    device: str | None = None

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> RunRecord:
        """Read the JSON of a record. Raises KeyError or ValueError where it is something else."""
        return cls(
            evaluation=Evaluation.from_dict(fields["evaluation"]),
            variants=tuple(map(Evaluation.from_dict, fields.get("variants", ()))),
            epochs=fields["epochs"],
            seed=fields["seed"],
            best_epoch=fields.get("best_epoch"),
            command=fields.get("command"),
            device=fields.get("device", "CPU" if fields["epochs"] else None),
        )


#: The name of a run -> its record.
Records = Mapping[str, RunRecord]


def read_records(folder: Path) -> dict[str, RunRecord]:
    """Read all records of a folder.

    Raises:
        DataError: If one cannot be read, or that of the shipped or of the initial weights is missing.
    """
    records = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
    missing = {SHIPPED, INITIAL} - records.keys()
    if missing:
        raise DataError(
            f"{folder} lacks {', '.join(f'{name}.json' for name in sorted(missing))}: make it with "
            f"'python -m train series {' '.join(sorted(missing))} --shift FOLDER'."
        )
    return records


def _read(path: Path) -> RunRecord:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(
            f"{path} cannot be read as JSON ({error}): restore it, or make it again with 'train series'."
        ) from error
    try:
        return RunRecord.from_dict(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is not the record of a run ({error!r}): restore it, or make it again with "
            "'train series'."
        ) from error
