"""`python -m train figures`: the paper's figures from this project's own results."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.collections.artifacts import read_manifest
from retrieval.collections.new_folder import new_folder
from retrieval.retriever import ASSETS, SHIPPED, SHIPPED_SCENES
from train.commands.options import add_device, add_root
from train.data.ucmerced import DataError

if TYPE_CHECKING:
    from retrieval import Retriever

HELP = "draw the paper's figures from the test images: charts, and montages with photos"
PROJECT = ASSETS.parent
#: Where photos of Bucharest are, if there are any, and the drawn views that stand in for them.
BUCHAREST = PROJECT / "examples" / "bucharest" / "photos"
STAND_INS = PROJECT / "examples" / "screenshots"
#: Montages of photos, which Git ignores, and of the generated scenes.
MONTAGES = PROJECT / "runs" / "montages"
SCENE_MONTAGES = PROJECT / "docs" / "montages"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_root(parser)
    parser.add_argument(
        "--artifacts", type=Path, default=SHIPPED, metavar="DIR", help="weights and index (%(default)s)"
    )
    parser.add_argument(
        "--charts", type=Path, default=ASSETS / "figures", metavar="DIR",
        help="folder to write for the charts, which hold no photos (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--scenes", action="store_true",
        help="draw only montages, and of the generated scenes alone, each searched among the others: these "
        "may be committed",
    )  # fmt: skip
    parser.add_argument(
        "--montages", type=Path, metavar="DIR",
        help=f"folder to write for the montages with photos ({MONTAGES}; of the scenes {SCENE_MONTAGES})",
    )  # fmt: skip
    parser.add_argument(
        "--bucharest", type=Path, default=Path(os.environ.get("BUCHAREST_DIR") or BUCHAREST).expanduser(),
        metavar="DIR", help="photos of Bucharest; drawn views where there are none (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (%(default)s)")
    parser.add_argument("--replace", action="store_true", help="replace the two folders if they exist")
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Draw into temporary folders, which take their names when all figures are complete."""
    target: Path = options.montages or (SCENE_MONTAGES if options.scenes else MONTAGES)
    if not options.scenes or target.resolve() != SCENE_MONTAGES:
        _keep_photos_out(target)
    _holds_only(target, ".webp")
    if options.scenes:
        with new_folder(target, replace=options.replace) as montages:
            written = draw_scenes(options, montages)
        print(f"Wrote {len(written)} figures into {target}")
        return
    _holds_only(options.charts, ".svg")
    with (
        new_folder(options.charts, replace=options.replace) as charts,
        new_folder(target, replace=options.replace) as montages,
    ):
        written = draw_figures(options, charts, montages)
    print(f"Wrote {len(written)} figures into {options.charts} and {target}")


def draw_scenes(options: argparse.Namespace, montages: Path) -> list[Path]:
    """Draw the montages of the generated scenes into a folder that exists. Returns the files.

    No photo is read: queries, gallery and views are all drawn.
    """
    from train.reports.montages import Montages, photo_or_preview
    from train.reports.retrievals import growth, retrieve_among_themselves
    from train.reports.views import drawn_views

    retriever = _load(options, further=(SHIPPED_SCENES,))
    collection = retriever.collection(read_manifest(SHIPPED_SCENES).name)
    retrievals = retrieve_among_themselves(collection)
    print(growth(retrievals, collection.entries))
    images = [photo_or_preview(collection, row) for row in range(len(collection.entries))]
    sheets = Montages(retrievals, images, collection, what="scenes", seed=options.seed)
    places = drawn_views(STAND_INS)
    embeddings = retriever.embedder.embed([place.image for place in places])
    return sheets.write(montages, sheets.bucharest_views(places, embeddings, drawn=True), brief=True)


def draw_figures(options: argparse.Namespace, charts: Path, montages: Path) -> list[Path]:
    """Draw all figures of the test images into two folders that exist. Returns the files."""
    from train.data import dataset, ucmerced

    photos = dataset.read_part("test", options.root)
    root = ucmerced.find_folder(options.root).root

    # Imported here, because these take seconds: a missing data set is reported at once.
    from tqdm import tqdm

    from train.reports.figures import write_charts
    from train.reports.montages import Montages
    from train.reports.retrievals import growth, retrieve
    from train.reports.views import views_of

    retriever = _load(options, photos=root)
    collection = retriever.collection()
    with tqdm(total=len(photos.files), desc="embed the test images", unit="image") as bar:
        embeddings = retriever.embedder.embed(photos.images, bar.update)
    retrievals = retrieve(embeddings, photos.labels, collection)
    print(growth(retrievals, collection.entries))
    sheets = Montages(retrievals, photos.images, collection, seed=options.seed)
    places, are_photos = views_of(options.bucharest, STAND_INS)
    place_embeddings = retriever.embedder.embed([place.image for place in places])
    bucharest = sheets.bucharest_views(places, place_embeddings, drawn=not are_photos)
    return [*write_charts(retrievals, charts, options.seed), *sheets.write(montages, bucharest)]


def _load(options: argparse.Namespace, further: Sequence[Path] = (), photos: Path | None = None) -> Retriever:
    """The weights and collections. Raises DataError where the device cannot be used."""
    from retrieval import Retriever
    from retrieval.runtime import DeviceError

    try:
        return Retriever.load(options.artifacts, further=further, photos=photos, device=options.device)
    except DeviceError as error:
        raise DataError(str(error)) from error


def _keep_photos_out(folder: Path) -> None:
    """Raise DataError for a folder that Git tracks: the photos must not be published here."""
    inside = folder.resolve().relative_to(PROJECT) if folder.resolve().is_relative_to(PROJECT) else None
    if inside is not None and inside.parts[:1] != ("runs",):
        raise DataError(
            f"--montages {folder} is inside the project, where photos must not be committed: "
            "name a folder in runs/, or one outside the project."
        )


def _holds_only(folder: Path, suffix: str) -> None:
    """Raise DataError for a folder that holds anything but figures, and must not be replaced."""
    if folder.is_dir():
        others = sorted(path.name for path in folder.iterdir() if path.suffix != suffix)
        if others:
            raise DataError(f"{folder} holds {others[0]}, which is no figure: name a folder of its own.")
