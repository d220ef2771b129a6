"""A file of weights that is not what it says is refused before a library reads it."""

import json
import struct

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from retrieval import ArtifactError
from retrieval.collections.artifacts import WEIGHTS
from retrieval.retriever import SHIPPED
from retrieval.weights import check_weights, known_structure, read_folded

TENSOR = {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}


def written(path, header, data=bytes(12)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_weights_that_are_whole_pass(tmp_path):
    check_weights(SHIPPED / WEIGHTS)
    check_weights(written(tmp_path / WEIGHTS, {"a": TENSOR, "__metadata__": {"about": '{"pooling": "gem"}'}}))
    tensors = {"b": torch.zeros(3), "a": torch.zeros(2, 2, dtype=torch.float16), "n": torch.tensor(0)}
    save_file(tensors, tmp_path / WEIGHTS, {"about": "{}"})
    check_weights(tmp_path / WEIGHTS)


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
        check_weights(written(tmp_path / WEIGHTS, header))
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
        check_weights(tmp_path / WEIGHTS)


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
    with pytest.raises(ArtifactError, match=r"bfloat16|not finite"):
        read_folded(tmp_path / WEIGHTS)
