"""Which images are compared: the batches of an epoch, the triplets in a batch, and their loss.

A triplet is an anchor, a positive of the same class, and a negative of another. Its loss is
max(d(A, P) - d(A, N) + margin, 0) with d the Euclidean distance of unit vectors (Schroff et al. 2015,
'FaceNet'), averaged over the triplets whose loss is above 0.
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
    """The triplets of a batch and their loss.

    Args:
        recipe: Its `triplets` says how they are found, its `margin` how far apart negatives have to be.
    """

    def __init__(self, recipe: Recipe) -> None:
        distance = LpDistance(normalize_embeddings=False)  # vectors come as unit vectors
        self._loss = TripletMarginLoss(margin=recipe.margin, distance=distance)
        self._margin = recipe.margin
        self._miner: BatchHardMiner | TripletMarginMiner | None = None
        if recipe.triplets == "hard":
            self._miner = BatchHardMiner(distance=distance)
        elif recipe.triplets == "semihard":
            self._miner = TripletMarginMiner(
                margin=recipe.margin, type_of_triplets="semihard", distance=distance
            )

    def __call__(self, vectors: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, float]:
        """Loss of a batch, and the share of its triplets that still teach something.

        Args:
            vectors: (n, d) unit vectors; for random triplets the anchors, then their positives, then their
                negatives.
            labels: (n,) classes as numbers.

        Returns:
            The loss, and a share in [0, 1]: of random triplets and of the hardest one of each anchor those
            with a loss above 0; of all triplets of the batch those that are semi-hard.
        """
        if self._miner is None:
            third = torch.arange(len(vectors) // 3, device=vectors.device)
            triplets: Triplets = (third, third + len(third), third + 2 * len(third))
        else:
            triplets = self._miner(vectors, labels)
        loss = self._loss(vectors, labels, triplets)
        if isinstance(self._miner, TripletMarginMiner):
            same = labels[:, None] == labels[None]
            total = int(((same.sum(1) - 1) * (~same).sum(1)).sum())
            return loss, len(triplets[0]) / max(total, 1)
        with torch.no_grad():
            anchors, positives, negatives = (vectors[rows] for rows in triplets)
            gaps = (anchors - positives).norm(dim=1) - (anchors - negatives).norm(dim=1)
            return loss, float((gaps + self._margin > 0).float().mean())


def batches(labels: Sequence[str], recipe: Recipe, epoch: int) -> list[list[int]]:
    """The batches of an epoch, as rows of the training images; the same seed and epoch give the same.

    Args:
        labels: The class of each training image.
        recipe: For random triplets its `batch`, else its `classes` and `images`.
        epoch: From 0.
    """
    chance = np.random.default_rng((recipe.seed, epoch))
    if recipe.triplets == "random":
        return _random_triplets(labels, recipe.batch, chance)
    return _classes_by_images(labels, recipe.classes, recipe.images, chance)


def _random_triplets(labels: Sequence[str], size: int, chance: np.random.Generator) -> list[list[int]]:
    """The paper's: each image is the anchor once; a random positive, a random negative of any other class."""
    every = np.arange(len(labels))
    classes = np.asarray(labels)
    order = chance.permutation(len(labels))
    positives = [int(chance.choice(every[(classes == classes[row]) & (every != row)])) for row in order]
    negatives = [int(chance.choice(every[classes != classes[row]])) for row in order]
    triplets = list(zip(order.tolist(), positives, negatives, strict=True))
    return [
        [row for column in zip(*triplets[start : start + size], strict=True) for row in column]
        for start in range(0, len(triplets), size)
    ]


def _classes_by_images(
    labels: Sequence[str], classes: int, images: int, chance: np.random.Generator
) -> list[list[int]]:
    """Batches of P classes x K images in which each image comes once an epoch, as nearly as that can be.

    (pytorch-metric-learning's sampler draws the images of each batch anew, so that some never come.)
    """
    members = defaultdict(list)
    for row, label in enumerate(labels):
        members[label].append(row)
    packs: dict[str, list[list[int]]] = {}
    for label, rows in members.items():
        order = chance.permutation(rows).tolist()
        rest = len(order) % images
        if rest:  # the last pack is filled up with images that came already
            fill = order[: len(order) - rest] or order
            order += chance.choice(fill, images - rest, replace=len(fill) < images - rest).tolist()
        packs[label] = [order[start : start + images] for start in range(0, len(order), images)]
    at_once = min(classes, len(packs))
    result: list[list[int]] = []
    while True:
        # Those with most packs left first, so that no class is alone at the end; of equals by chance.
        left = [label for label in packs if packs[label]]
        if len(left) < at_once:
            return result
        tickets = chance.random(len(left))
        left = [
            label
            for _, _, label in sorted(zip((-len(packs[each]) for each in left), tickets, left, strict=True))
        ]
        result.append([row for label in left[:at_once] for row in packs[label].pop()])
