"""Calibration of a collection: how far photos that belong to it are from their nearest neighbours."""

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

#: What a calibration calls the photos that it was measured with.
VALIDATION = "validation"
EACH_OTHER = "each photo against the others"

#: With fewer photos, quantiles of one per cent mean nothing.
MIN_PHOTOS = 20
#: Of more photos, so many are drawn by chance: quantiles of one per cent need no more.
MAX_PHOTOS = 5000


def measure_calibration(
    index: VectorIndex, embedder: Embedder | None = None, held_out: Sequence[Image.Image] = ()
) -> Calibration | None:
    """Measure the distances of photos to their nearest neighbours.

    Args:
        index: Of the collection.
        embedder: The one that made the index; needed with held-out photos.
        held_out: Photos that are not in the index. Without any, each photo of the index is the query, and
            the others are the gallery; of more than `MAX_PHOTOS` some are.

    Returns:
        The calibration; None if there are no held-out photos and the index has fewer than `MIN_PHOTOS`.
    """
    if embedder and len(held_out):
        distances, _ = index.search(embedder.embed(held_out), 1)
        return Calibration.measure(distances[:, 0], VALIDATION)
    if len(index) < MIN_PHOTOS:
        return None
    queries = np.arange(len(index))
    if len(index) > MAX_PHOTOS:
        queries = np.random.default_rng(0).choice(len(index), MAX_PHOTOS, replace=False)
    distances, rows = index.search(index.vectors_of(queries), 2)
    is_self = rows[:, 0] == queries  # of two duplicates either may come first
    return Calibration.measure(np.where(is_self, distances[:, -1], distances[:, 0]), EACH_OTHER)


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Write a calibration into the manifest of an existing artifact folder; everything else stays."""
    write_manifest(folder, replace(read_manifest(folder), calibration=calibration.to_dict()))
