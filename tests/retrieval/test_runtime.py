"""Whatever runs the network gives the same vectors, needs no torch on a CPU, and survives what is missing."""

import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from examples.scenes import CLASSES, draw
from retrieval import ArtifactError, Retriever, runtime
from retrieval.collections.artifacts import QUANTIZATION, WEIGHTS, file_sha256
from retrieval.collections.photos import PROJECT
from retrieval.embedder import Embedder
from retrieval.explain import explain
from retrieval.network import new_network, save_weights
from retrieval.openvino_runtime import OpenVinoRuntime
from retrieval.preprocessing import Preprocessing
from retrieval.retriever import SHIPPED
from retrieval.runtime import DeviceError, bulk_runtime, serving_runtime
from retrieval.torch_runtime import CPU_BATCH, TorchRuntime
from retrieval.weights import batch_norm, layers

#: Distance of two runtimes' vectors: measured were 1e-6, 0.01 and 0.03 on such scenes.
TOLERANCES = {"float32": 1e-4, "bfloat16": 0.03, "int8": 0.06}
SMALL = Preprocessing(96)
RANGES = SHIPPED / QUANTIZATION
SUM = "0" * 64


@pytest.fixture(scope="module")
def images():
    return [draw(label, 7, 256) for label in CLASSES[:6]]


