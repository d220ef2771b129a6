"""Fast kinds of index find most of what the exact one finds, with exact distances, and only where allowed."""

import subprocess
import sys

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import ArtifactError
from retrieval.collections.artifacts import FAST, INDEX, read_manifest
from retrieval.collections.collection import Collection
from retrieval.collections.photos import PROJECT
from retrieval.collections.places import Place, Places
from retrieval.fast_index import EXACT, FEW_ROWS, FastIndex, choose_kind, index_mark
from retrieval.index import VectorIndex
from retrieval.index_file import read_exact
from retrieval.row_choice import RowChoice
from retrieval.vector_store import Allowed
from tests.fakes.small_folder import change_manifest, replace_file, write_small_folder

KINDS = [
    "Flat",
    "SQ8",
    "IVF16,Flat",
    "IVF16,SQ8",
    "HNSW16",
    "HNSW16,SQ8",
    "PCA16,IVF16,SQ8",
    "PCA16,IVF16,SQ8,Refine(SQ8)",
    "IVF16,PQ8x4,RFlat",
    "PCA16,IVF16,RaBitQ",
]
COUNT, DIMENSION = 6000, 32


def clustered(count=COUNT, dimension=DIMENSION, seed=0):
    """Unit vectors that lie around some middles, as those of photos do."""
    chance = np.random.default_rng(seed)
    middles = np.random.default_rng(9).normal(size=(12, dimension))
    vectors = middles[chance.integers(12, size=count)] + 0.3 * chance.normal(size=(count, dimension))
    vectors = vectors.astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS, QUERIES = clustered(), clustered(20, seed=1)
LABELS = [("beach", "river", "forest")[row % 3] for row in range(COUNT)]


def at(longitude, latitude):
    return Place(footprint=((longitude, latitude),) * 4)


#: Every second photo lies on a line around the Earth, 12 to a degree; nobody knows where the others do.
PLACES = [at(((row / 2 / 12) % 360) - 180, 44.5) if row % 2 == 0 else Place() for row in range(COUNT)]


def fast_index(kind):
    index = faiss.index_factory(DIMENSION, kind)
    index.train(VECTORS)
    index.add(VECTORS)
    return FastIndex(index, 32 if "HNSW" in kind else 8, 40 if "RaBitQ" in kind else 10)


@pytest.fixture(scope="module")
def exact():
    index = VectorIndex.build(VECTORS)
    index.describe(RowChoice(LABELS, Places.of(PLACES)))
    return index


@pytest.fixture(scope="module", params=KINDS)
def fast(exact, request):
    return exact.with_fast(fast_index(request.param))


def by_hand(mask, k=10):
    """The nearest rows that may be found, slowly, and how far they are."""
    apart = np.linalg.norm(QUERIES[:, None].astype(float) - VECTORS[None], axis=2)
    apart[:, ~mask] = np.inf
    rows = np.argsort(apart, axis=1)[:, :k]
    return np.take_along_axis(apart, rows, 1), rows


def share_found(rows, right):
    return np.mean(
        [len(set(mine) & set(truth)) / len(truth) for mine, truth in zip(rows, right, strict=True)]
    )


def test_most_of_the_nearest_are_found_at_their_exact_distances(fast):
    distances, rows = fast.search(QUERIES, 10)
    assert distances.shape == rows.shape == (20, 10)
    assert (distances.dtype, rows.dtype) == (np.float32, np.int64)
    right = np.linalg.norm(QUERIES[:, None] - VECTORS[rows], axis=2)
    assert np.allclose(distances, right, atol=1e-5)
    assert (np.diff(distances, axis=1) >= 0).all()
    assert share_found(rows.tolist(), by_hand(np.ones(COUNT, bool))[1].tolist()) >= 0.9


def test_a_photo_of_the_collection_finds_itself_at_0(fast):
    distances, rows = fast.search(VECTORS[100:110], 1)
    assert rows.ravel().tolist() == list(range(100, 110))
    assert not distances.any()


