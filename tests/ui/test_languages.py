"""What the parts of the page say in each language: nothing in English where Romanian is localized."""

import re
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from examples.bucharest.answers import MapError
from examples.bucharest.places import read_places
from examples.bucharest.sights import SIGHTS
from examples.bucharest.wms import MapServer
from examples.map_views import map_views
from retrieval.collections.artifacts import read_manifest
from retrieval.images import ImageError, decode
from retrieval.maps.crops import BAR, CONFIRMED, FILE, GUESS, HAND, LINK, ZOOM, Scale, Square, checked_scale
from retrieval.maps.links import read_link
from retrieval.maps.locate import LocatedSquare, ScaleHints
from retrieval.maps.overlays import Overlays
from retrieval.maps.scale import ScaleError
from retrieval.maps.screenshot import Screenshot, load_image
from retrieval.retriever import SHIPPED
from tests.fakes import wms
from tests.ui.test_i18n import left_in_english, shown
from tests.ui.test_scorecard import measured
from ui.components.example_strip import example_strip
from ui.components.history import history_bar
from ui.i18n import LANGUAGES, use_language
from ui.i18n import gettext as _
from ui.panels.browse import BrowseTab
from ui.panels.details import DetailsPanel
from ui.panels.explain import ExplainDialog
from ui.panels.filters import FiltersPanel
from ui.panels.header import header
from ui.panels.land_use import LandUseTab
from ui.panels.map_examples import places_to_try
from ui.panels.screenshot import ScreenshotPanel
from ui.render import screenshots as views
from ui.render.scorecard import origin, scorecard
from ui.uploads import UploadStore
from ui.whole_maps import WholeMaps


def card():
    test, shift = measured({"beach": 0.4, "river": 0.1}), measured({"beach": 0.4, "river": 0.1})
    results = {"protocols": {"test-train": test, "test-test": test, "shift-train": shift},
               "initial": {"test-train": {"overall": test["overall"]}}}  # fmt: skip
    manifest = replace(read_manifest(SHIPPED), results=results, training={"trained": False})
    return scorecard(manifest) + origin(manifest)


def panels(retriever):
    """All that the panels hold, as `shown` tells it."""
    with gr.Blocks() as page:
        header()
        example_strip()
        history = history_bar()
        FiltersPanel(retriever, "scenes")
        DetailsPanel()
        BrowseTab(retriever, "scenes")
        ExplainDialog(retriever, UploadStore())
        ScreenshotPanel()
        places_to_try()
        LandUseTab(retriever, UploadStore(), WholeMaps(), "ucmerced", history)
    return shown(page.get_config_file()["components"])


def test_nothing_of_the_scorecard_is_left_in_english():
    assert len(left_in_english(card())) >= 20  # so it would be seen
    with use_language("ro"):
        assert left_in_english(card()) == set()


def test_nothing_of_the_panels_is_left_in_english(retriever):
    assert len(left_in_english(panels(retriever))) >= 90  # so it would be seen
    with use_language("ro"):
        assert left_in_english(panels(retriever)) == set()


def test_the_scorecard_is_in_romanian():
    with use_language("ro"):
        told = card()
    for words in (
        "Ce nu poate face", "Cum a fost antrenat", "interval de 95 %: 88,4\u201399,6 %", "plajă și râu",
        '<th scope="col">clasă</th>', '<th scope="col">găsește întâi</th>', "4 din 15", "<dd>nu</dd>",
    ):  # fmt: skip
        assert words in told
    assert re.search(r"\(45 în total\)", told)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_figure_that_is_a_text_stays_out_of_the_scorecard_in_each_language(code):
    results = {"protocols": {"test-train": measured({"beach": 0.4}) | {"gallery": "<img>"}}}
    with use_language(code):
        assert "<img" not in scorecard(replace(read_manifest(SHIPPED), results=results))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Fișierul este gol"),
        (b"%PDF-1.7", "ci un document PDF"),
        (b"<html>", "ci o pagină web"),
        (b"\xff\xd8\xff", "deteriorată, incompletă"),
        (b"words", "JPEG, PNG, WebP, AVIF, HEIC, TIFF, JPEG 2000, BMP sau GIF"),
    ],
)
def test_what_is_wrong_with_an_image_is_told_in_romanian(data, words):
    with pytest.raises(ImageError) as caught:
        decode(data)
    with use_language("ro"):
        assert words in _(caught.value.message)


def test_how_a_file_was_read_is_told_in_the_language_of_whoever_asks(tmp_path):
    path = tmp_path / "film.gif"
    frames = [Image.new("RGB", (450, 450), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert _(load_image(str(path)).note).startswith("This is an animation")
    with use_language("ro"):
        assert _(load_image(str(path)).note).startswith("Aceasta este o animație")
    assert _(load_image(str(path)).note).startswith("This is an animation")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: checked_scale(2.0), r"de 7 ori mai mult"),
        (lambda: read_link("https://mapy.cz/"), r"mapy\.cz nu este .* HERE WeGo sau Esri Wayback"),
        (lambda: read_link("https://www.bing.com/maps?lvl=19"), r"link Bing Maps"),
    ],
)
def test_what_is_wrong_with_a_scale_is_told_in_romanian(ask, words):
    with pytest.raises(ScaleError) as caught:
        ask()
    with use_language("ro"):
        assert re.search(words, _(caught.value.message))


@pytest.mark.parametrize("source", [LINK, ZOOM, BAR, FILE, GUESS, HAND, CONFIRMED])
@pytest.mark.parametrize("content", ["imagery", "street map", "blank", "covered"])
def test_a_screenshot_is_described_in_romanian(source, content):
    view = Overlays(np.ones((2532, 1170), bool), (0, 0, 1170, 2532), content)
    picture = Screenshot(Image.new("RGB", (1170, 2532)), None, view, None)
    hints = ScaleHints("https://www.google.com/maps/@44.43,26.1,17z")
    located = LocatedSquare(Square(500, 500, 40), Scale(0.9, source), hints, np.empty(0))

    def told():
        return " ".join([views.scale_line(picture, located), *views.remarks(picture, located)])

    assert left_in_english(told())
    with use_language("ro"):
        assert "Scara" in told()
        assert left_in_english(told()) == set()
        assert not re.search(r"\d\.\d", told())


def test_examples_of_maps_are_named_when_they_are_listed():
    with use_language("ro"):
        in_romanian = [_(each.title) for each in map_views().values()]
    in_english = [_(each.title) for each in map_views().values()]
    assert "Otopeni, drawn, at zoom 18" in in_english
    assert not set(in_english) & set(in_romanian)


def test_each_place_says_what_is_to_be_seen_there_in_each_language():
    places = {place.slug: place.sight for place in read_places()}
    assert places == SIGHTS
    assert _(places["a1"]) == "a motorway with two carriageways"
    with use_language("ro"):
        assert _(places["a1"]) == "o autostradă cu sensurile separate"
        assert all(_(sight) != str(sight) for sight in places.values())


def test_a_map_service_is_asked_in_another_thread_and_its_refusal_told_in_romanian():
    with wms.Wms() as service:
        service.faults = {"GetCapabilities": wms.exception("")}
        with pytest.raises(MapError, match="refuses: 'no reason given'") as caught:
            MapServer(service.address)
    with use_language("ro"):
        assert "refuză: „fără motiv”" in _(caught.value.message)
