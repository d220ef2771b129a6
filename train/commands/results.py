"""`python -m train results`: write docs/results.md from the records of runs."""

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
    from train.reports.records import read_records
    from train.reports.results import page

    with atomic_write(options.out) as partial:
        partial.write_text(page(read_records(options.records)), encoding="utf-8")
    print(f"Wrote {options.out}")
