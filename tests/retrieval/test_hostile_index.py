"""Files of an index that were made to mislead: none ends the process, each ends in an index or a sentence."""

import json
import random
import struct
import subprocess
import sys

import faiss
import numpy as np
import pytest

from retrieval import ArtifactError
from retrieval.collections.artifacts import INDEX
from retrieval.collections.collection import Collection
from retrieval.collections.photos import PROJECT
from retrieval.index import VectorIndex
from retrieval.index_file import mapped_vectors
from tests.fakes.small_folder import replace_file, write_small_folder

HEADER = "<4siqqqBiQ"
HALF_HEADER = "<4siqqqBiiifQQQQ"


def with_header(path, position, value, *, half=False):
    """An index of four vectors, with another value in its header."""
    vectors = np.eye(4, 16, dtype=np.float32)
    VectorIndex.build(vectors).save(path, half=half)
    data, layout = path.read_bytes(), HALF_HEADER if half else HEADER
    fields = list(struct.unpack_from(layout, data))
    fields[position] = value
    path.write_bytes(struct.pack(layout, *fields) + data[struct.calcsize(layout) :])
    return path


@pytest.fixture(params=["loaded", "mapped"])
def read(request):
    return mapped_vectors if request.param == "mapped" else lambda path: VectorIndex.load(path, gpu=False)


def test_mapped_vectors_are_those_of_the_index(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(5000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    VectorIndex.build(vectors).save(tmp_path / INDEX)
    found = mapped_vectors(tmp_path / INDEX)
    assert (found.dtype, np.array_equal(found, vectors)) == (np.float32, True)
    (tmp_path / INDEX).unlink()  # as when a new collection takes the old one's place
    assert np.array_equal(found[::-1], vectors[::-1])
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 0


@pytest.mark.parametrize(
    ("position", "value", "words"),
    [
        (0, b"IxFI", "exact index"),
        (0, b"IxSQ", "exact index"),
        (1, 0, "header"),
        (1, -16, "header"),
        (1, 2**31 - 1, "header"),
        (2, 2**62, "header"),
        (2, -1, "header"),
        (2, 3, "header"),
        (5, 0, "exact index"),
        (6, 0, "metric"),
        (7, 2**63, "header"),
        (7, 0, "header"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path, read, position, value, words):
    with pytest.raises(ArtifactError, match=words):
        read(with_header(tmp_path / INDEX, position, value))


@pytest.mark.parametrize(
    ("position", "value", "words"),
    [
        (0, b"IxF2", "header"),
        (0, b"IxSq", "exact index"),
        (1, 0, "header"),
        (1, 2**31 - 1, "header"),
        (2, -1, "header"),
        (2, 2**62, "header"),
        (2, 3, "header"),
        (5, 0, "exact index"),
        (6, 0, "metric"),
        (7, faiss.ScalarQuantizer.QT_8bit, "exact index"),
        (7, -1, "exact index"),
        (10, 15, "header"),
        (11, 2**63, "header"),
        (12, 1, "header"),
        (13, 2**64 - 1, "header"),
        (13, 0, "header"),
    ],
)
def test_a_header_of_half_precision_that_does_not_fit_is_refused(tmp_path, read, position, value, words):
    with pytest.raises(ArtifactError, match=words):
        read(with_header(tmp_path / INDEX, position, value, half=True))


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-1], lambda data: data + b"\0", lambda data: data[:20], lambda data: data[:60]],
)
def test_a_size_that_is_not_the_headers_is_refused(tmp_path, read, change, half):
    path = with_header(tmp_path / INDEX, 5, 1, half=half)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ArtifactError, match=r"size is not what|too short|exact index"):
        read(path)


def test_more_numbers_of_half_precision_than_are_written_are_refused(tmp_path, read, monkeypatch):
    path = with_header(tmp_path / INDEX, 5, 1, half=True)
    monkeypatch.setattr("retrieval.index_file.HALF_NUMBERS", 4 * 16 - 1)
    with pytest.raises(ArtifactError, match="header"):
        read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0, 1e38, 1.01])
def test_a_vector_that_is_not_of_unit_length_is_refused(tmp_path, read, value):
    path = with_header(tmp_path / INDEX, 5, 1)
    data = bytearray(path.read_bytes())
    struct.pack_into("<f", data, struct.calcsize(HEADER), value)  # the first vector is (1, 0, …)
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match="unit length"):
        read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0, 65504, 1.01])
def test_a_vector_of_half_precision_that_is_not_of_unit_length_is_refused(tmp_path, read, value):
    path = with_header(tmp_path / INDEX, 5, 1, half=True)
    data = bytearray(path.read_bytes())
    struct.pack_into("<e", data, struct.calcsize(HALF_HEADER), value)
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match="unit length"):
        read(path)


@pytest.mark.parametrize("kind", ["Flat", "SQ8", "SQbf16", "HNSW8", "IVF1,Flat", "IDMap,Flat", "PCA8,Flat"])
def test_an_index_of_another_kind_is_refused(tmp_path, kind):
    index = faiss.index_factory(16, kind, faiss.METRIC_INNER_PRODUCT if kind == "Flat" else faiss.METRIC_L2)
    vectors = np.random.default_rng(0).normal(size=(64, 16)).astype(np.float32)
    index.train(vectors)
    if kind != "IDMap,Flat":
        index.add(vectors)
    faiss.write_index(index, str(tmp_path / INDEX))
    with pytest.raises(ArtifactError, match=r"kind|exact index|metric"):
        VectorIndex.load(tmp_path / INDEX, gpu=False)


def mutations(folder, count, seed):
    """Load so many mutated copies of an index, each with a checksum that fits; count what each ends in."""
    whole = (folder / INDEX).read_bytes()
    chance = random.Random(seed)
    ends = {"loaded": 0, "refused": 0}
    for _ in range(count):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(81 if chance.random() < 0.7 else len(data))  # mostly in the header
            match chance.randrange(4):
                case 0:
                    data[place] ^= 1 << chance.randrange(8)
                case 1:
                    data[place : place + 8] = chance.choice((b"\xff" * 8, bytes(8), b"\x7f" + b"\xff" * 7))
                case 2:
                    del data[place : place + chance.randint(1, 100)]
                case _:
                    data[place:place] = chance.randbytes(chance.randint(1, 100))
        replace_file(folder, INDEX, bytes(data))
        try:
            found = Collection(folder, gpu=False)
            found.index.search(found.vectors, 3)
            ends["loaded"] += 1
        except ArtifactError as error:
            assert str(error).endswith(".")
            ends["refused"] += 1
    return ends


@pytest.mark.parametrize("half", [False, True])
def test_no_mutated_index_with_a_right_checksum_ends_the_process(tmp_path, half):
    write_small_folder(tmp_path / "small", rows=2, photos=False)
    if half:
        index = VectorIndex.load(tmp_path / "small" / INDEX, gpu=False)
        index.save(tmp_path / "half.faiss", half=True)
        replace_file(tmp_path / "small", INDEX, (tmp_path / "half.faiss").read_bytes())
    code = (
        "import json, sys; from pathlib import Path; "
        "from tests.retrieval.test_hostile_index import mutations; "
        "print(json.dumps(mutations(Path(sys.argv[1]), 600, 5)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "small"], cwd=PROJECT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    ends = json.loads(ran.stdout)
    assert ends["loaded"] + ends["refused"] == 600
    assert ends["refused"] > 300
