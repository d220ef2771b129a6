"""`python -m train index`: embed the training images and write an artifact folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from retrieval.artifacts import MANIFEST, WEIGHTS, read_manifest
from retrieval.retriever import SHIPPED
from train import ucmerced
from train.commands.options import add_device, add_root

HELP = "embed the training images and write an artifact folder"
DATA_LICENCE = (
    "UC Merced Land Use (Yang and Newsam 2010); source imagery USGS National Map, public domain. "
    "The photos are not in this folder."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_root(parser)
    parser.add_argument(
        "--weights",
        type=Path,
        default=SHIPPED / WEIGHTS,
        help="a safetensors file of a ResNet-50 without fc (%(default)s)",
    )
    parser.add_argument(
        "--weights-licence",
        metavar="TEXT",
        help="licence and origin of the weights (by default what the manifest beside them says)",
    )
    parser.add_argument("--out", type=Path, default=SHIPPED, help="the artifact folder to write (%(default)s)")
    parser.add_argument(
        "--split", default="train", choices=list(ucmerced.PARTS), help="which images (%(default)s)"
    )
    parser.add_argument("--replace", action="store_true", help="replace the artifact folder if it exists")
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Write the artifact folder."""
    from train.build import build

    photos = ucmerced.find(options.root)
    licence, training = _provenance(options.weights, options.weights_licence)
    build(
        options.out,
        name=ucmerced.NAME,
        title=ucmerced.TITLE,
        photos=photos,
        files=ucmerced.read_split(options.split),
        source=ucmerced.SOURCE,
        weights=options.weights,
        licences={"data": DATA_LICENCE, "weights": licence},
        training=training,
        replace_target=options.replace,
        device=options.device,
    )
    print(f"Wrote {options.out}")


def _provenance(weights: Path, licence: str | None) -> tuple[str, dict[str, Any]]:
    """Licence and training of weights, which travel with them from folder to folder."""
    if (weights.parent / MANIFEST).is_file():
        known = read_manifest(weights.parent)
        return licence or known.licences.get("weights", ""), known.training
    if not licence:
        raise ucmerced.DataError(
            f"Nothing says where {weights} come from: state their licence and origin with --weights-licence."
        )
    return licence, {}
