"""`python -m train milvus`: only what changed is written, and what was cut off goes on."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from retrieval import ArtifactError
from retrieval.collections.artifacts import read_manifest
from retrieval.collections.collection import Collection
from retrieval.milvus_database import Address, Database
from retrieval.milvus_store import MilvusStore, milvus_name
from tests.fakes.milvus_server import free_port
from tests.fakes.vectors_folder import unit_vectors, write_placed
from train.__main__ import main
from train.artifacts.milvus import import_collection

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")


PROJECT = Path(__file__).resolve().parents[2]
ROWS = 300


@pytest.fixture(params=["milvus-lite", "milvus"])
def address(request, tmp_path):
    """Of a database without the collections of these tests."""
    is_file = request.param == "milvus-lite"
    found = Address.parse(f"milvus:{tmp_path / 'v.db' if is_file else request.getfixturevalue('server_uri')}")
    database = Database(found, make=True)
    for name in ("placed", "a-placed"):
        database.call("drop_collection", milvus_name(name))
    database.close()
    return found


@pytest.fixture
def folder(tmp_path):
    return write_placed(tmp_path / "placed", unit_vectors(ROWS))


def imported(folder, address, kind=None, **options):
    done = import_collection(Collection(folder, gpu=False), address, kind, **options)
    return done.written, done.removed


def same(folder, address):
    """Whether the database finds what the folder's own index does."""
    own, store = Collection(folder, gpu=False), MilvusStore(address, read_manifest(folder))
    queries = unit_vectors(4, seed=5, dimension=own.index.dimension)
    ours, theirs = own.index.search(queries, len(own.index)), store.search(queries, len(own.index))
    np.testing.assert_allclose(theirs[0], ours[0], atol=1e-3)
    rows = np.arange(len(own.index))
    equal = np.array_equal(store.vectors_of(rows), own.index.vectors_of(rows))
    store.close()
    return equal and ours[1].shape == theirs[1].shape


def test_it_is_written_once(folder, address):
    assert imported(folder, address) == (ROWS, 0)
    assert same(folder, address)
    assert imported(folder, address) == (0, 0)


def test_only_what_changed_is_written(folder, address):
    imported(folder, address)
    vectors = unit_vectors(ROWS)
    vectors[[3, 7]] = unit_vectors(2, seed=8)
    write_placed(folder, vectors)
    assert imported(folder, address) == (2, 0)
    assert same(folder, address)
    labels = [f"class {row % 3}" if row != 50 else "another" for row in range(ROWS)]
    write_placed(folder, vectors, labels)
    imported(folder, address)
    write_placed(folder, vectors, [*labels[:50], "one more", *labels[51:]])
    assert imported(folder, address) == (1, 0)


def test_rows_that_are_gone_are_removed_and_new_ones_come(folder, address):
    imported(folder, address)
    write_placed(folder, unit_vectors(ROWS)[:200])
    assert imported(folder, address) == (0, 100)
    assert same(folder, address)
    write_placed(folder, unit_vectors(ROWS))
    assert imported(folder, address) == (100, 0)
    assert same(folder, address)


def test_two_collections_lie_beside_each_other(folder, address, tmp_path):
    other = write_placed(tmp_path / "other", unit_vectors(50, seed=3), name="a-placed")
    imported(folder, address)
    imported(other, address)
    assert same(folder, address) and same(other, address)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_killed_import_goes_on(tmp_path, address, seed):
    """Killed without a warning at moments while it writes; each run leaves what it wrote."""
    vectors = unit_vectors(16_000, dimension=512)
    folder = write_placed(tmp_path / "placed", vectors)
    command = [sys.executable, "-m", "train", "milvus", "--artifacts", folder, "--store", str(address)]
    ends = []
    for _ in range(2):
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=PROJECT, stderr=log, stdout=log)
            while process.poll() is None and not re.search(rb"[1-9]\d*%", (tmp_path / "log").read_bytes()):
                time.sleep(0.01)
            time.sleep(float(np.random.default_rng(seed).uniform(0, 0.2)))
            process.kill()
            ends.append(process.wait())
    with pytest.raises(ArtifactError, match="does not hold all of 'placed' yet"):
        MilvusStore(address, read_manifest(folder))
    assert -signal.SIGKILL in ends
    written, removed = imported(folder, address)
    assert written < len(vectors) and not removed
    assert same(folder, address)


@pytest.mark.parametrize("kind", ["HNSW", "IVF_SQ8"])
def test_another_index_is_built_where_it_is_asked_for(folder, address, kind):
    imported(folder, address)
    with pytest.raises(ArtifactError, match=r"with the index FLAT.*--replace"):
        imported(folder, address, kind)
    assert imported(folder, address, kind, replace_target=True) == (ROWS, 0)
    assert imported(folder, address) == (0, 0)  # which is kept
    store = MilvusStore(address, read_manifest(folder))
    queries = unit_vectors(20, seed=5)
    found = store.search(queries, 10)[1]
    right = Collection(folder, gpu=False).index.search(queries, 10)[1]
    shares = [len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), right.tolist(), strict=True)]
    assert np.mean(shares) > 0.9
    store.close()


def test_the_command_says_what_it_did_and_how_to_go_on(folder, tmp_path, capsys):
    store = f"milvus:{tmp_path / 'v.db'}"
    assert main(["milvus", "--artifacts", str(folder), "--store", store]) == 0
    told = capsys.readouterr()
    assert (
        f"{store} holds 300 photos of 'placed' (FLAT), read back and compared: 300 were written" in told.out
    )
    assert f"python app.py --collection {folder} --store {store}" in told.out
    assert "photo/s" in told.err  # the rate, and the time left


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("vectors.db", "is no store of vectors"),
        ("milvus:/nowhere/at/all/v.db", "does not take 'placed'"),
        (f"milvus:http://127.0.0.1:{free_port()}", "run the command again, and it goes on"),
    ],
    ids=["other collection", "no folder", "nobody listens"],
)
def test_what_cannot_be_imported_ends_in_a_sentence(folder, store, told, capsys):
    assert main(["milvus", "--artifacts", str(folder), "--store", store]) == 1
    said = capsys.readouterr().err
    assert told in said and "Traceback" not in said
