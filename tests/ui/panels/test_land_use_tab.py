"""The tab 'Whole map': what it shows of a mapped screenshot, and what the page's events hand over to it."""

import logging
import pickle
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from retrieval import ImageError
from retrieval.collections.photos import PROJECT
from retrieval.maps.crops import GIVEN, Scale, grid
from retrieval.maps.land_use import Tiles, TooLargeError
from retrieval.maps.overlays import Overlays
from retrieval.maps.screenshot import Screenshot
from retrieval.query import Query
from ui.events import clicks
from ui.i18n import use_language
from ui.panels import land_use
from ui.panels.land_use import ALIKE, LAND_USE, NEIGHBOURS, NOTHING, LandUseTab, Mapped
from ui.render.sentences import our_fault
from ui.state import SearchState

CLICK_ANYWHERE = "**Click anywhere** to see which photos of the collection that place looks like."
NONE_YET = (
    "All of a screenshot of a map can be mapped here. Search with one first, your own or a drawn stand-in "
    "from the tab 'Search', and press 'Map the whole screenshot' under it."
)
BLANK = SearchState(Query("scenes"))
SIDE = 256  # of a tile, pixels
SCALE = Scale(78 / SIDE, GIVEN)


@pytest.fixture
def uploads():
    """The visitors' photos, by the queries for them."""
    return {}


@pytest.fixture
def tab(retriever, search, page, uploads):
    """The tab of a page that listens."""
    with page:
        made = LandUseTab(retriever)
        made.listen(
            search.state, uploads.get, search.screenshot.whole, search.filters.collection, gr.Tabs(), clicks()
        )
    return made


@pytest.fixture
def mapped(retriever, tab):
    """Forest on the left, harbors on the right; the upper left tile is marked."""
    scenes = retriever.collection("scenes")
    layout = grid((0, 0, 1024, 768), SIDE)
    places = np.array([(row, column) for row in range(layout.rows) for column in range(layout.columns)])
    forest, harbor = (scenes.index.vector(scenes.row(each)) for each in ("forest03", "harbor03"))
    vectors = np.stack([forest if column < layout.columns / 2 else harbor for _, column in places])
    tiles = Tiles(layout, places, vectors, SCALE.metres_per_pixel, np.zeros(layout.cells, bool))
    return Mapped(tab.keep(tiles), (1024, 768), SCALE, tiles.square(0), tiles.vectors[0].copy())


@pytest.fixture
def screenshot():
    return Screenshot(
        Image.new("RGB", (1024, 768)),
        None,
        Overlays(np.zeros((768, 1024), bool), (0, 0, 1024, 768), ""),
        None,
    )


def labels(tab, updates):
    return {tile["label"] for tile in updates[tab.neighbours]["tiles"]}


def test_before_a_screenshot_is_mapped_nothing_changes(tab):
    assert set(tab.show("scenes", LAND_USE, None)) == {tab.line}
    assert set(tab.mark("scenes", LAND_USE, None, {"x": 5, "y": 5})) == {tab.line}


def test_the_land_use_and_the_neighbours_of_the_marked_tile_are_shown(tab, mapped):
    updates = tab.show("scenes", LAND_USE, mapped)
    assert updates[tab.mapped] is mapped
    assert updates[tab.row]["visible"] is True
    assert updates[tab.line] == CLICK_ANYWHERE
    assert len(updates[tab.neighbours]["tiles"]) == NEIGHBOURS
    assert labels(tab, updates) == {"forest"}
    assert "forest" in updates[tab.tile]
    assert "harbor" in updates[tab.legend]
    assert updates[tab.view]["value"]["layer"]
    assert "picture" not in updates[tab.view]  # it is large, and there already


def test_each_layer_has_its_own_colours(tab, mapped):
    land, alike, nothing = (
        tab.show("scenes", layer, mapped)[tab.view]["value"]["layer"] for layer in (LAND_USE, ALIKE, NOTHING)
    )
    assert land
    assert alike
    assert land != alike
    assert nothing is None


def test_a_click_marks_a_tile_and_looks_it_up_without_the_network(tab, mapped, monkeypatch):
    monkeypatch.setattr(tab.retriever, "embedder", None)
    updates = tab.mark("scenes", ALIKE, mapped, {"x": 1000, "y": 700})
    assert labels(tab, updates) == {"harbor"}
    marked = updates[tab.mapped].marked
    assert abs(marked.x - 1000) <= SIDE / 2
    assert updates[tab.view]["value"]["square"] == {"x": marked.x, "y": marked.y, "side": marked.side}


def test_it_is_looked_up_in_the_collection_that_is_open(tab, mapped):
    tiles = tab.show("ucmerced", LAND_USE, mapped)[tab.neighbours]["tiles"]
    assert {tile["collection"] for tile in tiles} == {"ucmerced"}


def test_too_much_ground_is_refused_in_a_sentence(tab, screenshot, monkeypatch):
    def refuse(*_):
        raise TooLargeError("Too large.")

    monkeypatch.setattr(land_use, "embed_tiles", refuse)
    located = SimpleNamespace(scale=SCALE)
    updates = tab.map(screenshot, located, "scenes", LAND_USE, lambda *_, **__: None)
    assert updates[tab.line] == "**Too large.**"
    assert updates[tab.row]["visible"] is False
    assert updates[tab.mapped] is None


