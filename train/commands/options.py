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
    parser.add_argument("--device", choices=["cuda", "cpu"], help="cuda or cpu (a GPU where there is one)")
