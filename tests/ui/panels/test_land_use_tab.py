"""The tab 'Whole map': what it maps, what it shows of a map, and what the page's events hand over to it."""

import logging
import pickle
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from examples.catalog import SCREENSHOTS
from examples.map_views import map_views
from retrieval.collections.photos import PROJECT
from retrieval.maps.crops import CONFIRMED, GIVEN, GUESS, TOO_FAR, Scale, grid
from retrieval.maps.land_use import Tiles, TooLargeError
from retrieval.maps.placement import Placement
from retrieval.query import Query
from tests.fakes.example_photo import example_path
from ui.components.history import REPLACE
from ui.components.screenshot_view import clicked_place
from ui.events import clicks
from ui.i18n import use_language
from ui.panels import mapping
from ui.panels.land_use import LandUseTab
from ui.panels.map_panel import NEIGHBOURS
from ui.render import whole_map
from ui.render.map_texts import start_line
from ui.render.sentences import our_fault
from ui.state import SearchState
from ui.views import view_fields
from ui.whole_maps import (
    ALIKE,
    COLOURS,
    GROUPS,
    LAND_USE,
    LAYERS,
    MAP_GONE,
    PICTURE,
    ShownMap,
    WholeMap,
    WholeMaps,
)

CLICK_ANYWHERE = "**Choose any place on the map** to see which photos of the collection it looks like."
SIDE = 256  # of a tile, pixels
SCALE = Scale(78 / SIDE, GIVEN)
SMALLEST = "pipera-z20"  # an example of six tiles
LINK = "https://www.google.com/maps/@44.504,26.126,20z/data=!3m1!1e3"


def no_progress(*_, **__):
    """Takes what `gr.Progress` takes."""


@pytest.fixture
def maps(clock):
    return WholeMaps(clock)


@pytest.fixture
def tab(retriever, search, page, brought, maps):
    """The tab of a page that listens."""
    with page:
        made = LandUseTab(retriever, brought, maps, "ucmerced", search.history)
        made.listen(search.state, search.screenshot.whole, clicks())
    return made


@pytest.fixture
def whole(retriever):
    """Forest on the left, harbors on the right; the upper left tile is marked."""
    scenes = retriever.collection("scenes")
    layout = grid((0, 0, 1024, 768), SIDE)
    places = np.array([(row, column) for row in range(layout.rows) for column in range(layout.columns)])
    forest, harbor = (scenes.index.vector(scenes.row(each)) for each in ("forest03", "harbor03"))
    vectors = np.stack([forest if column < layout.columns / 2 else harbor for _, column in places])
    tiles = Tiles(layout, places, vectors, SCALE.metres_per_pixel, np.zeros(layout.cells, bool))
    picture = mapping.shown_file(Image.new("RGB", (1024, 768), (40, 90, 60)))
    return WholeMap(tiles, picture, (1024, 768), SCALE, 0, Placement(2.9e6, 5.5e6, 0.4))


@pytest.fixture
def mapped(maps, whole):
    """The name of a visitor's map that is kept."""
    shown = ShownMap("name-of-a-visitor", is_example=False)
    maps.keep(shown, whole, "198.51.100.1")
    return shown


def labels(tab, updates):
    return {tile["label"] for tile in updates[tab.neighbours]["tiles"]}


def layer_of(tab, updates):
    return updates[tab.view]["value"]["layer"]


# What is shown of a map


def test_before_a_map_is_there_nothing_changes(tab):
    assert set(tab.show("scenes", LAND_USE, 6, None)) == {tab.groups}
    assert set(tab.mark("scenes", LAND_USE, 6, None, {"x": 5, "y": 5})) == {tab.line}