# What the events hand over


def happens(page, component, values, event):
    """What the functions give that an event starts, with the values that the page has, one after another."""
    (first,) = [each for each in page.fns.values() if (component._id, event) in each.targets and each.inputs]
    return first.fn(*(values[each] for each in first.inputs))


@pytest.fixture
def values(search, tab, mapped):
    """What the components hold."""
    return {search.filters.collection: "scenes", tab.layer: ALIKE, tab.mapped: mapped}


def test_another_layer_or_collection_shows_the_same_screenshot(search, tab, page, values, mapped):
    for component in (tab.layer, search.filters.collection):
        updates = happens(page, component, values, "input")
        assert updates == tab.show("scenes", ALIKE, mapped)


def test_the_place_of_a_click_is_handed_over_last(tab, page, values):
    (picks,) = [each for each in page.fns.values() if (tab.view._id, "pick") in each.targets]
    *known, clicks = picks.inputs
    updates = picks.fn(*(values[each] for each in known), {"x": 1000, "y": 700})
    assert isinstance(clicks, gr.JSON)
    assert labels(tab, updates) == {"harbor"}


@pytest.fixture
def asked(search, tab, page, uploads, monkeypatch):
    """Asks for the map of a screenshot, as the button under it does; `tab.map` is what it is given."""

    def ask(upload, made=None):
        uploads[BLANK.query] = upload
        monkeypatch.setattr(land_use, "load_screenshot", lambda screenshot: screenshot.image)
        monkeypatch.setattr(tab, "map", made)
        (maps,) = [each for each in page.fns.values() if each.trigger_after is not None]
        held = {search.state: BLANK, search.filters.collection: "scenes", tab.layer: NOTHING}
        return maps.fn(*(held[each] for each in maps.inputs))

    return ask


UPLOAD = SimpleNamespace(screenshot=SimpleNamespace(image="image", located="located"))


def test_the_button_maps_the_screenshot_that_is_searched(asked):
    handed = []
    asked(UPLOAD, lambda *values: handed.append(values[:4]))
    assert handed == [("image", "located", "scenes", NOTHING)]


def test_without_a_screenshot_or_when_it_went_there_is_no_map(asked, tab):
    def gone(*_):
        raise ImageError("gone")

    nothing = tab.forget()
    assert nothing[tab.mapped] is None
    assert nothing[tab.line] == NONE_YET
    assert nothing[tab.row]["visible"] is False
    assert asked(None) == nothing
    assert asked(SimpleNamespace(screenshot=None)) == nothing  # a photo
    assert asked(UPLOAD, gone) == nothing


def test_a_fault_of_ours_is_said_without_what_it_was(asked, tab, caplog):
    def fail(*_):
        raise RuntimeError(f"secret of {PROJECT}")

    with caplog.at_level(logging.ERROR):
        assert asked(UPLOAD, fail) == {tab.line: f"**{our_fault()}**"}
    assert "secret" in caplog.text  # whoever runs the page can read it


def test_what_it_shows_is_in_the_language_of_the_page(retriever, tab, mapped):
    with use_language("ro"):
        updates = tab.show("scenes", LAND_USE, mapped)
    assert labels(tab, updates) == {"pădure"}
    assert "forest" not in updates[tab.tile] + updates[tab.legend]
    assert updates[tab.line] != CLICK_ANYWHERE


def test_a_session_keeps_neither_the_picture_nor_the_tiles(tab, mapped):
    for shown in (mapped, tab.mark("scenes", ALIKE, mapped, {"x": 1000, "y": 700})[tab.mapped]):
        assert len(pickle.dumps(shown)) < 20_000  # a vector and some numbers
        assert shown.vector.base is None  # nor by a view of them


def test_the_tiles_of_all_visitors_are_bounded_and_a_greedy_one_loses_his_own(tab, mapped, monkeypatch):
    monkeypatch.setattr(land_use, "current_visitor", lambda: "greedy")
    tiles = tab.maps.get(mapped.name).value
    tab.maps.max_bytes = 5 * (tiles.vectors.nbytes + tiles.places.nbytes)
    for _ in range(20):
        tab.keep(tiles)
    assert tab.maps.total <= tab.maps.max_bytes
    assert tab.maps.get(mapped.name)


def test_of_a_map_that_had_to_go_a_sentence_says_so(tab, mapped):
    tab.maps.drop(mapped.name)
    for updates in (
        tab.show("scenes", LAND_USE, mapped),
        tab.mark("scenes", LAND_USE, mapped, {"x": 5, "y": 5}),
    ):
        assert "no longer on the server" in updates[tab.line]
        assert updates[tab.mapped] is None


def test_a_map_that_nobody_waits_for_is_not_finished(tab, screenshot, monkeypatch):
    monkeypatch.setattr(land_use, "is_abandoned", lambda: True)
    located = SimpleNamespace(scale=SCALE)
    with pytest.raises(land_use.AbandonedError):
        tab.map(screenshot, located, "scenes", LAND_USE, lambda *_, **__: None)
    assert len(tab.maps) == 0
