"""Which runtime of the network is how fast on this CPU, and what its rounding costs: `make bench-runtimes`.

The index was computed in float32 by torch; queries are computed by each runtime and searched in it. Runtimes
were chosen by the validation photos; the test photos are looked at for the chosen ones alone. ONNX Runtime
and NNCF are measured where they are installed (pip install onnx onnxruntime nncf).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks import records
from benchmarks.novelty import unrelated_pictures
from retrieval.collections.artifacts import QUANTIZATION, WEIGHTS, file_sha256
from retrieval.collections.collection import Collection
from retrieval.network import build_network, trunk
from retrieval.openvino_runtime import OpenVinoRuntime, build_trunk
from retrieval.preprocessing import Preprocessing
from retrieval.quantization import read_ranges
from retrieval.retriever import SHIPPED
from retrieval.torch_runtime import TorchRuntime
from retrieval.weights import layers, read_folded
from train.artifacts.quantize import SENSITIVE, measure_ranges
from train.data.dataset import LabeledImages, read_part
from train.data.ucmerced import DataError
from train.evaluate.metrics import compute_metrics

Vectors = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
TORCH = "torch, eager, float32"
SHIPPED_INT8 = "OpenVINO, int8, as shipped"
EXACT = "OpenVINO, float32"
CHOSEN = (EXACT, "OpenVINO, bfloat16", SHIPPED_INT8)
#: Of float32 the fastest runtime alone is asked what it finds: a test holds the others to a ten-thousandth.
TIMED_ONLY = (TORCH, "ONNX Runtime, float32")
#: Training photos that variants are calibrated with.
CALIBRATION = 100
#: Layers of the last block, which lose the next most.
LAST_BLOCK = ("layer4.2.conv1", "layer4.2.conv2", "layer4.2.conv3")
WEIGHTS_FILE = SHIPPED / WEIGHTS
PREPROCESSING = Preprocessing()


class _Changed(OpenVinoRuntime):
    """OpenVINO with other ranges than those that are shipped, or with another graph.

    Args:
        model: From `build_trunk`, or made of it.
    """

    def __init__(self, model: ov.Model) -> None:
        settings = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"}
        if "BF16" not in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        self._idle = SimpleQueue()
        self._idle.put(ov.Core().compile_model(model, "CPU", settings).create_infer_request())
        self.pooling_power = 1.0


def make_runtimes(training: LabeledImages | None) -> dict[str, Vectors]:
    """Name -> what gives vectors; with training photos also variants of int8 that are not shipped."""
    found: dict[str, Vectors] = {
        TORCH: TorchRuntime(WEIGHTS_FILE, PREPROCESSING, "cpu").vectors,
        EXACT: OpenVinoRuntime(WEIGHTS_FILE, PREPROCESSING, "float32").vectors,
        "OpenVINO, bfloat16": OpenVinoRuntime(WEIGHTS_FILE, PREPROCESSING, "bfloat16").vectors,
        SHIPPED_INT8: OpenVinoRuntime(
            WEIGHTS_FILE, PREPROCESSING, quantization=SHIPPED / QUANTIZATION
        ).vectors,
    }
    tensors, _ = read_folded(WEIGHTS_FILE)
    shipped = read_ranges(
        SHIPPED / QUANTIZATION, file_sha256(WEIGHTS_FILE), set(layers("resnet50"))
    )  # without SENSITIVE
    fewer = {layer: value for layer, value in shipped.items() if layer not in LAST_BLOCK}
    found["OpenVINO, int8, the last block left out too"] = _Changed(
        build_trunk("resnet50", tensors, PREPROCESSING, fewer)
    ).vectors
    if training:
        ranges = measure_ranges(
            WEIGHTS_FILE, PREPROCESSING, training.images[:: len(training.images) // CALIBRATION], ("conv1",)
        )
        found["OpenVINO, int8, the first layer alone left out"] = _Changed(
            build_trunk("resnet50", tensors, PREPROCESSING, ranges)
        ).vectors
        if quantized := _by_nncf(build_trunk("resnet50", tensors, PREPROCESSING), training):
            found["OpenVINO, int8 by NNCF, all layers"] = quantized
    if onnx := _by_onnx():
        found["ONNX Runtime, float32"] = onnx
    return found


def _by_nncf(model: ov.Model, training: LabeledImages) -> Vectors | None:
    try:
        import nncf
    except ImportError:
        return None
    rows = range(0, len(training.images), len(training.images) // CALIBRATION)
    pixels = [PREPROCESSING.pixels(training.images[row])[None] for row in rows]
    quantized = nncf.quantize(
        model, nncf.Dataset(pixels), preset=nncf.QuantizationPreset.MIXED, subset_size=len(pixels)
    )
    return _Changed(quantized).vectors


def _by_onnx() -> Vectors | None:
    try:
        import onnxruntime
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "trunk.onnx"
        axes = {"x": {0: "n"}}
        torch.onnx.export(
            trunk(build_network(WEIGHTS_FILE)), (torch.zeros(1, 3, 256, 256),), path,
            dynamo=False, input_names=["x"], dynamic_axes=axes,
        )  # fmt: skip
        session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    mean, std = (
        np.array(each, np.float32).reshape(1, 3, 1, 1) for each in (PREPROCESSING.mean, PREPROCESSING.std)
    )

    def vectors(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        maps = session.run(None, {"x": ((pixels / np.float32(255) - mean) / std).astype(np.float32)})[0]
        pooled = maps.mean(axis=(2, 3))
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    return vectors


def time_forwards(runtimes: dict[str, Vectors], rounds: int, count: int) -> dict[str, dict[str, float]]:
    """Milliseconds an image in batches of `count`, all runtimes in turn; ratios of the least to torch's."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, 3, 256, 256), np.uint8)
    seconds: dict[str, list[float]] = {name: [] for name in runtimes}
    for turn in range(rounds + 2):
        for name, vectors in runtimes.items():
            vectors(pixels)  # what ran before it leaves its threads and its data in the caches
            started = time.perf_counter()
            vectors(pixels)
            if turn >= 2:
                seconds[name].append((time.perf_counter() - started) / count)
    return {
        name: {
            "median_ms": round(1000 * statistics.median(each), 2),
            "least_ms": round(1000 * min(each), 2),
            "ratio": round(min(each) / min(seconds[TORCH]), 3),
        }
        for name, each in seconds.items()
    }


