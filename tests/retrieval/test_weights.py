"""A file of weights that is not what it says is refused before a library reads it."""

import json
import struct

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from retrieval import ArtifactError
from retrieval.collections.artifacts import WEIGHTS
from retrieval.network import build_network, new_network, save_weights
from retrieval.retriever import SHIPPED
from retrieval.weights import checked_structure, known_structure, read_about, read_folded

TENSOR = {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}


def written(path, header, data=bytes(12)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_weights_that_are_whole_pass(tmp_path):
    read_about(SHIPPED / WEIGHTS)
    read_about(written(tmp_path / WEIGHTS, {"a": TENSOR, "__metadata__": {"about": '{"pooling": "gem"}'}}))
    tensors = {"b": torch.zeros(3), "a": torch.zeros(2, 2, dtype=torch.float16), "n": torch.tensor(0)}
    save_file(tensors, tmp_path / WEIGHTS, {"about": "{}"})
    read_about(tmp_path / WEIGHTS)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"", "JSON|value"),
        (b"[" * 5000, "recursion"),
        (b"[]", "no object"),
        ({"a": 1}, "a: "),
        ({"a": TENSOR | {"dtype": "F8_E4M3"}}, "dtype"),
        ({"a": TENSOR | {"shape": [2, -3]}}, "shape"),
        ({"a": TENSOR | {"shape": [2**40, 2**40]}}, "shape"),
        ({"a": TENSOR | {"shape": [2, 4]}}, "fill it"),
        ({"a": TENSOR | {"data_offsets": [1, 13]}}, "fill it"),
        ({"a": TENSOR, "b": TENSOR}, "fill it"),
        ({"a": TENSOR | {"shape": [1, 3], "data_offsets": [0, 6]}}, "its size"),
        ({"a": TENSOR | {"further": 1}}, "further"),
        ({"a": TENSOR, "__metadata__": {"about": '{"a":' * 3000}}, "recursion"),
        ({"a": TENSOR, "__metadata__": {"about": 7}}, "about"),
        ({"a": TENSOR, "__metadata__": {"about": "[]"}}, "dictionary"),
        ({"a": TENSOR, "__metadata__": {"about": "[" * 5000}}, "recursion"),
    ],
)
def test_a_header_that_does_not_fit_is_named(tmp_path, header, words):
    with pytest.raises(ArtifactError, match=words) as caught:
        read_about(written(tmp_path / WEIGHTS, header))
    assert WEIGHTS in str(caught.value)


@pytest.mark.parametrize("about", ["[]", "7", "[" * 100_000, '{"architecture": []}', '{"pooling": {"a": 1}}'])
def test_what_weights_say_of_themselves_may_be_anything(tmp_path, about):
    with pytest.raises(ArtifactError, match=WEIGHTS) as caught:
        known_structure(written(tmp_path / WEIGHTS, {"a": TENSOR, "__metadata__": {"about": about}}))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\xff" * 8, struct.pack("<Q", 10**6 + 1) + bytes(100)])
def test_a_file_that_is_no_weights_is_named(tmp_path, data):
    (tmp_path / WEIGHTS).write_bytes(data)
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_about(tmp_path / WEIGHTS)


@pytest.mark.parametrize("damage", ["nan", "negative variance", "bfloat16"])
def test_weights_that_give_no_numbers_are_refused(tmp_path, damage):
    tensors = load_file(SHIPPED / WEIGHTS)
    if damage == "bfloat16":
        tensors = {key: values.to(torch.bfloat16) for key, values in tensors.items()}
    elif damage == "nan":
        tensors["layer3.2.conv2.weight"][0] = float("nan")
    else:
        tensors["layer1.0.bn2.running_var"][3] = -1
    with safe_open(SHIPPED / WEIGHTS, framework="pt") as file:
        save_file(tensors, tmp_path / WEIGHTS, file.metadata())
    words = "dtype" if damage == "bfloat16" else "not finite"
    for read in (read_folded, build_network):
        with pytest.raises(ArtifactError, match=words):
            read(tmp_path / WEIGHTS)