def test_the_land_use_and_the_neighbours_of_the_marked_tile_are_shown(tab, mapped):
    updates = tab.bring(mapped, "scenes", LAND_USE, 6)
    assert updates[tab.mapped] is mapped
    assert updates[tab.row]["visible"] is True
    assert updates[tab.line] == CLICK_ANYWHERE
    assert len(updates[tab.neighbours]["tiles"]) == NEIGHBOURS
    assert labels(tab, updates) == {"forest"}
    assert "forest" in updates[tab.tile]
    assert "harbor" in updates[tab.legend]
    assert layer_of(tab, updates)
    assert updates[tab.view]["picture"].startswith("data:image/jpeg;base64,")
    assert updates[tab.views]["unmapped"] is None
    assert "picture" not in tab.show("scenes", LAND_USE, 6, mapped)[tab.view]  # it is large, and there


def test_each_layer_has_its_own_colours_and_a_sentence_of_what_they_mean(tab, mapped):
    shown = {layer: tab.show("scenes", layer, 6, mapped) for layer in LAYERS}
    layers = [layer_of(tab, updates) for updates in shown.values()]
    assert layers[-1] is None
    assert len({layer["src"] for layer in layers[:-1]}) == 4
    assert "<b>Alike places have alike colours.</b>" in shown[COLOURS][tab.legend]
    assert "without any class" in shown[GROUPS][tab.legend]
    assert "Distance to the marked square" in shown[ALIKE][tab.legend]
    assert "312 x 234 m of ground, in 35 tiles." in shown[PICTURE][tab.legend]


def test_likeness_and_groups_show_tiles_of_the_map_itself_and_no_class(tab, mapped):
    for layer in (COLOURS, GROUPS):
        legend = tab.show("scenes", layer, 6, mapped)[tab.legend]
        assert legend.count('<img class="tile-of-map" alt="" src="data:image/webp;base64,') == 2
        assert "forest" not in legend


def test_only_groups_have_a_number_of_groups_and_a_wrong_one_is_the_usual_one(tab, mapped):
    visible = {layer: tab.show("scenes", layer, 6, mapped)[tab.groups]["visible"] for layer in LAYERS}
    assert visible == {layer: layer == GROUPS for layer in LAYERS}
    usual = tab.show("scenes", GROUPS, 6, mapped)[tab.tools]
    for wrong in (0, 1000, None, "6", float("nan"), True):
        assert tab.show("scenes", GROUPS, wrong, mapped)[tab.tools] == usual


def test_a_click_marks_a_tile_and_looks_it_up_in_each_layer_without_the_network(tab, mapped, monkeypatch):
    monkeypatch.setattr(tab.retriever, "embedder", None)
    for layer in LAYERS:
        updates = tab.mark("scenes", layer, 6, mapped, {"x": 1000, "y": 700})
        assert labels(tab, updates) == {"harbor"}
        square = updates[tab.view]["value"]["square"]
        assert abs(square["x"] - 1000) <= SIDE / 2
        assert updates[tab.mapped].name == mapped.name


def test_it_is_looked_up_in_the_collection_that_is_open(tab, mapped):
    tiles = tab.show("ucmerced", LAND_USE, 6, mapped)[tab.neighbours]["tiles"]
    assert {tile["collection"] for tile in tiles} == {"ucmerced"}


def test_a_guessed_scale_is_called_one(tab, maps, whole):
    shown = ShownMap("guessed", is_example=False)
    guessed = WholeMap(whole.tiles, whole.picture, whole.size, Scale(SCALE.metres_per_pixel, GUESS), 0)
    maps.keep(shown, guessed, "")
    updates = tab.show("scenes", LAND_USE, 6, shown)
    assert "**The scale is a guess**, 0.3 m per pixel" in updates[tab.line]
    assert [each["text"] for each in updates[tab.tools]["files"]] == ["Save as PNG"]
    assert updates[tab.tools]["note"].startswith("Nobody says where on Earth this is")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (GUESS, "If you cannot make out single cars, classes and areas mean nothing."),
        (TOO_FAR, "**You said that single cars cannot be made out**: then classes and areas mean nothing"),
        (CONFIRMED, "The scale is as you said, about 0.3 m per pixel."),
    ],
)
def test_what_a_visitor_said_of_the_scale_is_said_of_the_map(tab, maps, whole, source, expected):
    shown = ShownMap(source, is_example=False)
    maps.keep(shown, replace(whole, scale=Scale(SCALE.metres_per_pixel, source)))
    assert expected in tab.show("scenes", LAND_USE, 6, shown)[tab.line]
    assert maps.get(shown).guessed == (source != CONFIRMED)


