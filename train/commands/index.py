"""`python -m train index`: embed the training images and write an artifact folder."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from retrieval.collections.artifacts import WEIGHTS, file_sha256
from retrieval.collections.photos import PhotoSource
from retrieval.retriever import SHIPPED
from train.commands.options import add_device, add_root
from train.data import ucmerced

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
        "--split", default="train", choices=[*ucmerced.PARTS, "all"], help="which images (%(default)s)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="index another folder of class folders, and copy its photos, not UC Merced",
    )
    parser.add_argument("--title", help="what people call the collection of --folder (its name)")
    parser.add_argument("--data-licence", metavar="TEXT", help="licence and origin of the photos of --folder")
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
    from train.artifacts.build import build
    from train.artifacts.model_card import README
    from train.data.dataset import find_files
    from train.provenance import provenance

    results = _results(options.weights, options.record, options.initial)
    photos, files = find_files(options.split, options.root, options.folder)
    licence, training = provenance(options.weights, options.weights_licence)
    build(
        options.out,
        photos=photos,
        files=files,
        weights=options.weights,
        training=training,
        results=results,
        held_out=_held_out(options),
        with_card=True,
        replace_target=options.replace,
        device=options.device,
        **_collection(options, licence),
    )
    print(f"Wrote {options.out}; {README} is its model card")


def _collection(options: argparse.Namespace, licence: str) -> dict[str, Any]:
    """The name, title, photo source and licences of the collection, as arguments of `build`."""
    if not options.folder:
        return {
            "name": ucmerced.NAME,
            "title": ucmerced.TITLE,
            "source": ucmerced.SOURCE,
            "licences": {"data": DATA_LICENCE, "weights": licence},
        }
    if options.out == SHIPPED:
        raise ucmerced.DataError(f"{SHIPPED} is UC Merced's: name another folder with --out.")
    name = re.sub(r"[^a-z0-9]+", "-", options.out.name.lower()).strip("-") or "photos"
    return {
        "name": name,
        "title": options.title or name,
        "source": PhotoSource(bundled="photos"),
        "licences": {"data": options.data_licence or "Not stated.", "weights": licence},
    }


def _held_out(options: argparse.Namespace) -> Sequence[Image.Image]:
    """The validation photos, to calibrate an index that does not hold them; else none."""
    from train.data.dataset import read_part

    if options.folder or options.split in ("validation", "all"):
        return ()
    return read_part("validation", options.root).images


def _results(weights: Path, record: Path | None, initial: Path | None) -> dict[str, Any]:
    """The manifest's field 'results': of these weights, and in brief of the initial ones."""
    if record is None:
        return {}
    evaluation = _read_evaluation(record)
    if evaluation["weights"] != file_sha256(weights):
        raise ucmerced.DataError(f"{record} was measured with other weights than {weights}: evaluate these.")
    results = {"protocols": evaluation["protocols"]}
    if initial:
        protocols = _read_evaluation(initial)["protocols"]
        results["initial"] = {name: {"overall": result["overall"]} for name, result in protocols.items()}
    return results


def _read_evaluation(path: Path) -> dict[str, Any]:
    """The JSON of an evaluation, or of that in a record. Raises DataError if the file is neither."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        evaluation: dict[str, Any] = fields.get("evaluation", fields)
        _ = evaluation["weights"], evaluation["protocols"]
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise ucmerced.DataError(
            f"{path} is not what 'train evaluate' or 'train series' writes ({error!r}): name such a file."
        ) from error
    return evaluation
