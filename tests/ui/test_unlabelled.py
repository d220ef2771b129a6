"""A collection whose photos nobody labelled, wherever the page would speak of classes."""

import io
import re
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from retrieval import Retriever
from retrieval.collections.artifacts import CLASSES, read_manifest, write_manifest
from retrieval.collections.artifacts import GROUPS as GROUPS_OF_PHOTOS
from retrieval.maps.crops import GIVEN, GUESS, Scale, Square, grid
from retrieval.maps.land_use import Tiles
from retrieval.maps.locate import LocatedSquare, ScaleHints
from retrieval.maps.placement import Placement
from retrieval.query import PhotoRef, Query
from retrieval.retriever import SHIPPED
from retrieval.verdict import FAIR, FAIRLY_NEAR, NEAR, STRONG, WEAK, Verdict
from tests.fakes.unlabelled_folder import write_unlabelled
from ui.components import photo_grid
from ui.components.history import entry
from ui.hosting.link_cards import LinkCards
from ui.i18n import label_name, use_language
from ui.panels.browse import BrowseTab
from ui.panels.explain import ExplainDialog
from ui.panels.filters import FiltersPanel
from ui.panels.mapping import shown_file
from ui.render import charts, export, link_words, sentences, verdict
from ui.render.accuracy import in_short
from ui.render.contact_sheet import contact_sheet
from ui.render.land_use import tile_line
from ui.render.photo_list import Alone, photo_rows
from ui.render.preview_picture import SIZE, preview_of_search
from ui.render.previews import previews_line
from ui.render.whole_map import show_map
from ui.state import SearchState
from ui.thumbnails import thumbnail, whole
from ui.uploads import UploadStore
from ui.whole_maps import ALIKE, COLOURS, GROUPS, LAND_USE, LAYERS, WholeMap


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    place = tmp_path_factory.mktemp("unlabelled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AERIAL_CACHE", str(place / "cache"))
        made = write_unlabelled(place / "mine", place / "photos")
        yield Retriever.load(SHIPPED, further=[made], photos=place / "none", device="cpu")


@pytest.fixture(scope="module")
def query(retriever):
    return Query("mine", (PhotoRef("mine", retriever.collection("mine").entries[0].id),), k=4)


@pytest.fixture(scope="module")
def result(retriever, query):
    return retriever.answer(query)


def told(html):
    """What one reads of the line above the neighbours, but for its tooltip."""
    line = re.search(r'<p class="line">(.*?)<button', html)[1]
    return " ".join(re.sub("<[^>]*>", "", line).replace("&nbsp;", " ").split())


def at(result, distance, **fields):
    """The answer with its nearest neighbour at a distance."""
    nearest = replace(result.neighbours[0], distance=distance)
    return replace(result, neighbours=[nearest, *result.neighbours[1:]], nearest=distance, **fields)


@pytest.fixture(scope="module")
def limits(result):
    """The distances up to which a match is strong, and fair."""
    calibration = result.collection.calibration
    return calibration.within(NEAR), calibration.within(FAIRLY_NEAR)


BY_DISTANCE = "By the distance alone: nobody labelled these photos."


def test_the_verdict_is_told_by_the_distance_and_names_no_class(result, query, limits):
    strong, fair = limits
    for distance, level, head in (
        (strong, STRONG, "Strong match"),
        (fair, FAIR, "Fair match"),
        (fair + 0.01, WEAK, "No close match"),
        (1.9, WEAK, "No close match"),
    ):
        found = at(result, distance)
        assert found.verdict == Verdict(level, "")
        assert told(verdict.summary(found, query)) == f"{head} {BY_DISTANCE}"
        assert found.to_dict()["verdict"] == {"level": level, "label": "", "agree": 0, "of": 0}
        assert photo_grid.answer(found, query, far=found.verdict.is_far)["tiles"]


def test_where_no_level_can_be_told_it_is_said_that_nobody_labelled_them(result, query):
    marked = replace(query, relevant=query.stored)
    html = verdict.summary(replace(result, marked=True), marked)
    assert told(html) == "With your marks Nobody labelled these photos."
    nothing = verdict.summary(replace(result, neighbours=[]), query)
    assert told(nothing).startswith("No photo is left")


def test_a_guess_of_the_scale_is_told_beside_it(result, query):
    located = LocatedSquare(Square(50, 50, 100), Scale(0.78, GUESS), ScaleHints(), result.vector)
    html = verdict.summary(at(result, 0.0), query, located)
    assert told(html) == f"Fair match? Only if you can make out single cars. {BY_DISTANCE}"


def test_of_several_photos_each_alone_has_its_level(result):
    rows = photo_rows([Alone("x", at(result, 0.0).verdict), Alone("y", replace(result, marked=True).verdict)])
    assert '<b class="level">Strong</b> <small>Photo 1</small>' in rows
    assert "<div><small>Photo 2</small>" in rows
    assert "nearest:" not in rows