def test_where_the_place_is_known_there_are_files_for_maps(tab, mapped):
    offered = {
        layer: [each["text"] for each in tab.show("scenes", layer, 6, mapped)[tab.tools]["files"]]
        for layer in LAYERS
    }
    assert offered.pop(PICTURE) == ["Save as PNG", "GeoTIFF"]
    assert set(map(tuple, offered.values())) == {("Save as PNG", "GeoTIFF", "GeoJSON")}
    tools = tab.show("scenes", GROUPS, 9, mapped)[tab.tools]
    assert tools["files"][2]["url"] == (
        "export/whole-map.geojson?view=map&upload=name-of-a-visitor&layer=groups&groups=9&in=scenes"
    )
    assert "a screenshot that was cropped" in tools["note"]


def test_what_it_shows_is_in_the_language_of_the_page(tab, mapped):
    with use_language("ro"):
        updates = tab.show("scenes", LAND_USE, 6, mapped)
    assert labels(tab, updates) == {"pădure"}
    assert "forest" not in updates[tab.tile] + updates[tab.legend]


def test_a_session_keeps_neither_the_picture_nor_the_tiles(tab, mapped):
    marked = tab.mark("scenes", ALIKE, 6, mapped, {"x": 1000, "y": 700})[tab.mapped]
    assert len(pickle.dumps(marked)) < 300


@pytest.mark.parametrize(("layer", "maker"), [(GROUPS, "group_tiles"), (COLOURS, "colour_layer")])
def test_a_click_computes_no_layer_anew(tab, mapped, monkeypatch, layer, maker):
    compute, computed = getattr(whole_map, maker), []
    monkeypatch.setattr(whole_map, maker, lambda *given: computed.append(given) or compute(*given))
    first = tab.show("scenes", layer, 6, mapped)
    clicked = tab.mark("scenes", layer, 6, mapped, {"x": 1000, "y": 700})
    assert clicked[tab.legend] == first[tab.legend]
    assert layer_of(tab, clicked) == layer_of(tab, first)
    assert len(computed) == 1
    with use_language("ro"):
        assert tab.show("scenes", layer, 6, mapped)[tab.legend] != first[tab.legend]
    if layer == GROUPS:
        assert tab.show("scenes", layer, 2, mapped)[tab.tools] != first[tab.tools]
        assert len(computed) == 3


def test_the_layers_of_a_map_are_bounded_and_counted(tab, whole, mapped):
    for count in range(2, 21):
        tab.show("scenes", GROUPS, count, mapped)
    assert 0 < whole.layers.total <= whole.layers.max_bytes
    assert whole.bytes > whole.layers.max_bytes + len(whole.picture)


def test_of_a_map_that_had_to_go_a_sentence_says_so(tab, maps, mapped):
    maps.visitors.drop(mapped.name)
    for updates in (
        tab.show("scenes", LAND_USE, 6, mapped),
        tab.mark("scenes", LAND_USE, 6, mapped, {"x": 5, "y": 5}),
    ):
        assert updates[tab.line] == f"**{MAP_GONE}**"
        assert updates[tab.mapped] is None


# Examples


def opened(tab, slug):
    return tab.open("scenes", LAND_USE, 6, None, {"slug": slug})


def made(tab, updates, progress=no_progress):
    """What is made when the browser asks for the map of what is shown."""
    return tab.map_shown("scenes", updates[tab.views]["unmapped"], progress)


def shown(tab, what, opened):
    """What is shown of it where something is open."""
    return tab.show_made("scenes", LAND_USE, 6, opened, what)


