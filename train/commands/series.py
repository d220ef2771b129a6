"""`python -m train series`: do the runs behind docs/results.md one after the other, keep their records."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from train.commands.fit import RUNS
from train.commands.options import add_device, add_root
from train.data.ucmerced import DataError

if TYPE_CHECKING:
    from train.data.dataset import LabeledImages

HELP = "do the runs behind docs/results.md and keep their records"
RECORDS = Path(__file__).resolve().parents[2] / "docs" / "runs"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="which runs (all that have no record yet)")
    add_root(parser)
    parser.add_argument(
        "--shift",
        type=Path,
        metavar="FOLDER",
        required=True,
        help="a folder of other photos of the same classes",
    )
    parser.add_argument("--runs", type=Path, default=RUNS, help="where runs are made (%(default)s)")
    parser.add_argument("--records", type=Path, default=RECORDS, help="where records are kept (%(default)s)")
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Train and evaluate each run that is named, or else each that has no record yet."""
    from train.data.dataset import read_part
    from train.reports.experiments import RUN_NAMES, division_of, run_experiment
    from train.reports.text_table import format_evaluation

    unknown = [name for name in options.names if name not in RUN_NAMES]
    if unknown:
        raise DataError(f"There is no run '{unknown[0]}' in the series: choose of {', '.join(RUN_NAMES)}.")
    shift = read_part("all", folder=options.shift)
    parts: dict[str, LabeledImages] = {}
    held = None
    for name in options.names or RUN_NAMES:
        if options.names or not (options.records / f"{name}.json").exists():
            divided = division_of(name)
            if divided != held:
                held, parts = divided, {"shift": shift}
                for part in ("train", "validation", "test"):
                    in_memory = part != "test"
                    parts[part] = read_part(part, options.root, division=divided, in_memory=in_memory)
            record = run_experiment(name, options.runs, options.records, parts, options.device)
            print(f"\n{name}\n{format_evaluation(record['evaluation'])}\n", flush=True)
