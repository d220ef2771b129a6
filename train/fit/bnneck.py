"""A classification head that helps in training and is then dropped."""

from __future__ import annotations

import torch

from retrieval.weights import DIMENSION


class BNNeck(torch.nn.Module):
    """A linear classifier on batch-normalized features.

    The triplet loss gets the features before the normalization, the cross entropy those after it. Luo et al.
    2019, 'Bag of Tricks and a Strong Baseline for Deep Person Re-identification'.

    Args:
        classes: How many classes there are.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        # The names of these two are keys of the checkpoints.
        self.normalise = torch.nn.BatchNorm1d(DIMENSION)
        self.normalise.bias.requires_grad_(False)
        self.classify = torch.nn.Linear(DIMENSION, classes, bias=False)
        torch.nn.init.normal_(self.classify.weight, std=0.001)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(n, 2048) features -> (n, classes) scores."""
        scores: torch.Tensor = self.classify(self.normalise(features))
        return scores
