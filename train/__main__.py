"""The commands: `python -m train data`, `python -m train index`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from retrieval.artifacts import MANIFEST, WEIGHTS, ArtifactError, read_manifest
from retrieval.photos import DownloadError
from retrieval.retriever import SHIPPED
from train import ucmerced

DATA_LICENCE = (
    "UC Merced Land Use (Yang and Newsam 2010); source imagery USGS National Map, public domain. "
    "The photos are not in this folder."
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns the exit status: 0, or 1 after a sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "data":
            _data(options)
        else:
            _index(options)
    except (ucmerced.DataError, ArtifactError, DownloadError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was downloaded is kept; an unfinished folder is removed.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser("data", help="find UC Merced in a folder, or download it, and check it")
    data.add_argument("--write-split", action="store_true", help="write the files of the split again")
    index = commands.add_parser("index", help="embed the training images and write an artifact folder")
    for command in (data, index):
        command.add_argument(
            "--root",
            type=Path,
            help="the folder of class folders (else $UCMERCED_DIR, the usual places, a download)",
        )
    index.add_argument(
        "--weights",
        type=Path,
        default=SHIPPED / WEIGHTS,
        help="a safetensors file of a ResNet-50 without fc (%(default)s)",
    )
    index.add_argument(
        "--weights-licence",
        metavar="TEXT",
        help="licence and origin of the weights (by default what the manifest beside them says)",
    )
    index.add_argument("--out", type=Path, default=SHIPPED, help="the artifact folder to write (%(default)s)")
    index.add_argument(
        "--split", default="train", choices=list(ucmerced.PARTS), help="which images (%(default)s)"
    )
    index.add_argument("--replace", action="store_true", help="replace the artifact folder if it exists")
    index.add_argument("--device", help="cuda or cpu (a GPU where there is one)")
    return parser


def _data(options: argparse.Namespace) -> None:
    if options.write_split:
        ucmerced.write_split()
    found = ucmerced.find(options.root)
    sizes = ", ".join(f"{part} {len(ucmerced.read_split(part))}" for part in ucmerced.PARTS)
    print(f"UC Merced is whole: {len(ucmerced.files())} images in {found.root}")
    print(f"Split: {sizes}")


def _index(options: argparse.Namespace) -> None:
    from train.build import build  # here: torch takes seconds to import

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


if __name__ == "__main__":
    sys.exit(main())
