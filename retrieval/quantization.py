"""`int8.json` of an artifact folder: how large each layer's inputs get, which lets a CPU compute in int8.

A layer's input is rounded to 255 steps from 0 to its range, its weights to 254 steps for each output, and all
is added up in whole numbers (Krishnamoorthi 2018, 'Quantizing deep convolutional networks for efficient
inference'). A layer without a range is left as it is. `python -m train quantize` measures the ranges.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pydantic_core
from pydantic import Field, Strict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections.artifacts import QUANTIZATION, ArtifactError
from retrieval.collections.fields import CLOSED, Line, Sha256, problem, shortened
from retrieval.files import atomic_write, read_bounded

#: A ResNet-50 has 53 layers, of some 40 bytes each.
MAX_BYTES = 100_000
#: What a range may be; those of the shipped weights are 11 to 78.
LEAST, GREATEST = 1e-4, 1e6

Range = Annotated[float, Strict(), Field(ge=LEAST, le=GREATEST)]


@dataclass(frozen=True, config=CLOSED)
class _Quantization:
    """What the file holds: the checksum of the weights that were measured, and layer -> range."""

    weights: Sha256
    ranges: dict[Line, Range]


def read_ranges(path: Path, sha256: str, layers: set[str]) -> dict[str, float]:
    """The ranges in a file; {} where it was measured with other weights.

    Args:
        path: The file, which may be a stranger's.
        sha256: Of the weights.
        layers: The names of the network's layers.

    Returns:
        Layer -> the greatest value of its input that is told apart from greater ones, above 0.

    Raises:
        ArtifactError: If the file cannot be read, or holds something else.
    """
    try:
        fields = pydantic_core.from_json(read_bounded(path, MAX_BYTES), allow_inf_nan=False)
        found = TypeAdapter(_Quantization).validate_python(fields)
        if not found.ranges.keys() <= layers:
            raise ValueError("'ranges' names a layer that the network does not have")
    except (OSError, ValueError) as error:
        reason = problem(error) if isinstance(error, ValidationError) else shortened(error, 200)
        raise ArtifactError(
            f"{path} cannot be used ({reason}): restore it, or run 'python -m train quantize'."
        ) from error
    return found.ranges if found.weights == sha256 else {}


def write_ranges(folder: Path, sha256: str, ranges: dict[str, float]) -> None:
    """Write what `read_ranges` reads into an artifact folder, whose manifest then has to be written anew."""
    text = json.dumps({"weights": sha256, "ranges": ranges}, indent=1) + "\n"
    with atomic_write(folder / QUANTIZATION) as partial:
        partial.write_text(text, encoding="utf-8")
