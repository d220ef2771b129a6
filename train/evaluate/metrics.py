"""How good a ranking is: precision, hit rate, average precision and ANMRR, with intervals and per class.

Everything here works on unit vectors and class names; files and networks are the business of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Depths of P@k and R@k.
DEPTHS = (1, 5, 10, 50)

#: The keys of 'overall', 'intervals' and of each class.
NAMES = (*(f"P@{k}" for k in DEPTHS), *(f"R@{k}" for k in DEPTHS), "mAP", "ANMRR")

#: Percentiles between which 95 of 100 bootstrap samples lie.
INTERVAL = (2.5, 97.5)

#: Figures are kept to this many decimals: torchmetrics computes with 24 bits, and no figure is that certain.
DECIMALS = 6

Vectors = NDArray[np.float32]


def measure(
    queries: Vectors,
    query_labels: Sequence[str],
    gallery: Vectors,
    gallery_labels: Sequence[str],
    *,
    same: bool = False,
    seed: int = 0,
    resamples: int = 1000,
) -> dict[str, Any]:
    """Rank the gallery for each query, and measure how well its own class comes first.

    - P@k: the share of the k nearest that are of the query's class.
    - R@k, as in metric learning: the share of queries with at least one of their class among the k nearest.
    - mAP: average precision over the whole ranking, averaged over the queries.
    - ANMRR (MPEG-7; K as in Napoletano 2018, 'Visual descriptors for content-based retrieval of
      remote-sensing images'): 0 is best and 1 is worst, see `modified_rank`.

    Where the gallery has fewer than k images, 'the k nearest' are all that it has.

    Args:
        queries: (q, d) float32, unit length.
        query_labels: The class of each.
        gallery: (g, d) float32, unit length.
        gallery_labels: The class of each.
        same: Queries and gallery are the same images in the same order. A query then never finds itself;
            another image with the same vector it does find.
        seed: Of the bootstrap.
        resamples: How often the queries are drawn anew, with replacement, for the intervals.

    Returns:
        'queries' and 'gallery' (counts), 'overall', 'intervals' (bootstrap, 95 %) and 'per_class' with the
        keys of `NAMES`, and 'confusion': how often a query of a class (row) has its first neighbour
        in another (column).

    Raises:
        ValueError: If vectors and labels do not fit, or a query has none of its class to find.
    """
    wanted, offered = np.asarray(query_labels), np.asarray(gallery_labels)
    _check(queries, wanted, gallery, offered, same)
    found = offered[ranking(queries, gallery, same=same)]
    values = _per_query(found == wanted[:, None])

    drawn = np.random.default_rng(seed).multinomial(len(wanted), [1 / len(wanted)] * len(wanted), resamples)
    low, high = np.percentile(drawn @ values / len(wanted), INTERVAL, axis=0).round(DECIMALS)
    labels, columns = sorted(set(wanted.tolist())), sorted(set(offered.tolist()))
    counts = np.zeros((len(labels), len(columns)), int)
    np.add.at(counts, (np.searchsorted(labels, wanted), np.searchsorted(columns, found[:, 0])), 1)
    return {
        "queries": len(wanted),
        "gallery": len(offered),
        "overall": _means(values),
        "intervals": dict(zip(NAMES, np.stack([low, high], axis=1).tolist(), strict=True)),
        "per_class": {label: _means(values[wanted == label]) for label in labels},
        "confusion": {"labels": labels, "columns": columns, "counts": counts.tolist()},
    }


def ranking(queries: Vectors, gallery: Vectors, *, same: bool = False) -> NDArray[np.int64]:
    """The gallery's rows for each query, nearest first; rows at the same distance stay in their order.

    Returns:
        (q, g), or (q, g - 1) where queries and gallery are the same and none finds itself.
    """
    # Of unit vectors the nearest has the largest inner product. Equal rows are multiplied once: a matrix
    # product may round the same numbers differently in different places, and they would no longer tie.
    distinct, place = np.unique(gallery, axis=0, return_inverse=True)
    likeness = (queries @ distinct.T)[:, place.ravel()]
    if same:
        np.fill_diagonal(likeness, -np.inf)
    order = np.argsort(-likeness, axis=1, kind="stable")
    return order[:, :-1] if same else order


def expand(queries: Vectors, gallery: Vectors, count: int, *, same: bool = False) -> Vectors:
    """Average query expansion (Chum et al. 2007): each query plus its `count` nearest, of unit length again.

    Args:
        queries: (q, d) float32, unit length.
        gallery: (g, d) float32, unit length.
        count: How many neighbours are added; 0 changes nothing.
        same: See `measure`.
    """
    if count == 0:
        return queries
    nearest = ranking(queries, gallery, same=same)[:, :count]
    return unit(queries + gallery[nearest].sum(axis=1))


def unit(vectors: Vectors) -> Vectors:
    """The vectors, each divided by its length."""
    scaled: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def modified_rank(relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """NMRR of each query, whose mean is the ANMRR.

    NG relevant images lie at ranks r, counted from 1. With K = 2 NG, a rank beyond K counts as 1.25 K, and

        NMRR = (mean(r) - (1 + NG) / 2) / (1.25 K - (1 + NG) / 2)

    which is 0 when all relevant images come first, and 1 when none is among the first K.

    Args:
        relevant: (q, g), in the order of the ranking; at least one in each row.
    """
    count = relevant.sum(axis=1)
    depth = 2 * count
    ranks = np.arange(1, relevant.shape[1] + 1)
    counted = np.where(ranks <= depth[:, None], ranks, 1.25 * depth[:, None])
    mean = (counted * relevant).sum(axis=1) / count
    best = (1 + count) / 2
    nmrr: NDArray[np.float64] = (mean - best) / (1.25 * depth - best)
    return nmrr


def _per_query(relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each measure (column, as in `NAMES`) of each query (row)."""
    import torch  # here, so that the module itself is light
    from torchmetrics.functional.retrieval import (
        retrieval_average_precision,
        retrieval_hit_rate,
        retrieval_precision,
    )

    # torchmetrics takes one query at a time, drops what has no positive score, and breaks ties as it likes:
    # it is given the ranking that is made already, as scores that fall by one from each rank to the next.
    scores = torch.arange(relevant.shape[1], 0, -1, dtype=torch.float32)
    rows = [
        [
            *(float(retrieval_precision(scores, row, top_k=k, adaptive_k=True)) for k in DEPTHS),
            *(float(retrieval_hit_rate(scores, row, top_k=k)) for k in DEPTHS),
            float(retrieval_average_precision(scores, row)),
        ]
        for row in torch.from_numpy(relevant)
    ]
    return np.column_stack([np.array(rows), modified_rank(relevant)])


def _means(values: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(NAMES, values.mean(axis=0).round(DECIMALS).tolist(), strict=True))


def _check(
    queries: Vectors, wanted: NDArray[np.str_], gallery: Vectors, offered: NDArray[np.str_], same: bool
) -> None:
    for name, vectors, labels in (("queries", queries, wanted), ("gallery", gallery, offered)):
        if vectors.ndim != 2 or not len(vectors) or len(vectors) != len(labels):
            raise ValueError(
                f"The {name} need a row and a label each, not {vectors.shape} and {len(labels)}."
            )
        if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3):
            raise ValueError(f"The {name} have to be of unit length: scale them first.")
    if same and not np.array_equal(wanted, offered):  # vectors may differ: expanded queries
        raise ValueError("The queries are not the images of the gallery: leave 'same' out.")
    names, counts = np.unique(offered, return_counts=True)
    there = dict(zip(names.tolist(), counts.tolist(), strict=True))
    lonely = sorted({label for label in wanted.tolist() if there.get(label, 0) <= same})
    if lonely:
        raise ValueError(
            f"The gallery has no {'other ' * same}image of the class '{lonely[0]}' ({len(lonely)} of the "
            f"queries' classes): add some, or leave its queries out."
        )
