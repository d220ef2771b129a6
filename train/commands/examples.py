"""`python -m train examples`: list the test photos with their checksums, for the page's examples.

The list holds facts about files, and no photo. The page reads it, so that it need not know the split.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from retrieval.collections.photos import PROJECT

HELP = "list the test photos that the page has as examples"

TARGET = PROJECT / "examples" / "test_photos.csv"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--root", type=Path, metavar="DIR", help="UC Merced's folder, if not found by itself")
    parser.add_argument(
        "--out", type=Path, default=TARGET, metavar="FILE", help="where to (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    """Write the list."""
    from retrieval.files import atomic_write
    from retrieval.images import pixel_sha256
    from train.data.dataset import read_part

    test = read_part("test", options.root)
    with atomic_write(options.out) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["file", "sha256"])
        for name, image in zip(test.files, test.images, strict=True):
            lines.writerow([name, pixel_sha256(image)])
    print(f"{options.out}: {len(test.files)} test photos")
