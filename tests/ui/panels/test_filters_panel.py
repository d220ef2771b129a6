"""The controls say what a query does, and a query what the controls say."""

import gradio as gr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.query import MAX_NEIGHBOURS, Filters, PhotoRef, Query
from ui.panels.filters import MAX_DISTANCE, FiltersPanel

HARBOR = PhotoRef("scenes", "harbor03")


@pytest.fixture(scope="module")
def panel(retriever):
    with gr.Blocks():
        return FiltersPanel(retriever, "scenes")


def as_the_browser_has_it(panel, updates):
    """The values of the controls after these updates, in their order."""
    values = [updates[control] for control in panel.controls]
    return [value["value"] if isinstance(value, dict) else value for value in values]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_the_controls_show_is_asked(panel, retriever, data):
    name = data.draw(st.sampled_from(["ucmerced", "scenes"]))
    labels = retriever.collection(name).labels
    query = Query(
        name,
        (HARBOR,),
        k=data.draw(st.integers(1, MAX_NEIGHBOURS)),
        filters=Filters(
            tuple(data.draw(st.lists(st.sampled_from(labels), max_size=4, unique=True))),
            data.draw(st.none() | st.integers(0, 141).map(lambda number: number / 100)),
            data.draw(st.booleans()),
        ),
    )
    shown = as_the_browser_has_it(panel, panel.show(query))
    assert panel.apply(Query("scenes", (HARBOR,)), *shown) == query


def test_at_the_sliders_end_there_is_no_largest_distance(panel):
    asked = panel.apply(Query("scenes"), 12, "scenes", [], MAX_DISTANCE, False)
    assert asked.filters == Filters()
    assert panel.show(asked)[panel.max_distance] == MAX_DISTANCE
    nearer = panel.apply(Query("scenes"), 12, "scenes", [], MAX_DISTANCE - 0.01, False)
    assert nearer.filters.max_distance == MAX_DISTANCE - 0.01


def test_a_link_with_a_distance_beyond_the_slider_sets_it_to_its_end(panel):
    shown = panel.show(Query("scenes", filters=Filters(max_distance=1.9)))[panel.max_distance]
    assert panel.max_distance.preprocess(shown) == MAX_DISTANCE


def test_classes_of_another_collection_are_no_longer_asked_for(panel, retriever):
    labels = retriever.collection("scenes").labels
    asked = panel.apply(Query("scenes"), 12, "scenes", [labels[3], "volcano", labels[1]], MAX_DISTANCE, True)
    assert asked.filters.classes == (labels[3], labels[1])


def test_an_emptied_field_asks_for_all_classes(panel):
    assert panel.apply(Query("scenes"), 12, "scenes", None, MAX_DISTANCE, None).filters == Filters()


def test_what_is_looked_for_and_marked_stays(panel):
    query = Query("scenes", (HARBOR,), ("mine",), (HARBOR,), (HARBOR,))
    asked = panel.apply(query, 3.0, "ucmerced", [], 0.5, True)
    assert (asked.stored, asked.uploads, asked.relevant, asked.irrelevant) == (
        (HARBOR,),
        ("mine",),
        (HARBOR,),
        (HARBOR,),
    )
    assert (asked.k, asked.collection) == (3, "ucmerced")
    assert isinstance(asked.k, int)


def test_the_classes_on_offer_are_those_of_the_questions_collection(panel, retriever):
    offered = panel.offer(Query("ucmerced", filters=Filters(("tenniscourt",))))
    assert [value for _, value in offered["choices"]] == retriever.collection("ucmerced").labels
    assert ("tennis court", "tenniscourt") in offered["choices"]
    assert offered["value"] == ["tenniscourt"]


def test_every_photo_is_within_the_sliders_end(retriever):
    for collection in retriever.collections.values():
        vectors = collection.vectors[::7]
        assert (vectors @ vectors.T).min() > 1 - MAX_DISTANCE**2 / 2
