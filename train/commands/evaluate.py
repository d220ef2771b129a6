"""`python -m train evaluate`: measure how well weights retrieve, as a table and as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retrieval.files import atomic_write
from train.commands.options import add_device, add_measured, measured_parts
from train.data.ucmerced import DataError

HELP = "measure how well weights retrieve, as a table and as JSON"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_measured(parser)
    parser.add_argument(
        "--size",
        type=_at_least(32),
        help="side of the square that the network sees (that of the weights' run)",
    )
    parser.add_argument(
        "--views",
        type=int,
        choices=[1, 8],
        default=1,
        help="8 averages the vectors of the rotations and flips of each image (%(default)s)",
    )
    parser.add_argument(
        "--expansion",
        type=_at_least(0),
        default=0,
        metavar="N",
        help="search again with the mean of each query and its N nearest (%(default)s)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all measures as JSON")
    parser.add_argument("--replace", action="store_true", help="replace the JSON file if it exists")
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Evaluate, print the tables, and write the JSON file."""
    out: Path | None = options.out
    if out and (out.is_dir() or (out.exists() and not options.replace)):
        raise DataError(
            f"{out} exists already: name another file, or allow a file to be replaced with --replace."
        )
    from train.evaluate.protocols import evaluate
    from train.reports.text_table import format_evaluation

    parts = measured_parts(options)
    evaluation = evaluate(
        options.weights,
        parts,
        views=options.views,
        expansion=options.expansion,
        size=options.size,
        device=options.device,
    )
    print(format_evaluation(evaluation))
    if "test-test" not in evaluation["protocols"]:
        print("\ntest-test is left out: a class has a single test image, with no other of its class to find.")
    if out:
        _write(out, evaluation)
        print(f"\nWrote {out}")


def _write(path: Path, evaluation: dict[str, Any]) -> None:
    """Write JSON. Raises DataError if the file cannot be written."""
    try:
        with atomic_write(path) as partial:
            partial.write_text(json.dumps(evaluation, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror}): name another file.") from error


def _at_least(minimum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if value < minimum:
            raise argparse.ArgumentTypeError(f"has to be {minimum} or more, not {value}")
        return value

    return parse
