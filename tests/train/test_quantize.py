"""Training photos show how large a layer's inputs get; with that CPUs compute in int8, and vectors stay."""

import json

import numpy as np
import pytest
import torch

import train.artifacts.quantize
from examples.scenes import CLASSES, draw
from retrieval.collections.artifacts import QUANTIZATION, WEIGHTS, file_sha256, read_manifest
from retrieval.network import new_network, save_weights
from retrieval.openvino_runtime import OpenVinoRuntime
from retrieval.preprocessing import Preprocessing
from retrieval.weights import layers
from tests.fakes.scene_folder import write_scenes
from train.__main__ import main
from train.artifacts.quantize import SENSITIVE, _best_range, measure_ranges

SMALL = Preprocessing(96)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    network = new_network("resnet14")
    with torch.no_grad():  # running statistics of images, so that values have usual sizes
        images = [draw(label, 3, 96) for label in CLASSES[:8]]
        pixels = torch.from_numpy(np.stack([SMALL.pixels(image) for image in images])).float()
        network.train()((pixels - 124) / 57)
    path = tmp_path_factory.mktemp("weights") / WEIGHTS
    about = {
        "architecture": "resnet14",
        "pooling": "average",
        "licence": "own",
        "training": {"test_size": 96},
    }
    save_weights(network.eval(), path, about)
    return path


def test_a_folder_gets_ranges_of_its_weights_and_computes_in_int8(tmp_path, weights, capsys):
    photos = write_scenes(tmp_path / "photos")
    target = tmp_path / "artifacts"
    options = ["--weights", str(weights), "--folder", str(photos), "--out", str(target), "--split", "all"]
    assert main(["index", *options, "--data-licence", "own", "--device", "cpu"]) == 0
    exact = OpenVinoRuntime(target / WEIGHTS, SMALL)
    assert exact.dtype != "int8"
    assert main(["quantize", "--artifacts", str(target), "--folder", str(photos)]) == 0
    assert f"{len(layers('resnet14')) - len(SENSITIVE)} layers in int8" in capsys.readouterr().out

    fields = json.loads((target / QUANTIZATION).read_text())
    assert fields["weights"] == file_sha256(target / WEIGHTS)
    assert fields["ranges"].keys() == layers("resnet14").keys() - set(SENSITIVE)
    assert read_manifest(target).files[QUANTIZATION] == file_sha256(target / QUANTIZATION)

    quantized = OpenVinoRuntime(target / WEIGHTS, SMALL, quantization=target / QUANTIZATION)
    assert quantized.dtype == "int8"
    pixels = np.stack([SMALL.pixels(draw(label, 5, 96)) for label in CLASSES[:6]])
    moved = np.linalg.norm(quantized.vectors(pixels) - exact.vectors(pixels), axis=1)
    assert 0 < moved.max() < 0.1
    assert_whole_when_cut_off(target)


def assert_whole_when_cut_off(target):
    """Cut off between the ranges and the manifest, the folder is the old one."""
    before = (target / QUANTIZATION).read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train.artifacts.quantize, "measure_ranges", lambda *_: {"conv1": 2.0})
        patch.setattr(train.artifacts.quantize, "write_manifest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train.artifacts.quantize.quantize(target, [])
    assert (target / QUANTIZATION).read_bytes() == before
    read_manifest(target)


def test_the_same_photos_give_the_same_ranges(weights):
    photos = [draw(label, 3, 96) for label in CLASSES[:4]]
    assert measure_ranges(weights, SMALL, photos) == measure_ranges(weights, SMALL, photos)


def test_a_single_far_value_does_not_widen_the_range():
    values = np.abs(np.random.default_rng(0).normal(size=20_000)).astype(np.float32)
    greatest = float(values.max())
    assert 0.7 * greatest < _best_range(values, greatest) <= round(greatest, 4)
    assert _best_range(values, 50.0) < 6
    assert _best_range(np.zeros(9, np.float32), 0.0) == 1
