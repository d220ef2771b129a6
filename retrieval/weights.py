"""Files of weights, read without torch: what one says of itself, whether its tensors are that, its tensors.

Keys and shapes are those of torchvision's `resnet50`, so any of its checkpoints loads once `fc` is left out.
A file may say in its safetensors metadata what it is: under `ABOUT`, JSON with 'architecture', 'pooling', and
for weights trained here 'licence' and 'training'. One that says nothing is a ResNet-50 with average pooling.
"""

from __future__ import annotations

import math
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np
import pydantic_core
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from safetensors import SafetensorError, safe_open

from retrieval.collections.artifacts import ARCHITECTURES, POOLINGS, ArtifactError, Model
from retrieval.collections.fields import Line, PlainData, Text, problem, shortened
from retrieval.tensor_file import read_header

DIMENSION = 2048
#: One key for all, because the library writes several in an order that changes from run to run.
ABOUT = "about"
#: Added to a variance before the root is taken, as in torch's BatchNorm.
EPSILON = 1e-5
#: Of a problem with weights, as much is told.
LONGEST = 300
#: Of keys that do not fit, so many are named.
SHOWN = 3

Tensors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, config=ConfigDict(extra="ignore"))
class _Known:
    """What this program reads of what a file says of itself."""

    architecture: Line = "resnet50"
    pooling: Line = "average"
    licence: Text = ""
    training: PlainData = field(default_factory=dict)


_ABOUT = TypeAdapter(PlainData)
_KNOWN = TypeAdapter(_Known)


def read_about(path: Path) -> dict[str, Any]:
    """What a file of weights says of itself; {} where it says nothing.

    Raises:
        ArtifactError: If the file cannot be read (see `read_header`), or says what cannot be.
    """
    text = read_header(path).metadata.get(ABOUT, "{}")
    try:
        about = _ABOUT.validate_python(pydantic_core.from_json(text, allow_inf_nan=False))
        _KNOWN.validate_python(about)
    except ValueError as error:
        reason = problem(error) if isinstance(error, ValidationError) else shortened(error, 200)
        raise ArtifactError(
            f"The weights {path.name} say of themselves what cannot be ({ABOUT}: {reason}): restore them."
        ) from None
    return about


def structure(about: dict[str, Any]) -> tuple[str, str]:
    """Architecture and pooling that weights are for."""
    return str(about.get("architecture", "resnet50")), str(about.get("pooling", "average"))


def known_structure(path: Path) -> tuple[str, str]:
    """As `structure`, of a file. Raises ArtifactError if it cannot be read, or this program has no such."""
    architecture, pooling = structure(read_about(path))
    if architecture not in ARCHITECTURES or pooling not in POOLINGS:
        raise ArtifactError(
            f"The weights {path.name} are of a {shortened(architecture)} with {shortened(pooling)} pooling, "
            "which this program does not have: update the program."
        )
    return architecture, pooling


def checked_structure(path: Path) -> tuple[str, str]:
    """As `known_structure`, of a file whose tensors are those of such a network, in names and shapes.

    Raises:
        ArtifactError: If the file cannot be read, or is of another network than it says, or than this program
            has; one that says nothing has to be a ResNet-50.
    """
    tensors = read_header(path).tensors
    architecture, pooling = known_structure(path)
    expected = _shapes(architecture, pooling)
    found = {key: tensor for key, tensor in tensors.items() if not is_counter(key)}
    problems = {
        "Missing key": sorted(expected.keys() - found.keys()),
        "Unexpected key": sorted(found.keys() - expected.keys()),
        "size mismatch": [key for key in expected if key in found and found[key].shape != expected[key]],
        "no fractions": [key for key in expected if key in found and found[key].dtype == "I64"],
    }
    if told := "; ".join(f"{problem}: {_few(keys)}" for problem, keys in problems.items() if keys):
        raise _unfit(path, architecture, pooling, told)
    return architecture, pooling


def check_model(path: Path, model: Model) -> None:
    """Check that a file of weights is one, and of the network that a manifest says.

    Raises:
        ArtifactError: If it is not.
    """
    architecture, pooling = known_structure(path)
    if (architecture, pooling) != (model.architecture, model.pooling):
        raise ArtifactError(
            f"The weights {path.name} are of a {architecture} with {pooling} pooling, and the manifest "
            f"beside them says {model.architecture} with {model.pooling} pooling: build the folder again."
        )


def is_counter(key: str) -> bool:
    """Whether a tensor is a counter of BatchNorm, which is of use in training only, and not here."""
    return key.endswith("num_batches_tracked")


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
    architecture, pooling = checked_structure(path)
    folded: Tensors = {}
    try:
        with safe_open(path, framework="np") as file:

            def tensor(key: str) -> NDArray[np.float32]:
                return np.asarray(file.get_tensor(key), np.float32)

            for layer in layers(architecture):
                norm = batch_norm(layer)
                with np.errstate(all="ignore"):  # what is not finite is refused below
                    factor = tensor(f"{norm}.weight") / np.sqrt(tensor(f"{norm}.running_var") + EPSILON)
                folded[f"{layer}.weight"] = tensor(f"{layer}.weight") * factor[:, None, None, None]
                folded[f"{layer}.bias"] = tensor(f"{norm}.bias") - tensor(f"{norm}.running_mean") * factor
            power = float(tensor("avgpool.p")[0]) if pooling == "gem" else 1.0
    except (SafetensorError, OSError) as error:
        raise ArtifactError(f"The weights {path.name} cannot be read ({error}).") from error
    if not (0 < power < math.inf and all(np.isfinite(values).all() for values in folded.values())):
        raise not_finite(path)
    return folded, power


def not_finite(path: Path) -> ArtifactError:
    """The error for weights that a network cannot compute with."""
    return ArtifactError(f"The weights {path.name} have numbers that are not finite: restore them.")


def _shapes(architecture: str, pooling: str) -> dict[str, tuple[int, ...]]:
    """The shapes of a network's tensors by their names, without BatchNorm's counters."""
    shapes: dict[str, tuple[int, ...]] = {"avgpool.p": (1,)} if pooling == "gem" else {}
    for layer, (outputs, inputs, side) in layers(architecture).items():
        shapes[f"{layer}.weight"] = (outputs, inputs, side, side)
        shapes |= {f"{batch_norm(layer)}.{part}": (outputs,) for part in ("weight", "bias")}
        shapes |= {f"{batch_norm(layer)}.running_{part}": (outputs,) for part in ("mean", "var")}
    return shapes


def _few(keys: list[str]) -> str:
    """Some keys of many, for a sentence."""
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return ", ".join(keys[:SHOWN]) + more


def _unfit(path: Path, architecture: str, pooling: str, problem: str) -> ArtifactError:
    """The error for weights of another network than they say, or than is assumed where they say nothing."""
    kind = f"a ResNet-{architecture.removeprefix('resnet')}"
    if pooling != "average":
        kind += f" with {pooling} pooling"
    says_nothing = structure(read_about(path)) == structure({})
    are = f"are not those of {kind}" if says_nothing else f"say that they are those of {kind}, but are not"
    return ArtifactError(f"The weights {path.name} {are} ({shortened(problem, LONGEST)}).")