FILTERS = {
    "a class": Allowed(frozenset({"river"})),
    "two classes": Allowed(frozenset({"river", "beach", "of no photo"})),
    "an area": Allowed(area=(-60.0, 40.0, 170.0, 50.0)),
    "across the 180th meridian": Allowed(area=(-20.0, 40.0, -60.0, 50.0)),
    "without some": Allowed(without=frozenset(range(0, COUNT, 7)) | {COUNT + 5, -1}),
    "all of it": Allowed(frozenset({"river", "forest"}), (-180.0, -90.0, 180.0, 90.0), frozenset(range(50))),
}


def allowed_rows(allowed):
    """Which rows may be found, slowly."""
    return np.array([may_be_found(row, allowed) for row in range(COUNT)])


def may_be_found(row, allowed):
    if row in allowed.without or (allowed.labels is not None and LABELS[row] not in allowed.labels):
        return False
    if allowed.area is None:
        return True
    west, south, east, north = allowed.area
    centre = PLACES[row].centre
    if centre is None or not south <= centre[1] <= north:
        return False
    return west <= centre[0] <= east if west <= east else not east < centre[0] < west


@pytest.mark.parametrize("name", FILTERS)
def test_only_what_is_allowed_is_found_and_most_of_it(fast, name):
    mask = allowed_rows(FILTERS[name])
    assert mask.sum() > 500
    distances, rows = fast.search(QUERIES, 10, FILTERS[name])
    found = rows[rows >= 0]
    assert mask[found].all()
    assert np.isinf(distances[rows < 0]).all()
    assert share_found(rows.tolist(), by_hand(mask)[1].tolist()) >= 0.85


@pytest.mark.parametrize("name", FILTERS)
def test_the_exact_index_finds_all_that_is_allowed(exact, name):
    mask = allowed_rows(FILTERS[name])
    distances, rows = exact.search(QUERIES, 10, FILTERS[name])
    right = by_hand(mask)
    assert np.allclose(distances, right[0], atol=2e-3)
    assert share_found(rows.tolist(), right[1].tolist()) > 0.99


def test_of_few_rows_each_is_compared_and_more_neighbours_than_rows_are_none(fast):
    few = Allowed(without=frozenset(range(7, COUNT)))
    distances, rows = fast.search(QUERIES, 30, few)
    assert distances.shape == rows.shape == (20, 7)
    assert all(sorted(line) == list(range(7)) for line in rows.tolist())
    assert np.allclose(distances, by_hand(np.arange(COUNT) < 7, 7)[0], atol=2e-3)


@pytest.mark.parametrize(
    "allowed",
    [
        Allowed(frozenset()),
        Allowed(frozenset({"of no photo"})),
        Allowed(area=(0.0, 80.0, 10.0, 85.0)),
        Allowed(without=frozenset(range(COUNT))),
    ],
)
def test_where_nothing_may_be_found_there_is_nothing(fast, allowed):
    distances, rows = fast.search(QUERIES, 10, allowed)
    assert distances.shape == rows.shape == (20, 0)


def test_all_rows_are_ranked_where_all_are_asked_for(fast):
    _, rows = fast.search(QUERIES[:1], 10**9)
    assert sorted(rows[0].tolist()) == list(range(COUNT))


def test_where_a_fast_index_finds_too_few_each_row_is_compared(exact):
    only_few = exact.with_fast(fast_index("IVF16,SQ8"))
    only_few.fast.effort = 1  # one list of sixteen, which holds some hundred rows
    distances, rows = only_few.search(QUERIES, 1500)
    assert rows.shape == (20, 1500)
    assert all(len(set(line)) == 1500 for line in rows.tolist())
    right = by_hand(np.ones(COUNT, bool), 1500)
    assert np.allclose(distances, right[0], atol=2e-3)


