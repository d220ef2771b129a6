"""Similarities of queries to a gallery -> better ones, by what the gallery's photos are to each other.

All of it is possible for one query alone, as a page gets it: no query learns of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from train.evaluate.metrics import Embeddings, l2_normalize

Similarities = NDArray[np.float32]
#: Duplicates are no nearer than this, squared.
_LEAST = 1e-6


@dataclass(frozen=True)
class Found:
    """Queries, and what they were compared with.

    Attributes:
        queries: (q, d) float32, unit length.
        gallery: (g, d), likewise.
        similarities: (q, g), cosines; -inf where a photo may not find itself.
    """

    queries: Embeddings
    gallery: Embeddings
    similarities: Similarities

    @cached_property
    def among(self) -> Similarities:
        """(g, g), the same of the gallery's photos, each -inf to itself."""
        among: Similarities = self.gallery @ self.gallery.T
        np.fill_diagonal(among, -np.inf)
        return among


def scaled_locally(found: Found, *, neighbours: int) -> Similarities:
    """Distances are measured by how near a photo's own neighbours are.

    Zelnik-Manor, Perona 2004, 'Self-Tuning Spectral Clustering'; against hubs Schnitzer et al. 2012.
    """
    reach = 2 - 2 * np.partition(found.among, -neighbours, axis=1)[:, -neighbours]
    scaled = (2 * found.similarities - 2) / np.sqrt(np.maximum(reach, _LEAST))
    return scaled.astype(np.float32)


def cross_domain(found: Found, *, neighbours: int) -> Similarities:
    """CSLS: a photo that is near to many has to be nearer.

    Conneau et al. 2018, 'Word Translation Without Parallel Data'. What is near to it is looked for in the
    gallery: other queries are not known.
    """
    nearest = np.partition(found.among, -neighbours, axis=1)[:, -neighbours:]
    adjusted: Similarities = 2 * found.similarities - nearest.mean(axis=1)
    return adjusted


def mutual(found: Found) -> Similarities:
    """Mutual proximity: how likely both are nearer to each other than to a photo drawn by chance.

    Schnitzer et al. 2012, 'Local and Global Scaling Reduce Hubs in Space', with Gaussian distances.
    """
    distances, own = (np.sqrt(np.maximum(2 - 2 * each, 0)) for each in (found.similarities, found.among))
    usual = np.where(np.isfinite(own), own, np.nan)
    mean, deviation = np.nanmean(usual, axis=1), np.nanstd(usual, axis=1)
    known = np.where(np.isfinite(distances), distances, np.nan)
    query_mean, query_deviation = (
        measure(known, axis=1, keepdims=True) for measure in (np.nanmean, np.nanstd)
    )
    likely: Similarities = log_ndtr((mean - distances) / deviation) + log_ndtr(
        (query_mean - distances) / query_deviation
    )
    return likely


def expanded(found: Found, *, neighbours: int, power: float) -> Similarities:
    """Alpha query expansion: the query is drawn to what it finds, the nearest most.

    Radenović, Tolias, Chum 2019, 'Fine-tuning CNN Image Retrieval with No Human Annotation'.
    """
    queries = found.queries + _mean_of_nearest(found.similarities, found.gallery, neighbours, power)
    return _without_self(l2_normalize(queries) @ found.gallery.T, found)


def augmented(found: Found, *, neighbours: int, power: float) -> Similarities:
    """Likewise with each photo of the gallery, and not with the query, which costs it nothing.

    Arandjelović, Zisserman 2012, 'Three Things Everyone Should Know to Improve Object Retrieval'.
    """
    gallery = found.gallery + _mean_of_nearest(found.among, found.gallery, neighbours, power)
    return _without_self(found.queries @ l2_normalize(gallery).T, found)


def _mean_of_nearest(
    similarities: Similarities, gallery: Embeddings, neighbours: int, power: float
) -> Embeddings:
    """The sum of the nearest, each by its similarity to this power."""
    rows = np.argpartition(-similarities, neighbours - 1, axis=1)[:, :neighbours]
    weights = np.maximum(np.take_along_axis(similarities, rows, axis=1), 0) ** power
    drawn: Embeddings = np.einsum("qn,qnd->qd", weights, gallery[rows])
    return drawn


def _without_self(similarities: Similarities, found: Found) -> Similarities:
    kept: Similarities = np.where(np.isneginf(found.similarities), -np.inf, similarities)
    return kept
