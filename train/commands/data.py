"""`python -m train data`: find UC Merced in a folder, or download it, and check it."""

from __future__ import annotations

import argparse

from train.commands.options import add_root
from train.data import ucmerced

HELP = "find UC Merced in a folder, or download it, and check it"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_root(parser)
    parser.add_argument("--write-split", action="store_true", help="write the files of the split again")


def run(options: argparse.Namespace) -> None:
    """Say where the data set is and how it is divided."""
    if options.write_split:
        ucmerced.write_split()
    folder = ucmerced.find_folder(options.root)
    sizes = ", ".join(f"{part} {len(ucmerced.read_split(part))}" for part in ucmerced.PARTS)
    print(f"UC Merced is whole: {len(ucmerced.file_names())} images in {folder.root}")
    print(f"Split: {sizes}")