def measure_quality(
    runtimes: dict[str, Vectors], collection: Collection, photos: LabeledImages
) -> dict[str, dict[str, float]]:
    """What queries of each runtime find in the index, and how far its vectors are from the first one's."""
    threshold = collection.calibration.threshold if collection.calibration else 2.0
    pixels = [PREPROCESSING.pixels(image) for image in photos.images]
    strangers = [PREPROCESSING.pixels(image) for _, _, image in unrelated_pictures()]
    labels = [entry.label for entry in collection.entries]
    found: dict[str, dict[str, float]] = {}
    exact = before = None
    for name, vectors in runtimes.items():
        queries = _embed(vectors, pixels, name)
        distances = collection.index.search(queries, 1)[0][:, 0]
        unlike = collection.index.search(_embed(vectors, strangers, name), 1)[0][:, 0] > threshold
        if exact is None or before is None:
            exact, before = queries, distances
        metrics = compute_metrics(queries, photos.labels, collection.vectors, labels, resamples=1)["overall"]
        moved = np.linalg.norm(queries - exact, axis=1)
        found[name] = {
            "P@1": metrics["P@1"],
            "mAP": metrics["mAP"],
            "moved_mean": round(float(moved.mean()), 5),
            "moved_most": round(float(moved.max()), 5),
            "nearest_mean": round(float(np.abs(distances - before).mean()), 5),
            "called_unlike": round(float((distances > threshold).mean()), 4),
            "strangers_called_unlike": round(float(unlike.mean()), 4),
        }
    return found


def _embed(vectors: Vectors, pixels: list[NDArray[np.uint8]], name: str) -> NDArray[np.float32]:
    with tqdm(range(0, len(pixels), 8), desc=name, leave=False) as starts:
        return np.concatenate([vectors(np.stack(pixels[start : start + 8])) for start in starts])


def main() -> None:
    """Print the tables, and write the record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtimes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="of timing (%(default)s)")
    parser.add_argument("--time", action="store_true", help="time anew, and keep what was measured else")
    parser.add_argument(
        "--records", type=Path, default=records.RECORDS, metavar="DIR", help="(docs/performance)"
    )
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    try:
        parts = {part: read_part(part) for part in ("train", "validation", "test")}
    except DataError as error:
        print(f"Times alone: {error}")
        parts = {}
    runtimes = make_runtimes(parts.get("train"))
    if options.time:
        figures = records.read("runtimes", options.records)
    elif parts:
        collection = Collection(SHIPPED, gpu=False)
        figures["left_out"] = list(SENSITIVE)
        for part in ("validation", "test"):
            asked = {
                name: vectors
                for name, vectors in runtimes.items()
                if (name in CHOSEN or part == "validation") and name not in TIMED_ONLY
            }
            figures[part] = measure_quality(asked, collection, parts[part])
    for count in (1, 8):
        figures[f"batches_of_{count}"] = time_forwards(runtimes, options.rounds, count)
    path = records.write("runtimes", figures, options.records)
    for key, rows in figures.items():
        if isinstance(rows, dict) and key != "machine":
            print(f"\n{key}: {', '.join(next(iter(rows.values())))}")
            for name, row in rows.items():
                print(f"  {name:<50}" + "".join(f"{value:>10}" for value in row.values()))
    print(f"\nWritten to {path}")


if __name__ == "__main__":
    main()
