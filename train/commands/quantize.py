"""`python -m train quantize`: let CPUs compute in int8, with what the training photos show of the weights."""

from __future__ import annotations

import argparse
from pathlib import Path

from retrieval.collections.artifacts import WEIGHTS
from retrieval.retriever import SHIPPED
from train.commands.options import add_root

HELP = "measure the ranges that let CPUs compute in int8"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--artifacts", type=Path, default=SHIPPED, metavar="DIR", help="the artifact folder (%(default)s)"
    )
    parser.add_argument(
        "--folder", type=Path, help="a folder of class folders, if the weights were not trained on UC Merced"
    )
    add_root(parser)


def run(options: argparse.Namespace) -> None:
    """Measure with training photos, and write into the folder."""
    from train.artifacts.quantize import quantize
    from train.data.dataset import read_part
    from train.provenance import division

    divided = division(options.artifacts / WEIGHTS)
    train = read_part("train", options.root, options.folder, division=divided)
    ranges = quantize(options.artifacts, train.images)
    print(f"{options.artifacts}: CPUs now compute {len(ranges)} layers in int8.")
