"""`python -m train fit`: train a network with a triplet loss; the best epoch is kept."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from train.commands.options import add_device, add_root
from train.fit import recipe

HELP = "train a network with a triplet loss"
RUNS = Path("runs")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "name",
        nargs="?",
        default="run",
        help=f"of the run's folder in {RUNS}/, or a whole path (%(default)s)",
    )
    parser.add_argument("--resume", action="store_true", help="go on with a run that was interrupted")
    add_root(parser)
    parser.add_argument(
        "--folder",
        type=Path,
        help="train on another folder of class folders, divided by chance, in place of UC Merced",
    )
    parser.add_argument("--init-licence", metavar="TEXT", help="licence and origin of the file of --init")
    add_device(parser)
    recipe.add_options(parser.add_argument_group("the recipe"))


def run(options: argparse.Namespace) -> None:
    """Train, and print where the best weights are."""
    settings = recipe.from_options(options)
    from train.data.dataset import read_part
    from train.fit.run import RunFolder
    from train.fit.trainer import Trainer, fit

    train, validation = (
        read_part(part, options.root, options.folder, division=settings.division, in_memory=True)
        for part in ("train", "validation")
    )
    data = options.folder.name if options.folder else "ucmerced"
    trainer = Trainer(settings, train, validation, options.device, options.init_licence)
    run_folder = RunFolder(RUNS / options.name, settings, data, resume=options.resume)
    fit(run_folder, trainer)
    best = run_folder.best_weights
    folder = f" --folder {shlex.quote(str(options.folder))}" if options.folder else ""
    print(f"The best weights: {best} (measure them: python -m train evaluate --weights {best}{folder})")
