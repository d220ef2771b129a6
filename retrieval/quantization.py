"""`int8.json` beside the weights: how large the inputs of each layer get, which lets a CPU compute in int8.

A layer's input is rounded to 255 steps from 0 to its range, its weights to 254 steps for each output, and all
is added up in whole numbers (Krishnamoorthi 2018, 'Quantizing deep convolutional networks for efficient
inference'). A layer without a range is left as it is. `python -m train quantize` measures the ranges.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from retrieval.collections.artifacts import QUANTIZATION, ArtifactError
from retrieval.files import atomic_write


def read_ranges(path: Path, sha256: str, layers: set[str]) -> dict[str, float]:
    """The ranges in a file; {} where there is none, or where it was measured with other weights.

    Args:
        path: The file, which may be missing.
        sha256: Of the weights.
        layers: The names of the network's layers.

    Returns:
        Layer -> the greatest value of its input that is told apart from greater ones, above 0.

    Raises:
        ArtifactError: If the file holds something else.
    """
    try:
        fields: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(
            f"{path} cannot be read as JSON ({error}): run 'python -m train quantize'."
        ) from error
    if not isinstance(fields, dict) or fields.keys() != {"weights", "ranges"}:
        raise ArtifactError(f"{path} has to hold 'weights' and 'ranges': run 'python -m train quantize'.")
    ranges = fields["ranges"]
    if not isinstance(ranges, dict) or not all(
        layer in layers and type(value) in (int, float) and 0 < value < math.inf
        for layer, value in ranges.items()
    ):
        raise ArtifactError(
            f"{path}: 'ranges' has to give layers of the network a number above 0: "
            "run 'python -m train quantize'."
        )
    return {layer: float(value) for layer, value in ranges.items()} if fields["weights"] == sha256 else {}


def write_ranges(folder: Path, sha256: str, ranges: dict[str, float]) -> None:
    """Write what `read_ranges` reads into an artifact folder, whose manifest then has to be written anew."""
    text = json.dumps({"weights": sha256, "ranges": ranges}, indent=1) + "\n"
    with atomic_write(folder / QUANTIZATION) as partial:
        partial.write_text(text, encoding="utf-8")
