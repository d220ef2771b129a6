"""What the parts of the page say in each language: nothing in English where Romanian is localized."""

import html
import json
import re
import string
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from examples.bucharest.answers import MapError
from examples.bucharest.places import read_coordinates
from examples.bucharest.wms import MapServer
from retrieval.collections.artifacts import read_manifest
from retrieval.images import ImageError, decode
from retrieval.maps.crops import BAR, FILE, GUESS, HAND, LINK, ZOOM, Scale, Square, checked
from retrieval.maps.links import read_link
from retrieval.maps.locate import LocatedSquare, ScaleHints
from retrieval.maps.overlays import Overlays
from retrieval.maps.scale import ScaleError
from retrieval.maps.screenshot import Screenshot, load_image
from retrieval.retriever import SHIPPED
from tests.fakes import wms
from tests.ui.test_scorecard import measured
from ui.components.history import history_bar
from ui.i18n import LANGUAGES, english, romanian, speaking
from ui.panels.browse import BrowseTab
from ui.panels.details import DetailsPanel
from ui.panels.explain import ExplainDialog
from ui.panels.filters import FiltersPanel
from ui.panels.header import header
from ui.panels.land_use import LandUseTab
from ui.panels.map_examples import MapExamples, map_examples, translated
from ui.panels.photo_examples import example_photos
from ui.panels.screenshot import ScreenshotPanel
from ui.render import screenshots as views
from ui.render.scorecard import scorecard
from ui.uploads import UploadStore


def left_in_english(told):
    """The keys of English texts, or long parts of them, that stand in something said in Romanian."""
    return {
        key
        for key, text in english.TEXTS.items()
        for literal, *_ in string.Formatter().parse(text)
        if len(literal) >= 8 and literal in told and literal not in romanian.TEXTS[key]
    }


def card():
    test, shift = measured({"beach": 0.4, "river": 0.1}), measured({"beach": 0.4, "river": 0.1})
    results = {"protocols": {"test-train": test, "test-test": test, "shift-train": shift},
               "initial": {"test-train": {"overall": test["overall"]}}}  # fmt: skip
    return scorecard(replace(read_manifest(SHIPPED), results=results, training={"trained": False}))


def panels(retriever):
    """All that the panels hold, as the browser gets it, without their scripts and templates."""
    with gr.Blocks() as page:
        header()
        example_photos()
        history_bar()
        FiltersPanel(retriever, "scenes")
        DetailsPanel(retriever, UploadStore())
        BrowseTab(retriever, "scenes")
        ExplainDialog(retriever, UploadStore())
        ScreenshotPanel()
        MapExamples()
        LandUseTab(retriever)
    components = [component["props"] for component in page.get_config_file()["components"]]
    for properties in components:
        properties.pop("html_template", None)
        if script := properties.get("js_on_load"):
            constants = [line for line in script.splitlines() if line.startswith("const constants = ")]
            properties["js_on_load"] = "".join(constants)  # what it says comes with them
        if choices := properties.get("choices"):
            properties["choices"] = [shown for shown, _ in choices]  # a class's name in programs is English
        if isinstance(properties.get("value"), dict):
            for tile in properties["value"].get("tiles", ()):
                del tile["id"], tile["small"]
    return html.unescape(json.dumps(components, ensure_ascii=False, default=str))


def test_nothing_of_the_scorecard_is_left_in_english():
    assert len(left_in_english(card())) >= 20  # so it would be seen
    with speaking("ro"):
        assert left_in_english(card()) == set()


def test_nothing_of_the_panels_is_left_in_english(retriever):
    assert len(left_in_english(panels(retriever))) >= 90  # so it would be seen
    with speaking("ro"):
        assert left_in_english(panels(retriever)) == set()


