"""A way of searching, queries and a gallery -> how well each query is answered, and with how much work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from train.evaluate.metrics import DECIMALS, Embeddings, l2_normalize
from train.evaluate.reranking import Found, Similarities
from train.evaluate.spaces import Gallery
from train.evaluate.ways import Setting, Vectors, Way

#: Of each query.
METRICS = ("P@1", "mAP")
#: A setting of any way with one scale: further vectors of a query count only where its first is farther from
#: its nearest neighbour than this share of the validation photos.
DOUBT = "doubt"


@dataclass(frozen=True)
class Side:
    """Queries, or a gallery.

    Attributes:
        labels: The class of each photo.
        by_view: View -> (n, d) float32, unit length.
    """

    labels: NDArray[np.str_]
    by_view: Mapping[str, Embeddings]


@dataclass(frozen=True)
class Protocol:
    """Queries and the gallery that they are searched in.

    Attributes:
        queries: The queries.
        gallery: The gallery; the queries themselves where none finds itself.
    """

    queries: Side
    gallery: Side


@dataclass(frozen=True)
class Learned:
    """What ways may learn from.

    Attributes:
        gallery: The training photos, as they are.
        validation: Photos that are no queries, and the gallery: what is usual.
    """

    gallery: Gallery
    validation: Protocol


#: Values of `METRICS` (columns) for each query (row).
Values = NDArray[np.float64]


def values_of(way: Way, setting: Setting, protocol: Protocol, learned: Learned) -> Values:
    """P@1 and average precision of each query.

    Args:
        way: The way.
        setting: One of its settings.
        protocol: Whom to search for, and where.
        learned: For the way's space, and for what is usual.
    """
    similarities = _similarities(way, setting, protocol, learned)
    order = np.argsort(-similarities, axis=1, kind="stable")
    if protocol.queries is protocol.gallery:
        order = order[:, :-1]  # itself
    right = protocol.gallery.labels[order] == protocol.queries.labels[:, None]
    precision = np.cumsum(right, axis=1) / np.arange(1, right.shape[1] + 1)
    return np.column_stack([right[:, 0], (precision * right).sum(axis=1) / right.sum(axis=1)])


def _similarities(way: Way, setting: Setting, protocol: Protocol, learned: Learned) -> Similarities:
    """(queries, gallery), the larger the nearer; -inf where a photo may not find itself."""
    rest = {name: value for name, value in setting.items() if name != DOUBT}
    by_query, queries, gallery = _by_query(way, rest, protocol, learned)
    if way.one_scale:
        best = by_query.max(axis=2).argmax(axis=0)
        if DOUBT in setting:
            best[~_doubted(way, setting, protocol, learned)] = 0
        rows = np.arange(len(best))
        similarities: Similarities = by_query[best, rows]
        query = np.stack(queries)[best, rows]
    else:
        similarities, query = by_query.max(axis=0), queries[0]
    return way.rank(Found(query, gallery[0], similarities), **rest) if way.rank else similarities


def _by_query(
    way: Way, setting: Setting, protocol: Protocol, learned: Learned
) -> tuple[Similarities, list[Embeddings], list[Embeddings]]:
    """The similarities of each vector of the queries, (vectors, queries, gallery); the vectors of both."""
    space = way.space(learned.gallery, **setting) if way.space else None
    queries, gallery = (
        [space(each) if space else each for each in _averaged(side, views)]
        for side, views in ((protocol.queries, way.queries), (protocol.gallery, way.gallery))
    )
    by_query = np.stack([np.max([query @ each.T for each in gallery], axis=0) for query in queries])
    if protocol.queries is protocol.gallery:
        rows = np.arange(by_query.shape[1])
        by_query[:, rows, rows] = -np.inf
    return by_query, queries, gallery


def _doubted(way: Way, setting: Setting, protocol: Protocol, learned: Learned) -> NDArray[np.bool_]:
    """Which queries find nothing as near, with their first vector, as this share of the validation photos."""
    first = replace(way, queries=way.queries[:1])
    rest = {name: value for name, value in setting.items() if name != DOUBT}
    usual, nearest = (
        _by_query(first, rest, each, learned)[0][0].max(axis=1) for each in (learned.validation, protocol)
    )
    doubted: NDArray[np.bool_] = nearest < np.quantile(usual, 1 - setting[DOUBT])
    return doubted


def work_of(way: Way, setting: Setting, protocol: Protocol, learned: Learned) -> float:
    """What the network does for a query, in whole photos, on average."""
    if DOUBT not in setting:
        return way.cost
    first = replace(way, queries=way.queries[:1]).cost
    share = float(_doubted(way, setting, protocol, learned).mean())
    return round(first + share * (way.cost - first), DECIMALS)


def _averaged(side: Side, vectors: Vectors) -> list[Embeddings]:
    return [
        side.by_view[views[0]]
        if len(views) == 1
        else l2_normalize(np.mean([side.by_view[view] for view in views], axis=0))
        for views in vectors
    ]