def test_a_click_on_an_example_shows_its_picture_at_once_and_has_it_mapped(tab):
    updates = opened(tab, SMALLEST)
    assert updates[tab.view]["picture"] == f"map-views/{SMALLEST}/whole"
    assert updates[tab.view]["value"] == {"width": 1440, "height": 900}
    assert updates[tab.views]["opened"] == SMALLEST
    assert updates[tab.views]["unmapped"]
    told = []
    mapped = made(tab, updates, lambda part, desc="": told.append((part, desc)))
    finished = shown(tab, mapped, updates[tab.mapped])
    assert layer_of(tab, finished)
    assert "tennis court" in finished[tab.legend]
    assert told[-1] == ((6, 6), "6 of 6 tiles")
    assert finished[tab.views]["unmapped"] is None


def test_an_example_is_embedded_once_for_all_visitors(tab, monkeypatch):
    updates = opened(tab, SMALLEST)
    first = shown(tab, made(tab, updates), updates[tab.mapped])
    monkeypatch.setattr(tab.retriever, "embedder", None)
    again = opened(tab, SMALLEST)
    assert again[tab.views]["unmapped"] is None
    assert again[tab.legend] == first[tab.legend]
    assert shown(tab, made(tab, updates), updates[tab.mapped])[tab.legend] == first[tab.legend]


def test_a_map_is_not_shown_in_place_of_what_was_opened_while_it_was_made(tab):
    first, second = opened(tab, SMALLEST), opened(tab, "otopeni-z18")
    mapped = made(tab, first)  # the second was clicked meanwhile
    assert mapped.shown == ShownMap(SMALLEST, is_example=True)
    for other in (second[tab.mapped], None):  # or somebody went back to where nothing was open
        assert set(shown(tab, mapped, other)) == {tab.line}
        assert tab.mapped not in shown(tab, mapped, other)
    assert second[tab.views]["unmapped"]["name"] == "otopeni-z18"  # so that is asked for, whatever is open


def test_of_a_map_that_was_clicked_while_it_was_made_the_place_stays(tab):
    updates = opened(tab, SMALLEST)
    marked = ShownMap(SMALLEST, is_example=True, tile=3)
    assert shown(tab, made(tab, updates), marked)[tab.mapped] == marked


@pytest.mark.parametrize(
    "click",
    [None, {}, {"name": SMALLEST}, {"name": 3, "is_example": True}, {"name": "x" * 300, "is_example": False},
     {"name": "", "is_example": True}, {"name": SMALLEST, "is_example": "yes"}],
)  # fmt: skip
def test_what_asks_for_no_map_makes_none(tab, click):
    assert tab.map_shown("scenes", click, no_progress) is None
    assert set(shown(tab, None, None)) == {tab.line}


def test_all_examples_are_pictures_with_names_and_no_stand_ins(tab):
    views = tab.forget()[tab.views]["views"]
    assert [view["slug"] for view in views] == list(map_views())
    assert {view["name"] for view in views} >= {"Drumul Taberei", "Pipera"}
    assert {view["detail"] for view in views if view["slug"] == SMALLEST} == {"153 x 96 m"}
    assert "stand-in" not in str(views) + start_line()


@pytest.mark.parametrize("click", [{"slug": "nowhere"}, {"slug": "../../etc"}, {"slug": 3}, {}, None, "x"])
def test_what_is_no_example_is_said_in_a_sentence(tab, click):
    updates = tab.open("scenes", LAND_USE, 6, None, click)
    assert updates[tab.line] == "**There is no example of a map of this name: choose one of these.**"
    assert updates[tab.mapped] is None
    assert updates[tab.row]["visible"] is False


# A visitor's own screenshot


def own(tab, path, link="", before=None):
    away = tab.put_away(link, before)
    mapped = tab.map_own([str(path)], away[tab.link], "scenes", away[tab.mapped], no_progress)
    return away | shown(tab, mapped, away[tab.mapped])


