"""Below the neighbours: their distances, and others' too; their classes, places on the map, and files."""

import re

import gradio as gr
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from retrieval.collections.photos import PROJECT
from retrieval.query import Filters, PhotoRef, Query
from retrieval.retriever import OTHER_KINDS
from ui.i18n import speaking
from ui.panels.details import DetailsPanel
from ui.render import sentences
from ui.render.charts import RETRIEVALS, distances, histogram, table_html
from ui.routes import routes
from ui.state import SearchState
from ui.uploads import Upload

HARBOR = PhotoRef("scenes", "harbor03")


@pytest.fixture
def panel(retriever, brought):
    with gr.Blocks():
        return DetailsPanel(retriever, brought)


def shown(panel, query):
    result = panel.retriever.ask(query, panel.brought.vectors(query.brought))
    return result, panel.show(SearchState(query, result))


def test_the_chart_goes_on_beyond_what_is_shown(panel, retriever):
    query = Query("scenes", (HARBOR,), k=12)
    result, (_, chart, classes, _, _, table) = shown(panel, query)
    more = retriever.ask(Query("scenes", (HARBOR,), k=RETRIEVALS))
    assert chart == distances(more, 12)
    assert chart.count("<title>") == RETRIEVALS == 50
    assert classes == histogram(result)
    assert table == table_html(result)


def test_of_many_neighbours_the_chart_has_all(panel):
    _, (_, chart, *_) = shown(panel, Query("scenes", (HARBOR,), k=80))
    assert chart.count("<title>") == 80
    assert 'class="beyond"' not in chart


def test_one_can_go_on_to_the_nearest_of_other_kinds(panel, retriever):
    query = Query("scenes", (HARBOR,), k=4)
    result, (others, *_) = shown(panel, query)
    nearest = retriever.other_classes(result, query).neighbours
    assert [(tile["collection"], tile["id"]) for tile in others["tiles"]] == [
        ("scenes", each.id) for each in nearest
    ]
    assert len(nearest) == OTHER_KINDS
    assert others["name"] == "The nearest of other classes"
    assert not {each.label for each in nearest} & {each.label for each in result.neighbours}


def test_links_save_what_is_shown(panel, retriever, brought):
    query = Query(
        "scenes", (HARBOR,), right=(PhotoRef("scenes", "harbor04"),), k=3,
        filters=Filters(("harbor", "river"), 1.2),
    )  # fmt: skip
    result, (*_, links, _) = shown(panel, query)
    found = re.findall(r'<a class="download" download href="([^"]*)">([^<]*)</a>', links)
    assert [text for _, text in found] == [
        "Download CSV",
        "Download JSON",
        "Download contact sheet (PNG)",
    ]
    client = TestClient(Starlette(routes=routes(retriever, brought)))
    saved = [client.get(f"/{address}") for address, _ in found]
    assert [answer.status_code for answer in saved] == [200, 200, 200]
    assert saved[0].text == sentences.to_csv(result)


def test_odd_ids_cannot_end_a_links_attribute(panel, monkeypatch):
    evil = PhotoRef("scenes", '"><script>alert(1)</script>')
    query = Query("scenes", (HARBOR,))
    result = panel.retriever.ask(query)
    monkeypatch.setattr(panel.retriever, "ask", lambda *_: result)
    monkeypatch.setattr(panel.retriever, "other_kinds", lambda *_: result)
    *_, links, _ = panel.show(SearchState(Query("scenes", (evil,)), result))
    assert "<script" not in links
    assert len(re.findall("<", links)) == 6


def test_the_map_rings_the_neighbours_and_places_the_query_among_them(panel, retriever):
    result, (_, _, _, atlas, _, _) = shown(panel, Query("scenes", (HARBOR,), k=4))
    assert atlas["collection"] == "scenes"
    assert atlas["rows"] == [each.row for each in result.neighbours]
    places = retriever.collection("scenes").places
    own = places[retriever.row(HARBOR)]
    assert np.abs(np.array(atlas["query"]) - own).max() < 0.01  # it is on the map itself


def test_where_nothing_was_found_there_are_no_charts(panel):
    query = Query("scenes", (HARBOR,), filters=Filters(max_distance=0.0))
    result, (others, chart, classes, atlas, links, _) = shown(panel, query)
    assert result.neighbours == []
    assert (chart, classes) == ("", "")
    assert "query" not in atlas
    labels = [each["label"] for each in others["tiles"]]
    assert len(set(labels)) == len(labels) == OTHER_KINDS  # from here one can go on
    assert "harbor03" not in [each["id"] for each in others["tiles"]]
    assert links.count("<a ") == 3


@pytest.mark.parametrize("nothing", [None, SearchState(Query("scenes"))])
def test_before_a_search_nothing_changes(panel, nothing):
    assert panel.show(nothing) == [gr.skip()] * len(panel.outputs)


def test_when_the_visitors_photo_went_in_this_moment_nothing_changes(panel, brought, retriever, clock):
    vector = retriever.collection("scenes").index.vector(9)
    query = Query("scenes", brought=(brought.keep(Upload(vector, b"")),))
    result = retriever.ask(query, brought.vectors(query.brought))
    assert panel.show(SearchState(query, result))[1].startswith("<figure")
    clock.now += 7200
    assert panel.show(SearchState(query, result)) == [gr.skip()] * len(panel.outputs)


def test_it_speaks_the_visitors_language_and_so_do_its_files(panel):
    with speaking("ro"):
        _, (others, chart, classes, atlas, links, table) = shown(panel, Query("scenes", (HARBOR,), k=4))
    assert links.count("language=ro") == 3
    assert "Download" not in links
    assert atlas["labels"]["beach"] == "plajă"
    assert others["name"] == "Cele mai apropiate din alte clase"
    assert {each["label"] for each in others["tiles"]} <= set(atlas["labels"].values())
    assert str(PROJECT) not in chart + classes + links + table
