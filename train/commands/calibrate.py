"""`python -m train calibrate`: measure what is usual for a collection, and write it into its manifest."""

from __future__ import annotations

import argparse

from retrieval.collections.artifacts import CATALOGUE, INDEX, WEIGHTS, read_manifest
from retrieval.collections.catalogue import read_catalogue
from train.commands.options import add_artifacts, add_device, add_root
from train.data import ucmerced

HELP = "measure from which distance on a query is unlike anything in a collection"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_artifacts(parser)
    add_root(parser)
    add_device(parser)


def run(options: argparse.Namespace) -> None:
    """Calibrate UC Merced with its validation photos, and any other collection with its own photos."""
    from retrieval.embedder import Embedder
    from retrieval.index import VectorIndex
    from train.artifacts.calibrate import measure_calibration, write_calibration
    from train.data.dataset import read_part
    from train.provenance import division

    manifest = read_manifest(options.artifacts)
    index = VectorIndex.load(options.artifacts / INDEX, gpu=False)
    indexed = {entry.file for entry in read_catalogue(options.artifacts / CATALOGUE)}
    weights = options.artifacts / WEIGHTS
    divided = division(weights) if manifest.has_weights else ucmerced.COMMITTED
    validation_held_out = indexed.isdisjoint(ucmerced.read_split("validation", divided))
    if manifest.name == ucmerced.NAME and manifest.has_weights and validation_held_out:
        embedder = Embedder(weights, manifest.model.preprocessing, options.device)
        held_out = read_part("validation", options.root, division=divided)
        calibration = measure_calibration(index, embedder, held_out.images)
    else:
        calibration = measure_calibration(index)
    if calibration is None:
        raise ucmerced.DataError(f"{options.artifacts} holds too few photos to say what is usual there.")
    write_calibration(options.artifacts, calibration)
    print(
        f"{options.artifacts}: {calibration.count} photos ({calibration.held_out}); a query whose nearest "
        f"neighbour is farther than {calibration.threshold:.3f} resembles nothing in the collection."
    )
