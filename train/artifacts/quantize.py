"""Weights and photos -> how large the inputs of each layer get, which lets CPUs compute in int8."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from retrieval.collections.artifacts import WEIGHTS, read_manifest, write_manifest
from retrieval.collections.new_folder import changed_folder
from retrieval.openvino_runtime import build_trunk
from retrieval.preprocessing import Preprocessing
from retrieval.quantization import LEAST, write_ranges
from retrieval.weights import check_model, known_structure, read_folded

#: Photos that are looked at; more changed the ranges by little.
PHOTOS = 200
#: Values of a layer's input that are drawn from each photo.
DRAWN = 2000
SEED = 0
#: The ranges that are tried, of the greatest value.
SHARES = np.geomspace(0.1, 1, 60)
#: Left as they are: of all layers these lost most by rounding, see docs/performance.md. The first is also the
#: only one with inputs below 0, and the sums of its products can overflow on CPUs without VNNI.
SENSITIVE = ("conv1", "layer1.0.conv1", "layer1.0.downsample.0")


def measure_ranges(
    weights: Path,
    preprocessing: Preprocessing,
    photos: Sequence[Image.Image],
    sensitive: Collection[str] = SENSITIVE,
) -> dict[str, float]:
    """Choose the range of each layer's input that loses least by rounding to 255 steps.

    What is beyond a range is cut off, what is within is rounded; the range with the least mean squared error
    of both is chosen (Nagel et al. 2021, 'A White Paper on Neural Network Quantization', 3.1).

    Args:
        weights: A safetensors file.
        preprocessing: As stored in the manifest.
        photos: RGB, of the training photos; `PHOTOS` are drawn.
        sensitive: Layers to leave out.

    Returns:
        See `retrieval.quantization.read_ranges`.

    Raises:
        ArtifactError: If the weights cannot be read.
    """
    architecture, _ = known_structure(weights)
    trunk = build_trunk(architecture, read_folded(weights)[0], preprocessing)
    inputs = {
        node.get_friendly_name(): node.input_value(0)
        for node in trunk.get_ordered_ops()
        if node.get_type_name() == "Convolution" and node.get_friendly_name() not in sensitive
    }
    names = {output.get_node().get_friendly_name(): output for output in inputs.values()}
    model = ov.Model(list(names.values()), trunk.get_parameters(), "inputs")
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    request = ov.Core().compile_model(model, "CPU", settings).create_infer_request()
    rng = np.random.default_rng(SEED)
    drawn: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}
    greatest = dict.fromkeys(names, 0.0)
    rows = np.sort(rng.permutation(len(photos))[:PHOTOS])
    for row in tqdm(rows.tolist(), desc="measure ranges", unit="photo"):
        request.infer([preprocessing.pixels(photos[row])[None]])
        for name, tensor in zip(names, request.output_tensors, strict=True):
            values = tensor.data.ravel()
            drawn[name].append(values[rng.integers(0, values.size, DRAWN)])
            greatest[name] = max(greatest[name], float(values.max()))
    best = {name: _best_range(np.concatenate(drawn[name]), greatest[name]) for name in names}
    return {layer: best[output.get_node().get_friendly_name()] for layer, output in inputs.items()}


def quantize(folder: Path, photos: Sequence[Image.Image]) -> dict[str, float]:
    """Measure the ranges of an artifact folder's weights, and write them into it.

    Raises:
        ArtifactError: If the folder does not hold together, or has no weights.
    """
    manifest = read_manifest(folder)
    check_model(folder / WEIGHTS, manifest.model)
    ranges = measure_ranges(folder / WEIGHTS, manifest.model.preprocessing, photos)
    with changed_folder(folder) as copy:
        write_ranges(copy, manifest.model.sha256, ranges)
        write_manifest(copy, manifest)
    return ranges


def _best_range(values: NDArray[np.float32], greatest: float) -> float:
    """The range with the least error; 1 for an input that is always 0."""
    if greatest <= 0:
        return 1.0

    def error(high: float) -> float:
        steps = np.round(np.clip(values, 0, high) * (255 / high))
        return float(np.square(steps * (high / 255) - values).mean())

    return max(LEAST, round(float(min(greatest * SHARES, key=error)), 4))
