"""The index finds exactly what NumPy finds, and refuses what has no distance in [0, 2]."""

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import ArtifactError
from retrieval.index import VectorIndex
from retrieval.index_file import mapped_vectors, read_exact, write_half
from retrieval.vector_store import Allowed


def unit_vectors(count, dimension=16, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 60),
    dimension=st.integers(2, 40),
    k=st.integers(1, 70),
    seed=st.integers(0, 2**32 - 1),
    twins=st.booleans(),
)
def test_a_search_agrees_with_brute_force(count, dimension, k, seed, twins):
    vectors, queries = unit_vectors(count, dimension, seed), unit_vectors(3, dimension, seed + 1)
    if twins:  # ties, and a query that is in the index
        vectors[count // 2 :] = vectors[: count - count // 2]
        queries[0] = vectors[0]
    distances, rows = VectorIndex.build(vectors).search(queries, k)
    exact = np.linalg.norm(queries[:, None].astype(float) - vectors[None], axis=-1)
    assert distances.shape == rows.shape == (3, min(k, count))
    assert distances.dtype == np.float32
    assert (np.diff(distances, axis=1) >= 0).all()
    assert np.allclose(distances, np.sort(exact, axis=1)[:, :k], atol=2e-3)
    assert np.allclose(distances, np.take_along_axis(exact, rows, axis=1), atol=2e-3)
    assert all(len(set(row)) == len(row) for row in rows.tolist())


def test_opposite_and_equal_vectors_have_the_distances_2_and_0():
    vector = unit_vectors(1, 2048)
    index = VectorIndex.build(np.concatenate([vector, -vector]))
    distances, rows = index.search(np.repeat(vector, 30, axis=0), 2)  # FAISS computes many queries otherwise
    assert np.allclose(distances, [0, 2], atol=2e-3)
    assert distances.min() >= 0
    assert distances.max() <= 2
    assert (rows == [0, 1]).all()


def test_added_vectors_are_found_and_the_first_rows_stay():
    vectors = unit_vectors(20)
    index = VectorIndex.build(vectors[:12])
    index.add(vectors[12:])
    assert len(index) == 20
    assert index.search(vectors, 1)[1].ravel().tolist() == list(range(20))
    assert np.array_equal(index.vector(15), vectors[15])


def test_a_saved_index_answers_as_before(tmp_path):
    vectors = unit_vectors(30)
    index = VectorIndex.build(vectors)
    index.save(tmp_path / "index.faiss")
    loaded = VectorIndex.load(tmp_path / "index.faiss")
    assert (len(loaded), loaded.dimension) == (30, 16)
    for before, after in zip(index.search(vectors, 5), loaded.search(vectors, 5), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize(("count", "dimension"), [(1, 2), (30, 16), (4097, 40)])
def test_an_index_saved_in_half_precision_takes_half_the_space_and_finds_the_same(tmp_path, count, dimension):
    vectors, queries = unit_vectors(count, dimension), unit_vectors(7, dimension, seed=1)
    index = VectorIndex.build(vectors)
    index.save(tmp_path / "whole.faiss")
    index.save(tmp_path / "half.faiss", half=True)
    sizes = [(tmp_path / f"{name}.faiss").stat().st_size for name in ("whole", "half")]
    assert sizes[0] - sizes[1] == 2 * count * dimension - 36  # its header is longer
    loaded = VectorIndex.load(tmp_path / "half.faiss")
    assert np.array_equal(loaded.vectors(), vectors.astype(np.float16).astype(np.float32))
    assert np.array_equal(mapped_vectors(tmp_path / "half.faiss"), loaded.vectors())
    before, after = (each.search(queries, 1) for each in (index, loaded))
    assert np.allclose(before[0], after[0], atol=1e-3)
    found = np.linalg.norm(vectors[after[1][:, 0]] - queries, axis=1)
    assert np.allclose(found, before[0][:, 0], atol=1e-3)  # as near as the nearest, if not the same one
    # FAISS itself reads the file, and means the same by it.
    assert np.array_equal(faiss.read_index(str(tmp_path / "half.faiss")).reconstruct(0), loaded.vector(0))


def test_an_index_of_half_precision_grows_and_is_saved_whole(tmp_path):
    vectors = unit_vectors(20)
    VectorIndex.build(vectors[:12]).save(tmp_path / "half.faiss", half=True)
    index = VectorIndex.load(tmp_path / "half.faiss")
    index.add(vectors[12:])
    index.save(tmp_path / "whole.faiss")
    assert np.array_equal(VectorIndex.load(tmp_path / "whole.faiss").vectors(), index.vectors())
    assert np.array_equal(index.vector(15), vectors[15])


def test_half_precision_is_searched_in_float32_where_float32_would_be_mapped(tmp_path):
    vectors = unit_vectors(30)
    VectorIndex.build(vectors).save(tmp_path / "half.faiss", half=True)
    index = read_exact(tmp_path / "half.faiss", mapped_from=1)
    assert type(index) is faiss.IndexFlatL2
    assert np.array_equal(VectorIndex(index, gpu=False).vectors(), vectors.astype(np.float16).astype("f4"))


def test_very_many_numbers_are_kept_in_float32(tmp_path, monkeypatch):
    vectors = unit_vectors(30)
    for module in ("index", "index_file"):
        monkeypatch.setattr(f"retrieval.{module}.HALF_NUMBERS", vectors.size - 1)
    VectorIndex.build(vectors).save(tmp_path / "index.faiss", half=True)
    assert np.array_equal(VectorIndex.load(tmp_path / "index.faiss").vectors(), vectors)
    with pytest.raises(ValueError, match="too many"):
        write_half(vectors, tmp_path / "half.faiss")


def test_vectors_that_rounding_makes_too_long_are_refused_when_they_are_written(tmp_path):
    vectors = np.full((1, 3), 1.00095 / np.sqrt(3), np.float32)
    with pytest.raises(ValueError, match="unit length"):
        VectorIndex.build(vectors).save(tmp_path / "half.faiss", half=True)
    assert not (tmp_path / "half.faiss").exists()


@pytest.mark.parametrize("k", [0, -1])
def test_k_has_to_be_at_least_1(k):
    with pytest.raises(ValueError, match=f"at least 1, not {k}"):
        VectorIndex.build(unit_vectors(3)).search(unit_vectors(1), k)


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        (2 * unit_vectors(3), "unit length"),
        (np.zeros((2, 16), np.float32), "unit length"),
        (np.full((2, 16), np.nan, np.float32), "unit length"),
        (unit_vectors(3)[0], "n, dimension"),
        (unit_vectors(3)[:0], "at least 1"),
    ],
    ids=["long", "zero", "nan", "one row", "none"],
)
def test_vectors_without_a_distance_are_refused(vectors, words):
    with pytest.raises(ValueError, match=words):
        VectorIndex.build(vectors)
    with pytest.raises(ValueError, match=words):
        VectorIndex.build(unit_vectors(2)).add(vectors)


