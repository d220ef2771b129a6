"""Vectors of a gallery -> another space for them and for queries: centred, with fewer features, whitened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from train.evaluate.metrics import Embeddings, l2_normalize

#: Unit vectors -> unit vectors.
Space = Callable[[Embeddings], Embeddings]


class Gallery:
    """What can be learned of a gallery, once.

    Args:
        vectors: (n, d) float32, unit length.
        labels: The class of each.
    """

    def __init__(self, vectors: Embeddings, labels: Sequence[str]) -> None:
        self._vectors, self._labels = vectors, np.asarray(labels)
        self.mean: Embeddings = vectors.mean(axis=0)

    @cached_property
    def spread(self) -> tuple[NDArray[np.float64], Embeddings]:
        """How much it varies along each of its main axes, the greatest first; and the axes, as columns."""
        return _axes(self._vectors - self.mean)

    @cached_property
    def spread_within(self) -> tuple[NDArray[np.float64], Embeddings]:
        """Likewise, of each photo about the mean of its class."""
        apart = self._vectors.copy()
        for label in set(self._labels.tolist()):
            own = self._labels == label
            apart[own] -= self._vectors[own].mean(axis=0)
        return _axes(apart)


def centred(gallery: Gallery) -> Space:
    """Without what all have in common."""
    return partial(_moved, gallery.mean, None)


def principal(gallery: Gallery, *, dimensions: int) -> Space:
    """Only the axes along which the gallery varies most."""
    axes = gallery.spread[1][:, :dimensions]
    return partial(_moved, gallery.mean, axes)


def whitened(gallery: Gallery, *, dimensions: int, shrinkage: float) -> Space:
    """Likewise, and the gallery varies nearly as much along each axis: see `_scaled`."""
    axes = _scaled(*gallery.spread, shrinkage)[:, :dimensions]
    return partial(_moved, gallery.mean, axes)


def whitened_within(gallery: Gallery, *, shrinkage: float) -> Space:
    """Classes vary as much along each axis, nearly: what differs within classes counts for less."""
    axes = _scaled(*gallery.spread_within, shrinkage)
    return partial(_moved, gallery.mean, axes)


def _moved(mean: Embeddings, axes: Embeddings | None, vectors: Embeddings) -> Embeddings:
    apart = (vectors - mean).astype(np.float32, copy=False)
    return l2_normalize(apart if axes is None else apart @ axes)


def _axes(apart: Embeddings) -> tuple[NDArray[np.float64], Embeddings]:
    values, axes = np.linalg.eigh(apart.T.astype(np.float64) @ apart / len(apart))
    return np.maximum(values[::-1], 0), axes[:, ::-1].astype(np.float32)


def _scaled(values: NDArray[np.float64], axes: Embeddings, shrinkage: float) -> Embeddings:
    """Axes divided by how much varies along each, after that is drawn towards the mean of all.

    A shrinkage of 1 changes no distance. Fewer photos than features say nothing of most axes, so near 0 what
    was chance is blown up.
    """
    drawn = (1 - shrinkage) * values + shrinkage * values.mean()
    scaled: Embeddings = (axes / np.sqrt(np.maximum(drawn, 1e-12))).astype(np.float32)
    return scaled
