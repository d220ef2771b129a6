"""`python -m train quantize`: let CPUs compute in int8, with what the training photos show of the weights."""

from __future__ import annotations

import argparse

from retrieval.collections.artifacts import WEIGHTS
from train.commands.options import add_artifacts, add_trained_on

HELP = "measure the ranges that let CPUs compute in int8"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_artifacts(parser)
    add_trained_on(parser)


def run(options: argparse.Namespace) -> None:
    """Measure with training photos, and write into the folder."""
    from train.artifacts.quantize import quantize
    from train.data.dataset import read_part
    from train.provenance import division

    divided = division(options.artifacts / WEIGHTS)
    train = read_part("train", options.root, options.folder, division=divided)
    ranges = quantize(options.artifacts, train.images)
    print(f"{options.artifacts}: CPUs now compute {len(ranges)} layers in int8.")
