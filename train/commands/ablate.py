"""`python -m train ablate`: compare ways to search with the same weights, none of which needs training."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

from retrieval.files import atomic_write
from train.commands.fit import RUNS
from train.commands.options import add_device, add_measured, measured_parts

HELP = "compare ways to search with the same weights, without training"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "groups",
        nargs="*",
        metavar="GROUP",
        help="which ways: query, gallery, turns, space, hubs, rerank, together (all)",
    )
    add_measured(parser)
    parser.add_argument(
        "--vectors",
        type=Path,
        default=RUNS / "vectors",
        metavar="FOLDER",
        help="where the vectors of all views are kept, so that they are embedded once (%(default)s)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all figures as JSON, in place of any")
    parser.add_argument(
        "--precision",
        choices=["float32", "bfloat16"],
        help="what the network computes in (the fastest that this machine has)",
    )
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Embed what is missing, compare, print the tables, and write the JSON file."""
    from train.data.ucmerced import DataError
    from train.evaluate.ablation import ablate
    from train.evaluate.view_vectors import ViewVectors
    from train.evaluate.ways import GROUPS
    from train.provenance import preprocessing
    from train.reports.without_training import tables

    if unknown := [group for group in options.groups if group not in GROUPS]:
        raise DataError(f"There is no group '{unknown[0]}' of ways: choose of {', '.join(GROUPS)}.")
    parts = measured_parts(options)
    vectors = ViewVectors(
        options.weights, preprocessing(options.weights), options.vectors, options.device, options.precision
    )
    record = ablate(vectors, parts, options.groups or tuple(GROUPS))
    record["command"] = f"python -m train {shlex.join(sys.argv[1:])}"
    print(tables(record["ways"]))
    if options.out:
        with atomic_write(options.out) as partial:
            partial.write_text(json.dumps(record) + "\n", encoding="utf-8")
        print(f"\nWrote {options.out}")
