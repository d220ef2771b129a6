"""What every store of vectors does: FAISS in memory, a file of Milvus Lite, a Milvus server."""

import numpy as np
import pytest

from retrieval.collections.collection import Collection
from retrieval.milvus_database import Address
from retrieval.milvus_store import MilvusStore
from retrieval.vector_store import Allowed
from tests.fakes.vectors_folder import LABELS, unit_vectors, write_placed

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")


ROWS = 700
QUERIES = unit_vectors(5, seed=1)


def by_hand(collection, allowed):
    """The rows that may be found."""

    def may(row):
        if row in allowed.without or (
            allowed.labels is not None and collection.entries[row].label not in allowed.labels
        ):
            return False
        if allowed.area is None:
            return True
        centre = collection.places[row].centre
        if centre is None:
            return False
        (longitude, latitude), (west, south, east, north) = centre, allowed.area
        within = west <= longitude <= east if west <= east else (longitude >= west or longitude <= east)
        return within and south <= latitude <= north

    return [row for row in range(len(collection.entries)) if may(row)]


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    return Collection(write_placed(tmp_path_factory.mktemp("placed") / "placed", unit_vectors(ROWS)))


@pytest.fixture(scope="module", params=["faiss", "milvus-lite", "milvus"])
def store(request, collection, tmp_path_factory):
    from train.artifacts.milvus import import_collection

    if request.param == "faiss":
        yield collection.index
        return
    uri = (
        tmp_path_factory.mktemp("lite") / "vectors.db"
        if request.param == "milvus-lite"
        else request.getfixturevalue("server_uri")
    )
    address = Address.parse(f"milvus:{uri}")
    import_collection(collection, address, replace_target=True)
    opened = MilvusStore(address, collection.manifest)
    yield opened
    opened.close()


def expected(collection, queries, k, allowed):
    """The distances of all rows, and those of the nearest that may be found; slowly."""
    rows = by_hand(collection, allowed)
    vectors = collection.vectors.astype(float)
    distances = np.linalg.norm(queries[:, None].astype(float) - vectors[None], axis=2)
    return distances, np.sort(distances[:, rows], axis=1)[:, :k]


def check(store, collection, k, allowed, queries=QUERIES):
    distances, rows = store.search(queries, k, allowed)
    of_all, nearest = expected(collection, queries, k, allowed or Allowed())
    assert distances.dtype == np.float32 and rows.dtype == np.int64
    assert distances.shape == rows.shape == nearest.shape
    np.testing.assert_allclose(distances, nearest, atol=1e-3)
    # Rows as far as each other may come in any order, but each once, and none that may not.
    np.testing.assert_allclose(np.take_along_axis(of_all, rows, axis=1), nearest, atol=1e-5)
    assert all(len(set(line)) == len(line) for line in rows.tolist())
    assert set(rows.ravel().tolist()) <= set(by_hand(collection, allowed or Allowed()))


def test_it_says_how_much_it_holds(store):
    assert (len(store), store.dimension) == (ROWS, QUERIES.shape[1])


@pytest.mark.parametrize("k", [1, 12, ROWS, ROWS + 50])
def test_it_finds_the_nearest_of_all(store, collection, k):
    check(store, collection, k, None)


def test_many_queries_at_once_are_answered_each(store, collection):
    check(store, collection, 3, None, unit_vectors(600, seed=2))


@pytest.mark.parametrize("label", LABELS)
def test_a_strangers_label_is_a_text_and_no_more(store, collection, label):
    check(store, collection, ROWS, Allowed(labels=frozenset({label})))


def test_several_labels_are_asked_for_together(store, collection):
    check(store, collection, ROWS, Allowed(labels=frozenset(LABELS[1:])))


@pytest.mark.parametrize("label", ["bea", "BEACH", "beach ", '", "', "*", "%"])
def test_a_label_that_no_photo_has_finds_nothing(store, label):
    distances, rows = store.search(QUERIES, 3, Allowed(labels=frozenset({label})))
    assert distances.shape == rows.shape == (len(QUERIES), 0)


def test_of_no_label_nothing_is_found(store):
    assert store.search(QUERIES, 3, Allowed(labels=frozenset()))[1].shape == (len(QUERIES), 0)


@pytest.mark.parametrize(
    "area",
    [
        (-30.0, -40.0, 60.5, 40.25),
        (170.0, -80.0, -170.0, 80.0),  # across the 180th meridian
        (-180.0, -90.0, 180.0, 90.0),  # all that lies somewhere
        (1e-7, -80.0, 179.0, 1e-9),
    ],
)
def test_an_area_holds_the_photos_whose_middle_lies_in_it(store, collection, area):
    assert by_hand(collection, Allowed(area=area))
    check(store, collection, ROWS, Allowed(area=area))


def test_the_edge_of_an_area_belongs_to_it(store, collection):
    longitude, latitude = collection.places[1].centre
    allowed = Allowed(area=(longitude, latitude, longitude, latitude))
    assert 1 in by_hand(collection, allowed)
    check(store, collection, ROWS, allowed)


def test_rows_that_may_not_be_found_are_not(store, collection):
    nearest = store.search(QUERIES, 20)[1]
    check(store, collection, 20, Allowed(without=frozenset(nearest[:, :10].ravel().tolist())))


def test_all_conditions_hold_together(store, collection):
    allowed = Allowed(frozenset(LABELS[:5]), (-100.0, -60.0, 100.0, 60.0), frozenset(range(0, ROWS, 2)))
    assert by_hand(collection, allowed)
    check(store, collection, 30, allowed)


def test_where_nothing_is_allowed_nothing_is_found(store):
    allowed = Allowed(area=(0.0, 89.0, 1.0, 90.0))
    assert store.search(QUERIES, 3, allowed)[1].shape == (len(QUERIES), 0)


def test_a_vector_is_its_own_nearest_and_the_opposite_is_farthest(store):
    vectors = store.vectors_of(np.arange(3))
    distances, rows = store.search(vectors, 1)
    assert rows.ravel().tolist() == [0, 1, 2]
    assert distances.max() < 1e-3
    opposite, _ = store.search(-vectors, ROWS)
    assert (opposite[:, -1] <= 2).all() and np.allclose(opposite[:, -1], 2, atol=1e-3)


def test_no_neighbour_cannot_be_asked_for(store):
    with pytest.raises(ValueError, match="at least 1"):
        store.search(QUERIES, 0)


def test_it_gives_back_the_vectors_as_they_were_stored(store, collection):
    rows = np.array([5, 3, ROWS - 1, 5, 0])
    np.testing.assert_array_equal(store.vectors_of(rows), unit_vectors(ROWS)[rows])
    assert store.vectors_of(np.array([], np.int64)).shape == (0, store.dimension)
