"""Vectors -> places in the plane where near is similar, by t-SNE.

Van der Maaten, Hinton, 'Visualizing Data using t-SNE', Journal of Machine Learning Research, 2008. Who is
near whom means something; the distances between groups and their sizes do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Principal components that t-SNE is given: the rest is noise that takes time.
COMPONENTS = 50
#: How many neighbours a photo is kept near to, about; less in small collections.
PERPLEXITY = 30.0


def project(vectors: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """Place vectors in the unit square: the same vectors and seed in the same places, on any number of cores.

    Args:
        vectors: (n, d) float32, n >= 1.
        seed: Of what is random in it.

    Returns:
        (n, 2) float32 in [0, 1], both axes on one scale: the longer is filled, the other one centred.
    """
    from sklearn.decomposition import PCA  # here: these take seconds
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if not np.ptp(vectors, axis=0).any():  # nothing varies, which makes scikit-learn 1.9 crash
        return np.full((len(vectors), 2), 0.5, np.float32)
    with threadpool_limits(1):  # sums in another order end in another map, and two cores gain little
        reduced = PCA(min(COMPONENTS, *vectors.shape), random_state=seed).fit_transform(vectors)
        perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
        places = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced)
    span = np.ptp(places, axis=0)
    placed: NDArray[np.float32] = (places - places.min(axis=0) + (span.max() - span) / 2) / span.max()
    return placed
