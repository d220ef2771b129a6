"""A Milvus database that is gone, holds something else, or keeps silent; and its token, which nobody sees."""

import base64
import logging
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from retrieval import ArtifactError, Retriever
from retrieval.collections.artifacts import INDEX, read_manifest
from retrieval.collections.collection import Collection
from retrieval.milvus_database import CONNECT_SECONDS, TOKEN, Address, Database
from retrieval.milvus_store import UNFINISHED, Held, MilvusStore, milvus_name
from retrieval.vector_store import StoreError
from tests.fakes.milvus_server import free_port
from tests.fakes.vectors_folder import unit_vectors, write_placed

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")


QUERY = unit_vectors(1, seed=1)


@pytest.fixture
def folder(tmp_path):
    return write_placed(tmp_path / "placed", unit_vectors(40))


@pytest.fixture(params=["milvus-lite", "milvus"])
def address(request, tmp_path):
    """Of a database without the collection."""
    is_file = request.param == "milvus-lite"
    found = Address.parse(f"milvus:{tmp_path / 'v.db' if is_file else request.getfixturevalue('server_uri')}")
    database = Database(found, make=True)
    database.call("drop_collection", milvus_name("placed"))
    database.close()
    return found


def imported(folder, address, **options):
    from train.artifacts.milvus import import_collection

    return import_collection(Collection(folder, gpu=False), address, **options)


def opened(folder, address):
    return MilvusStore(address, read_manifest(folder, unneeded={INDEX}))


def refused(folder, address):
    with pytest.raises(ArtifactError) as refusal:
        opened(folder, address)
    return str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "vectors.db", "faiss:a.db", "milvus:", "milvus:vectors", "milvus:.db", "milvus:ftp://host:1",
        "milvus:unix:///a.db", "milvus:http://", "milvus:http://host:x", "milvus:http://a b:1",
    ],
)  # fmt: skip
def test_what_is_no_store_is_refused(text):
    with pytest.raises(ArtifactError, match="is no store of vectors: give milvus:FILE"):
        Address.parse(text)


def test_a_password_has_no_place_in_an_address():
    with pytest.raises(ArtifactError, match=TOKEN) as refusal:
        Address.parse("milvus:https://someone:secret@example.org:19530")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("uri", ["http://localhost:19530", "https://db.example.org", "http://[::1]:19530/"])
def test_a_server_is_named_by_its_address(uri):
    assert Address.parse(f"milvus:{uri}").uri == uri.rstrip("/")


def test_a_store_that_nobody_made_is_told_of_and_not_made(folder, tmp_path):
    told = refused(folder, Address.parse(f"milvus:{tmp_path / 'none.db'}"))
    assert "there is no such file" in told and "python -m train milvus" in told
    assert not (tmp_path / "none.db").exists()


def test_a_collection_that_was_not_imported_is_named(folder, address):
    told = refused(folder, address)
    assert "does not hold 'placed'" in told
    assert f"python -m train milvus --artifacts COLLECTION --store {address}" in told


def test_vectors_of_other_weights_are_refused(folder, address, tmp_path):
    imported(write_placed(tmp_path / "other", unit_vectors(40), weights="a" * 64), address)
    assert "other weights (aaaaaaaaaaaa" in (told := refused(folder, address)) and "--replace" in told


def test_vectors_of_another_dimension_are_refused(folder, address, tmp_path):
    imported(write_placed(tmp_path / "other", unit_vectors(40, dimension=16)), address)
    assert "16 features, and those of this collection have 32" in refused(folder, address)


def test_another_state_of_the_collection_is_refused(folder, address, tmp_path):
    imported(write_placed(tmp_path / "other", unit_vectors(41)), address)
    assert "another state of 'placed', of 41 photos" in refused(folder, address)


def test_an_import_that_was_cut_off_is_no_collection_yet(folder, address):
    imported(folder, address)
    database = Database(address)
    held = Held.read(database.call("describe_collection", milvus_name("placed")))
    unfinished = Held(held.weights, held.dimension, held.count, UNFINISHED)
    database.call("alter_collection_properties", milvus_name("placed"), unfinished.to_properties())
    database.close()
    assert "does not hold all of 'placed' yet" in refused(folder, address)
    imported(folder, address)
    assert len(opened(folder, address)) == 40


def test_what_another_program_made_is_left_alone(folder, address):
    database = Database(address, make=True)
    database.call("create_collection", milvus_name("placed"), 32, seconds=60.0)
    database.close()
    assert "another program made" in refused(folder, address)
    with pytest.raises(ArtifactError, match="rename or remove it first"):
        imported(folder, address, replace_target=True)


def test_the_index_file_is_not_needed_where_a_store_holds_the_vectors(folder, address):
    imported(folder, address)
    vectors = Collection(folder, gpu=False).vectors
    (folder / INDEX).unlink()
    collection = Collection(folder, gpu=False, store=address)
    np.testing.assert_array_equal(collection.vectors, vectors)
    np.testing.assert_array_equal(collection.index.vector(7), vectors[7])


def test_what_is_gone_is_a_sentence_and_comes_back(folder, address, caplog):
    imported(folder, address)
    store = opened(folder, address)
    before = store.search(QUERY, 5)
    other = Database(address)
    other.call("release_collection", milvus_name("placed"))
    assert np.array_equal(store.search(QUERY, 5)[1], before[1])  # nobody has to notice
    other.call("drop_collection", milvus_name("placed"))
    for _ in range(2):
        with pytest.raises(StoreError, match="no longer holds the vectors of this collection"):
            store.search(QUERY, 5)
        with pytest.raises(StoreError):
            store.vectors_of(np.arange(3))
    assert "does not hold 'placed': import it with" in caplog.text  # whoever runs the page reads what to do
    other.close()
    imported(folder, address)
    assert np.array_equal(store.search(QUERY, 5)[1], before[1])
    store.close()