SMALL = {"architecture": "resnet14", "pooling": "gem"}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The tensors of a small network."""
    path = tmp_path_factory.mktemp("small") / WEIGHTS
    save_weights(new_network("resnet14", "gem"), path, SMALL)
    return load_file(path)


def saved(folder, state, about=None):
    save_file(state, folder / WEIGHTS, None if about is None else {"about": json.dumps(about)})
    return folder / WEIGHTS


def test_weights_that_are_what_they_say_pass(tmp_path, small):
    assert checked_structure(SHIPPED / WEIGHTS) == ("resnet50", "average")
    counters = {"bn1.num_batches_tracked": torch.tensor(7)}
    assert checked_structure(saved(tmp_path, small | counters, SMALL)) == ("resnet14", "gem")


@pytest.mark.parametrize(
    ("change", "about", "words"),
    [
        (
            {},
            {},
            "not those of a ResNet-50 .Missing key: layer1.1.bn1.bias, .* more; Unexpected key: avgpool.p",
        ),
        ({}, SMALL | {"pooling": "average"}, "say that they are those of a ResNet-14, but are not .Unexp"),
        (
            {},
            SMALL | {"architecture": "resnet50"},
            "a ResNet-50 with gem pooling, but are not .Missing key",
        ),
        ({"avgpool.p": None}, SMALL, "Missing key: avgpool.p"),
        ({"layer2.0.conv2.weight": None}, SMALL, "Missing key: layer2.0.conv2.weight"),
        ({"fc.weight": torch.zeros(3)}, SMALL, "Unexpected key: fc.weight"),
        ({"conv1.weight": torch.zeros(64, 3, 7, 5)}, SMALL, "size mismatch: conv1.weight"),
        ({"bn1.bias": torch.zeros(64, dtype=torch.int64)}, SMALL, "no fractions: bn1.bias"),
    ],
)
def test_tensors_of_another_network_than_a_file_says_are_refused(tmp_path, small, change, about, words):
    state = {key: value for key, value in (small | change).items() if value is not None}
    path = saved(tmp_path, state, about)
    for read in (checked_structure, read_folded, build_network):
        with pytest.raises(ArtifactError, match=words) as caught:
            read(path)
        assert len(str(caught.value)) < 500


@pytest.mark.parametrize("power", [0.0, -3.0, float("nan"), float("inf")])
def test_a_pooling_that_gives_no_numbers_is_refused(tmp_path, small, power):
    path = saved(tmp_path, small | {"avgpool.p": torch.tensor([power])}, SMALL)
    for read in (read_folded, build_network):
        with pytest.raises(ArtifactError, match="not finite"):
            read(path)


@pytest.mark.parametrize(
    "about",
    [
        {"licence": ["free"]}, {"licence": "x" * 5000}, {"licence": "\u202efree"}, {"licence": None},
        {"training": [1]}, {"training": {"a": 10**30}}, {"architecture": "resnet50\n"},
        {"architecture": "x" * 300}, {"pooling": 1}, {"more": float("nan")},
    ],
    ids=str,
)  # fmt: skip
def test_what_weights_say_of_themselves_is_of_the_right_kind(tmp_path, about):
    path = saved(tmp_path, {"a": torch.zeros(1)}, about)
    with pytest.raises(ArtifactError, match=f"{WEIGHTS} say of themselves what cannot be") as caught:
        read_about(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_names_of_tensors_do_not_write_over_a_terminal(tmp_path, small):
    header = {"\x1b[2Jgone": TENSOR, "__metadata__": {"about": json.dumps(SMALL)}}
    with pytest.raises(ArtifactError) as caught:
        checked_structure(written(tmp_path / WEIGHTS, header))
    assert str(caught.value).isprintable()
