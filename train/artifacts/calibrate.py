"""What is usual for a collection: how far photos that belong to it lie from their nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from retrieval.collections.artifacts import read_manifest, write_manifest
from retrieval.collections.calibration import Calibration
from retrieval.embedder import Embedder
from retrieval.index import VectorIndex

#: What the held-out photos are called.
VALIDATION = "validation"
EACH_OTHER = "each photo against the others"

#: Of fewer, one in a hundred means nothing.
FEWEST = 20


def calibration(
    index: VectorIndex, embedder: Embedder | None = None, held_out: Sequence[Image.Image] = ()
) -> Calibration | None:
    """Measure what is usual; None of a collection that is too small to say (`FEWEST`).

    Args:
        index: Of the collection.
        embedder: Made its vectors; needed with held-out photos.
        held_out: Photos that are not in the index; without any, each photo of the index is looked up
            among the others.
    """
    if embedder and len(held_out):
        distances, _ = index.search(embedder.embed(held_out), 1)
        return Calibration.measure(distances[:, 0], VALIDATION)
    if len(index) < FEWEST:
        return None
    distances, found = index.search(index.vectors(), 2)
    own = found[:, 0] == np.arange(len(index))  # of two equal photos either may come first
    return Calibration.measure(np.where(own, distances[:, -1], distances[:, 0]), EACH_OTHER)


def write_calibration(folder: Path, measured: Calibration) -> None:
    """Put a calibration into the manifest of an artifact folder that is there; all else stays."""
    write_manifest(folder, replace(read_manifest(folder), calibration=measured.to_dict()))
