"""The network that training starts from, and the licence of its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torchvision.models import ResNet50_Weights

from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.photos import DownloadError
from retrieval.network import build_network, new_network
from retrieval.weights import checked_structure
from train.fit.recipe import Recipe
from train.provenance import provenance

IMAGENET = "Trained from torchvision's ResNet50_Weights.IMAGENET1K_V2 (BSD 3-Clause; ImageNet-1k)."
SCRATCH = "Trained from random weights: free of any other's licence."


def initial_network(recipe: Recipe, licence: str | None = None) -> tuple[torch.nn.Module, str]:
    """The network of a recipe before training, and the licence and origin of its weights.

    Args:
        recipe: Its `init`, `architecture` and `pooling`.
        licence: Of a file of weights that does not state it.

    Raises:
        ArtifactError: If a file of weights does not fit.
        retrieval.collections.photos.DownloadError: If torchvision's weights cannot be downloaded.
        train.data.ucmerced.DataError: If the licence of a file of weights is unknown.
    """
    if recipe.init == "scratch":
        return new_network(recipe.architecture, recipe.pooling), SCRATCH
    if recipe.init == "imagenet":
        if recipe.architecture != "resnet50":
            raise ArtifactError(
                f"torchvision has no weights for a {recipe.architecture}: choose --init scratch or a file."
            )
        network = new_network("resnet50", recipe.pooling)
        network.load_state_dict(_download_imagenet(), strict=False)  # it lacks GeM's power
        return network, IMAGENET
    path = Path(recipe.init)
    if not path.is_file():
        raise ArtifactError(
            f"There are no weights {path}: --init takes 'imagenet', 'scratch' or a safetensors file."
        )
    _check_structure(path, recipe)
    origin, _ = provenance(path, licence)
    return build_network(path, recipe.pooling), origin


def _check_structure(path: Path, recipe: Recipe) -> None:
    """Raise ArtifactError where a file of weights is of another network than the recipe's.

    Only average pooling, which has learnt nothing, may give way to GeM.
    """
    architecture, pooling = checked_structure(path)
    for option, found, wanted in (
        ("--architecture", architecture, recipe.architecture),
        ("--pooling", pooling, recipe.pooling),
    ):
        if found not in (wanted, "average"):
            raise ArtifactError(
                f"The weights {path} are made for {option} {found}, and the recipe says {wanted}: say "
                f"{option} {found}, or name other weights with --init."
            )


def _download_imagenet() -> dict[str, Any]:
    """The state dict of torchvision's ImageNet weights, without `fc`."""
    try:
        state: dict[str, Any] = ResNet50_Weights.IMAGENET1K_V2.get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:  # URLError is an OSError; a wrong checksum a RuntimeError
        raise DownloadError(
            f"torchvision's weights cannot be downloaded ({error}): try again where the network allows it, "
            "or name a file with --init PATH."
        ) from error
    return {key: value for key, value in state.items() if not key.startswith("fc.")}
