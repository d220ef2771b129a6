"""`python -m train results`: write docs/results.md from the records of runs, and of shifted copies."""

from __future__ import annotations

import argparse
from pathlib import Path

from retrieval.files import atomic_write
from train.commands.series import RECORDS

HELP = "write docs/results.md from the records of runs"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--records", type=Path, default=RECORDS, help="the folder of records (%(default)s)")
    parser.add_argument("--out", type=Path, default=RECORDS.parent / "results.md", help="(%(default)s)")


def run(options: argparse.Namespace) -> None:
    """Write the page."""
    from train.reports import shift, without_training
    from train.reports.records import read_records
    from train.reports.results import page

    text = page(
        read_records(options.records),
        shift.section(shift.read_shift(options.records.parent / "performance")),
        without_training.section(options.records),
    )
    with atomic_write(options.out) as partial:
        partial.write_text(text, encoding="utf-8")
    print(f"Wrote {options.out}")