def test_what_is_allowed_is_found_however_far_it_is_from_the_query(fast, exact):
    middle = VECTORS[0]
    order = np.argsort(VECTORS @ -middle)  # the nearest to its opposite come last
    far = order[-2500:]
    allowed = Allowed(without=frozenset(range(COUNT)) - frozenset(far.tolist()))
    distances, rows = fast.search(middle[None], 10, allowed)
    right = exact.search(middle[None], 10, allowed)
    assert set(rows[0].tolist()) <= set(far.tolist())
    assert (distances - right[0]).max() < 0.06  # of distances that are all but alike


def test_an_index_that_was_not_told_of_its_rows_cannot_be_asked_for_classes():
    index = VectorIndex.build(VECTORS[:5])
    assert index.search(QUERIES[:1], 3, Allowed(without=frozenset({0, 1})))[1].shape == (1, 3)
    with pytest.raises(ValueError, match="describe"):
        index.search(QUERIES[:1], 3, Allowed(frozenset({"beach"})))


def test_queries_of_another_dimension_are_refused(fast):
    with pytest.raises(ValueError, match="32 features"):
        fast.search(QUERIES[:, :8], 3)


def narrowed_answers():
    """What some kinds answer, with filters: called in processes of its own too."""
    exact = VectorIndex.build(VECTORS)
    exact.describe(RowChoice(LABELS, Places.of(PLACES)))
    kinds = [
        exact,
        *(exact.with_fast(fast_index(kind)) for kind in ("IVF16,SQ8", "PCA16,IVF16,SQ8,Refine(SQ8)")),
    ]
    return [
        index.search(QUERIES, 5, allowed)[1].tolist()
        for index in kinds
        for allowed in (None, FILTERS["a class"], FILTERS["all of it"])
    ]


def test_faiss_add_on_for_torch_changes_nothing():
    code = (
        "import faiss.contrib.torch_utils, json; "
        "from tests.retrieval.test_fast_index import narrowed_answers; "
        "print(json.dumps(narrowed_answers()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str(narrowed_answers()).replace("'", '"')


@settings(max_examples=100, deadline=None)
@given(count=st.integers(1, 10**9), dimension=st.integers(1, 4096), memory=st.integers(1, 10**12))
def test_a_kind_is_chosen_for_any_number_of_vectors(count, dimension, memory):
    kind = choose_kind(count, dimension, memory)
    if kind == EXACT:
        assert 4 * count * dimension <= memory or count <= FEW_ROWS
    elif count < 10**6:  # more lists take FAISS long to make
        assert faiss.index_factory(dimension, kind).d == dimension


def test_small_collections_stay_exact_and_large_ones_do_not_by_their_size():
    assert choose_kind(1470, 2048) == choose_kind(100_000, 2048) == EXACT
    assert choose_kind(1_000_000, 2048) == "PCA256,IVF4096,SQ8,Refine(SQ8)"
    assert choose_kind(1_000_000, 2048, 10**9) == "PCA256,IVF4096,SQ8"
    assert choose_kind(10_000_000, 2048, 10**9) == "PCA256,IVF16384,RaBitQ"
    assert choose_kind(3000, 2048, 10**6) != EXACT  # there is no memory for it
    assert choose_kind(1470, 2048, 10**6) == EXACT  # there is nothing to gain


def test_a_mapped_file_answers_as_one_in_memory(exact, tmp_path):
    exact.save(tmp_path / INDEX)
    mapped = VectorIndex(read_exact(tmp_path / INDEX, mapped_from=1), gpu=False)
    for one, other in zip(exact.search(QUERIES, 10), mapped.search(QUERIES, 10), strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(mapped.vectors_of(np.array([5, 3])), VECTORS[[5, 3]])
    assert np.array_equal(mapped.vectors(), VECTORS)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data[:60] + b"\xff" * 4 + data[64:]])
def test_a_damaged_file_is_not_mapped(exact, tmp_path, change):
    exact.save(tmp_path / INDEX)
    (tmp_path / INDEX).write_bytes(change((tmp_path / INDEX).read_bytes()))
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_exact(tmp_path / INDEX, mapped_from=1)


