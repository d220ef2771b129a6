"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_root(parser: argparse.ArgumentParser) -> None:
    """`--root`: where UC Merced is."""
    parser.add_argument(
        "--root",
        type=Path,
        help="the folder of class folders (else $UCMERCED_DIR, the usual places, a download)",
    )


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
