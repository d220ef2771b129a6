"""Retrieval metrics of a ranking: precision, hit rate, average precision and ANMRR, with intervals.

Pure functions of embeddings and class names: nothing here reads files or runs a network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.evaluation import PROPORTION, Confusion, proportion_interval

#: The k of P@k and R@k.
DEPTHS = (1, 5, 10, 50)

#: The keys of 'overall', 'intervals' and of each class.
METRICS = (*(f"P@{k}" for k in DEPTHS), *(f"R@{k}" for k in DEPTHS), "mAP", "ANMRR")

#: Percentiles between which 95 of 100 bootstrap samples lie.
INTERVAL = (2.5, 97.5)

#: Metrics are rounded to this many decimals: torchmetrics computes in float32, which has about seven.
DECIMALS = 6

Embeddings = NDArray[np.float32]


def compute_metrics(
    queries: Embeddings,
    query_labels: Sequence[str],
    gallery: Embeddings,
    gallery_labels: Sequence[str],
    *,
    exclude_self: bool = False,
    seed: int = 0,
    resamples: int = 1000,
) -> dict[str, Any]:
    """Rank the gallery for each query, and compute how well the query's class is ranked.

    - P@k: the share of the k nearest that are of the query's class.
    - R@k, as in metric learning: the share of queries with at least one of their class among the k nearest.
    - mAP: average precision over the whole ranking, averaged over the queries.
    - ANMRR (MPEG-7; K as in Napoletano 2018, 'Visual descriptors for content-based retrieval of
      remote-sensing images'): 0 is best and 1 is worst, see `nmrr`.

    Where the gallery has fewer than k images, the k nearest are the whole gallery.

    Args:
        queries: (q, d) float32, unit length.
        query_labels: The class of each query.
        gallery: (g, d) float32, unit length.
        gallery_labels: The class of each image of the gallery.
        exclude_self: Queries and gallery are the same images in the same order, and no query finds itself.
            It does find a duplicate, which has the same embedding.
        seed: Of the bootstrap.
        resamples: How many bootstrap samples of the queries are drawn for the intervals.

    Returns:
        'queries' and 'gallery' (counts), 'overall', 'intervals' and 'per_class' with the keys of `METRICS`,
        and 'confusion', see `retrieval.collections.evaluation.Confusion`. Intervals are of 95 %: Wilson's for
        P@1 and R@k, which are proportions of the queries, and bootstrapped for the other means.

    Raises:
        ValueError: If embeddings and labels do not fit, or the gallery has no image of a query's class.
    """
    query_classes, gallery_classes = np.asarray(query_labels), np.asarray(gallery_labels)
    _check_inputs(queries, query_classes, gallery, gallery_classes, exclude_self)
    ranked_classes = gallery_classes[ranking(queries, gallery, exclude_self=exclude_self)]
    values = _metrics_per_query(ranked_classes == query_classes[:, None])

    count = len(query_classes)
    draws = np.random.default_rng(seed).multinomial(count, [1 / count] * count, resamples)
    bootstrapped = np.percentile(draws @ values / count, INTERVAL, axis=0).round(DECIMALS)
    overall = _means(values)
    confusion = Confusion.count(
        query_classes.tolist(), ranked_classes[:, 0].tolist(), sorted(set(gallery_classes.tolist()))
    )
    return {
        "queries": count,
        "gallery": len(gallery_classes),
        "overall": overall,
        "intervals": {
            name: [round(end, DECIMALS) for end in proportion_interval(overall[name], count)]
            if PROPORTION.fullmatch(name)
            else ends
            for name, ends in zip(METRICS, bootstrapped.T.tolist(), strict=True)
        },
        "per_class": {label: _means(values[query_classes == label]) for label in confusion.labels},
        "confusion": confusion.to_dict(),
    }


def ranking(queries: Embeddings, gallery: Embeddings, *, exclude_self: bool = False) -> NDArray[np.int64]:
    """Rank the gallery for each query, nearest first; rows at the same distance keep their order.

    Args:
        queries: (q, d) float32, unit length.
        gallery: (g, d) float32, unit length.
        exclude_self: See `compute_metrics`.

    Returns:
        Rows of the gallery: (q, g), or (q, g - 1) without the query itself.
    """
    # Of unit vectors the nearest has the largest inner product. Duplicates are multiplied only once: a matrix
    # product may round the same numbers differently in different places, and duplicates would no longer tie.
    distinct, positions = np.unique(gallery, axis=0, return_inverse=True)
    similarities = (queries @ distinct.T)[:, positions.ravel()]
    if exclude_self:
        np.fill_diagonal(similarities, -np.inf)
    order = np.argsort(-similarities, axis=1, kind="stable")
    return order[:, :-1] if exclude_self else order


def expand_queries(
    queries: Embeddings, gallery: Embeddings, count: int, *, exclude_self: bool = False
) -> Embeddings:
    """Average query expansion: the sum of each query and its `count` nearest neighbours, normalized.

    Chum et al. 2007, 'Total Recall: Automatic Query Expansion with a Generative Feature Model'.

    Args:
        queries: (q, d) float32, unit length.
        gallery: (g, d) float32, unit length.
        count: How many neighbours are added; 0 changes nothing.
        exclude_self: See `compute_metrics`.

    Returns:
        (q, d) float32, unit length.
    """
    if count == 0:
        return queries
    nearest = ranking(queries, gallery, exclude_self=exclude_self)[:, :count]
    return l2_normalize(queries + gallery[nearest].sum(axis=1))


def l2_normalize(vectors: Embeddings) -> Embeddings:
    """Divide each row of (n, d) by its Euclidean length."""
    normalized: Embeddings = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normalized


def nmrr(relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Normalized modified retrieval rank of each query; its mean over the queries is the ANMRR.

    The NG relevant images have ranks r, counted from 1. With K = 2 NG, a rank beyond K counts as 1.25 K, and

        NMRR = (mean(r) - (1 + NG) / 2) / (1.25 K - (1 + NG) / 2)

    which is 0 when all relevant images come first, and 1 when none is among the first K.

    Args:
        relevant: (q, g), whether each ranked image is relevant; at least one in each row.

    Returns:
        (q,) in [0, 1].
    """
    count = relevant.sum(axis=1)
    depth = 2 * count  # K
    ranks = np.arange(1, relevant.shape[1] + 1)
    modified = np.where(ranks <= depth[:, None], ranks, 1.25 * depth[:, None])
    mean = (modified * relevant).sum(axis=1) / count
    best = (1 + count) / 2
    normalized: NDArray[np.float64] = (mean - best) / (1.25 * depth - best)
    return normalized


def _metrics_per_query(relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The metrics (columns, as in `METRICS`) of each query (row), from what is relevant in its ranking."""
    import torch  # here, because it takes seconds
    from torchmetrics.functional.retrieval import (
        retrieval_average_precision,
        retrieval_hit_rate,
        retrieval_precision,
    )

    # torchmetrics takes one query at a time, ignores scores that are not positive, and breaks ties in any
    # order. So it gets the ranking as scores that fall by one from rank to rank.
    scores = torch.arange(relevant.shape[1], 0, -1, dtype=torch.float32)
    rows = [
        [
            *(float(retrieval_precision(scores, row, top_k=k, adaptive_k=True)) for k in DEPTHS),
            *(float(retrieval_hit_rate(scores, row, top_k=k)) for k in DEPTHS),
            float(retrieval_average_precision(scores, row)),
        ]
        for row in torch.from_numpy(relevant)
    ]
    return np.column_stack([np.array(rows), nmrr(relevant)])


def _means(values: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(METRICS, values.mean(axis=0).round(DECIMALS).tolist(), strict=True))


def _check_inputs(
    queries: Embeddings,
    query_classes: NDArray[np.str_],
    gallery: Embeddings,
    gallery_classes: NDArray[np.str_],
    exclude_self: bool,
) -> None:
    for name, vectors, labels in (
        ("queries", queries, query_classes),
        ("gallery", gallery, gallery_classes),
    ):
        if vectors.ndim != 2 or not len(vectors) or len(vectors) != len(labels):
            raise ValueError(
                f"The {name} need a row and a label each, not {vectors.shape} and {len(labels)}."
            )
        if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3):
            raise ValueError(f"The {name} have to be of unit length: scale them first.")
    # Embeddings of the same images may differ: the queries may be expanded.
    if exclude_self and not np.array_equal(query_classes, gallery_classes):
        raise ValueError("The queries are not the images of the gallery: leave 'exclude_self' out.")
    counts = Counter(gallery_classes.tolist())
    missing = sorted(label for label in set(query_classes.tolist()) if counts[label] <= exclude_self)
    if missing:
        raise ValueError(
            f"The gallery has no {'other ' * exclude_self}image of the class '{missing[0]}' ({len(missing)} "
            "of the queries' classes): add some, or leave its queries out."
        )