def again(tab, link, opened):
    """What is shown when a link comes."""
    return shown(tab, tab.map_again(link, "scenes", opened, no_progress), opened)


def test_the_old_map_is_put_away_at_once_and_another_that_is_opened_meanwhile_stays(tab):
    away = tab.put_away("", ShownMap(SMALLEST, is_example=True))
    assert away[tab.row]["visible"] is False
    assert away[tab.line] == "Your screenshot is read now, and then mapped."
    assert away[tab.history]["address"] == "view=map"
    assert away[tab.history]["step"] == "push"
    coming = away[tab.mapped]
    assert set(tab.show("scenes", GROUPS, 6, coming)) == {tab.groups}
    assert set(tab.mark("scenes", GROUPS, 6, coming, {"x": 5, "y": 5})) == {tab.line}
    mapped = tab.map_own([str(SCREENSHOTS / "pipera-z20.webp")], LINK, "scenes", coming, no_progress)
    assert shown(tab, mapped, coming)[tab.mapped] == mapped.shown
    assert shown(tab, mapped, None)[tab.mapped] == mapped.shown  # somebody looked at another tab meanwhile
    later = tab.put_away("", coming)[tab.mapped]
    for other in (ShownMap(SMALLEST, is_example=True), later):
        assert set(shown(tab, mapped, other)) == {tab.line}


def test_a_screenshot_of_ones_own_is_mapped_with_its_link(tab, brought):
    updates = own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)
    shown = updates[tab.mapped]
    assert brought.get(shown.name).screenshot
    assert not shown.is_example
    assert "guess" not in updates[tab.line]
    assert len(updates[tab.tools]["files"]) == 3
    assert updates[tab.link] == LINK


def test_a_link_that_comes_later_has_it_mapped_anew_once(tab, monkeypatch):
    updates = own(tab, SCREENSHOTS / "pipera-z20.webp")
    assert "**The scale is a guess**" in updates[tab.line]
    anew = again(tab, LINK, updates[tab.mapped])
    assert "guess" not in anew[tab.line]
    monkeypatch.setattr(tab.retriever, "embedder", None)
    mapped = anew[tab.mapped]
    assert tab.map_again(f" {LINK} ", "scenes", mapped, no_progress) is None
    refused = again(tab, "https://maps.app.goo.gl/abc", mapped)
    assert set(refused) == {tab.line}
    assert "shortened" in refused[tab.line]


def test_the_link_of_the_screenshot_before_is_not_taken_for_the_next(tab):
    first = own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)
    second = own(tab, SCREENSHOTS / "lacul-morii-z19.webp", LINK, first[tab.mapped])
    assert second[tab.link] == ""
    assert "**The scale is a guess**" in second[tab.line]


def test_a_link_says_nothing_of_an_example(tab):
    assert tab.map_again(LINK, "scenes", ShownMap(SMALLEST, is_example=True), no_progress) is None
    assert tab.map_again(LINK, "scenes", None, no_progress) is None


def test_a_single_photo_is_no_map(tab):
    updates = own(tab, example_path("harbor"))
    assert updates[tab.line].startswith("**This is one photo, no screenshot of a map")
    assert updates[tab.mapped].coming


def test_too_much_ground_is_refused_in_a_sentence(tab, monkeypatch):
    def refuse(*_):
        raise TooLargeError("Too large.")

    monkeypatch.setattr(mapping, "embed_tiles", refuse)
    assert own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)[tab.line] == "**Too large\\.**"


def test_a_map_that_nobody_waits_for_is_not_finished(tab, maps, monkeypatch):
    monkeypatch.setattr(mapping, "is_abandoned", lambda: True)
    assert own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)[tab.mapped].coming
    assert len(maps.visitors) == 0


