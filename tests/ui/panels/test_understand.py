"""Below the neighbours: their distances, and others' too; their classes, places on the map, and files."""

import re

import gradio as gr
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from retrieval.collections.photos import PROJECT
from retrieval.query import Question, Refinement, Stored
from retrieval.retriever import OTHER_KINDS
from ui.i18n import speaking
from ui.panels.details import UnderstandPanel
from ui.render import sentences
from ui.render.charts import RETRIEVALS, distances, histogram, table_html
from ui.routes import routes
from ui.state import Found
from ui.uploads import Brought

HARBOR = Stored("scenes", "harbor03")


@pytest.fixture
def panel(retriever, brought):
    with gr.Blocks():
        return UnderstandPanel(retriever, brought)


def shown(panel, question):
    result = panel.retriever.ask(question, panel.brought.vectors(question.brought))
    return result, panel.show(Found(question, result))


def test_the_chart_goes_on_beyond_what_is_shown(panel, retriever):
    question = Question("scenes", (HARBOR,), k=12)
    result, (_, chart, classes, _, _, table) = shown(panel, question)
    more = retriever.ask(Question("scenes", (HARBOR,), k=RETRIEVALS))
    assert chart == distances(more, 12)
    assert chart.count("<title>") == RETRIEVALS == 50
    assert classes == histogram(result)
    assert table == table_html(result)


def test_of_many_neighbours_the_chart_has_all(panel):
    _, (_, chart, *_) = shown(panel, Question("scenes", (HARBOR,), k=80))
    assert chart.count("<title>") == 80
    assert 'class="beyond"' not in chart


def test_one_can_go_on_to_the_nearest_of_other_kinds(panel, retriever):
    question = Question("scenes", (HARBOR,), k=4)
    result, (others, *_) = shown(panel, question)
    nearest = retriever.other_kinds(result, question).neighbours
    assert [(tile["collection"], tile["id"]) for tile in others["tiles"]] == [
        ("scenes", each.id) for each in nearest
    ]
    assert len(nearest) == OTHER_KINDS
    assert others["name"] == "The nearest of other classes"
    assert not {each.label for each in nearest} & {each.label for each in result.neighbours}


def test_links_save_what_is_shown(panel, retriever, brought):
    question = Question(
        "scenes", (HARBOR,), right=(Stored("scenes", "harbor04"),), k=3,
        refinement=Refinement(("harbor", "river"), 1.2),
    )  # fmt: skip
    result, (*_, links, _) = shown(panel, question)
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
    evil = Stored("scenes", '"><script>alert(1)</script>')
    question = Question("scenes", (HARBOR,))
    result = panel.retriever.ask(question)
    monkeypatch.setattr(panel.retriever, "ask", lambda *_: result)
    monkeypatch.setattr(panel.retriever, "other_kinds", lambda *_: result)
    *_, links, _ = panel.show(Found(Question("scenes", (evil,)), result))
    assert "<script" not in links
    assert len(re.findall("<", links)) == 6


def test_the_map_rings_the_neighbours_and_places_the_query_among_them(panel, retriever):
    result, (_, _, _, atlas, _, _) = shown(panel, Question("scenes", (HARBOR,), k=4))
    assert atlas["collection"] == "scenes"
    assert atlas["rows"] == [each.row for each in result.neighbours]
    places = retriever.collection("scenes").places
    own = places[retriever.row(HARBOR)]
    assert np.abs(np.array(atlas["query"]) - own).max() < 0.01  # it is on the map itself


def test_where_nothing_was_found_there_are_no_charts(panel):
    question = Question("scenes", (HARBOR,), refinement=Refinement(max_distance=0.0))
    result, (others, chart, classes, atlas, links, _) = shown(panel, question)
    assert result.neighbours == []
    assert (chart, classes) == ("", "")
    assert "query" not in atlas
    labels = [each["label"] for each in others["tiles"]]
    assert len(set(labels)) == len(labels) == OTHER_KINDS  # from here one can go on
    assert "harbor03" not in [each["id"] for each in others["tiles"]]
    assert links.count("<a ") == 3


@pytest.mark.parametrize("nothing", [None, Found(Question("scenes"))])
def test_before_a_search_nothing_changes(panel, nothing):
    assert panel.show(nothing) == [gr.skip()] * len(panel.outputs)


def test_when_the_visitors_photo_went_in_this_moment_nothing_changes(panel, brought, retriever, clock):
    vector = retriever.collection("scenes").index.vector(9)
    question = Question("scenes", brought=(brought.keep(Brought(vector, b"")),))
    result = retriever.ask(question, brought.vectors(question.brought))
    assert panel.show(Found(question, result))[1].startswith("<figure")
    clock.now += 7200
    assert panel.show(Found(question, result)) == [gr.skip()] * len(panel.outputs)


def test_it_speaks_the_visitors_language_and_so_do_its_files(panel):
    with speaking("ro"):
        _, (others, chart, classes, atlas, links, table) = shown(panel, Question("scenes", (HARBOR,), k=4))
    assert links.count("language=ro") == 3
    assert "Download" not in links
    assert atlas["labels"]["beach"] == "plajă"
    assert others["name"] == "Cele mai apropiate din alte clase"
    assert {each["label"] for each in others["tiles"]} <= set(atlas["labels"].values())
    assert str(PROJECT) not in chart + classes + links + table
