"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.collections.artifacts import WEIGHTS
from retrieval.retriever import SHIPPED

if TYPE_CHECKING:
    from train.data.dataset import LabeledImages


def add_root(parser: argparse.ArgumentParser) -> None:
    """`--root`: where UC Merced is."""
    parser.add_argument(
        "--root",
        type=Path,
        help="the folder of class folders (else $UCMERCED_DIR, the usual places, a download)",
    )


def add_artifacts(parser: argparse.ArgumentParser) -> None:
    """`--artifacts`: the folder that something is written into."""
    parser.add_argument(
        "--artifacts", type=Path, default=SHIPPED, metavar="DIR", help="the artifact folder (%(default)s)"
    )


def add_trained_on(parser: argparse.ArgumentParser) -> None:
    """`--folder` and `--root`: the photos that the weights were trained on."""
    parser.add_argument(
        "--folder", type=Path, help="a folder of class folders, if the weights were not trained on UC Merced"
    )
    add_root(parser)


def add_measured(parser: argparse.ArgumentParser) -> None:
    """`--weights`, `--root`, `--folder` and `--shift`: what is measured, and with which photos."""
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


def measured_parts(options: argparse.Namespace) -> dict[str, LabeledImages]:
    """The images that the options of `add_measured` name, by part.

    They are divided as for the training of the weights, which are tested on what they were not trained on.
    """
    from train.data.dataset import read_part  # here: it takes time
    from train.provenance import division

    divided = division(options.weights)
    parts = {
        part: read_part(part, options.root, folder=options.folder, division=divided)
        for part in ("train", "validation", "test")
    }
    if options.shift:
        parts["shift"] = read_part("all", folder=options.shift)
    return parts


def add_device(parser: argparse.ArgumentParser) -> None:
    """`--device`: where the network runs."""
    parser.add_argument("--device", type=_device, help="cuda or cpu (a GPU where there is one)")


def _device(name: str) -> str:
    """The name of a device of this machine. Raises ArgumentTypeError for any other."""
    if name not in ("cuda", "cpu"):
        raise argparse.ArgumentTypeError(f"'{name}' is no device: choose cuda or cpu")
    if name == "cuda":
        import torch  # here: it takes seconds

        if not torch.cuda.is_available():
            raise argparse.ArgumentTypeError("there is no CUDA GPU on this machine: leave the device out")
    return name
