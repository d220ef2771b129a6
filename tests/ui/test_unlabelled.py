"""A collection whose photos nobody labelled, wherever the page would speak of classes."""

import gradio as gr
import pytest

from retrieval import Retriever
from retrieval.query import PhotoRef, Query
from retrieval.retriever import SHIPPED
from tests.fakes.unlabelled_folder import write_unlabelled
from ui.components import photo_grid
from ui.components.history import entry
from ui.i18n import class_name
from ui.panels.browse import BrowseTab
from ui.panels.explain import ExplainDialog
from ui.panels.filters import FiltersPanel
from ui.render import charts, export, sentences
from ui.render.contact_sheet import contact_sheet
from ui.render.land_use import tile_line
from ui.state import SearchState
from ui.thumbnails import thumbnail, whole
from ui.uploads import UploadStore


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


def test_the_summary_says_distances_and_no_votes(result):
    line = sentences.summary(result)
    assert line.startswith("Distance 0.")
    assert "neighbours are" not in line


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
    assert tile_line(result).startswith("**The marked square.**")


def test_the_dialog_speaks_of_pairs_of_photos(retriever, query, result):
    with gr.Blocks():
        dialog = ExplainDialog(retriever, UploadStore())
    found = result.neighbours[1]
    shown = dialog.open(SearchState(query, result), {"collection": "mine", "id": found.id})
    assert shown["neighbour"]["caption"] == found.id
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
    chosen, line, grid, _ = tab.show("mine", "")
    assert chosen["label"] == "Group"
    assert line.startswith("Nobody labelled these photos")
    assert len(grid["tiles"]) == 3
    chosen, line, grid, _ = tab.show("mine", "group 2")
    assert "20 photos of group 2, which are alike" in line
    assert [tile["id"] for tile in grid["tiles"]] == [
        each.id for each in collection.entries if each.label == "group 2"
    ]
    assert tab.show("ucmerced", "")[0]["label"] == "Class"


def test_its_photos_are_served_and_their_small_pictures_made_once(retriever):
    collection = retriever.collection("mine")
    assert whole(collection, 5) == collection.photo(5)
    small = thumbnail(collection, 5)
    made = small.stat().st_mtime_ns
    assert (thumbnail(collection, 5), small.stat().st_mtime_ns) == (small, made)


def test_only_a_group_is_called_so():
    assert class_name("group 12") == "group 12"
    assert class_name("group 0") == "group 0"
