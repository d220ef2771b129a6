"""The network in OpenVINO, for CPUs: built from the file of weights, without torch and without a conversion.

Building takes a fraction of a second, so nothing is cached: there is no second file that could be out of
date, torn, or of other weights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

from retrieval.collections.artifacts import ARCHITECTURES, file_sha256
from retrieval.preprocessing import Preprocessing
from retrieval.quantization import read_ranges
from retrieval.weights import Tensors, known_structure, layers, read_folded

#: Images at a time are as many as cores, up to this: more are no faster, and others wait for a batch to end.
LARGEST_BATCH = 8
#: As `retrieval.network.GeM` has it.
LEAST = 1e-6
#: Weights of a layer are rounded to -127..127, inputs to 0..255.
WEIGHT_LEVELS, INPUT_LEVELS = 255, 256


class OpenVinoRuntime:
    """A `retrieval.runtime.Runtime` on the CPU: int8 where ranges were measured, else bfloat16 or float32.

    Layers without a range, and sums of layers, are in bfloat16 where the CPU computes in it, else in float32.

    Args:
        weights: A safetensors file, see `retrieval.weights`.
        preprocessing: As stored in the manifest.
        precision: 'int8', 'bfloat16' or 'float32', for measuring; by default the fastest.
        quantization: The file of ranges that the weights' manifest names, see `retrieval.quantization`; what
            merely lies beside the weights is not read.
        lanes: Batches that run at once, from as many threads, on a core each: for many images that are there
            already. By default one batch has all cores, so that a lone image has its vector soonest.

    Raises:
        ArtifactError: If a file cannot be read or does not fit.
        RuntimeError: If OpenVINO does not run on this machine.
    """

    device = "cpu"

    def __init__(
        self,
        weights: Path,
        preprocessing: Preprocessing,
        precision: str | None = None,
        *,
        quantization: Path | None = None,
        lanes: int | None = None,
    ) -> None:
        self.lanes = lanes or 1
        self.batch = LARGEST_BATCH if lanes else min(os.cpu_count() or 1, LARGEST_BATCH)
        architecture, _ = known_structure(weights)
        ranges: dict[str, float] = {}
        if quantization and precision in (None, "int8"):
            ranges = read_ranges(quantization, file_sha256(weights), set(layers(architecture)))
        core = ov.Core()
        has_bfloat16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        rest = "float32" if precision == "float32" or not has_bfloat16 else "bfloat16"
        self.dtype = "int8" if ranges else rest
        tensors, self.pooling_power = read_folded(weights)
        settings = {
            "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[rest],
            "PERFORMANCE_HINT": "LATENCY",  # all cores for one image
        }
        if lanes:  # no core waits for another, so none loses time where another is given to somebody else
            settings |= {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": str(lanes)}
            settings["INFERENCE_NUM_THREADS"] = str(lanes)
        model = build_trunk(architecture, tensors, preprocessing, ranges)
        compiled = core.compile_model(model, "CPU", settings)
        self._idle: SimpleQueue[ov.InferRequest] = SimpleQueue()
        for _ in range(self.lanes):
            self._idle.put(compiled.create_infer_request())

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels (n, 3, size, size) -> (n, 2048), each row of L2 norm 1."""
        with self._inferred(pixels) as maps:
            flat = maps.reshape(*maps.shape[:2], -1)
            if self.pooling_power == 1:
                pooled = flat.mean(axis=2)
            else:
                power = np.float32(self.pooling_power)
                pooled = (np.maximum(flat, LEAST) ** power).mean(axis=2) ** (1 / power)
        unit: NDArray[np.float32] = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)
        return unit

    def maps(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels (n, 3, size, size) -> the last feature maps, (n, 2048, size / 32, size / 32), rounded up."""
        with self._inferred(pixels) as maps:
            return maps.copy()

    @contextmanager
    def _inferred(self, pixels: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        """The feature maps, in memory that the next call writes over."""
        request = self._idle.get()
        try:
            request.infer([pixels], share_inputs=True)
            yield request.get_output_tensor().data
        finally:
            self._idle.put(request)


def build_trunk(
    architecture: str,
    tensors: Tensors,
    preprocessing: Preprocessing,
    ranges: dict[str, float] | None = None,
) -> ov.Model:
    """The layers of a ResNet before its pooling, as a graph: pixels (n, 3, size, size) -> feature maps.

    Each convolution has the name of its layer.

    Args:
        architecture: One of `ARCHITECTURES`.
        tensors: From `retrieval.weights.read_folded`.
        preprocessing: Its mean and deviation are part of the graph.
        ranges: From `retrieval.quantization.read_ranges`.
    """
    ranges = ranges or {}

    def convolve(inputs: ov.Output, layer: str, stride: int = 1) -> ov.Output:
        kernel = tensors[f"{layer}.weight"]
        if layer in ranges:
            greatest = np.maximum(np.abs(kernel).max(axis=(1, 2, 3), keepdims=True), 1e-8)
            weights = _rounded(ops.constant(kernel), -greatest, greatest, WEIGHT_LEVELS)
            high = np.full((1, 1, 1, 1), ranges[layer], np.float32)
            inputs = _rounded(inputs, 0 * high, high, INPUT_LEVELS)
        else:
            weights = ops.constant(kernel)
        margin = [kernel.shape[-1] // 2] * 2
        found = ops.convolution(inputs, weights, [stride] * 2, margin, margin, [1, 1], name=layer)
        return ops.add(found, ops.constant(tensors[f"{layer}.bias"].reshape(1, -1, 1, 1)))

    size = preprocessing.size
    pixels = ops.parameter([-1, 3, size, size], ov.Type.u8, name="pixels")
    mean, std = (
        255 * np.array(values, np.float32).reshape(1, 3, 1, 1)
        for values in (preprocessing.mean, preprocessing.std)
    )
    normal = ops.divide(ops.subtract(ops.convert(pixels, ov.Type.f32), ops.constant(mean)), ops.constant(std))
    found = ops.relu(convolve(normal, "conv1", 2))
    found = ops.max_pool(found, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    for stage, blocks in enumerate(ARCHITECTURES[architecture], 1):
        for block in range(blocks):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            inner = ops.relu(convolve(found, f"{name}.conv1"))
            inner = ops.relu(convolve(inner, f"{name}.conv2", stride))
            inner = convolve(inner, f"{name}.conv3")
            beside = convolve(found, f"{name}.downsample.0", stride) if block == 0 else found
            found = ops.relu(ops.add(inner, beside))
    return ov.Model([ops.result(found)], [pixels], architecture)


def _rounded(
    values: ov.Output, low: NDArray[np.float32], high: NDArray[np.float32], levels: int
) -> ov.Output:
    bounds = [ops.constant(low), ops.constant(high)]
    return ops.fake_quantize(values, *bounds, *bounds, levels)
