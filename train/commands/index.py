"""`python -m train index`: embed the training images and write an artifact folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from retrieval.artifacts import WEIGHTS, file_sha256
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
        help="licence and origin of the weights (by default what they say themselves)",
    )
    parser.add_argument(
        "--out", type=Path, default=SHIPPED, help="the artifact folder to write (%(default)s)"
    )
    parser.add_argument(
        "--split", default="train", choices=list(ucmerced.PARTS), help="which images (%(default)s)"
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="what was measured of the weights: JSON of 'train evaluate' or 'train series'",
    )
    parser.add_argument(
        "--initial", type=Path, metavar="FILE", help="likewise, of the weights before training"
    )
    parser.add_argument("--replace", action="store_true", help="replace the artifact folder if it exists")
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Write the artifact folder."""
    from train.build import build
    from train.provenance import provenance

    photos = ucmerced.find(options.root)
    results = _results(options.weights, options.record, options.initial)
    licence, training = provenance(options.weights, options.weights_licence)
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
        results=results,
        replace_target=options.replace,
        device=options.device,
    )
    print(f"Wrote {options.out}")


def _results(weights: Path, record: Path | None, initial: Path | None) -> dict[str, Any]:
    """The manifest's field 'results': all measures of these weights, the main ones of the initial weights."""
    if record is None:
        return {}
    evaluation = _evaluation(record)
    if evaluation["weights"] != file_sha256(weights):
        raise ucmerced.DataError(f"{record} was measured with other weights than {weights}: evaluate these.")
    results = {"protocols": evaluation["protocols"]}
    if initial:
        measured = _evaluation(initial)["protocols"]
        results["initial"] = {name: {"overall": measures["overall"]} for name, measures in measured.items()}
    return results


def _evaluation(path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        evaluation: dict[str, Any] = fields.get("evaluation", fields)
        _ = evaluation["weights"], evaluation["protocols"]
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise ucmerced.DataError(
            f"{path} is not what 'train evaluate' or 'train series' writes ({error!r}): name such a file."
        ) from error
    return evaluation