def test_previews_have_their_ids_alone(retriever, tmp_path):
    collection = retriever.collection("mine")
    gone = SimpleNamespace(title=collection.title, has_classes=False, photo=lambda row: None)
    line = previews_line(gone, [0])
    assert "has its id written on it" in line
    assert "class and" not in line


def test_links_are_said_without_a_class(retriever, query, result):
    photo = query.stored[0].id
    name = link_words.query_name(query, [""])
    assert name == photo
    collection = retriever.collection("mine")
    assert link_words.search_words(query, name, collection, 4) == (
        f"The 4 photos most like {photo} in My photos"
    )
    assert link_words.answer_words(result) == "The 4 nearest of 60 photos of My photos."
    one = replace(result, neighbours=result.neighbours[:1])
    assert link_words.answer_words(one) == "The nearest of 60 photos of My photos."


def test_links_to_groups_are_said_as_such(retriever):
    collection = retriever.collection("mine")
    assert link_words.browse_words(collection, "") == (
        "The 60 photos of My photos: as a map on which near is similar, and in groups"
    )
    assert link_words.browse_heading(collection, "group 2") == "group 2 in My photos"
    assert link_words.browse_words(collection, "group 2") == (
        "The 20 photos of group 2 in My photos, which are alike"
    )


def test_cards_of_links_have_no_empty_places(retriever, query):
    cards = LinkCards(retriever, UploadStore(), lambda: "mine")
    addresses = [
        query.address(),
        f"{query.address()}&max=0",
        query.address() + "&id=mine/" + retriever.collection("mine").entries[5].id,
        "view=browse&in=mine",
        "view=browse&in=mine&class=group+2",
        "view=browse&in=mine&class=beach",
    ]
    for address in addresses:
        card = cards.of(address)
        said = f"{card.title} {card.description}"
        assert not re.search(r"\(\)|: \.|  | ,|\bNone\b|of the class", said), said
    first = cards.of(query.address())
    assert first.title.startswith(f"Photos like {query.stored[0].id} ")
    assert first.picture == f"preview.jpg?{query.address()}"
    group = cards.of("view=browse&in=mine&class=group+2")
    assert group.address == "view=browse&in=mine&class=group+2"
    assert group.title.startswith("group 2 in My photos")
    assert cards.of("view=browse&in=mine&class=beach").title.startswith("Browse My photos")


def test_the_picture_of_a_link_is_drawn(result, query):
    file = preview_of_search(result, result.collection.photo_image(0), link_words.query_name(query, [""]))
    assert Image.open(io.BytesIO(file)).size == SIZE


def test_the_answers_are_called_by_their_files(retriever, result, query):
    tiles = photo_grid.answer(result, query)["tiles"]
    assert [tile["label"] for tile in tiles] == [found.id.rsplit("/", 1)[1] for found in result.neighbours]
    assert all("group" not in str(tile["alt"]) for tile in tiles)
    assert sentences.query_line(query, [""]).endswith("a photo of the collection.")
    assert entry(retriever, UploadStore(), query)["title"] == query.stored[0].id


def test_charts_and_files_have_no_classes(result, query):
    assert charts.histogram(result) == ""
    chart = charts.distances(result, result.surroundings.plotted)
    assert "crosses" not in chart
    assert 'class="other"' not in chart
    assert "any two photos" in charts.pair_distances(result.collection.pair_distances, 0.3)
    first = export.to_csv(result).splitlines()[1].split(",")
    assert (first[2], first[3]) == ("", result.neighbours[0].id)
    assert contact_sheet(result, result.collection.photo_image(0))[:4] == b"\x89PNG"
    for distance in (0.1, 1.9):  # nobody knows from which on nothing is alike
        assert tile_line(at(result, distance)).startswith(
            f"**The marked square.** The nearest, at {distance:.3f}"
        )


def test_the_dialog_speaks_of_pairs_of_photos(retriever, query, result):
    with gr.Blocks():
        dialog = ExplainDialog(retriever, UploadStore())
    found = result.neighbours[1]
    shown = dialog.open(SearchState(query, result), {"collection": "mine", "id": found.id})
    assert shown["title"] == "Why does this look alike?"
    assert (shown["neighbour"]["caption"], shown["neighbour"]["file"]) == (found.id, "")
    assert "class" not in shown["answer"]
    assert any("Of pairs of photos in this collection" in line for line in shown["lines"])


def test_no_filter_by_class_is_offered(retriever):
    with gr.Blocks():
        assert FiltersPanel(retriever, "mine").classes.visible is False
        panel = FiltersPanel(retriever, "ucmerced")
    assert panel.classes.visible is True
    assert panel.offer(Query("mine"))["visible"] is False
    assert panel.offer(Query("ucmerced"))["visible"] is True
    assert panel.apply(Query("mine"), 5, "mine", ["group 1"], 2, False).filters.classes == ()


