"""Files of weights, read without torch: what a file says of itself, its tensors, and whether they fit.

Keys and shapes are those of torchvision's `resnet50`, so any of its checkpoints loads once `fc` is left out.
A file may say in its safetensors metadata what it is: under `ABOUT`, JSON with 'architecture', 'pooling', and
for weights trained here 'licence' and 'training'. One that says nothing is a ResNet-50 with average pooling.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from retrieval.collections.artifacts import ARCHITECTURES, POOLINGS, ArtifactError

DIMENSION = 2048
#: One key for all, because the library writes several in an order that changes from run to run.
ABOUT = "about"
#: Added to a variance before the root is taken, as in torch's BatchNorm.
EPSILON = 1e-5
#: Of a problem with weights, as much is told.
LONGEST = 300

Tensors = dict[str, NDArray[np.float32]]


def read_about(path: Path) -> dict[str, Any]:
    """What a safetensors file says of itself; {} where it says nothing.

    Raises:
        ArtifactError: If the file cannot be read.
    """
    try:
        with safe_open(path, framework="np") as file:
            about: dict[str, Any] = json.loads((file.metadata() or {}).get(ABOUT, "{}"))
    except (SafetensorError, OSError, ValueError) as error:
        raise ArtifactError(f"The weights {path.name} cannot be read ({error}).") from error
    return about


def structure(about: dict[str, Any]) -> tuple[str, str]:
    """Architecture and pooling that weights are for."""
    return about.get("architecture", "resnet50"), about.get("pooling", "average")


def known_structure(path: Path) -> tuple[str, str]:
    """As `structure`, of a file. Raises ArtifactError if it cannot be read, or this program has no such."""
    architecture, pooling = structure(read_about(path))
    if architecture not in ARCHITECTURES or pooling not in POOLINGS:
        raise ArtifactError(
            f"The weights {path.name} are of a {architecture} with {pooling} pooling, which this "
            "program does not have: update the program."
        )
    return architecture, pooling


def layers(architecture: str) -> dict[str, tuple[int, int, int]]:
    """Name of each convolution -> outputs, inputs, side of its kernel: those of torchvision's ResNets."""
    found = {"conv1": (64, 3, 7)}
    channels = 64
    for stage, blocks in enumerate(ARCHITECTURES[architecture], 1):
        width = 32 * 2**stage
        for block in range(blocks):
            name = f"layer{stage}.{block}"
            found |= {
                f"{name}.conv1": (width, channels, 1),
                f"{name}.conv2": (width, width, 3),
                f"{name}.conv3": (4 * width, width, 1),
            }
            if block == 0:
                found[f"{name}.downsample.0"] = (4 * width, channels, 1)
            channels = 4 * width
    return found


def batch_norm(layer: str) -> str:
    """The name of the BatchNorm that follows a convolution."""
    head, _, last = layer.rpartition(".")
    return f"{head}.1" if last == "0" else f"{head}.bn{last[-1]}".lstrip(".")


def read_folded(path: Path) -> tuple[Tensors, float]:
    """The convolutions of a file of weights, with their BatchNorm folded in: (x - m) g / s + b.

    Returns:
        'LAYER.weight' (outputs, inputs, k, k) and 'LAYER.bias' (outputs,) of each of `layers`, float32; and
        the power of the pooling, 1 for the average.

    Raises:
        ArtifactError: If the file cannot be read, or its keys or shapes are not those of the network.
    """
    architecture, pooling = known_structure(path)
    convolutions = layers(architecture)
    shapes: dict[str, tuple[int, ...]] = {"avgpool.p": (1,)} if pooling == "gem" else {}
    for layer, (outputs, inputs, side) in convolutions.items():
        shapes[f"{layer}.weight"] = (outputs, inputs, side, side)
        shapes |= {f"{batch_norm(layer)}.{part}": (outputs,) for part in ("weight", "bias")}
        shapes |= {f"{batch_norm(layer)}.running_{part}": (outputs,) for part in ("mean", "var")}
    folded: Tensors = {}
    try:
        with safe_open(path, framework="np") as file:
            found = {
                key: tuple(file.get_slice(key).get_shape())
                for key in file.keys()  # noqa: SIM118 - it is no dictionary
                if not key.endswith("num_batches_tracked")  # of use in training only
            }
            _check_shapes(path, shapes, found)

            def tensor(key: str) -> NDArray[np.float32]:
                return np.asarray(file.get_tensor(key), np.float32)

            for layer in convolutions:
                norm = batch_norm(layer)
                factor = tensor(f"{norm}.weight") / np.sqrt(tensor(f"{norm}.running_var") + EPSILON)
                folded[f"{layer}.weight"] = tensor(f"{layer}.weight") * factor[:, None, None, None]
                folded[f"{layer}.bias"] = tensor(f"{norm}.bias") - tensor(f"{norm}.running_mean") * factor
            return folded, float(tensor("avgpool.p")[0]) if pooling == "gem" else 1.0
    except (SafetensorError, OSError) as error:
        raise ArtifactError(f"The weights {path.name} cannot be read ({error}).") from error


def unfit(path: Path, problem: str) -> ArtifactError:
    """The error for weights of another network."""
    problem = problem if len(problem) <= LONGEST else problem[:LONGEST] + "…"
    return ArtifactError(f"The weights {path.name} are not those of a ResNet-50 ({problem.rstrip('.')}).")


def _check_shapes(
    path: Path, expected: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]
) -> None:
    missing, further = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    others = [key for key in expected if key in found and found[key] != expected[key]]
    if missing or further or others:
        problems = (("Missing key", missing), ("Unexpected key", further), ("size mismatch", others))
        raise unfit(path, "; ".join(f"{problem}: {', '.join(keys)}" for problem, keys in problems if keys))
