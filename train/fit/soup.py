"""The mean of the weights of several runs of one recipe, as one network: a model soup.

Wortsman et al. 2022, 'Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time'.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from retrieval.collections.artifacts import ArtifactError, file_sha256
from retrieval.network import build_network, save_weights
from retrieval.weights import known_structure, read_about

#: What a soup takes over of what its first ingredient says of its training.
SHARED = ("data", "init", "division", "size", "test_size")


def cook(ingredients: Sequence[Path], path: Path) -> None:
    """Write the mean of several weights; the file has the checksum of each.

    Args:
        ingredients: Files of weights that started from the same ones.
        path: A safetensors file, which is replaced if it exists.

    Raises:
        ArtifactError: If a file cannot be read, or is of another network than the first.
    """
    about = read_about(ingredients[0])
    for each in ingredients:
        if known_structure(each) != known_structure(ingredients[0]):
            raise ArtifactError(f"{each} is of another network than {ingredients[0]}: they have no mean.")
    states = [build_network(each).state_dict() for each in ingredients]
    network = build_network(ingredients[0])
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.stack([state[key] for state in states]).mean(dim=0))
    training = {name: value for name, value in about.get("training", {}).items() if name in SHARED}
    save_weights(
        network, path, about | {"training": training | {"mean_of": list(map(file_sha256, ingredients))}}
    )