def test_vectors_of_another_dimension_are_refused():
    with pytest.raises(ValueError, match="16 features, not 8"):
        VectorIndex.build(unit_vectors(3)).add(unit_vectors(2, 8))


def test_a_file_that_is_no_index_is_named(tmp_path):
    path = tmp_path / "index.faiss"
    path.write_bytes(b"rubbish" * 100)
    with pytest.raises(ArtifactError, match=r"index\.faiss cannot be read"):
        VectorIndex.load(path)
    with pytest.raises(ArtifactError, match=r"gone\.faiss cannot be read"):
        VectorIndex.load(tmp_path / "gone.faiss")


def test_an_index_of_another_metric_is_refused(tmp_path):
    faiss.write_index(faiss.IndexFlatIP(16), str(tmp_path / "inner.faiss"))
    with pytest.raises(ArtifactError, match=r"inner\.faiss cannot be read"):
        VectorIndex.load(tmp_path / "inner.faiss")


def test_all_vectors_are_given_back_in_their_order():
    vectors = unit_vectors(20)
    index = VectorIndex.build(vectors[:12])
    index.add(vectors[12:])
    given_back = index.vectors()
    assert np.array_equal(given_back, vectors)
    given_back[:] = 0  # a copy: the index stays as it was
    assert np.array_equal(index.vector(3), vectors[3])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), k=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
def test_a_search_of_some_rows_finds_the_nearest_of_those(data, k, seed):
    vectors, queries = unit_vectors(25, 8, seed), unit_vectors(2, 8, seed + 1)
    allowed_rows = np.array(data.draw(st.lists(st.integers(0, 24), unique=True)), np.int64)
    distances, rows = VectorIndex.build(vectors).search(
        queries, k, Allowed(without=frozenset(range(25)) - frozenset(allowed_rows.tolist()))
    )
    assert distances.shape == rows.shape == (2, min(k, len(allowed_rows)))
    exact = np.linalg.norm(queries[:, None].astype(float) - vectors[allowed_rows][None], axis=-1)
    assert np.allclose(distances, np.sort(exact, axis=1)[:, :k], atol=2e-3)
    assert set(rows.ravel().tolist()) <= set(allowed_rows.tolist())
    assert all(len(set(row)) == len(row) for row in rows.tolist())
    assert np.allclose(np.linalg.norm(queries[:, None] - vectors[rows], axis=-1), distances, atol=2e-3)


def test_a_search_of_all_rows_is_the_usual_one():
    vectors = unit_vectors(30)
    index = VectorIndex.build(vectors)
    found = index.search(vectors, 7, Allowed())
    assert all(map(np.array_equal, found, index.search(vectors, 7)))


def test_a_copy_of_all_vectors_leaves_the_index_as_it_is():
    vectors = unit_vectors(5)
    index = VectorIndex.build(vectors)
    copy = index.vectors()
    assert np.array_equal(copy, vectors)
    copy[:] = 0
    assert np.array_equal(index.vectors(), vectors)