def test_a_fault_of_ours_is_said_without_what_it_was(tab, caplog, monkeypatch):
    def fail(*_):
        raise RuntimeError(f"secret of {PROJECT}")

    monkeypatch.setattr(mapping, "embed_tiles", fail)
    updates = opened(tab, SMALLEST)
    with caplog.at_level(logging.ERROR):
        failed = made(tab, updates)
    updates = shown(tab, failed, updates[tab.mapped])
    assert updates == {tab.line: f"**{our_fault()}**"}
    assert "secret" in caplog.text  # whoever runs the page can read it


def test_the_maps_of_all_visitors_are_bounded_and_a_greedy_one_loses_his_own(maps, whole, mapped):
    maps.visitors.max_bytes = 5 * whole.bytes
    for number in range(20):
        maps.keep(ShownMap(f"greedy-{number}", is_example=False), whole, "greedy")
    assert maps.visitors.total <= maps.visitors.max_bytes
    assert maps.find(mapped)


def test_a_map_goes_with_the_upload_that_it_was_made_of(tab, maps, brought, clock):
    mapped = own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)[tab.mapped]
    assert maps.visitors.get(mapped.name).until == clock.now + 3600
    clock.now += 7190
    assert maps.find(mapped) is None
    assert tab.maker.of(mapped, "scenes", no_progress)  # the upload is there for ten seconds
    clock.now += 11
    assert brought.get(mapped.name) is None
    assert maps.find(mapped) is None


def test_of_an_upload_that_went_while_it_was_mapped_nothing_is_kept(tab, maps, brought, monkeypatch):
    embed = mapping.embed_tiles

    def embed_slowly(*given):
        for name in list(brought._kept._kept):
            brought._kept.drop(name)
        return embed(*given)

    monkeypatch.setattr(mapping, "embed_tiles", embed_slowly)
    assert own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)[tab.line].startswith("**This map is no longer")
    assert len(maps.visitors) == 0


def test_visitors_push_no_example_out(maps, whole):
    example = ShownMap(SMALLEST, is_example=True)
    maps.keep(example, whole, "198.51.100.1")
    maps.visitors.max_bytes = 1
    maps.keep(ShownMap("x", is_example=False), whole, "198.51.100.1")
    assert maps.find(example) is whole
    assert maps.find(ShownMap(SMALLEST, is_example=False)) is None  # no upload has an example's name


# Addresses


def test_an_address_comes_back_to_what_was_shown(tab, mapped):
    marked = tab.mark("scenes", COLOURS, 7, mapped, {"x": 1000, "y": 700})[tab.mapped]
    step = tab.show("scenes", COLOURS, 7, marked)[tab.history]
    fields = view_fields(step["address"])
    assert fields == {
        "view": "map",
        "upload": mapped.name,
        "layer": "colours",
        "groups": "7",
        "tile": str(marked.tile),
        "in": "scenes",
    }
    assert step["words"] == "Your screenshot, mapped as a whole: Similarity in colours"
    updates = tab.visit(fields)
    assert updates[tab.history] | {"told": 0} == step | {"told": 0, "step": REPLACE}
    assert updates[tab.collection] == "scenes"
    assert updates[tab.mapped] == marked
    assert labels(tab, updates) == {"harbor"}
    assert updates[tab.layer] == COLOURS
    assert updates[tab.groups] == gr.update(value=7, visible=False)


def test_an_address_of_an_example_shows_it_and_has_it_mapped(tab):
    fields = {"view": "map", "example": SMALLEST, "layer": "groups", "groups": "6", "in": "scenes"}
    updates = tab.visit(fields)
    assert view_fields(updates[tab.history]["address"]) == fields
    assert updates[tab.history]["step"] == REPLACE
    assert updates[tab.views]["unmapped"]
    assert updates[tab.groups]["visible"] is True


def test_a_map_has_a_collection_of_its_own_and_leaves_the_searchs_alone(search, tab):
    address = {"view": "map", "example": SMALLEST}
    assert tab.visit(address | {"in": "scenes"})[tab.collection] == "scenes"
    assert tab.visit(address)[tab.collection] == "ucmerced"
    assert search.filters.collection not in tab.outputs


