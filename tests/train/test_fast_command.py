"""`python -m train fast` and the options of `train index`: a fast index that is as good as it says."""

import json

import numpy as np
import pytest

from retrieval.collections.artifacts import FAST, MANIFEST, WEIGHTS, read_manifest
from retrieval.collections.collection import Collection
from retrieval.index import VectorIndex
from retrieval.network import new_network, save_weights
from tests.fakes.mixed_folder import PHOTOS, write_photos
from tests.fakes.small_folder import write_small_folder
from train.__main__ import main
from train.artifacts.fast import IndexChoice, build_fast, has_fast
from train.artifacts.publish import artifact_files
from train.data.ucmerced import DataError


@pytest.fixture
def folder(tmp_path):
    return write_small_folder(tmp_path / "scenes", rows=252, photos=False)


def test_a_collection_gets_a_fast_index_and_loses_it_again(folder, capsys):
    assert main(["fast", "--artifacts", str(folder), "--index-kind", "PCA32,IVF4,SQ8"]) == 0
    facts = read_manifest(folder).index
    assert facts.kind == "PCA32,IVF4,SQ8"
    assert facts.queries == 200
    assert f"{facts.recall:.1%} of the 10 nearest" in capsys.readouterr().out
    collection = Collection(folder, gpu=False)
    assert collection.recall == facts.recall > 0.9
    assert collection.index.fast is not None
    assert main(["fast", "--artifacts", str(folder)]) == 0
    assert "252 photos are searched exactly" in capsys.readouterr().out
    assert not (folder / FAST).exists()
    assert '"index"' not in (folder / MANIFEST).read_text()
    assert Collection(folder, gpu=False).recall is None


@pytest.mark.parametrize("kind", ["rubbish", "IVF1000000,SQ8", "PCA4096,Flat", ""])
def test_a_kind_that_cannot_be_is_refused_in_a_sentence_and_nothing_changes(folder, kind, capsys):
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    status = main(["fast", "--artifacts", str(folder), "--index-kind", kind or "'"])
    assert status == 1
    assert "No index of the kind" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("memory", ["0", "-1", "nan", "much", "1e9"])
def test_memory_has_to_be_a_number(folder, memory):
    with pytest.raises(SystemExit):
        main(["fast", "--artifacts", str(folder), "--index-memory", memory])


def mixed(count, seed=0):
    chance = np.random.default_rng(seed)
    middles = chance.normal(size=(30, 48))
    vectors = (middles[chance.integers(30, size=count)] + 0.4 * chance.normal(size=(count, 48))).astype(
        np.float32
    )
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("kind", ["IVF64,SQ8", "PCA24,IVF64,SQ8,Refine(SQ8)", "IVF64,RaBitQ", "HNSW16,SQ8"])
def test_the_recall_that_is_said_holds_for_other_queries(kind):
    vectors = mixed(8200)
    exact = VectorIndex.build(vectors[:8000])
    fast, found = build_fast(exact, kind)
    assert found.recall >= 0.9
    queries = vectors[8000:]
    truth = exact.search(queries, 10)[1].tolist()
    rows = exact.with_fast(fast).search(queries, 10)[1].tolist()
    recall = np.mean([len(set(mine) & set(right)) / 10 for mine, right in zip(rows, truth, strict=True)])
    assert recall == pytest.approx(found.recall, abs=0.05)


def test_the_same_vectors_give_the_same_index():
    exact = VectorIndex.build(mixed(5000))
    (one, found), (other, again) = (build_fast(exact, "PCA24,IVF32,SQ8") for _ in range(2))
    assert (one.effort, one.factor, found) == (other.effort, other.factor, again)
    queries = mixed(30, seed=1)
    assert np.array_equal(one.find(queries, 5), other.find(queries, 5))


def test_a_kind_that_needs_more_vectors_says_so():
    with pytest.raises(DataError, match=r"No index of the kind 'IVF64,PQ8'"):
        build_fast(VectorIndex.build(mixed(40)), "IVF64,PQ8")


def test_a_collection_is_up_to_date_only_with_the_kind_that_is_wanted(folder):
    exact = read_manifest(folder)
    assert has_fast(exact, IndexChoice())
    assert not has_fast(exact, IndexChoice("IVF4,SQ8"))
    main(["fast", "--artifacts", str(folder), "--index-kind", "IVF4,SQ8"])
    fast = read_manifest(folder)
    assert has_fast(fast, IndexChoice("IVF4,SQ8"))
    assert not has_fast(fast, IndexChoice("IVF8,SQ8"))
    assert not has_fast(fast, IndexChoice())


def test_a_folder_of_photos_gets_the_index_that_is_wanted(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    photos, out, weights = write_photos(tmp_path / "photos"), tmp_path / "out", tmp_path / WEIGHTS
    about = {
        "architecture": "resnet14",
        "pooling": "average",
        "licence": "own",
        "training": {"test_size": 32},
    }
    save_weights(new_network("resnet14").eval(), weights, about)
    given = ["index", "--images", photos, "--out", out, "--weights", weights, "--device", "cpu"]

    def index(*options):
        assert main([*map(str, given), *options]) == 0
        return capsys.readouterr().out

    index("--index-kind", "SQ8")
    collection = Collection(out, gpu=False)
    assert (collection.manifest.index.kind, len(collection.index.fast)) == ("SQ8", len(PHOTOS))
    exact = collection.vectors
    assert "is up to date" in index("--index-kind", "SQ8")
    assert "Wrote" in index()
    assert not (out / FAST).exists()
    assert "is up to date" in index()
    assert np.array_equal(Collection(out, gpu=False).vectors, exact)  # nothing was lost by compression


def test_a_published_collection_has_no_fast_index(folder):
    main(["fast", "--artifacts", str(folder), "--index-kind", "SQ8"])
    files = artifact_files(folder, "owner/name")
    assert FAST not in files
    manifest = json.loads(files[MANIFEST])
    assert FAST not in manifest["files"]
    assert "index" not in manifest