def test_the_scorecard_is_in_romanian():
    with speaking("ro"):
        told = card()
    for words in (
        "Ce nu poate face", "Cum a fost antrenat", "interval de 95 %: 97.1\u201399.1 %", "plajă și râu",
        '<th scope="col">clasă</th>', '<th scope="col">găsește întâi</th>', "4 din 15", "<dd>nu</dd>",
    ):  # fmt: skip
        assert words in told
    assert re.search(r"\(45 în total\)", told)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_figure_that_is_a_text_stays_out_of_the_scorecard_in_each_language(code):
    results = {"protocols": {"test-train": measured({"beach": 0.4}) | {"gallery": "<img>"}}}
    with speaking(code):
        assert "<img" not in scorecard(replace(read_manifest(SHIPPED), results=results))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Fișierul este gol"),
        (b"%PDF-1.7", "ci un document PDF"),
        (b"<html>", "ci o pagină web"),
        (b"\xff\xd8\xff", "deteriorată, incompletă"),
        (b"words", "JPEG, PNG, WebP, AVIF, TIFF, BMP sau GIF"),
    ],
)
def test_what_is_wrong_with_an_image_is_told_in_romanian(data, words):
    with speaking("ro"), pytest.raises(ImageError, match=words):
        decode(data)


def test_how_a_file_was_read_is_told_in_the_language_of_whoever_asks(tmp_path):
    path = tmp_path / "film.gif"
    frames = [Image.new("RGB", (450, 450), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert load_image(str(path)).note.startswith("This is an animation")
    with speaking("ro"):
        assert load_image(str(path)).note.startswith("Aceasta este o animație")
    assert load_image(str(path)).note.startswith("This is an animation")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: checked(2.0), r"de 7 ori mai mult"),
        (lambda: read_link("https://zoom.earth/"), r"zoom\.earth nu este .* HERE WeGo sau Esri Wayback"),
        (lambda: read_link("https://www.bing.com/maps?cp=44.43~26.1"), r"link Bing Maps .* 44\.43"),
    ],
)
def test_what_is_wrong_with_a_scale_is_told_in_romanian(ask, words):
    with speaking("ro"), pytest.raises(ScaleError, match=words):
        ask()


@pytest.mark.parametrize("source", [LINK, ZOOM, BAR, FILE, GUESS, HAND])
@pytest.mark.parametrize("kind", ["imagery", "street map", "blank", "covered"])
def test_a_screenshot_is_described_in_romanian(source, kind):
    view = Overlays(np.ones((2532, 1170), bool), (0, 0, 1170, 2532), kind)
    picture = Screenshot(Image.new("RGB", (1170, 2532)), "", view, None)
    said = ScaleHints("https://www.google.com/maps/@44.43,26.1,17z")
    reading = LocatedSquare(Square(500, 500, 40), Scale(0.9, source), said, np.empty(0))

    def told():
        return " ".join([views.scale_line(picture, reading), *views.remarks(picture, reading)])

    assert left_in_english(told())
    with speaking("ro"):
        assert "Scara" in told()
        assert left_in_english(told()) == set()


def test_examples_of_maps_are_named_when_they_are_listed():
    with speaking("ro"):
        in_romanian = [each.title for each in map_examples()]
    in_english = [each.title for each in map_examples()]
    assert "Drawn stand-in for Otopeni, zoom 18" in in_english
    assert "Desen în locul unei capturi: Otopeni, zoom 18" in in_romanian


def test_each_place_says_what_is_to_be_seen_there_in_each_language():
    texts = {key: text for key, text in english.TEXTS.items() if key.startswith("place.at.")}
    assert {f"place.at.{place.slug}": place.sight.template for place in read_coordinates()} == texts
    with speaking("ro"):
        assert [translated(place.sight) for place in read_coordinates() if place.slug == "a1"] == [
            "o autostradă cu sensurile separate"
        ]


def test_a_map_service_is_asked_in_another_thread_and_its_refusal_told_in_romanian():
    with wms.Wms() as service:
        service.faults = {"GetCapabilities": wms.exception("")}
        with pytest.raises(MapError, match="refuses: 'no reason given'") as caught:
            MapServer(service.address)
    with speaking("ro"):
        assert "refuză: „fără motiv”" in translated(caught.value.message)