# In a folder.


def with_fast_file(folder, **facts):
    """A small folder with a fast index, that this machine made."""
    write_small_folder(folder, rows=12, photos=False)
    vectors = VectorIndex.load(folder / INDEX, gpu=False).vectors()
    index = faiss.index_factory(vectors.shape[1], "SQ8")
    index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(folder / FAST))
    data = (folder / FAST).read_bytes()
    replace_file(folder, FAST, data)
    files = read_manifest(folder).files
    usual = {"kind": "SQ8", "effort": 1, "factor": 5, "recall": 0.975, "queries": 12}
    change_manifest(folder, index=usual | {"mark": index_mark(files[FAST])} | facts)
    return folder


def test_a_folders_fast_index_is_read_where_this_machine_made_it(tmp_path):
    collection = Collection(with_fast_file(tmp_path / "one"), gpu=False)
    assert len(collection.index.fast) == 12
    assert collection.recall == 0.975
    assert Collection(write_small_folder(tmp_path / "two"), gpu=False).recall is None


def test_one_of_another_machine_is_not_read_and_the_search_is_exact(tmp_path, caplog):
    collection = Collection(with_fast_file(tmp_path / "one", mark="0" * 64), gpu=False)
    assert (collection.index.fast, collection.recall) == (None, None)
    assert "made on another machine" in caplog.text
    assert collection.index.search(collection.vectors, 1)[1].ravel().tolist() == list(range(12))


def test_a_mark_is_for_one_file_alone(tmp_path):
    folder = with_fast_file(tmp_path / "one")
    replace_file(folder, FAST, b"IxFI" + bytes(100))  # which FAISS might read beyond its end
    assert Collection(folder, gpu=False).index.fast is None


def test_a_damaged_fast_index_is_refused_in_a_sentence(tmp_path):
    folder = with_fast_file(tmp_path / "one")
    (folder / FAST).write_bytes((folder / FAST).read_bytes()[:-5])
    with pytest.raises(ArtifactError, match=r"fast\.faiss is damaged"):
        Collection(folder, gpu=False)


def test_a_fast_index_of_other_vectors_is_refused(tmp_path):
    folder = with_fast_file(tmp_path / "one")
    other = faiss.index_factory(8, "Flat")
    faiss.write_index(other, str(folder / FAST))
    replace_file(folder, FAST, (folder / FAST).read_bytes())
    mark = index_mark(read_manifest(folder).files[FAST])
    change_manifest(folder, index=lambda facts: facts | {"mark": mark})
    with pytest.raises(ArtifactError, match="contradicts itself"):
        Collection(folder, gpu=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", ""),
        ("kind", "x" * 1000),
        ("kind", "IVF\n"),
        ("kind", 5),
        ("effort", 0),
        ("effort", -3),
        ("effort", 2**40),
        ("effort", "8"),
        ("factor", 0),
        ("factor", 10**6),
        ("recall", 1.5),
        ("recall", -0.1),
        ("recall", "all"),
        ("queries", 0),
        ("mark", "x"),
        ("more", 1),
    ],
)
def test_facts_that_cannot_be_are_refused(tmp_path, name, value):
    folder = with_fast_file(tmp_path / "one", **{name: value})
    with pytest.raises(ArtifactError, match=rf"index\.{name}"):
        read_manifest(folder)


@pytest.mark.parametrize("value", [5, "SQ8", [], {}])
def test_facts_of_another_shape_are_refused(tmp_path, value):
    folder = with_fast_file(tmp_path / "one")
    change_manifest(folder, index=value)
    with pytest.raises(ArtifactError, match="index"):
        read_manifest(folder)


def test_the_manifest_of_an_exact_collection_is_as_programs_before_wrote_it(tmp_path):
    manifest = read_manifest(write_small_folder(tmp_path / "one"))
    assert '"index":' not in manifest.to_json()
    assert '"index":' in read_manifest(with_fast_file(tmp_path / "two")).to_json()
