"""A few searches show what one ranking of all photos shows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import retriever as retriever_module
from retrieval.collections.artifacts import PLACES, read_manifest, write_manifest
from retrieval.collections.collection import Collection
from retrieval.collections.places import Place, write_places
from retrieval.query import Filters, PhotoRef, Query, QueryError
from retrieval.ranking import MAX_WHOLE, Searches, WholeRanking, ranking
from retrieval.retriever import Retriever
from tests.fakes.small_folder import write_small_folder


@pytest.fixture(scope="module")
def scenes(retriever):
    return retriever.collection("scenes")


def same(one, other):
    """Whether two answers are the same; equally near photos may change places."""
    assert np.allclose(one.distances, other.distances, atol=1e-3)
    assert len(one.duplicates) == len(other.duplicates)
    different = set(one.rows.tolist()) ^ set(other.rows.tolist())
    assert len(different) <= 2  # of two that are equally far only one fits


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_both_ways_give_one_answer(scenes, data):
    rows = st.integers(0, len(scenes.entries) - 1)
    query, exclude = data.draw(rows), data.draw(st.sets(rows, max_size=5))
    filters = Filters(
        tuple(data.draw(st.lists(st.sampled_from(scenes.labels), max_size=3, unique=True))),
        data.draw(st.none() | st.floats(0.05, 1.2)),
        data.draw(st.booleans()),
    )
    whole, some = WholeRanking(scenes, scenes.vector(query)), Searches(scenes, scenes.vector(query))
    k = data.draw(st.integers(1, 60))
    same(some.nearest(k, filters, exclude), whole.nearest(k, filters, exclude))
    shown = frozenset(data.draw(st.lists(st.sampled_from(scenes.labels), max_size=4)))
    limit = data.draw(st.integers(1, 14))
    same(some.of_other_classes(shown, limit, exclude), whole.of_other_classes(shown, limit, exclude))
    assert len(some.first.rows) == 5
    assert np.array_equal(some.first.rows, whole.first.rows[:5])


def test_a_small_collection_is_ranked_whole_and_a_large_one_is_not(scenes):
    vector = scenes.vector(0)
    assert isinstance(ranking(scenes, vector), WholeRanking)
    assert isinstance(ranking(scenes, vector, max_whole=len(scenes.entries) - 1), Searches)
    assert len(scenes.entries) < MAX_WHOLE


class CountingIndex:
    """An index that is no `VectorIndex`, as a database is, and knows how much was asked of it."""

    def __init__(self, index):
        self.index, self.asked = index, []
        self.dimension, self.vectors_of = index.dimension, index.vectors_of

    def __len__(self):
        return len(self.index)

    def search(self, queries, k, allowed=None):
        self.asked.append(k)
        return self.index.search(queries, k, allowed)


@pytest.mark.parametrize("filters", [Filters(), Filters(("beach", "harbor")), Filters(deduplicate=True)])
def test_an_answer_of_a_database_is_that_of_the_index_and_asks_for_few(
    retriever, scenes, filters, monkeypatch
):
    query = Query("scenes", (PhotoRef("scenes", "harbor03"),), filters=filters)
    usual = retriever.answer(query)
    counting = CountingIndex(scenes.index)
    monkeypatch.setattr(scenes, "index", counting)
    result = retriever.answer(query)
    assert counting.asked
    assert max(counting.asked) <= 200
    assert [each.id for each in result.neighbours] == [each.id for each in usual.neighbours]
    assert [each.label for each in result.surroundings.other_classes] == [
        each.label for each in usual.surroundings.other_classes
    ]
    assert result.surroundings.position == pytest.approx(usual.surroundings.position)
    assert (result.overall, result.nearest, result.duplicates) == (
        usual.overall, usual.nearest, usual.duplicates,
    )  # fmt: skip


def test_near_duplicates_are_passed_over_until_there_are_enough(tmp_path):
    folder = write_small_folder(tmp_path / "same", rows=12, photos=False)
    collection = Collection(folder, gpu=False)
    vector = collection.vector(0)
    copies = np.repeat(vector[None], 300, axis=0)
    far = np.eye(300, len(vector), dtype=np.float32)
    index = type(collection.index).build(np.concatenate([copies, far]))
    collection.index = index
    found = Searches(collection, vector).nearest(10, Filters(deduplicate=True), set())
    assert len(found.rows) == 10
    assert len(found.duplicates) >= 299


# An area.


@pytest.fixture
def placed(retriever, tmp_path):
    """Four photos on a line to the east, a degree apart, of which nobody knows where the last one is."""
    folder = write_small_folder(tmp_path / "placed", photos=False)
    places = [Place(footprint=((20.0 + row, 45.0),) * 4) for row in range(3)]
    write_places(folder / PLACES, [*places, Place()])
    write_manifest(folder, read_manifest(folder))
    return Retriever(retriever.embedder, [Collection(folder, gpu=False)])


@pytest.mark.parametrize("max_whole", [0, 100])
@pytest.mark.parametrize(
    ("area", "rows"),
    [
        ((19.5, 44.0, 21.5, 46.0), {0, 1}),
        ((21.0, 45.0, 21.0, 45.0), {1}),
        ((21.5, 44.0, 20.5, 46.0), {0, 2}),  # all around the Earth but there
        ((-180.0, -90.0, 180.0, 90.0), {0, 1, 2}),
        ((0.0, 0.0, 1.0, 1.0), set()),
    ],
)
def test_only_photos_of_the_area_are_an_answer(placed, area, rows, max_whole, monkeypatch):
    monkeypatch.setattr(
        retriever_module, "ranking", lambda *arguments: ranking(*arguments, max_whole=max_whole)
    )
    query = Query(uploads=("mine",), filters=Filters(area=area))
    result = placed.answer(query, {"mine": placed.collection().vector(3)})
    assert {each.row for each in result.neighbours} == rows
    assert result.overall.row == 3  # the nearest of all


def test_where_no_photo_has_a_place_an_area_is_refused_in_a_sentence(retriever):
    query = Query("scenes", (PhotoRef("scenes", "harbor03"),), filters=Filters(area=(0.0, 0.0, 1.0, 1.0)))
    with pytest.raises(QueryError, match="does not say where its photos lie"):
        retriever.answer(query)
