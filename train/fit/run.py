"""The folder of a training run.

It holds `recipe.json`, `log.csv`, `loss.svg`, `best.safetensors` (half precision, see `retrieval.network`),
`checkpoint.pt` (to resume from) and, at the end, `run.json`. All are written atomically, so that a run may be
killed at any moment.
"""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.files import PARTIAL, atomic_write
from train.fit.recipe import Recipe, command_line

if TYPE_CHECKING:
    import torch


class RunError(ValueError):
    """A run's folder cannot be used. The message says which, why, and what to do."""


class RunFolder:
    """The files of a run, and what they have to agree on if it is resumed.

    Args:
        folder: Made if it does not exist.
        recipe: The settings of the run.
        data: The name of the data set, such as 'ucmerced'.
        resume: Whether to resume the run that is in the folder.

    Raises:
        RunError: If the folder is not empty and `resume` is false; if `resume` is true and there is no run,
            or one with another recipe.
    """

    def __init__(self, folder: Path, recipe: Recipe, data: str, *, resume: bool = False) -> None:
        self.folder, self.data = folder, data
        self.best_weights = folder / "best.safetensors"
        self.record = folder / "run.json"
        self._checkpoint = folder / "checkpoint.pt"
        recipe_file = folder / "recipe.json"
        wanted = {"data": data, **asdict(recipe)}
        if resume:
            if not recipe_file.is_file():
                raise RunError(f"There is no run in {folder} to resume: start it without --resume.")
            # Settings that the run's recipe lacks were added since: they count as their defaults.
            earlier = asdict(Recipe()) | json.loads(recipe_file.read_text(encoding="utf-8"))
            changed = sorted(key for key in wanted if earlier.get(key) != wanted[key])
            if changed:
                raise RunError(
                    f"The run in {folder} was started with another {', '.join(changed)}: resume it with the "
                    "options it was started with, or name another folder."
                )
        elif folder.exists() and any(path.suffix != PARTIAL for path in folder.iterdir()):
            raise RunError(
                f"{folder} exists already: go on with its run by --resume, or name another folder."
            )
        folder.mkdir(parents=True, exist_ok=True)
        _write(recipe_file, json.dumps(wanted, indent=2) + "\n")

    @property
    def _data_option(self) -> str:
        """What the command has to say of its data; it names the folder without its place."""
        return "" if self.data == "ucmerced" else f"--folder {shlex.quote(self.data)} "

    def training_metadata(self, recipe: Recipe, log: list[dict[str, float]]) -> dict[str, Any]:
        """How the best weights were trained: for their metadata, and for manifests."""
        best = max(log, key=lambda row: row["mAP"])
        return {
            "data": self.data,
            "command": f"python -m train fit {self._data_option}{command_line(recipe)}".strip(),
            **asdict(recipe),
            "best_epoch": best["epoch"],
            "validation": {"mAP": best["mAP"], "P@1": best["P@1"]},
        }

    def read_checkpoint(self, device: torch.device) -> dict[str, Any] | None:
        """The state after the last complete epoch, or None before the first.

        Raises:
            RunError: If the file cannot be read.
        """
        if not self._checkpoint.is_file():
            return None
        import torch  # here: it takes seconds

        try:
            # weights_only: nothing but tensors, numbers and text is read, and no code is run.
            state: dict[str, Any] = torch.load(self._checkpoint, map_location=device, weights_only=True)
        except Exception as error:
            raise RunError(
                f"{self._checkpoint} cannot be read, it is damaged: remove it to train from the start."
            ) from error
        return state

    def write_checkpoint(self, state: dict[str, Any]) -> None:
        """Write the state after an epoch."""
        import torch

        with atomic_write(self._checkpoint) as partial, partial.open("wb") as file:
            torch.save(state, file)

    def write_log(self, log: list[dict[str, float]]) -> None:
        """Write `log.csv` and `loss.svg`, with a row and a point for each epoch."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(log[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(log)
        _write(self.folder / "log.csv", text.getvalue())
        _plot_log(log, self.folder / "loss.svg")

    def finish(self, recipe: Recipe, log: list[dict[str, float]], device: str) -> None:
        """Write `run.json`, the record of the run: recipe, command, epochs, and what it ran on."""
        record = {
            "name": self.folder.name,
            "data": self.data,
            "command": (
                f"python -m train fit {self.folder.name} {self._data_option}{command_line(recipe)}".strip()
            ),
            "device": device,
            "seed": recipe.seed,
            "recipe": asdict(recipe),
            "epochs": log,
            "best_epoch": max(log, key=lambda row: row["mAP"])["epoch"],
        }
        _write(self.record, json.dumps(record, indent=2) + "\n")


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


def _plot_log(log: list[dict[str, float]], path: Path) -> None:
    """Draw loss and validation mAP over the epochs."""
    from matplotlib.figure import Figure

    epochs = [row["epoch"] for row in log]
    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    left.plot(epochs, [row["loss"] for row in log], "o-", color="#b5541c", label="training loss")
    left.plot(epochs, [row["active"] for row in log], "s:", color="#8a8a8a", label="active triplets")
    left.set(xlabel="epoch", ylabel="loss; share of active triplets", ylim=(0, None))
    right = left.twinx()
    right.plot(epochs, [row["mAP"] for row in log], "^-", color="#1c5fb5", label="validation mAP")
    right.set(ylabel="validation mAP")
    figure.legend(loc="outside upper center", ncols=3)
    with atomic_write(path) as partial:
        figure.savefig(partial, format="svg")
