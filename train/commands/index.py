"""`python -m train index`: make a collection, of any folder of photos or of a data set's training images.

`--images FOLDER --out COLLECTION` takes a folder as it is, and its photos stay there. Run again, it embeds
what is new. Without it the training images of a data set are indexed, with what was measured on them.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from retrieval.collections.artifacts import MANIFEST, WEIGHTS, file_sha256, parse_manifest
from retrieval.collections.photos import PhotoSource
from retrieval.retriever import SHIPPED
from train.artifacts.fast import IndexChoice, add_index_options
from train.commands.options import add_device, add_root
from train.data import ucmerced

HELP = "make a collection of a folder of photos, or of a data set's training images"
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
    photos = parser.add_mutually_exclusive_group()
    photos.add_argument(
        "--images",
        type=Path,
        metavar="FOLDER",
        help="any folder of photos, with folders in it or without, or one file; photos are shown from where "
        "they are, and orthophotos are cut into tiles",
    )
    photos.add_argument(
        "--folder",
        type=Path,
        help="the data set that was trained on, in place of UC Merced: a folder of class folders, divided by "
        "chance; its photos are copied",
    )
    parser.add_argument(
        "--labels",
        metavar="none|folders|FILE.csv",
        help="what the photos of --images show: not said, so that they are put into groups that are alike; "
        "the names of their folders; or a table with the columns file and label (none)",
    )
    parser.add_argument(
        "--tile",
        type=_metres,
        metavar="METRES",
        help="of ground, that tiles of orthophotos in --images are wide (as before; else 78, as the photos "
        "that the network learned from)",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="embed all photos of --images anew, as after an update that reads files in another way",
    )
    parser.add_argument(
        "--precision",
        choices=["float32", "bfloat16"],
        help="what the network computes in for --images (the fastest that this machine has: bfloat16 or "
        "float16 where it can, else float32)",
    )
    parser.add_argument("--title", help="what people call the collection (the name of its folder)")
    parser.add_argument("--data-licence", metavar="TEXT", help="licence and origin of the photos")
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
    parser.add_argument(
        "--progress",
        choices=["bar", "json"],
        default="bar",
        help="how the progress of --images is told: by a bar, or to programs by lines of JSON (%(default)s)",
    )
    add_index_options(parser)
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Write the artifact folder."""
    if options.images:
        index_images(options)
        return
    if options.labels or options.again or options.tile or options.precision:
        raise ucmerced.DataError(
            "--labels, --again, --tile and --precision belong to --images FOLDER: name that too."
        )
    from train.artifacts.build import build
    from train.artifacts.model_card import README
    from train.data.dataset import find_files
    from train.provenance import division, provenance

    results = _results(options.weights, options.record, options.initial)
    divided = division(options.weights)
    photos, files = find_files(options.split, options.root, options.folder, divided)
    licence, training = provenance(options.weights, options.weights_licence)
    build(
        options.out,
        photos=photos,
        files=files,
        weights=options.weights,
        training=training,
        results=results,
        held_out=_held_out(options, divided),
        with_card=True,
        replace_target=options.replace,
        device=options.device,
        **_collection(options, licence),
    )
    print(f"Wrote {options.out}; {README} is its model card")


def index_images(options: argparse.Namespace) -> None:
    """Make the collection of a folder, or bring it up to date, and say what was done."""
    from train.artifacts.build import model_of
    from train.folders.known import REPORT
    from train.folders.labels import NONE, Labels
    from train.folders.progress import bar_of, tell_outcome
    from train.folders.shares import Share
    from train.folders.update import Order, update
    from train.provenance import provenance

    model, with_weights = model_of(options.weights), None
    if model.sha256 != parse_manifest(SHIPPED / MANIFEST).model.sha256:  # else those are here for all
        licence, training = provenance(options.weights, options.weights_licence)
        results = _results(options.weights, options.record, options.initial)
        with_weights = {"licence": licence, "training": training, "results": results}
    folder, only = _folder_and_file(options.images)
    out: Path = options.out
    share = Share.of()
    done = update(
        Order(
            images=folder,
            only=only,
            out=out,
            weights=options.weights,
            model=model,
            labels=Labels(options.labels or NONE),
            title=options.title,
            data_licence=options.data_licence,
            with_weights=with_weights,
            replace=options.replace,
            again=options.again,
            tile=options.tile,
            device=options.device,
            index=IndexChoice(options.index_kind, options.index_memory),
            precision=options.precision,
            share=share,
            bar=bar_of(options.progress),
        )
    )
    if share.helps:
        print(f"Process {share.number} has done its share: {done.count:,} photos.")
        return
    if options.progress == "json":
        tell_outcome(done)
        return
    if done.written:
        print(
            f"Wrote {out}: {done.count:,} photos, of which {done.added:,} are new and {done.changed:,} "
            f"changed; {done.removed:,} that were there before are gone."
        )
    else:
        print(f"{out} is up to date: {done.count:,} photos.")
    if done.tiles:
        print(f"{done.tiles:,} of these are tiles of rasters; {done.empty_tiles:,} tiles show nothing.")
    if done.photos_a_second:
        how = f" in {done.precision}" if done.precision else ""
        speed = f"{done.photos_a_second:.1f} files were read a second"
        print(f"{done.embedded:,} photos were embedded{how}; {speed}.")
    if done.left_out:
        print(f"{len(done.left_out):,} files were left out: {out / REPORT} says why.")
    if done.others:
        print(f"{done.others:,} files of other kinds lie there too.")
    option = "--collection" if with_weights is None else "--artifacts"
    print(f"To search it: python app.py {option} {out}")


def _folder_and_file(images: Path) -> tuple[Path, str | None]:
    """The folder that is meant, and the one file in it, where a file is. Raises DataError."""
    try:
        path = images.resolve()
    except (OSError, RuntimeError) as error:  # such as a link that leads to itself
        raise ucmerced.DataError(f"{images} cannot be followed: name the folder itself.") from error
    return (path.parent, path.name) if path.is_file() else (path, None)


def _metres(text: str) -> float:
    try:
        metres = float(text)
    except ValueError:
        metres = 0.0
    if not 1 <= metres <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is no number of metres from 1 to 10,000")
    return metres


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


def _held_out(options: argparse.Namespace, division: str) -> Sequence[Image.Image]:
    """The validation photos, to calibrate an index that does not hold them; else none."""
    from train.data.dataset import read_part

    if options.folder or options.split in ("validation", "all"):
        return ()
    return read_part("validation", options.root, division=division).images


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
