"""`python -m train figures`: the paper's figures from this project's own results."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from retrieval.collections.new_folder import new_folder
from retrieval.retriever import ASSETS, SHIPPED
from train.commands.options import add_device, add_root
from train.data.ucmerced import DataError

HELP = "draw the paper's figures from the test images: charts, and montages with photos"
PROJECT = ASSETS.parent
VIEWS = PROJECT / "examples" / "queries"
#: Where photos of Bucharest are, if there are any, and the drawn views that stand in for them.
BUCHAREST = PROJECT / "examples" / "bucharest" / "photos"
STAND_INS = PROJECT / "examples" / "screenshots"


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
        "--montages", type=Path, default=PROJECT / "runs" / "montages", metavar="DIR",
        help="folder to write for the montages with photos (%(default)s)",
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
    _keep_photos_out(options.montages)
    _holds_only(options.charts, ".svg")
    _holds_only(options.montages, ".webp")
    with (
        new_folder(options.charts, replace=options.replace) as charts,
        new_folder(options.montages, replace=options.replace) as montages,
    ):
        written = draw_figures(options, charts, montages)
    print(f"Wrote {len(written)} figures into {options.charts} and {options.montages}")


def draw_figures(options: argparse.Namespace, charts: Path, montages: Path) -> list[Path]:
    """Draw all figures into two folders that exist. Returns the files."""
    from train.data import dataset, ucmerced

    photos = dataset.read_part("test", options.root)
    root = ucmerced.find_folder(options.root).root

    # Imported here, because these take seconds: a missing data set is reported at once.
    from tqdm import tqdm

    from retrieval import Retriever
    from retrieval.images import decode
    from retrieval.runtime import DeviceError
    from train.reports.figures import write_charts
    from train.reports.montages import Montages
    from train.reports.retrievals import retrieve
    from train.reports.views import views_of

    try:
        retriever = Retriever.load(options.artifacts, further=(), photos=root, device=options.device)
    except DeviceError as error:
        raise DataError(str(error)) from error
    with tqdm(total=len(photos.files), desc="embed the test images", unit="image") as bar:
        embeddings = retriever.embedder.embed(photos.images, bar.update)
    views = [decode(path).image for path in sorted(VIEWS.glob("*.webp"))]
    names = [path.stem for path in sorted(VIEWS.glob("*.webp"))]
    retrievals = retrieve(embeddings, photos.labels, retriever.collection())
    montage_sheets = Montages(retrievals, photos.images, retriever.collection(), options.seed)
    places, are_photos = views_of(options.bucharest, STAND_INS)
    bucharest = montage_sheets.bucharest_views(
        places, retriever.embedder.embed([place.image for place in places]), drawn=not are_photos
    )
    return [
        *write_charts(retrievals, charts, options.seed),
        *montage_sheets.write(
            montages, list(zip(names, views, retriever.embedder.embed(views), strict=True)), bucharest
        ),
    ]


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
