"""Files of weights, read without torch: whether a file is one, what it says of itself, its tensors.

Keys and shapes are those of torchvision's `resnet50`, so any of its checkpoints loads once `fc` is left out.
A file may say in its safetensors metadata what it is: under `ABOUT`, JSON with 'architecture', 'pooling', and
for weights trained here 'licence' and 'training'. One that says nothing is a ResNet-50 with average pooling.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pydantic_core
from numpy.typing import NDArray
from pydantic import Field, Strict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from safetensors import SafetensorError, safe_open

from retrieval.collections.artifacts import ARCHITECTURES, POOLINGS, ArtifactError
from retrieval.collections.fields import CLOSED, Line, PlainData, problem, shortened
from retrieval.files import open_regular

DIMENSION = 2048
#: One key for all, because the library writes several in an order that changes from run to run.
ABOUT = "about"
#: Added to a variance before the root is taken, as in torch's BatchNorm.
EPSILON = 1e-5
#: Of a problem with weights, as much is told.
LONGEST = 300

#: A ResNet-50 has 94 MB in float32.
MAX_BYTES = 400 * 1000**2
MAX_HEADER_BYTES = 1_000_000
_LENGTH = struct.Struct("<Q")
#: What a network may be loaded from -> bytes of a number. NumPy has no bfloat16; the integers are BatchNorm's
#: counters.
_SIZES = {"F16": 2, "F32": 4, "F64": 8, "I64": 8}

Tensors = dict[str, NDArray[np.float32]]
Size = Annotated[int, Strict(), Field(ge=0, le=MAX_BYTES)]


@dataclass(frozen=True, config=CLOSED)
class _Tensor:
    """What the header of a safetensors file says of a tensor."""

    dtype: Literal["F16", "F32", "F64", "I64"]
    shape: Annotated[tuple[Size, ...], Field(max_length=4)]
    data_offsets: tuple[Size, Size]


_HEADER = TypeAdapter(dict[Line, _Tensor])
_METADATA = TypeAdapter(dict[Line, Annotated[str, Strict(), Field(max_length=100_000)]])
_ABOUT = TypeAdapter(PlainData)


def check_weights(path: Path) -> None:
    """Check a safetensors file: its header, and that its tensors fill it, one after another.

    The format: eight bytes with the length of the header, the header as JSON, then the tensors
    (https://huggingface.co/docs/safetensors, 'Format').

    Raises:
        ArtifactError: If it is something else, or larger than any weights of this program.
    """
    try:
        with open_regular(path) as file:
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            if length > MAX_HEADER_BYTES:
                raise ValueError("its header is too long")
            header = file.read(length)
            filled = file.seek(0, 2) - _LENGTH.size - length
        _check_header(header, filled)
    except (OSError, ValueError, struct.error) as error:
        if isinstance(error, ValidationError):
            reason: object = problem(error)
        else:
            reason = error.strerror if isinstance(error, OSError) else error
        raise ArtifactError(
            f"The weights {path.name} cannot be read ({shortened(reason, 200)}): restore them."
        ) from error


def _check_header(header: bytes, filled: int) -> None:
    """Raises ValueError where the header is none, or says of another number of bytes than are filled."""
    fields = pydantic_core.from_json(header, allow_inf_nan=False)
    if not isinstance(fields, dict):
        raise ValueError("its header is no object")
    metadata = _METADATA.validate_python(fields.pop("__metadata__", {}))
    if ABOUT in metadata:
        _ABOUT.validate_python(pydantic_core.from_json(metadata[ABOUT], allow_inf_nan=False))
    end = 0
    for tensor in sorted(_HEADER.validate_python(fields).values(), key=lambda each: each.data_offsets):
        start, stop = tensor.data_offsets
        if start != end or stop - start != math.prod(tensor.shape) * _SIZES[tensor.dtype]:
            raise ValueError("its tensors do not fill it one after another")
        end = stop
    if end != filled:
        raise ValueError("its size is not what its header says")


def read_about(path: Path) -> dict[str, Any]:
    """What a safetensors file says of itself; {} where it says nothing.

    Raises:
        ArtifactError: If the file cannot be read.
    """
    try:
        with safe_open(path, framework="np") as file:
            about: Any = json.loads((file.metadata() or {}).get(ABOUT, "{}"))
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"The weights {path.name} cannot be read ({error}).") from error
    if not isinstance(about, dict):
        raise ArtifactError(f"The weights {path.name} have a field '{ABOUT}' that is no object of JSON.")
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
                with np.errstate(all="ignore"):  # what is not finite is refused below
                    factor = tensor(f"{norm}.weight") / np.sqrt(tensor(f"{norm}.running_var") + EPSILON)
                folded[f"{layer}.weight"] = tensor(f"{layer}.weight") * factor[:, None, None, None]
                folded[f"{layer}.bias"] = tensor(f"{norm}.bias") - tensor(f"{norm}.running_mean") * factor
            power = float(tensor("avgpool.p")[0]) if pooling == "gem" else 1.0
    except (SafetensorError, OSError, TypeError) as error:  # the last for samples that NumPy does not have
        raise ArtifactError(f"The weights {path.name} cannot be read ({error}).") from error
    if not (math.isfinite(power) and all(np.isfinite(values).all() for values in folded.values())):
        raise ArtifactError(f"The weights {path.name} have numbers that are not finite: restore them.")
    return folded, power


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
