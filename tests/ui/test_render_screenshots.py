"""What a visitor reads and sees of a screenshot: each sentence when it is due, and the layers' pixels."""

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from examples.map_pages.street_map import draw_blank, draw_street_map
from retrieval.collections.calibration import Calibration
from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.maps.crops import (
    BAR,
    CONFIRMED,
    FILE,
    GUESS,
    HAND,
    LINK,
    TOO_FAR,
    ZOOM,
    Scale,
    Square,
    grid,
    initial_square,
)
from retrieval.maps.land_use import HIDDEN, UNLIKE, LandUse, Tiles
from retrieval.maps.locate import LocatedSquare, ScaleHints
from retrieval.maps.overlays import Overlays, find_overlays
from retrieval.maps.scale import TILE_METRES
from retrieval.maps.screenshot import Screenshot
from retrieval.results import Neighbour, SearchResult
from retrieval.retriever import SHIPPED_SCENES
from ui.i18n import use_language
from ui.render import land_use as land_use_views
from ui.render import map_layers
from ui.render import screenshots as views

NOTHING = np.empty(0, np.float32)
LINK_19 = "https://www.google.com/maps/@44.43,26.1,19z/data=!3m1!1e3"
LINK_HEIGHT = "https://www.google.com/maps/@44.43,26.1,200m/data=!3m1!1e3"
LINK_STREETS = "https://www.openstreetmap.org/#map=19/44.43/26.1"
LINK_NO_ZOOM = "https://www.google.com/maps/search/?api=1&query=44.43,26.1"
LINK_BY_NAMES = "https://maps.example.org/?lat=44.43&lon=26.1&zoom=19"
PLAIN = (20, 140, 60)


def picture_of(size=(1440, 900), content="imagery", covered=None, note=None):
    width, height = size
    mask = np.zeros((height, width), bool)
    if covered:
        left, top, right, bottom = covered
        mask[top:bottom, left:right] = True
    overlays = Overlays(mask, (0, 0, width, height), content)
    return Screenshot(Image.new("RGB", size, PLAIN), note, overlays, None)


def located_at(source=GUESS, metres=0.2132, hints=None, side=None, at=(720, 450)):
    scale = Scale(metres, source)
    return LocatedSquare(Square(*at, side or scale.side), scale, hints or ScaleHints(), NOTHING)


def pixels(layer):
    """The picture inside a data URL, and its kind."""
    head, data = layer["src"].split(",") if isinstance(layer, dict) else layer.split(",")
    assert head.endswith(";base64")
    return Image.open(io.BytesIO(base64.b64decode(data)))


