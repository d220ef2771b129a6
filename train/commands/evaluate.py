"""`python -m train evaluate`: measure how well weights retrieve, as a table and as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retrieval.collections.artifacts import WEIGHTS
from retrieval.files import atomic_write
from retrieval.retriever import SHIPPED
from train.commands.options import add_device, add_root
from train.data.ucmerced import DataError

HELP = "measure how well weights retrieve, as a table and as JSON"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--weights", type=Path, default=SHIPPED / WEIGHTS, help="a safetensors file of weights (%(default)s)"
    )
    add_root(parser)
    parser.add_argument(
        "--folder", type=Path, help="another folder of class folders in place of UC Merced, divided by chance"
    )
    parser.add_argument(
        "--shift",
        type=Path,
        metavar="FOLDER",
        help="a folder of class folders with other photos of the same classes: queries from elsewhere",
    )
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
    from train.data.dataset import read_part
    from train.evaluate.protocols import evaluate
    from train.provenance import division
    from train.reports.text_table import format_evaluation

    # Weights are tested on what they were not trained on.
    divided = division(options.weights)
    parts = {
        part: read_part(part, options.root, folder=options.folder, division=divided)
        for part in ("train", "validation", "test")
    }
    if options.shift:
        parts["shift"] = read_part("all", folder=options.shift)
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
