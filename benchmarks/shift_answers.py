"""What a gallery answers to many queries: how many find their class first, and what each verdict is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from retrieval import verdict as rules
from retrieval.collections.calibration import Calibration
from retrieval.collections.collection import Collection
from retrieval.collections.pair_distances import PairDistances
from retrieval.results import Neighbour
from train.evaluate.metrics import compute_metrics

Vectors = NDArray[np.float32]

#: Points of a risk-coverage curve.
POINTS = 50
#: Limits of a strong match beside the one in use, see `retrieval.verdict.NEAR`.
NEAR = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


class Gallery:
    """Of a collection, what a verdict asks for; of weights that no artifact folder was made of.

    Args:
        vectors: (n, 2048) float32, unit length.
        labels: The class of each.
        held_out: Vectors of photos that are not in it, which say what is usual.
    """

    has_classes = True

    def __init__(self, vectors: Vectors, labels: Sequence[str], held_out: Vectors) -> None:
        self.vectors, self.label_of_row = vectors, list(labels)
        self.labels = sorted(set(labels))
        self.pair_distances = PairDistances.measure(vectors, labels)
        self.calibration = Calibration.measure(self.nearest(held_out, 1)[0][:, 0], "validation")

    def nearest(self, queries: Vectors, count: int) -> tuple[Vectors, NDArray[np.int64]]:
        """Distances and rows of the nearest, (q, count) each."""
        similarities = queries @ self.vectors.T
        rows = np.argsort(-similarities, axis=1, kind="stable")[:, :count]
        cosines = np.take_along_axis(similarities, rows, axis=1)
        return np.sqrt(np.clip(2 - 2 * cosines, 0, 4)), rows

    def verdicts(self, queries: Vectors) -> list[rules.Verdict]:
        """What the page would say of the answer to each query."""
        found = []
        for distances, rows in zip(*self.nearest(queries, rules.VOTERS), strict=True):
            neighbours = [
                Neighbour("", self.label_of_row[row], float(distance), None, row)
                for distance, row in zip(distances, rows.tolist(), strict=True)
            ]
            found.append(rules.verdict(cast(Collection, self), neighbours))
        return found


@dataclass(frozen=True)
class Answers:
    """What was answered to queries of known classes.

    Attributes:
        right: Of each query, whether its own class comes first.
        mean_average_precision: mAP.
        levels: Of each, the level of its verdict.
        doubts: Of each, what the verdict goes by: most where fewer agree than a strong match asks for, then
            more the farther the nearest neighbour is.
    """

    right: NDArray[np.bool_]
    mean_average_precision: float
    levels: list[str | None]
    doubts: NDArray[np.float64]

    @classmethod
    def of(cls, gallery: Gallery, queries: Vectors, labels: Sequence[str]) -> Answers:
        """Search for each query, and judge the answer."""
        metrics = compute_metrics(queries, labels, gallery.vectors, gallery.label_of_row, resamples=1)
        distances, rows = gallery.nearest(queries, rules.VOTERS)
        found = np.array(gallery.label_of_row)[rows]
        verdicts = gallery.verdicts(queries)
        disagree = [each.agree < rules.AGREEING * each.of for each in verdicts]
        return cls(
            found[:, 0] == np.asarray(labels),
            metrics["overall"]["mAP"],
            [each.level for each in verdicts],
            distances[:, 0] + 2.0 * np.array(disagree),  # 2 is the longest distance
        )

    @classmethod
    def together(cls, parts: Sequence[Answers]) -> Answers:
        """Those of several sets of queries of the same size."""
        return cls(
            np.concatenate([part.right for part in parts]),
            float(np.mean([part.mean_average_precision for part in parts])),
            [level for part in parts for level in part.levels],
            np.concatenate([part.doubts for part in parts]),
        )

    def retrieved(self) -> dict[str, Any]:
        """How many find their own class first, and mAP; as JSON can hold them."""
        return {"right": int(self.right.sum()), "mAP": round(self.mean_average_precision, 4)}

    def figures(self) -> dict[str, Any]:
        """As JSON can hold them; of each level, how many got it and how many of these are right."""
        levels = np.array(self.levels)
        return {
            "queries": len(self.right),
            **self.retrieved(),
            "verdicts": {
                level: [int((levels == level).sum()), int(self.right[levels == level].sum())]
                for level in rules.LEVELS
            },
        }

    def strong(self, calibration: Calibration) -> dict[str, list[int]]:
        """What would be called strong by other limits: how many, and how many of these are right."""
        found = {}
        for near in sorted({*NEAR, rules.NEAR}):
            chosen = self.doubts <= calibration.within(near)
            found[f"{near:g}"] = [int(chosen.sum()), int(self.right[chosen].sum())]
        return found

    def risk(self) -> list[tuple[float, float]]:
        """The risk-coverage curve: the share that is answered, least doubtful first, and right of these."""
        right = np.cumsum(self.right[np.argsort(self.doubts, kind="stable")])
        counts = np.unique(np.ceil(np.linspace(0, 1, POINTS + 1)[1:] * len(right)).astype(int))
        return [
            (round(count / len(right), 4), round(int(right[count - 1]) / count, 4))
            for count in counts.tolist()
        ]


def novelty(gallery: Gallery, photos: Vectors, strangers: Vectors, kinds: Sequence[str]) -> dict[str, Any]:
    """How well photos are told from pictures of something else: kind -> how many, and AUROC."""
    own, others = gallery.nearest(photos, 1)[0][:, 0], gallery.nearest(strangers, 1)[0][:, 0]
    found = {}
    for kind in [*dict.fromkeys(kinds), "all of these"]:
        chosen = others[[kind in (each, "all of these") for each in kinds]]
        is_stranger = np.repeat([0, 1], [len(own), len(chosen)])
        found[kind] = [len(chosen), round(float(roc_auc_score(is_stranger, np.r_[own, chosen])), 4)]
    return found
