"""The batches of an epoch, the triplets in a batch, and their loss.

A triplet is an anchor A, a positive P of the same class, and a negative N of another class. Its loss is
max(d(A, P) - d(A, N) + margin, 0), where d is the Euclidean distance of embeddings of unit length (Schroff et
al. 2015, 'FaceNet'). The loss of a batch is the mean over its active triplets, whose loss is above 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.losses import TripletMarginLoss
from pytorch_metric_learning.miners import BatchHardMiner, TripletMarginMiner

from train.fit.recipe import Recipe

Triplets = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class TripletLoss:
    """Finds the triplets of a batch, and computes their loss.

    Args:
        recipe: Its `triplets` is the way to find them, its `margin` that of the loss.
    """

    def __init__(self, recipe: Recipe) -> None:
        distance = LpDistance(normalize_embeddings=False)  # they have unit length already
        self._loss = TripletMarginLoss(margin=recipe.margin, distance=distance)
        self._margin = recipe.margin
        self._miner: BatchHardMiner | TripletMarginMiner | None = None
        if recipe.triplets == "hard":
            self._miner = BatchHardMiner(distance=distance)
        elif recipe.triplets == "semihard":
            self._miner = TripletMarginMiner(
                margin=recipe.margin, type_of_triplets="semihard", distance=distance
            )

    def __call__(self, embeddings: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, float]:
        """The loss of a batch, and the share of its triplets that are active.

        Args:
            embeddings: (n, d), unit length. For random triplets all anchors come first, then their positives,
                then their negatives.
            labels: (n,) classes as numbers.

        Returns:
            The loss, and a share in [0, 1]. For random triplets, and for the hardest one of each anchor, it
            is the share with a loss above 0. For semi-hard triplets it is their share of all triplets.
        """
        if self._miner is None:
            anchors = torch.arange(len(embeddings) // 3, device=embeddings.device)
            triplets: Triplets = (anchors, anchors + len(anchors), anchors + 2 * len(anchors))
        else:
            triplets = self._miner(embeddings, labels)
        loss = self._loss(embeddings, labels, triplets)
        if isinstance(self._miner, TripletMarginMiner):
            same = labels[:, None] == labels[None]
            total = int(((same.sum(1) - 1) * (~same).sum(1)).sum())
            return loss, len(triplets[0]) / max(total, 1)
        with torch.no_grad():
            anchor, positive, negative = (embeddings[rows] for rows in triplets)
            gaps = (anchor - positive).norm(dim=1) - (anchor - negative).norm(dim=1)
            return loss, float((gaps + self._margin > 0).float().mean())


def sample_batches(labels: Sequence[str], recipe: Recipe, epoch: int) -> list[list[int]]:
    """Draw the batches of an epoch; the same seed and epoch give the same batches.

    Args:
        labels: The class of each training image.
        recipe: Its seed; for random triplets its `batch`, else its `classes` and `images`.
        epoch: From 0.

    Returns:
        Rows of the training images, a list for each batch.
    """
    rng = np.random.default_rng((recipe.seed, epoch))
    if recipe.triplets == "random":
        return _random_triplets(labels, recipe.batch, rng)
    return _balanced_batches(labels, recipe.classes, recipe.images, rng)


def _random_triplets(labels: Sequence[str], size: int, rng: np.random.Generator) -> list[list[int]]:
    """The paper's sampling: each image is the anchor once, with a random positive and a random negative."""
    all_rows = np.arange(len(labels))
    classes = np.asarray(labels)
    order = rng.permutation(len(labels))
    positives = [int(rng.choice(all_rows[(classes == classes[row]) & (all_rows != row)])) for row in order]
    negatives = [int(rng.choice(all_rows[classes != classes[row]])) for row in order]
    triplets = list(zip(order.tolist(), positives, negatives, strict=True))
    return [
        [row for column in zip(*triplets[start : start + size], strict=True) for row in column]
        for start in range(0, len(triplets), size)
    ]


def _balanced_batches(
    labels: Sequence[str], classes: int, images: int, rng: np.random.Generator
) -> list[list[int]]:
    """Batches of P classes x K images, in which nearly every image comes once in an epoch.

    Hermans et al. 2017, 'In Defense of the Triplet Loss for Person Re-Identification'. The sampler of
    pytorch-metric-learning draws each batch independently, so that some images do not come at all.
    """
    members = defaultdict(list)
    for row, label in enumerate(labels):
        members[label].append(row)
    packs: dict[str, list[list[int]]] = {}
    for label, rows in members.items():
        order = rng.permutation(rows).tolist()
        rest = len(order) % images
        if rest:  # fill up the last pack with images of the other packs
            fill = order[: len(order) - rest] or order
            order += rng.choice(fill, images - rest, replace=len(fill) < images - rest).tolist()
        packs[label] = [order[start : start + images] for start in range(0, len(order), images)]
    classes_per_batch = min(classes, len(packs))
    batches: list[list[int]] = []
    while True:
        # Take the classes with the most packs left, so that the last batches still have enough classes; break
        # ties at random.
        left = [label for label in packs if packs[label]]
        if len(left) < classes_per_batch:
            return batches
        tie_breakers = rng.random(len(left))
        left = [
            label
            for _, _, label in sorted(
                zip((-len(packs[label]) for label in left), tie_breakers, left, strict=True)
            )
        ]
        batches.append([row for label in left[:classes_per_batch] for row in packs[label].pop()])