def test_vectors_that_were_replaced_meanwhile_are_not_shown(folder, address, tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.milvus_store.CHECK_SECONDS", 0.0)
    imported(folder, address)
    store = opened(folder, address)
    other = write_placed(tmp_path / "other", unit_vectors(40, seed=9), weights="b" * 64)
    store.close()  # a process has a file open once; the store opens it again by itself
    imported(other, address, replace_target=True)
    with pytest.raises(StoreError, match="no longer holds"):
        store.search(QUERY, 5)
    store.close()


def test_a_file_that_was_removed_answers_no_more_until_it_is_back(folder, tmp_path):
    address = Address.parse(f"milvus:{tmp_path / 'v.db'}")
    imported(folder, address)
    store, second = opened(folder, address), opened(folder, address)
    before = store.search(QUERY, 5)[1]
    shutil.move(tmp_path / "v.db", tmp_path / "away")
    with pytest.raises(StoreError, match="does not answer"):
        store.search(QUERY, 5)
    shutil.move(tmp_path / "away", tmp_path / "v.db")
    for each in (store, second):
        assert np.array_equal(each.search(QUERY, 5)[1], before)
    store.close()


def test_a_file_that_another_process_has_open_is_told_of(folder, tmp_path):
    address = Address.parse(f"milvus:{tmp_path / 'v.db'}")
    imported(folder, address)
    hold = (
        "import sys; from pymilvus import MilvusClient; client = MilvusClient(sys.argv[1]); "
        "print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, address.uri], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "open\n"
        assert "another program has it open" in refused(folder, address)
        other.communicate("\n", timeout=30)


def test_a_damaged_file_is_told_of(folder, tmp_path):
    (tmp_path / "v.db").write_bytes(b"SQLite format 3\x00 or whatever it was")
    assert "is damaged, or another program" in refused(folder, Address.parse(f"milvus:{tmp_path / 'v.db'}"))


def test_nobody_at_an_address_is_told_of_soon(folder):
    started = time.monotonic()
    told = refused(folder, Address.parse(f"milvus:http://127.0.0.1:{free_port()}"))
    assert "does not answer" in told and "start it" in told
    assert time.monotonic() - started < CONNECT_SECONDS + 5


def test_a_server_that_keeps_silent_is_given_up(folder):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        told = refused(folder, Address.parse(f"milvus:http://127.0.0.1:{silent.getsockname()[1]}"))
    assert "does not answer" in told
    assert time.monotonic() - started < CONNECT_SECONDS + 5


def test_a_token_is_sent_and_never_shown(folder, monkeypatch, caplog, capfd):
    from tests.fakes.echo_grpc import echo_server

    token = "operator:a-secret-that-nobody-sees"
    monkeypatch.setenv(TOKEN, token)
    caplog.set_level(logging.DEBUG)
    with echo_server() as uri:
        told = refused(folder, Address.parse(f"milvus:{uri}"))
    said = told + caplog.text + "".join(capfd.readouterr())
    assert "authorization" in told and "***" in told  # it was sent, and came back
    for secret in (token, "a-secret-that-nobody-sees", base64.b64encode(token.encode()).decode()):
        assert secret not in said


def test_without_a_store_its_library_is_not_imported():
    code = (
        "import sys, app; from retrieval import Retriever; import retrieval.collections.collection; "
        "late = ('pymilvus', 'milvus_lite', 'grpc', 'pandas'); "
        "sys.exit(any(name.split('.')[0] in late for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def test_missing_packages_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ArtifactError, match=r"pip install -r requirements-milvus\.txt"):
        Database(Address.parse(f"milvus:{tmp_path / 'v.db'}"))


def test_a_server_that_stops_and_starts_again_is_found_again(folder, own_server):
    address = Address.parse(f"milvus:{own_server.uri}")
    imported(folder, address, replace_target=True)
    store = opened(folder, address)
    before = store.search(QUERY, 5)[1]
    own_server.stop()
    for _ in range(2):
        started = time.monotonic()
        with pytest.raises(StoreError, match="does not answer"):
            store.search(QUERY, 5)
        assert time.monotonic() - started < 15
    own_server.start()
    until = time.monotonic() + 30
    while True:
        try:
            assert np.array_equal(store.search(QUERY, 5)[1], before)
            break
        except StoreError:
            assert time.monotonic() < until
            time.sleep(0.5)
    store.close()


def test_only_collections_that_are_named_are_looked_for_in_the_store(tmp_path):
    from retrieval.retriever import SHIPPED

    address = Address.parse(f"milvus:{tmp_path / 'v.db'}")
    imported(SHIPPED, address)
    retriever = Retriever.load(SHIPPED, photos=tmp_path, device="cpu", store=str(address))
    first, scenes = retriever.collections.values()
    assert isinstance(first.index, MilvusStore) and not isinstance(scenes.index, MilvusStore)
    own = Collection(SHIPPED, gpu=False)
    queries = own.vectors[:20]
    found, right = first.index.search(queries, 50), own.index.search(queries, 50)
    np.testing.assert_allclose(found[0], right[0], atol=1e-3)
    assert (found[1] == right[1]).mean() > 0.99
    assert first.pair_distances == own.pair_distances
    first.index.close()