def test_a_link_says_how_long_it_lives_and_who_sees_a_visitors_map(tab):
    mapped = own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)
    life = mapped[tab.history]["life"]
    assert life.startswith("This link works until 15:46 UTC")  # two hours after the clock of the tests
    assert "whoever has the link sees the whole of it" in life
    assert opened(tab, SMALLEST)[tab.history]["life"] == ""


def test_the_bare_address_of_the_tab_changes_nothing(tab):
    assert tab.visit({"view": "map"}) == tab.nothing()


@pytest.mark.parametrize("name", ["example-map-pipera-z20", "example-map-otopeni-z18"])
def test_an_example_that_is_searched_is_mapped_as_the_example_that_it_is(tab, asked, name):
    example = ShownMap(name.removeprefix("example-map-"), is_example=True)
    for updates in (
        asked(Query("scenes", uploads=(name,))),
        tab.visit({"view": "map", "upload": name}),
    ):
        assert updates[tab.mapped] == example
        assert updates[tab.view]["picture"] == f"map-views/{example.name}/whole"
        assert view_fields(updates[tab.history]["address"])["example"] == example.name
        assert "Your screenshot" not in updates[tab.history]["title"]


def test_a_square_of_an_example_that_was_moved_names_whom_the_example_names(tab, brought):
    example = replace(
        brought.get("example-map-pipera-z20"), title="Bucharest, an apron", attribution="(c) Somebody"
    )
    mapped = ShownMap(brought.keep(example), is_example=False)
    whole = tab.maker.of(mapped, "scenes", no_progress)
    assert whole.attribution == "(c) Somebody"
    assert whole.drawn
    updates = tab.bring(mapped, "scenes", LAND_USE, 6)
    assert r"\(c\) Somebody" in updates[tab.line]
    assert updates[tab.history]["heading"] == "Bucharest, an apron · Land use"


def test_a_photo_that_is_no_screenshot_is_told_from_a_map_in_a_sentence(tab, brought):
    for name in ("example-harbor", brought.keep(replace(brought.get("example-harbor")))):
        updates = tab.visit({"view": "map", "upload": name})
        assert updates[tab.line].startswith("**This is one photo, no screenshot of a map")
        assert updates[tab.row]["visible"] is False
        assert updates[tab.mapped] is None
        assert updates[tab.views]["unmapped"] is None


def test_only_an_example_is_mapped_for_all_who_open_it(tab, maps):
    own_map = own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)[tab.mapped]
    maps.visitors.drop(own_map.name)
    assert tab.bring(own_map, "scenes", LAND_USE, 6)[tab.line] == "The tiles of this map are looked up now."
    assert "once for all" in opened(tab, SMALLEST)[tab.line]


@pytest.mark.parametrize("fields", [{"example": "atlantis"}, {"upload": "gone"}, {"example": "x" * 199}])
def test_an_address_of_what_is_not_there_says_so(tab, fields):
    updates = tab.visit({"view": "map", "layer": "x", "groups": "99", "in": "nowhere", **fields})
    assert updates[tab.line].startswith("**")
    assert updates[tab.row]["visible"] is False
    assert updates[tab.layer] == LAND_USE


def test_an_upload_whose_map_went_is_mapped_again(tab, maps):
    mapped = own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)[tab.mapped]
    maps.visitors.drop(mapped.name)
    updates = tab.visit({"view": "map", "upload": mapped.name})
    assert updates[tab.views]["unmapped"]
    assert layer_of(tab, shown(tab, made(tab, updates), updates[tab.mapped]))


# What the events hand over


def test_a_link_is_read_when_it_is_whole_and_not_at_each_key(tab, page):
    (reads,) = [each for each in page.fns.values() if each.fn.__name__ == "map_again"]
    assert set(reads.targets) == {(tab.link._id, "submit"), (tab.link._id, "blur")}
    assert not [
        each
        for each in page.fns.values()
        if {"change", "input"} & {event for component, event in each.targets if component == tab.link._id}
    ]