class Table(HTMLParser):
    """The tags of a piece of HTML and the cells of its rows."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.rows, self.styles, self._open = [], [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if style := dict(attributes).get("style"):
            self.styles.append(style)
        self._open = tag in ("th", "td") or (tag == "i" and self._open)
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self._open:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self._open = False


def test_a_screenshot_is_sent_smaller_in_the_same_shape_and_stays_as_it_is():
    large = Image.new("RGB", (3200, 1800), PLAIN)
    sent = pixels(views.shown(large))
    assert sent.format == "JPEG"
    assert sent.size == (1600, 900)
    assert np.abs(np.subtract(sent.getpixel((5, 5)), PLAIN)).max() < 4
    assert large.size == (3200, 1800)
    assert pixels(views.shown(Image.new("RGB", (500, 400)))).size == (500, 400)


def test_what_is_drawn_over_a_screenshot_is_plain_json():
    picture = picture_of()
    square = initial_square(picture.overlays, 366.0)
    value = views.view_value(picture.image.size, square, Scale(0.2132, LINK), {"src": "data:", "left": 3})
    assert json.loads(json.dumps(value)) == value
    assert (value["width"], value["height"]) == (1440, 900)
    assert value["square"] == {"x": 720, "y": 450, "side": 366}
    assert value["layer"] == {"src": "data:", "left": 3}
    numbers = [*value["square"].values(), value["bar"]["pixels"]]
    assert {type(number) for number in numbers} <= {int, float}
    assert views.view_value(picture.image.size, square, Scale(0.2132, LINK))["layer"] is None


def test_a_square_beside_overlays_is_plain_json_too():
    picture = picture_of(covered=(600, 300, 900, 600))
    value = views.view_value(picture.image.size, initial_square(picture.overlays, 200), Scale(0.39, GUESS))
    assert {type(number) for number in value["square"].values()} <= {int, float}
    json.dumps(value)


@pytest.mark.parametrize(
    ("side", "metres", "label"),
    [
        (366, 0.2132, "50 m"),
        (100, 0.2, "20 m"),
        (100, 0.5, "50 m"),
        (99, 0.5, "20 m"),
        (100, 0.01, "1 m"),
        (40, 0.01, "0.2 m"),
        (1000, 1.0, "1000 m"),
    ],
)
def test_the_scale_bar_is_round_and_no_longer_than_the_square(side, metres, label):
    bar = views.view_value((4 * side, 3 * side), Square(side, side, side), Scale(metres, LINK))["bar"]
    assert bar["label"] == label
    assert bar["pixels"] * metres == pytest.approx(float(label[:-2]))
    assert side / 2.6 < bar["pixels"] <= side * 1.001


@pytest.mark.parametrize(("side", "label"), [(260, "200 m"), (2, "200 m"), (1400, "200 m"), (3000, "500 m")])
def test_beside_a_small_square_the_scale_bar_is_long_enough_to_be_read(side, label):
    bar = views.view_value((6000, 6000), Square(3000, 3000, side), Scale(0.3, FILE))["bar"]
    assert bar["label"] == label
    assert bar["pixels"] * 0.3 == pytest.approx(float(label[:-2]))
    assert bar["pixels"] >= 6000 / 10


def test_the_scale_bar_is_written_as_the_language_does():
    with use_language("ro"):
        bar = views.view_value((160, 120), Square(80, 60, 40), Scale(0.01, LINK))["bar"]
    assert bar["label"] == "0,2 m"


def test_a_guess_is_called_one_and_asks_for_the_link():
    line = views.scale_line(picture_of(), located_at(GUESS, 0.216))
    assert line == "**Scale: a guess.** Paste the map's link to be sure."


def test_a_guess_that_was_confirmed_says_who_said_so_and_only_about_how_much_it_shows():
    line = views.scale_line(picture_of(), located_at(CONFIRMED, 0.216))
    assert line == "**Scale: as you said.** The square is taken for about 78 m."


@pytest.mark.parametrize("source", [GUESS, TOO_FAR])
def test_of_a_guess_no_metres_are_claimed_and_no_scale_bar_is_drawn(source):
    located = located_at(source, 1.2, side=65)
    told = [views.scale_line(picture_of(), located), *views.remarks(picture_of(), located)]
    assert not re.search(r"[0-9]", " ".join(told))
    assert views.view_value((1440, 900), located.square, located.scale)["bar"] is None


def test_the_bar_of_a_guess_that_was_confirmed_says_about():
    bar = views.view_value((1440, 900), Square(720, 450, 366), Scale(0.2132, CONFIRMED))["bar"]
    assert bar["label"] == "≈ 50 m"


def test_a_scale_by_hand_says_what_follows_from_it():
    line = views.scale_line(picture_of(), located_at(HAND, 0.3))
    assert line == "**Scale: by your hand.** The square is taken for 78 m, which makes 0.3 m per pixel."


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (LINK, "from the map's link"),
        (ZOOM, "from the zoom"),
        (BAR, "from the scale bar"),
        (FILE, "from the file itself"),
    ],
)
def test_a_known_scale_says_where_it_is_from(source, words):
    line = views.scale_line(
        picture_of(), located_at(source, hints=ScaleHints(LINK_19 if source == LINK else ""))
    )
    asked = " It is taken for a screen with one pixel for one of the map: if yours is sharper, say so."
    assert line == (
        f"**Scale: 0.21 m per pixel**, {words}. The square shows 78 m of ground, as the collection's photos "
        f"do.{asked if source in (LINK, ZOOM) else ''}"
    )


def test_a_link_that_was_read_by_its_names_says_so():
    line = views.scale_line(picture_of(), located_at(LINK, hints=ScaleHints(LINK_BY_NAMES)))
    assert line.startswith("**Scale: 0.21 m per pixel**, read from the names in the link's address. ")
    assert "compare the square with the map's scale bar." in line
    by_hand = views.scale_line(picture_of(), located_at(HAND, hints=ScaleHints(LINK_BY_NAMES)))
    assert "names" not in by_hand


def test_a_link_that_says_a_place_alone_asks_for_the_zoom():
    hints = ScaleHints(LINK_NO_ZOOM)
    sentence = (
        "This Google Maps link says the place, at latitude 44.43, but not the zoom: give the zoom yourself."
    )
    assert views.remarks(picture_of(), located_at(GUESS, hints=hints)) == [sentence]
    for source in (ZOOM, BAR, FILE, HAND):  # somebody said it
        assert sentence not in views.remarks(picture_of(), located_at(source, hints=hints))


@pytest.mark.parametrize(
    ("hints", "told"), [(ScaleHints(LINK_19), True), (ScaleHints(LINK_19, ratio=2), False)]
)
def test_a_pixel_ratio_that_the_file_says_is_told(hints, told):
    picture = replace(picture_of(), pixel_ratio=2.0)
    line = views.scale_line(picture, located_at(LINK, hints=hints))
    assert ("Its file says that the screen has 2 pixels for one of the map." in line) is told


def test_a_square_of_other_ground_is_compared_with_the_photos():
    line = views.scale_line(picture_of(), located_at(BAR, 0.2, side=200))
    assert "shows 40 m of ground; the collection's photos show 78 m." in line


@pytest.mark.parametrize(
    ("source", "hints", "told"),
    [
        (LINK, ScaleHints(LINK_19), True),
        (LINK, ScaleHints(LINK_19, ratio=3), False),
        (LINK, ScaleHints(LINK_HEIGHT), False),
        (ZOOM, ScaleHints(zoom=19, latitude=44.43), True),
        (ZOOM, ScaleHints(zoom=19, latitude=44.43, ratio=1), False),
        (BAR, ScaleHints(bar_metres=20, bar_pixels=90), False),
        (FILE, ScaleHints(), False),
    ],
)
def test_the_pixel_ratio_is_told_where_it_was_assumed_and_counts(source, hints, told):
    phone = picture_of((1170, 2532))
    line = views.scale_line(phone, located_at(source, hints=hints))
    assert ("of a screen with 3 pixels for one of the map." in line) is told
    assert "of a screen" not in views.scale_line(picture_of(), located_at(source, hints=hints))


def test_nothing_stands_in_the_way_of_a_good_screenshot():
    assert views.remarks(picture_of(), located_at()) == []
    assert views.remarks(picture_of(), located_at(LINK, hints=ScaleHints(LINK_19))) == []


def test_how_the_file_was_read_comes_first():
    told = views.remarks(picture_of(note=Message("This is an animation."), content="blank"), located_at())
    assert told[0] == "This is an animation."
    assert len(told) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("street map", "switch the map to satellite"),
        ("blank", "map without imagery"),
        ("covered", "page of text and buttons"),
    ],
)
def test_a_picture_without_imagery_is_told_once(content, words):
    told = views.remarks(
        picture_of(content=content, covered=(0, 0, 1440, 900)), located_at(hints=ScaleHints(LINK_STREETS))
    )
    assert len(told) == 1
    assert words in told[0]


@pytest.mark.parametrize(
    ("draw", "words"), [(draw_street_map, "street map"), (draw_blank, "without imagery")]
)
def test_a_drawn_page_without_photos_is_told(draw, words):
    image = draw(1, (900, 600))
    told = views.remarks(Screenshot(image, None, find_overlays(image), None), located_at(at=(450, 300)))
    assert words in told[0]


def test_a_link_to_the_street_map_is_told():
    told = views.remarks(picture_of(), located_at(LINK, hints=ScaleHints(LINK_STREETS)))
    assert told == ["The link opens the street map: switch to satellite before you take the screenshot."]


def test_a_covered_square_is_told_with_its_share():
    located = located_at(side=400)
    told = views.remarks(picture_of(covered=(520, 250, 720, 450)), located)
    assert told == ["Buttons or labels cover 25% of the square: move it to a clear place."]
    assert views.remarks(picture_of(covered=(520, 250, 600, 330)), located) == []


def test_a_screenshot_of_too_little_ground_is_told_where_the_scale_is_known():
    small = picture_of((900, 500))
    located = located_at(LINK, 0.1, ScaleHints(LINK_19), side=500, at=(450, 250))
    assert views.remarks(small, located) == [
        "This screenshot shows only 50 m, and a photo of the collection 78 m: zoom out a step for better "
        "neighbours."
    ]
    assert views.remarks(small, located_at(HAND, 0.1, side=500, at=(450, 250))) == []


def test_a_coarse_screenshot_is_told_with_how_coarse_it_is():
    told = views.remarks(picture_of(), located_at(ZOOM, 0.9144))
    assert told == [
        "A pixel shows 3.0 times as much ground as in the collection's photos: zoom in, to 18 or 19, for "
        "better neighbours."
    ]
    assert views.remarks(picture_of(), located_at(ZOOM, views.COARSE)) == []


@pytest.fixture(scope="module")
def scenes():
    return Collection(SHIPPED_SCENES)


def result_at(distance, calibration=0.5, title="Tom & Jerry's <b>photos</b>"):
    made = SimpleNamespace(
        title=title,
        calibration=calibration and Calibration("validation", 9, (calibration,) * 101),
        has_classes=True,
    )
    neighbours = [Neighbour(f"n{row}", "tenniscourt", distance + row / 100, None, row) for row in range(3)]
    neighbours.append(Neighbour("other", "beach", 1.9, None, 9))
    return SearchResult(made, neighbours, NOTHING, nearest=distance)


@pytest.mark.parametrize(("source", "state"), [(GUESS, "open"), (CONFIRMED, "yes"), (TOO_FAR, "no")])
def test_a_guess_is_asked_and_the_answer_is_shown(source, state):
    asked = views.question(located_at(source), result_at(0.3), "brought/x")
    assert asked == {"state": state, "picture": "brought/x", "leans": False}


@pytest.mark.parametrize("source", [LINK, ZOOM, BAR, FILE, HAND])
def test_of_a_scale_that_is_known_nothing_is_asked(source):
    assert views.question(located_at(source), result_at(0.3), "brought/x") == {}


def test_a_guess_that_finds_nothing_alike_at_any_scale_leans_to_no():
    assert views.question(located_at(GUESS), result_at(0.7), "brought/x")["leans"] is True
    assert views.question(located_at(GUESS), result_at(0.7, calibration=None), "brought/x")["leans"] is False


def test_the_marked_square_is_named_or_said_to_be_like_nothing():
    assert land_use_views.tile_line(result_at(0.3)) == (
        "**The marked square: tennis court**, say 3 of its 4 nearest photos."
    )
    novel = land_use_views.tile_line(result_at(0.7, title="Photos"))
    assert novel.startswith("**The marked square resembles nothing in Photos.**")
    assert novel.endswith("at 0.700:")


LABELS = ["beach", "tenniscourt", '<script>"&']


@pytest.fixture
def found():
    """4 x 6 cells of 20 m: 11 beach, 8 tennis court, 2 of the strange class, 1 unlike, 2 hidden."""
    layout = grid((100, 50, 400, 250), 100)
    cells = np.zeros((4, 6), int)
    cells[1, :] = cells[2, :2] = 1
    cells[3, 0] = cells[3, 1] = 2
    cells[3, 2] = UNLIKE
    cells[0, 4:] = HIDDEN
    places = np.array([(row, column) for row in range(3) for column in range(5)])
    tiles = Tiles(layout, places, np.zeros((15, 2048), np.float32), 0.4, cells == HIDDEN)
    return LandUse(tiles, LABELS, cells)


def colours(layer):
    """The pixels of a layer as the page gets it, which are those that files get."""
    image = pixels(layer.for_page)
    assert np.array_equal(np.asarray(image), layer.pixels)
    assert image.format == "PNG"
    assert image.mode == "RGBA"
    return np.asarray(image).astype(int)


def test_the_layer_has_a_pixel_of_its_colour_for_each_cell(found):
    layer = map_layers.land_use_layer(found)
    cells = colours(layer)
    assert cells.shape == (4, 6, 4)
    assert cells[0, 0].tolist() == [*bytes.fromhex("ffe08a"), 255]  # beach
    assert cells[1, 5].tolist() == [*bytes.fromhex("12b5a6"), 255]  # tennis court
    assert cells[3, 2].tolist() == [255, 255, 255, 255]
    assert (cells[0, 4:, 3] == 0).all()
    same = (cells[:, :, None, None] == cells[None, None]).all(axis=4)
    assert (same == (found.cells[:, :, None, None] == found.cells[None, None])).all()


def test_a_layer_lies_on_the_map_itself(found):
    layer = map_layers.land_use_layer(found).for_page
    assert {key: layer[key] for key in ("left", "top", "width", "height", "smooth")} == {
        "left": 100,
        "top": 50,
        "width": 300,
        "height": 200,
        "smooth": False,
    }
    json.dumps(layer)


def test_every_class_has_a_colour_of_its_own(retriever):
    labels = retriever.collection().labels
    cells = np.arange(-1, len(labels))[None]
    layout = grid((0, 0, 1, 1), 1)
    tiles = Tiles(layout, np.zeros((0, 2), int), np.zeros((0, 2048), np.float32), 1.0, cells == HIDDEN)
    shown = colours(map_layers.land_use_layer(LandUse(tiles, labels, cells)))[0]
    assert len({tuple(colour) for colour in shown.tolist()}) == len(labels) + 1


def test_the_legend_has_a_row_for_each_class_and_adds_up(found, scenes):
    text = land_use_views.legend(found, scenes)
    header, *rows = Table(text).rows
    assert header == ["class", "area", "share"]
    assert [row[0] for row in rows] == [
        "beach",
        "tennis court",
        '<script>"&',
        "like nothing in the collection",
    ]
    assert [row[2] for row in rows] == ["50%", "36%", "9%", "5%"]
    assert sum(float(row[2][:-1]) for row in rows) == 100
    assert "<caption>0.9 ha by the nearest photos of Generated scenes</caption>" in text
    assert "Buttons and labels hide 0.1 ha more." in text
    assert "<p>15 tiles of 78 m, in cells of 20 m." in text


def test_the_legend_has_the_colours_of_the_layer(found, scenes):
    styles = Table(land_use_views.legend(found, scenes)).styles
    layer = colours(map_layers.land_use_layer(found))
    for style, (row, column) in zip(styles, ((0, 0), (1, 0), (3, 0), (3, 2)), strict=True):
        assert bytes.fromhex(style.removeprefix("background:#")) == bytes(layer[row, column, :3].tolist())


def test_markup_in_a_class_or_a_title_does_not_reach_the_page(found):
    text = land_use_views.legend(found, SimpleNamespace(title="<img src=x>"))
    assert not {"script", "img"} & set(Table(text).tags)
    assert "&lt;img src=x&gt;" in text


def test_nothing_is_said_of_buttons_where_there_are_none(found, scenes):
    clear = LandUse(found.tiles, LABELS, np.maximum(found.cells, UNLIKE))
    assert "Buttons" not in land_use_views.legend(clear, scenes)


def test_the_likeness_layer_goes_from_red_to_yellow_to_nothing(found):
    distances = np.full((4, 6), 0.3)
    distances[0, 0], distances[0, 1], distances[0, 2], distances[0, 3] = 0, 0.6, 0.6001, 2
    distances[3, 5] = np.nan
    layer = map_layers.heat_layer(distances, found.tiles, 0.6)
    cells = colours(layer)
    assert layer.smooth
    assert cells[0, 0].tolist() == [189, 0, 38, 255]
    assert cells[1, 1].tolist() == [253, 141, 60, 255]
    assert cells[0, 1].tolist() == [255, 255, 178, 255]
    assert [cells[0, 2, 3], cells[0, 3, 3], cells[3, 5, 3]] == [0, 0, 0]
    assert (cells[..., 3] == 255).sum() == 21


def test_how_much_is_like_the_marked_square_leaves_out_what_is_hidden(found):
    distances = np.full((4, 6), 0.7)
    distances[1:3] = 0.2
    distances[0, 4:] = np.nan
    line = land_use_views.alike_line(distances, found.tiles, 0.6)
    assert found.tiles.hectares == pytest.approx(0.04)
    assert line == "0.5 of 0.9 ha look like the marked square."


def test_the_likeness_legend_shows_the_same_colours(found):
    text = land_use_views.heat_legend(0.456)
    shown = [tuple(map(int, each)) for each in re.findall(r"rgb\((\d+), (\d+), (\d+)\)", text)]
    assert shown[0] == (189, 0, 38)
    assert shown[-1] == (255, 255, 178)
    assert len(shown) == 5
    assert "<span>0.46</span>" in text


def test_a_photo_of_the_collection_is_not_called_coarse():
    assert round(TILE_METRES / views.COARSE) == 128
    assert views.remarks(picture_of(), located_at(FILE, 0.3048)) == []
