"""The mean of the weights of several runs from one start, as one network: a model soup.

Wortsman et al. 2022, 'Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from retrieval.collections.artifacts import ArtifactError, file_sha256
from retrieval.network import build_network, save_weights
from retrieval.weights import known_structure, read_about
from train.fit.recipe import Recipe

#: What weights say of their own run, and not of the settings.
_OWN = ("command", "seed", "best_epoch", "validation")
#: What has to be the same: the start, which photos were held out, and how the mean is to be used.
_COMMON = ("init", "data", "division", "test_size")


def cook(ingredients: Sequence[Path], path: Path) -> None:
    """Write the mean of several weights; the file says what each was and how it was trained.

    Args:
        ingredients: Files of weights that started from the same ones.
        path: A safetensors file, which is replaced if it exists.

    Raises:
        ArtifactError: If a file cannot be read, is of another network than the first, or was trained from
            another start, on other photos, or for another size.
    """
    about, first = read_about(ingredients[0]), _training_of(ingredients[0])
    for each in ingredients:
        if known_structure(each) != known_structure(ingredients[0]):
            raise ArtifactError(f"{each} is of another network than {ingredients[0]}: they have no mean.")
        for name in _COMMON:
            if _training_of(each).get(name) != first.get(name):
                raise ArtifactError(
                    f"{each} was trained with another '{name}' than {ingredients[0]}: take runs that agree."
                )
    states = [build_network(each).state_dict() for each in ingredients]
    network = build_network(ingredients[0])
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.stack([state[key] for state in states]).mean(dim=0))
    save_weights(network, path, about | {"training": _training(ingredients)})


def _training(ingredients: Sequence[Path]) -> dict[str, Any]:
    """The settings that all ingredients were trained with; and 'mean_of', what each has of its own."""
    every = [_training_of(each) for each in ingredients]
    shared = {
        name: value
        for name, value in every[0].items()
        if name not in _OWN and all(other.get(name) == value for other in every)
    }
    mean_of = [
        {"sha256": file_sha256(path)} | {name: each[name] for name in each if name not in shared}
        for path, each in zip(ingredients, every, strict=True)
    ]
    return shared | {"mean_of": mean_of}


def _training_of(weights: Path) -> dict[str, Any]:
    """What weights say of their training; settings that were added since have their defaults."""
    training: dict[str, Any] = read_about(weights).get("training", {})
    return asdict(Recipe()) | training