@pytest.fixture(scope="module")
def exact(images):
    return Embedder(SHIPPED / WEIGHTS, Preprocessing(), "cpu").embed(images)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Weights of a small network with GeM pooling, whose BatchNorms are not the identity."""
    torch.manual_seed(0)
    network = new_network("resnet14", "gem")
    network.train()(torch.randn(8, 3, 64, 64))
    network.avgpool.p.data.fill_(2.5)
    path = tmp_path_factory.mktemp("small") / WEIGHTS
    save_weights(network.eval(), path, {"architecture": "resnet14", "pooling": "gem"})
    return path


@pytest.fixture
def copied(tmp_path, small):
    """The small weights alone in a folder."""
    path = tmp_path / WEIGHTS
    path.write_bytes(small.read_bytes())
    return path


def with_ranges(weights, fields):
    path = weights.parent / QUANTIZATION
    path.write_text(fields if isinstance(fields, str) else json.dumps(fields))
    return OpenVinoRuntime(weights, SMALL, quantization=path)


@pytest.mark.parametrize("precision", [*TOLERANCES, None])
def test_openvino_gives_the_vectors_that_torch_gives(images, exact, precision):
    chosen = OpenVinoRuntime(SHIPPED / WEIGHTS, Preprocessing(), precision, quantization=RANGES)
    vectors = Embedder(chosen, Preprocessing()).embed(images)
    assert chosen.dtype in TOLERANCES  # this CPU may compute in float32 what others do in bfloat16
    assert np.linalg.norm(vectors - exact, axis=1).max() < TOLERANCES[chosen.dtype]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_shipped_weights_run_in_int8():
    assert Retriever.load(device="cpu").embedder.dtype == "int8"


@pytest.mark.parametrize("pooling", ["average", "gem"])
def test_it_holds_for_each_pooling_and_its_maps(tmp_path, small, images, pooling):
    weights = small
    if pooling == "average":
        weights = tmp_path / WEIGHTS
        state = load_file(small)
        del state["avgpool.p"]
        save_file(state, weights, {"about": json.dumps({"architecture": "resnet14"})})
    torchs = TorchRuntime(weights, SMALL, "cpu")
    ours = OpenVinoRuntime(weights, SMALL, "float32")
    pixels = np.stack([SMALL.pixels(image) for image in images])
    assert ours.pooling_power == pytest.approx(torchs.pooling_power) == (2.5 if pooling == "gem" else 1)
    assert np.allclose(ours.vectors(pixels), torchs.vectors(pixels), atol=1e-4)
    maps = torchs.maps(pixels)
    assert ours.maps(pixels).shape == maps.shape == (6, 2048, 3, 3)
    assert np.allclose(ours.maps(pixels), maps, atol=1e-3 * maps.max())


@pytest.mark.parametrize("size", [32, 40, 100])
def test_a_size_need_not_be_a_multiple_of_32(small, images, size):
    preprocessing = Preprocessing(size)
    pixels = np.stack([preprocessing.pixels(image) for image in images])
    torchs = TorchRuntime(small, preprocessing, "cpu")
    ours = OpenVinoRuntime(small, preprocessing, "float32")
    assert np.allclose(ours.vectors(pixels), torchs.vectors(pixels), atol=1e-4)
    assert ours.maps(pixels).shape == torchs.maps(pixels).shape


def test_maps_of_before_are_kept_when_the_network_runs_again(small, images):
    ours = Embedder(OpenVinoRuntime(small, SMALL), SMALL)
    before = ours.maps(images[:1])
    copy = before.copy()
    ours.maps(images[1:2])
    assert np.array_equal(before, copy)


@pytest.mark.parametrize("precision", TOLERANCES)
def test_heat_maps_agree_with_the_vectors(images, precision):
    chosen = OpenVinoRuntime(SHIPPED / WEIGHTS, Preprocessing(), precision, quantization=RANGES)
    embedder = Embedder(chosen, Preprocessing())
    cosine = float(np.dot(*embedder.embed(images[:2])))
    explanation = explain(embedder, *images[:2])
    assert explanation.similarity == pytest.approx(cosine, abs=1e-3)
    assert explanation.query.sum() == pytest.approx(cosine, abs=1e-3)


def test_an_image_has_one_vector_whatever_batch_it_is_in(images):
    chosen = OpenVinoRuntime(SHIPPED / WEIGHTS, Preprocessing(), quantization=RANGES)
    embedder = Embedder(chosen, Preprocessing())
    together = embedder.embed(images)
    alone = np.concatenate([embedder.embed([image]) for image in images])
    assert np.abs(together - alone).max() < 1e-3


def test_the_names_of_the_layers_are_those_of_torch():
    for architecture in ("resnet50", "resnet14"):
        state = new_network(architecture).state_dict()
        shapes = {name: tuple(value.shape) for name, value in state.items()}
        for layer, (outputs, inputs, side) in layers(architecture).items():
            assert shapes.pop(f"{layer}.weight") == (outputs, inputs, side, side)
            for part in ("weight", "bias", "running_mean", "running_var"):
                assert shapes.pop(f"{batch_norm(layer)}.{part}") == (outputs,)
        assert all(name.endswith("num_batches_tracked") for name in shapes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state.pop("layer1.0.conv1.weight"), "Missing key: layer1.0.conv1.weight"),
        (lambda state: state.update({"fc.weight": torch.zeros(3)}), "Unexpected key: fc.weight"),
        (lambda state: state.update({"conv1.weight": torch.zeros(3)}), "size mismatch: conv1.weight"),
        (lambda state: state.clear(), "Missing key"),
    ],
    ids=["missing", "further", "shape", "empty"],
)
def test_weights_of_another_network_are_named(tmp_path, small, change, words):
    state = load_file(small)
    change(state)
    path = tmp_path / "other.safetensors"
    save_file(state, path, {"about": json.dumps({"architecture": "resnet14", "pooling": "gem"})})
    with pytest.raises(ArtifactError, match=rf"other\.safetensors say .* of a ResNet-14.*{words}"):
        OpenVinoRuntime(path, SMALL)


def test_ranges_are_used_and_those_of_other_weights_are_not(copied):
    ranges = {"layer1.0.conv2": 3.5, "layer2.0.conv1": 2}
    assert with_ranges(copied, {"weights": file_sha256(copied), "ranges": ranges}).dtype == "int8"
    assert OpenVinoRuntime(copied, SMALL).dtype != "int8"  # what merely lies there is not read
    assert with_ranges(copied, {"weights": "0" * 64, "ranges": ranges}).dtype != "int8"


@pytest.mark.parametrize(
    "fields",
    [
        "", "[", "[" * 90_000, "[]", "{}", " " * 100_001, {"weights": SUM}, {"weights": "", "ranges": {}},
        {"weights": SUM, "ranges": []}, {"weights": SUM, "ranges": {"fc": 1}},
        *({"weights": SUM, "ranges": {"conv1": value}} for value in (0, -1, 1e-30, 1e30, "1", True, None)),
        f'{{"weights": "{SUM}", "ranges": {{"conv1": NaN}}}}',
        f'{{"weights": "{SUM}", "ranges": {{"conv1": Infinity}}}}',
        {"weights": SUM, "ranges": {}, "more": 1},
    ],
    ids=lambda fields: str(fields)[:100],
)  # fmt: skip
def test_ranges_that_are_none_are_named(copied, fields):
    with pytest.raises(ArtifactError, match=r"int8\.json.*python -m train quantize") as caught:
        with_ranges(copied, fields)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "missing"])
def test_ranges_that_are_no_file_are_refused_without_waiting(copied, kind):
    path = copied.parent / QUANTIZATION
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
    with pytest.raises(ArtifactError, match=r"int8\.json"):
        OpenVinoRuntime(copied, SMALL, quantization=path)


@pytest.mark.parametrize("reason", ["missing", "failing"])
def test_torch_stands_in_where_openvino_does_not_run(monkeypatch, caplog, small, reason):
    if reason == "missing":
        monkeypatch.setitem(sys.modules, "retrieval.openvino_runtime", None)
    else:
        monkeypatch.setattr("openvino.Core.compile_model", lambda *_: (_ for _ in ()).throw(RuntimeError()))
    with caplog.at_level(logging.WARNING):
        chosen = serving_runtime(small, SMALL, "cpu")
    assert isinstance(chosen, TorchRuntime)
    assert (chosen.device, chosen.dtype) == ("cpu", "float32")
    assert "runs in torch" in caplog.text
    assert len(caplog.records) == 1


def test_weights_that_do_not_fit_are_told_whoever_runs_them(tmp_path):
    path = tmp_path / WEIGHTS
    path.write_bytes(b"rubbish" * 9)
    with pytest.raises(ArtifactError, match="cannot be read"):
        serving_runtime(path, SMALL, "cpu")


def test_a_gpu_is_torchs(monkeypatch, small):
    monkeypatch.setattr(runtime, "_has_cuda", lambda: True)
    assert isinstance(serving_runtime(small, SMALL), TorchRuntime)
    assert isinstance(serving_runtime(small, SMALL, "cpu"), OpenVinoRuntime)


@pytest.mark.parametrize("driver", [True, False])
def test_a_gpu_that_torch_cannot_use_is_none(monkeypatch, small, driver):
    monkeypatch.setattr(runtime, "_driver_sees_gpu", lambda: driver)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert isinstance(serving_runtime(small, SMALL), OpenVinoRuntime)


SERVING = """
import sys
from retrieval import Retriever
from retrieval.runtime import _driver_sees_gpu
import app, ui.page
retriever = Retriever.load(device="cpu")
from PIL import Image
retriever.search(Image.new("RGB", (300, 300), "green"), 3)
retriever.embedder.maps([Image.new("RGB", (300, 300), "green")])
loaded = sorted({"torch", "torchvision"} & {name.split(".")[0] for name in sys.modules})
print(_driver_sees_gpu() in (True, False), loaded)
"""


def test_serving_on_a_cpu_imports_no_torch():
    ran = subprocess.run(
        [sys.executable, "-c", SERVING], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip().endswith("True []"), ran.stdout + ran.stderr


class SmallGpu:
    """Stands in for a GPU with room for some images."""

    def __init__(self, network, room):
        self.network, self.room, self.sizes = network, room, []
        self.forward = network._forward
        network._device = torch.device("meta")  # anything but the CPU
        network.batch = 32

    def run(self, pixels):
        self.sizes.append(len(pixels))
        if self.network._device.type == "cpu":
            return self.network._forward(pixels)
        if len(pixels) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB")
        self.network._device = torch.device("cpu")
        try:
            return self.forward(pixels)
        finally:
            self.network._device = torch.device("meta")


@pytest.fixture
def network(small):
    return TorchRuntime(small, Preprocessing(32), "cpu")


@pytest.mark.parametrize(
    ("room", "sizes", "batch", "sentences"),
    [
        (32, [12], 32, []),
        (4, [12, 6, 3, 3, 3, 3], 3, ["at most 6 images", "at most 3 images"]),
        (0, [12, 6, 3, 1, 8, 4], CPU_BATCH, ["at most 6", "at most 3", "at most 1", "on the CPU"]),
    ],
)
def test_where_a_gpu_is_full_batches_are_halved_and_then_the_cpu_takes_over(
    network, caplog, monkeypatch, room, sizes, batch, sentences
):
    pixels = np.random.default_rng(0).integers(0, 256, (12, 3, 32, 32), np.uint8)
    expected = network.vectors(pixels)
    gpu = SmallGpu(network, room)
    monkeypatch.setattr(network, "_run", gpu.run)
    with caplog.at_level(logging.WARNING):
        vectors = network.vectors(pixels)
        assert len(caplog.records) == len(sentences)
        network.vectors(pixels)
    assert np.allclose(vectors, expected, atol=1e-5)
    assert gpu.sizes[: len(sizes)] == sizes
    assert network.batch == batch
    assert [record.levelname for record in caplog.records] == ["WARNING"] * len(sentences)  # each said once
    for record, words in zip(caplog.records, sentences, strict=True):
        assert words in record.getMessage()
    if room == 0:
        assert (network.device, network.dtype) == ("cpu", "float32")


def test_no_memory_left_on_a_cpu_is_an_error(network, monkeypatch):
    def full(_):
        raise torch.OutOfMemoryError("no memory")

    monkeypatch.setattr(network, "_run", full)
    with pytest.raises(torch.OutOfMemoryError):
        network.vectors(np.zeros((2, 3, 32, 32), np.uint8))


def test_batches_on_a_core_each_give_the_same_vectors(small):
    """A batch is never in the memory of another one, however many threads ask."""
    pixels = np.random.default_rng(0).integers(0, 256, (24, 3, 96, 96), np.uint8)
    expected = OpenVinoRuntime(small, SMALL, "float32").vectors(pixels)
    bulk = bulk_runtime(small, SMALL, "cpu", "float32", 3)
    assert (bulk.lanes, bulk.dtype) == (3, "float32")
    with ThreadPoolExecutor(6) as threads:  # more than lanes: they wait
        for _ in range(4):
            parts = list(threads.map(bulk.vectors, np.split(pixels, 12)))
            assert np.allclose(np.concatenate(parts), expected, atol=1e-5)


def test_in_bulk_nothing_is_rounded_to_8_bits_and_the_precision_is_what_was_asked_for(small, monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 3, 96, 96), np.uint8)
    exact = TorchRuntime(small, SMALL, "cpu").vectors(pixels)
    fastest = bulk_runtime(SHIPPED / WEIGHTS, Preprocessing(), "cpu")
    assert fastest.dtype in ("bfloat16", "float32")  # as the CPU has it
    monkeypatch.setitem(sys.modules, "retrieval.openvino_runtime", None)  # as where it is not installed
    for precision, most in ((None, 1e-6), ("float32", 1e-6), ("bfloat16", 0.05)):
        chosen = bulk_runtime(small, SMALL, "cpu", precision, 2)
        assert isinstance(chosen, TorchRuntime)
        assert (chosen.dtype, chosen.lanes) == (precision or "float32", 1)
        vectors = chosen.vectors(pixels)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert np.linalg.norm(vectors - exact, axis=1).max() <= most


def test_in_bulk_a_gpu_is_torchs_and_each_process_may_have_its_own(monkeypatch, small):
    monkeypatch.setattr(runtime, "_has_cuda", lambda: True)
    assert isinstance(bulk_runtime(small, SMALL), TorchRuntime)
    with pytest.raises(DeviceError, match="no CUDA GPU"):
        bulk_runtime(small, SMALL, "cuda:1")
