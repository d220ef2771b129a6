"""Embeddings -> coordinates in the plane where near is similar, by t-SNE.

Van der Maaten, Hinton, 'Visualizing Data using t-SNE', Journal of Machine Learning Research, 2008. The
neighbours of a point have a meaning; the sizes of groups, and the distances between them, have none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.embedding_map import NEAREST, position
from retrieval.index import VectorIndex

#: How many principal components t-SNE gets: the others are noise, and take time.
COMPONENTS = 50
#: About how many neighbours each point is kept near to; less in small collections.
PERPLEXITY = 30.0
#: Of more, so many are drawn by chance and projected, since the time of t-SNE grows faster than their
#: number; the others are put among them.
MAX_POINTS = 5000
#: Of the others are in memory at a time.
_AT_ONCE = 5000


def project(embeddings: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """Project embeddings into the unit square. The same embeddings and seed give the same coordinates.

    Args:
        embeddings: (n, d) float32, n >= 1.
        seed: Of PCA and t-SNE.

    Returns:
        (n, 2) float32 in [0, 1]. Both axes have one scale: the longer one is filled, the other is centred.
    """
    from sklearn.decomposition import PCA  # here: importing them takes long
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if len(embeddings) > MAX_POINTS:
        return _joined(embeddings, seed)
    if not np.ptp(embeddings, axis=0).any():  # all are equal, which makes scikit-learn 1.9 crash
        return np.full((len(embeddings), 2), 0.5, np.float32)
    with threadpool_limits(1):  # another number of threads sums in another order, and gives another map
        reduced = PCA(min(COMPONENTS, *embeddings.shape), random_state=seed).fit_transform(embeddings)
        perplexity = min(PERPLEXITY, (len(embeddings) - 1) / 3)
        coordinates = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced)
    span = np.ptp(coordinates, axis=0)
    margins = (span.max() - span) / 2
    scaled: NDArray[np.float32] = (coordinates - coordinates.min(axis=0) + margins) / span.max()
    return scaled


def _joined(embeddings: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Many: some are projected, and each other one is put where a query like it would be."""
    chosen = np.sort(np.random.default_rng(seed).choice(len(embeddings), MAX_POINTS, replace=False))
    places = project(embeddings[chosen], seed)
    coordinates = np.empty((len(embeddings), 2), np.float32)
    coordinates[chosen] = places
    others = np.setdiff1d(np.arange(len(embeddings)), chosen)
    index = VectorIndex.build(embeddings[chosen])
    for some in np.array_split(others, -(-len(others) // _AT_ONCE)):
        distances, rows = index.search(embeddings[some], NEAREST)
        coordinates[some] = [position(*each, places) for each in zip(distances, rows, strict=True)]
    return coordinates