def happens(page, component, values, event):
    """What the functions give that an event starts, with the values that the page has, one after another."""
    (first,) = [each for each in page.fns.values() if (component._id, event) in each.targets and each.inputs]
    return first.fn(*(values[each] for each in first.inputs))


@pytest.fixture
def values(search, tab, mapped):
    """What the components hold."""
    return {tab.collection: "scenes", tab.layer: ALIKE, tab.groups: 6, tab.mapped: mapped}


def test_another_layer_number_or_collection_shows_the_same_screenshot(search, tab, page, values, mapped):
    for component in (tab.layer, tab.groups, tab.collection):
        updates = happens(page, component, values, "input")
        shown = tab.show("scenes", ALIKE, 6, mapped)
        assert updates.pop(tab.history) | {"told": 0} == shown.pop(tab.history) | {"told": 0}
        assert updates == shown


def test_the_place_of_a_click_is_handed_over_last(tab, page, values):
    (picks,) = [each for each in page.fns.values() if (tab.view._id, "pick") in each.targets]
    *known, carrier = picks.inputs
    updates = picks.fn(*(values[each] for each in known), {"x": 1000, "y": 700})
    assert isinstance(carrier, gr.JSON)
    assert labels(tab, updates) == {"harbor"}


def test_what_embeds_waits_in_the_lane_of_maps_and_the_rest_is_answered_at_once(tab, page):
    lanes = {
        event.fn.__name__: event.concurrency_id if event.queue is not False else None
        for event in page.fns.values()
        if tab.line in event.outputs or tab.made in event.outputs
    }
    mapping_ones = ("map_shown", "map_own", "map_again")
    assert {name: lanes.pop(name) for name in mapping_ones} == dict.fromkeys(mapping_ones, "map")
    assert lanes == dict.fromkeys(("map_searched", "open", "put_away", "mark", "show", "show_made"))
    for event in page.fns.values():
        if event.fn.__name__ in mapping_ones:
            assert event.outputs == [tab.made]  # what is shown is said when it is there


@pytest.fixture
def asked(search, tab, page):
    """Asks for the map of what is searched, as the button under a screenshot does."""

    def ask(query):
        (maps,) = [each for each in page.fns.values() if each.fn.__name__ == "map_searched"]
        held = {
            search.state: SearchState(query),
            tab.layer: PICTURE,
            tab.groups: 6,
        }
        return maps.fn(*(held[each] for each in maps.inputs))

    return ask


@pytest.mark.parametrize(
    "click",
    [{"x": 10**400, "y": 5}, {"x": 5, "y": -(10**400)}, {"x": float("nan"), "y": 5}, {"x": 5, "y": 1e300},
     {"x": "5", "y": 5}, {"x": 5}, None],
)  # fmt: skip
def test_a_click_beyond_any_screenshot_is_none(click):
    assert clicked_place(click) is None


def test_the_button_maps_the_screenshot_that_is_searched(tab, asked):
    mapped = own(tab, SCREENSHOTS / "pipera-z20.webp", LINK)[tab.mapped]
    updates = asked(Query("scenes", uploads=(mapped.name,)))
    assert updates[tab.mapped] == mapped
    assert updates[tab.collection] == "scenes"
    assert updates[tab.view]["value"]["layer"] is None


def test_without_a_screenshot_or_when_it_went_there_is_no_map(tab, asked, brought):
    nothing = tab.forget()
    assert nothing[tab.mapped] is None
    assert nothing[tab.row]["visible"] is False
    assert asked(Query("scenes"))[tab.line] == start_line()
    assert asked(Query("scenes", uploads=("gone",))) == nothing
    photo = brought.keep(SimpleNamespace(vector=np.zeros(2048, np.float32), preview=b"", screenshot=None))
    assert asked(Query("scenes", uploads=(photo,))) == nothing