def test_browse_offers_groups(retriever):
    collection = retriever.collection("mine")
    with gr.Blocks():
        tab = BrowseTab(retriever, "mine")
    chosen, line, grid, _, _step = tab.show("mine", "")
    assert chosen["label"] == "Group"
    assert line.startswith("Nobody labelled these photos")
    assert len(grid["tiles"]) == 3
    chosen, line, grid, _, step = tab.show("mine", "group 2")
    assert step["address"] == "view=browse&in=mine&class=group+2"
    assert "20 photos of group 2, which are alike" in line
    assert [tile["id"] for tile in grid["tiles"]] == [
        each.id for each in collection.entries if each.label == "group 2"
    ]
    assert tab.show("ucmerced", "")[0]["label"] == "Class"


def test_an_address_leads_to_a_group_and_of_none_that_is_said(retriever):
    with gr.Blocks():
        tab = BrowseTab(retriever, "ucmerced")
    collection, label, line, grid, *_ = tab.visit({"in": "mine", "class": "group 3"})
    assert (collection["value"], label["value"], len(grid["tiles"])) == ("mine", "group 3", 20)
    assert line.startswith("20 photos of group 3")
    _, label, line, *_ = tab.visit({"in": "mine", "class": "group 99"})
    assert label["value"] == ""
    assert line.startswith("There is no group of this name here. Nobody labelled these photos")


def mapped(retriever):
    """A map of six tiles of two kinds, as `ui.panels.mapping` makes it."""
    layout = grid((0, 0, 512, 384), 256)
    places = np.array([(row, column) for row in range(layout.rows) for column in range(layout.columns)])
    index = retriever.collection("mine").index
    vectors = np.stack([index.vector(0 if column < 2 else 30) for _, column in places])
    scale = Scale(78 / 256, GIVEN)
    tiles = Tiles(layout, places, vectors, scale.metres_per_pixel, np.zeros(layout.cells, bool))
    picture = shown_file(Image.new("RGB", (512, 384), (40, 90, 60)))
    return WholeMap(tiles, picture, (512, 384), scale, 0, Placement(2.9e6, 5.5e6, 0.4))


def test_a_whole_map_says_that_there_is_no_land_use_and_shows_all_else(retriever):
    whole, collection = mapped(retriever), retriever.collection("mine")
    shown = {layer: show_map(whole, layer, 3, 0, collection) for layer in LAYERS}
    none = shown[LAND_USE]
    assert (none.layer, none.features, none.legend) == (None, None, "")
    assert none.line.startswith("**Nobody labelled the photos of My photos, so they tell no land use**")
    for layer in (COLOURS, GROUPS, ALIKE):
        assert shown[layer].layer is not None
        assert list(shown[layer].features(whole.placement))
    assert show_map(whole, LAND_USE, 3, 0, retriever.collection("ucmerced")).layer is not None


def test_nothing_is_said_of_how_often_a_class_is_right(retriever):
    (sentence,) = in_short(retriever.collection("mine"))
    assert sentence.startswith("Nobody labelled these photos")


def test_its_photos_are_served_and_their_small_pictures_made_once(retriever):
    collection = retriever.collection("mine")
    assert whole(collection, 5) == collection.photo(5)
    small = thumbnail(collection, 5)
    made = small.stat().st_mtime_ns
    assert (thumbnail(collection, 5), small.stat().st_mtime_ns) == (small, made)


def test_a_class_that_is_called_as_groups_are_is_none(tmp_path, monkeypatch):
    """The manifest says what a label is: the same text is translated of a group, and not of a class."""
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    made = write_unlabelled(tmp_path / "mine", tmp_path / "photos")
    for labels, name in ((GROUPS_OF_PHOTOS, "grupul 3"), (CLASSES, "group 3")):
        write_manifest(made, replace(read_manifest(made), labels=labels))
        retriever = Retriever.load(SHIPPED, further=[made], photos=tmp_path / "none", device="cpu")
        collection = retriever.collection("mine")
        row = collection.first_of_classes[2]
        with gr.Blocks():
            tab = BrowseTab(retriever, "mine")
        with use_language("ro"):
            chosen, line, grid, shown_map, step = tab.show("mine", "group 3")
            names = dict(choice[::-1] for choice in chosen["choices"])
            address = photo_grid.photos(collection, [row], "")["tiles"][0]["alt"]
            words = link_words.browse_words(collection, "group 3")
            heading = link_words.browse_heading(collection, "group 3")
        assert (names["group 3"], shown_map["labels"]["group 3"]) == (name, name)
        for text in (line, address, words, heading, grid["tiles"][0]["alt"], step["title"]):
            assert name in text
            assert ("grupul" in text) == (name == "grupul 3")


def test_a_group_of_nobodys_making_keeps_its_name():
    with use_language("ro"):
        for label, name in (("group 12", "grupul 12"), ("group 0", "group 0"), ("group x\n", "group x")):
            assert label_name(label, has_classes=False) == name
        assert label_name("beach", has_classes=True) == "plajă"
        assert label_name("beach", has_classes=False) == "beach"
