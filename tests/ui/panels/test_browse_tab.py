"""The tab 'Browse' shows what its address says, and says its address."""

import gradio as gr
import pytest

from ui.components.history import PUSH, REPLACE
from ui.panels.browse import BrowseTab
from ui.views import view_fields


@pytest.fixture
def tab(retriever):
    with gr.Blocks():
        return BrowseTab(retriever, "scenes")


def test_a_choice_is_a_step_with_an_address_that_brings_it_back(tab):
    *_shown, step = tab.show("scenes", "harbor")
    assert step["step"] == PUSH
    assert step["address"] == "view=browse&in=scenes&class=harbor"
    assert step["heading"] == "harbor in Generated scenes"
    collection, label, line, grid, plot, visited = tab.visit(view_fields(step["address"]))
    assert collection["value"] == plot["collection"] == "scenes"
    assert label["value"] == "harbor"
    assert "12 photos of the class harbor" in line
    assert len(grid["tiles"]) == 12
    assert visited["step"] == REPLACE
    assert visited["address"] == step["address"]


def test_an_address_without_a_choice_is_the_collection_that_is_open_at_first(tab):
    collection, label, line, grid, _map, step = tab.visit({})
    assert (collection["value"], label["value"]) == ("scenes", "")
    assert len(grid["tiles"]) == 21
    assert line.startswith("One photo of each of 21 classes")
    assert step["address"] == "view=browse&in=scenes"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"in": "<b>nowhere</b>"}, "There is no collection of this name here."),
        ({"in": "scenes", "class": "<b>volcano</b>"}, "There is no class of this name here."),
    ],
)
def test_what_there_is_not_is_told_and_not_repeated(tab, fields, words):
    collection, _label, line, _grid, _map, step = tab.visit(fields)
    assert collection["value"] == "scenes"
    assert line.startswith(words)
    assert "<b>" not in line + step["address"] + step["heading"]
