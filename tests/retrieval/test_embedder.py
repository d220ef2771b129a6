"""The network gives unit vectors that depend on the image alone, and wrong weights are named."""

import json
import os
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load_file, save_file

from examples.scenes import CLASSES, draw
from retrieval import ArtifactError
from retrieval.collections.artifacts import QUANTIZATION, SCALE, WEIGHTS
from retrieval.collections.photos import PROJECT
from retrieval.embedder import load_embedder
from retrieval.network import build_network
from retrieval.preprocessing import Preprocessing
from retrieval.retriever import SHIPPED


@pytest.fixture(scope="module")
def images():
    return [draw(label, 7, 96) for label in CLASSES[:4]]


@pytest.fixture(scope="module")
def vectors(retriever, images):
    return retriever.embedder.embed(images)


def test_vectors_are_of_unit_length_and_the_same_each_time(retriever, images, vectors):
    assert vectors.shape == (4, 2048)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors, retriever.embedder.embed(images))


def test_a_batch_gives_what_single_images_give(retriever, images, vectors):
    singles = np.concatenate([retriever.embedder.embed([image]) for image in images])
    assert np.abs(vectors - singles).max() < 1e-4


def test_different_images_have_different_vectors(vectors):
    assert np.linalg.norm(vectors[0] - vectors[1]) > 0.1


def test_each_batch_is_reported(retriever, images, monkeypatch):
    monkeypatch.setattr(retriever.embedder.runtime, "batch", 3)
    counts = []
    retriever.embedder.embed(images, counts.append)
    assert counts == [3, 1]


def test_no_images_give_no_vectors(retriever):
    assert retriever.embedder.embed([]).shape == (0, 2048)


def test_the_mean_of_the_feature_maps_is_the_vector(retriever, images, vectors):
    maps = retriever.embedder.maps(images)
    assert maps.shape == (4, 2048, 8, 8)
    assert maps.dtype == np.float32
    assert maps.min() >= 0
    means = maps.mean(axis=(2, 3))
    assert np.allclose(means / np.linalg.norm(means, axis=1, keepdims=True), vectors, atol=1e-5)


def test_the_weights_are_loaded_once(retriever):
    embedder = retriever.embedder
    weights = (SHIPPED / WEIGHTS).resolve()
    further = SHIPPED / QUANTIZATION, SHIPPED / SCALE
    assert load_embedder(weights, embedder.preprocessing, "cpu", *further) is embedder


@pytest.mark.parametrize("size", [(300, 100), (100, 300)])
def test_the_network_sees_the_middle_square(size):
    image = Image.new("RGB", size, "red")
    left, top = (size[0] - 100) // 2, (size[1] - 100) // 2
    image.paste("lime", (left, top, left + 100, top + 100))
    image.paste("blue", (left + 10, top + 10, left + 90, top + 90))
    seen = Preprocessing(size=100).pixels(image)
    assert seen.shape == (3, 100, 100)
    assert seen.dtype == np.uint8
    assert (seen[1, 5:95, 5] == 255).all()
    assert (seen[1, 5, 5:95] == 255).all()
    assert (seen[2, 12:88, 12:88] == 255).all()
    assert (seen[0] < 128).all()


def test_a_single_pixel_is_enough(retriever):
    assert np.isfinite(retriever.embedder.embed([Image.new("RGB", (1, 1), "green")])).all()


@given(
    size=st.integers(32, 1024),
    mean=st.tuples(*[st.floats(0, 1)] * 3),
    std=st.tuples(*[st.floats(0.01, 1)] * 3),
)
def test_the_settings_survive_json(size, mean, std):
    settings = Preprocessing(size, mean, std)
    text = json.dumps(asdict(settings))
    assert Preprocessing(**json.loads(text)) == settings


@pytest.mark.parametrize(
    "change",
    [
        *({"size": size} for size in (8, 2000, None, "256")),
        *({"std": [1, 1]}, {"std": [1, 0, 1]}, {"mean": [1]}, {"mean": "abc"}, {"further": 1}),
    ],
)
def test_settings_that_do_not_fit_are_refused(change):
    with pytest.raises(ValueError):
        Preprocessing(**asdict(Preprocessing()) | change)


@pytest.fixture(scope="module")
def state():
    return load_file(SHIPPED / WEIGHTS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state.pop("layer1.0.conv1.weight"), "Missing key"),
        (lambda state: state.update({"fc.weight": torch.zeros(3)}), "Unexpected key"),
        (lambda state: state.update({"conv1.weight": torch.zeros(3)}), "size mismatch"),
        (lambda state: state.clear(), "Missing key"),
    ],
    ids=["missing", "further", "shape", "empty"],
)
def test_weights_of_another_network_are_named(tmp_path, state, change, words):
    changed = dict(state)
    change(changed)
    save_file(changed, tmp_path / "other.safetensors")
    with pytest.raises(
        ArtifactError, match=rf"other\.safetensors are not those of a ResNet-50.*{words}"
    ) as caught:
        build_network(tmp_path / "other.safetensors")
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("data", [b"", b"rubbish" * 99, None], ids=["empty", "rubbish", "missing"])
def test_weights_that_cannot_be_read_are_named(tmp_path, data):
    path = tmp_path / "broken.safetensors"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ArtifactError, match=r"broken\.safetensors cannot be read") as caught:
        build_network(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


LENT = """
import sys
from pathlib import Path
from PIL import Image
from retrieval.embedder import load_embedder
from retrieval.preprocessing import Preprocessing
embedder = load_embedder(Path(sys.argv[1]), Preprocessing(size=32), "cpu")
print(embedder.embed([Image.new("RGB", (40, 40))]).shape)
print(embedder.maps([Image.new("RGB", (40, 40))]).shape)
"""


def test_on_a_zerogpu_space_the_forward_pass_asks_for_a_gpu(tmp_path):
    (tmp_path / "spaces.py").write_text(
        "import sys\n"
        "assert 'torch' not in sys.modules, 'this package has to come first'\n"
        "def GPU(duration):\n"
        "    def decorate(function):\n"
        "        def lent(*arguments):\n"
        "            print('lent', function.__name__, duration)\n"
        "            return function(*arguments)\n"
        "        return lent\n"
        "    return decorate\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(PROJECT)])}
    ran = subprocess.run(
        [sys.executable, "-c", LENT, str(SHIPPED / WEIGHTS)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout.splitlines() == [
        "lent _forward 10", "(1, 2048)", "lent _forward_trunk 10", "(1, 2048, 1, 1)",
    ], ran.stderr  # fmt: skip
