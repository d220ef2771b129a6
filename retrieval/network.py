"""The network in torch: a ResNet without its last layer, built to fit a file of weights, and such files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torchvision.models.resnet import Bottleneck, ResNet

from retrieval.collections.artifacts import ARCHITECTURES
from retrieval.files import atomic_write
from retrieval.weights import ABOUT, checked_structure, is_counter, not_finite


class GeM(torch.nn.Module):
    """Generalised-mean pooling: mean(x^p)^(1/p) of each feature, with a p that is learnt.

    p = 1 is the average, p -> infinity the maximum. Radenović, Tolias, Chum 2019, 'Fine-tuning CNN Image
    Retrieval with No Human Annotation'.
    """

    def __init__(self, p: float = 3.0) -> None:
        super().__init__()
        self.p = torch.nn.Parameter(torch.tensor([p]))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(n, channels, height, width) -> (n, channels, 1, 1), computed in float32."""
        power = self.p.float()
        pooled = features.float().clamp(min=1e-6).pow(power).mean((2, 3), keepdim=True).pow(1 / power)
        return pooled.to(features.dtype)


def new_network(architecture: str = "resnet50", pooling: str = "average") -> torch.nn.Module:
    """A ResNet without its last layer: images -> (n, 2048). Its weights are random, or missing on 'meta'."""
    network: torch.nn.Module = ResNet(Bottleneck, list(ARCHITECTURES[architecture]))
    network.fc = torch.nn.Identity()
    if pooling == "gem":
        network.avgpool = GeM()
    return network


def trunk(network: torch.nn.Module) -> torch.nn.Sequential:
    """The layers of a network before its pooling: images -> feature maps, (n, 2048, height, width).

    They are the network's own, not copies.
    """
    return torch.nn.Sequential(*list(network.children())[:-2])  # the last two are the pooling and `fc`


def pooling_power(network: torch.nn.Module) -> float:
    """The power p of a network's pooling, see `GeM`; 1 for the average."""
    pooling = network.avgpool
    return float(pooling.p.detach()) if isinstance(pooling, GeM) else 1.0


def build_network(weights: Path, pooling: str | None = None) -> torch.nn.Module:
    """The network that a file of weights is made for, in evaluation mode.

    Args:
        weights: A safetensors file.
        pooling: Another pooling than the file's, to train on from there; what it learns starts anew.

    Raises:
        ArtifactError: If the file cannot be read, or its keys or shapes are not those of the network.
    """
    architecture, own_pooling = checked_structure(weights)
    state = {key: value.float() for key, value in load_file(weights).items() if not is_counter(key)}
    _check_numbers(weights, state)
    with torch.device("meta"):  # no random initialisation, which the weights would overwrite
        network = new_network(architecture, pooling or own_pooling)
    state |= {key: torch.tensor(0) for key in network.state_dict() if is_counter(key)}
    if pooling and pooling != own_pooling:
        state.pop("avgpool.p", None)
        if pooling == "gem":
            state["avgpool.p"] = GeM().p.data
    network.load_state_dict(state, assign=True)
    return network.eval()


def _check_numbers(weights: Path, state: dict[str, torch.Tensor]) -> None:
    """Raise ArtifactError where a network could not compute with what a file holds."""
    variances = [value for key, value in state.items() if key.endswith("running_var")]
    power = state.get("avgpool.p", torch.ones(1))
    if (
        not all(value.isfinite().all() for value in state.values())
        or any((value < 0).any() for value in variances)
        or power <= 0
    ):
        raise not_finite(weights)


def save_weights(network: torch.nn.Module, path: Path, about: dict[str, Any]) -> None:
    """Write a network's weights in half precision, without BatchNorm's counters.

    Args:
        network: From `new_network` or `build_network`.
        path: A safetensors file, which is replaced if it exists.
        about: 'architecture', 'pooling', and what else should travel with the weights.
    """
    state = {
        key: value.detach().to("cpu", torch.float16).contiguous()
        for key, value in network.state_dict().items()
        if not is_counter(key)
    }
    with atomic_write(path) as partial:
        save_file(state, partial, {ABOUT: json.dumps(about)})
