"""Below the neighbours: their distances, and others' too; their classes, places on the map, and files."""

import re

import gradio as gr
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from retrieval.collections.photos import PROJECT
from retrieval.index import VectorIndex
from retrieval.query import Filters, PhotoRef, Query
from retrieval.retriever import OTHER_CLASSES, PLOTTED
from ui.i18n import use_language
from ui.panels.details import DetailsPanel
from ui.render.charts import distances, histogram, table_html
from ui.render.export import to_csv
from ui.routes import routes
from ui.state import SearchState
from ui.uploads import Upload

HARBOR = PhotoRef("scenes", "harbor03")


@pytest.fixture
def panel():
    with gr.Blocks():
        return DetailsPanel()


def drawn(panel, query, result):
    """The values of the components, in their order."""
    updates = panel.show(SearchState(query, result))
    assert set(updates) == set(panel.outputs)
    return [updates[component] for component in panel.outputs if component not in panel.places.outputs]


@pytest.fixture
def shown(panel, retriever):
    """Answers a query, and gives the answer and what is drawn of it."""

    def show(query):
        result = retriever.answer(query)
        return result, drawn(panel, query, result)

    return show


def test_the_chart_goes_on_beyond_what_is_shown(shown, retriever):
    query = Query("scenes", (HARBOR,), k=12)
    result, (_, chart, classes, _, _, table) = shown(query)
    more = retriever.answer(Query("scenes", (HARBOR,), k=PLOTTED))
    assert chart == distances(result, more.neighbours)
    assert chart.count("<title>") == PLOTTED == 50
    assert classes == histogram(result)
    assert table == table_html(result)


def test_of_many_neighbours_the_chart_has_all(shown):
    _, (_, chart, *_) = shown(Query("scenes", (HARBOR,), k=80))
    assert chart.count("<title>") == 80
    assert 'class="beyond"' not in chart


def test_one_can_go_on_to_the_nearest_of_other_kinds(shown, retriever):
    query = Query("scenes", (HARBOR,), k=4)
    result, (others, *_) = shown(query)
    everything = retriever.answer(Query("scenes", (HARBOR,), k=len(retriever.collection("scenes").entries)))
    voted = {each.label for each in result.neighbours}
    first_of = {each.label: each for each in reversed(everything.neighbours) if each.label not in voted}
    nearest = sorted(first_of.values(), key=lambda each: each.distance)[:OTHER_CLASSES]
    assert [(tile["collection"], tile["id"]) for tile in others["tiles"]] == [
        ("scenes", each.id) for each in nearest
    ]
    assert len(nearest) == OTHER_CLASSES
    assert others["name"] == "The nearest of other classes"
    assert not {each.label for each in nearest} & {each.label for each in result.neighbours}


def test_links_save_what_is_shown(shown, retriever, brought):
    query = Query(
        "scenes", (HARBOR,), relevant=(PhotoRef("scenes", "harbor04"),), k=3,
        filters=Filters(("harbor", "river"), 1.2),
    )  # fmt: skip
    result, (*_, links, _) = shown(query)
    found = re.findall(r'<a class="download" download href="([^"]*)">([^<]*)</a>', links)
    assert [text for _, text in found] == [
        "Download CSV",
        "Download JSON",
        "Download contact sheet (PNG)",
    ]
    client = TestClient(Starlette(routes=routes(retriever, brought)))
    saved = [client.get(f"/{address}") for address, _ in found]
    assert [answer.status_code for answer in saved] == [200, 200, 200]
    assert saved[0].text == to_csv(result)


def test_odd_ids_cannot_end_a_links_attribute(panel, retriever):
    evil = PhotoRef("scenes", '"><script>alert(1)</script>')
    result = retriever.answer(Query("scenes", (HARBOR,)))
    *_, links, _ = drawn(panel, Query("scenes", (evil,)), result)
    assert "<script" not in links
    assert len(re.findall("<", links)) == 6


def test_the_map_rings_the_neighbours_and_places_the_query_among_them(shown, retriever):
    result, (_, _, _, embedding_map, _, _) = shown(Query("scenes", (HARBOR,), k=4))
    assert embedding_map["collection"] == "scenes"
    assert embedding_map["rows"] == [each.row for each in result.neighbours]
    scenes = retriever.collection("scenes")
    own = scenes.coordinates[scenes.row("harbor03")]
    assert np.abs(np.array(embedding_map["query"]) - own).max() < 0.01  # it is on the map itself


def test_where_nothing_was_found_there_are_no_charts(shown):
    query = Query("scenes", (HARBOR,), filters=Filters(max_distance=0.0))
    result, (others, chart, classes, embedding_map, links, _) = shown(query)
    assert result.neighbours == []
    assert (chart, classes) == ("", "")
    assert "query" not in embedding_map
    labels = [each["label"] for each in others["tiles"]]
    assert len(set(labels)) == len(labels) == OTHER_CLASSES  # from here one can go on
    assert "harbor03" not in [each["id"] for each in others["tiles"]]
    assert links.count("<a ") == 3


def test_before_a_search_nothing_changes(panel):
    assert panel.show(SearchState(Query("scenes"))) == {panel.links: gr.skip()}


def test_nothing_is_searched_for_it_not_even_when_the_visitors_photo_went_in_this_moment(
    panel, brought, retriever, clock, monkeypatch
):
    vector = retriever.collection("scenes").index.vector(9)
    query = Query("scenes", uploads=(brought.keep(Upload(vector, b"")),))
    result = retriever.answer(query, brought.vectors(query.uploads))
    clock.now += 7200
    assert brought.get(*query.uploads) is None
    monkeypatch.setattr(VectorIndex, "search", None)
    _, chart, _, embedding_map, _, _ = drawn(panel, query, result)
    assert chart.startswith("<figure")
    assert embedding_map["rows"] == [each.row for each in result.neighbours]


def test_it_speaks_the_visitors_language_and_so_do_its_files(shown):
    with use_language("ro"):
        _, (others, chart, classes, embedding_map, links, table) = shown(Query("scenes", (HARBOR,), k=4))
    assert links.count("language=ro") == 3
    assert "Download" not in links
    assert embedding_map["labels"]["beach"] == "plajă"
    assert others["name"] == "Cele mai apropiate din alte clase"
    assert {each["label"] for each in others["tiles"]} <= set(embedding_map["labels"].values())
    assert str(PROJECT) not in chart + classes + links + table
