"""The charts of a result say what is in it, and what is in it never becomes markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.collections.calibration import Calibration
from retrieval.collections.pair_distances import PairDistances
from retrieval.results import Neighbour, SearchResult
from ui.i18n import use_language
from ui.render import export
from ui.render.charts import distances, histogram, pair_distances, table_html

EVIL = '"><script>alert(1)</script>&{{evil}}${evil}'


class Page(HTMLParser):
    """The elements of a piece of HTML: their tags, attributes and text; and that all are closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag, attributes):
        element = SimpleNamespace(tag=tag, text="", **{"cls": "", **dict(attributes)})
        element.cls = dict(attributes).get("class", "")
        self.elements.append(element)
        self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open.pop().tag == tag

    def handle_data(self, data):
        for element in self._open:
            element.text += data

    def all(self, tag, cls=None):
        return [each for each in self.elements if each.tag == tag and (cls is None or each.cls == cls)]


def result_of(*neighbours, threshold=None):
    """A made-up result of (distance, class) or (distance, class, id)."""
    collection = SimpleNamespace(
        name="made",
        entries=[SimpleNamespace(file=f"{each[1]}/{number}.png") for number, each in enumerate(neighbours)],
        calibration=threshold and Calibration("validation", 9, (threshold,) * 101),
        has_classes=True,
    )
    made = [
        Neighbour((each[2:] or (f"id{row}",))[0], each[1], each[0], None, row)
        for row, each in enumerate(neighbours)
    ]
    return SearchResult(collection, made, np.zeros(8, np.float32))


def drawn_distances(result, shown):
    """The chart of a page that shows the first few of these neighbours."""
    return distances(replace(result, neighbours=result.neighbours[:shown]), result.neighbours)


THREE = ((0.1, "beach"), (0.2, "tenniscourt"), (0.3, "beach"))


def test_each_neighbour_has_a_mark_that_says_which_it_is():
    page = Page(drawn_distances(result_of(*THREE), 3))
    assert [each.text for each in page.all("title")] == [
        "1 · 0.100 · beach · id0",
        "2 · 0.200 · tennis court · id1",
        "3 · 0.300 · beach · id2",
    ]
    assert len(page.all("circle", "own")) == 2  # the class that most are of
    assert len(page.all("path", "other")) == 1  # which differs in shape, not only in colour
    (figure,) = page.all("svg")
    assert figure.__dict__["aria-label"] == "The 3 nearest, in growing order: 0.100 to 0.300."
    (caption,) = page.all("figcaption")
    assert "Dots are beach" in caption.text


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0, 2), min_size=1, max_size=60).map(sorted),
    st.integers(0, 60),
    st.none() | st.floats(0.01, 1.5),
)
def test_marks_rise_to_the_right_and_stay_inside_the_chart(values, shown, threshold):
    drawn = drawn_distances(result_of(*((value, "a") for value in values), threshold=threshold), shown)
    page = Page(drawn)
    marks = [(float(each.cx), float(each.cy)) for each in page.all("circle")]
    assert len(marks) == len(values)
    assert all(one[0] < other[0] and one[1] >= other[1] for one, other in pairwise(marks))
    assert all(40 <= x <= 448 and 14 <= y <= 206 for x, y in marks)
    assert len(page.all("rect", "beyond")) == (shown < len(values))
    assert len(page.all("line", "limit")) == (threshold is not None)
    assert "nan" not in drawn


def test_what_the_page_does_not_show_is_shaded_from_there_on():
    page = Page(drawn_distances(result_of(*((0.1 * rank, "a") for rank in range(10))), 4))
    (shade,) = page.all("rect", "beyond")
    centres = [float(each.cx) for each in page.all("circle")]
    assert centres[3] < float(shade.x) < centres[4]


def test_the_threshold_lies_where_a_neighbour_at_that_distance_would():
    page = Page(drawn_distances(result_of((0.2, "a"), (0.5, "a"), threshold=0.5), 2))
    (limit,) = page.all("line", "limit")
    assert float(limit.y1) == float(limit.y2) == float(page.all("circle")[1].cy)
    assert "too far: beyond 0.50" in [each.text for each in page.all("text", "limit")]
    (caption,) = page.all("figcaption")
    assert "beyond the dashed line" in caption.text


def test_of_nothing_there_is_no_chart():
    assert drawn_distances(result_of(), 0) == ""


def test_the_histogram_counts_the_classes_most_first():
    page = Page(histogram(result_of(*THREE, (0.4, "river"))))
    assert [each.text for each in page.all("th")] == ["class", "photos", "beach", "tennis court", "river"]
    assert [each.text for each in page.all("td")] == ["", "", "2", "", "1", "", "1"]
    assert [each.style for each in page.all("b")] == ["width:50.0%", "width:25.0%", "width:25.0%"]
    (caption,) = page.all("caption")
    assert caption.text == "What the 4 neighbours are"


def test_the_table_is_that_of_the_csv_with_classes_as_people_read_them():
    result = result_of(*THREE)
    page = Page(table_html(result))
    heads = [each.text for each in page.all("th") if each.scope == "col"]
    assert heads == list(export.TABLE_HEADER)
    cells = [each.text for each in page.elements if each.tag in ("th", "td")][len(heads) :]
    rows = [list(map(str, row)) for row in export.table(result)]
    assert rows[1][2] == "tenniscourt"  # as programs read it
    rows[1][2] = "tennis court"
    assert cells == [cell for row in rows for cell in row]


@pytest.mark.parametrize("draw", [lambda result: drawn_distances(result, 1), histogram, table_html])
def test_markup_in_ids_and_classes_stays_text(draw):
    drawn = draw(result_of((0.1, EVIL, EVIL), (0.2, "beach", EVIL)))
    page = Page(drawn)
    assert not page.all("script")
    assert "<script" not in drawn
    assert EVIL in "".join(each.text for each in page.elements)
    assert "{{" not in drawn  # which Gradio would fill in
    assert "${" not in drawn


PAIRS = PairDistances.measure(
    np.random.default_rng(1).dirichlet(np.ones(8), 60).astype(np.float32) ** 0.5, ["a", "b", "c"] * 20
)


def test_pairs_of_one_class_and_of_two_have_a_curve_each_and_the_distance_a_line():
    page = Page(pair_distances(PAIRS, 0.3))
    assert len(page.all("polygon", "within")) == len(page.all("polygon", "between")) == 1
    assert [each.text for each in page.all("text", "here")] == ["0.300"]
    assert {each.text for each in page.all("text")} >= {"same class", "different classes", "distance"}


@given(st.floats(0, 2), st.floats(0, 2))
def test_a_larger_distance_lies_farther_right_among_the_pairs(one, other):
    def place(distance):
        page = Page(pair_distances(PAIRS, distance))
        (line,) = page.all("line", "here")
        (base,) = page.all("polygon", "within")
        ends = [float(point.split(",")[0]) for point in base.points.split()]
        assert min(ends) <= float(line.x1) <= max(ends)
        return float(line.x1)

    if one > other + 0.02:
        assert place(one) >= place(other)


def test_curves_end_at_the_floor_and_reach_the_top():
    page = Page(pair_distances(PAIRS, 0.3))
    for polygon in page.all("polygon"):
        heights = [float(point.split(",")[1]) for point in polygon.points.split()]
        assert heights[0] == heights[-1] == max(heights)
        assert min(heights) < 0.3 * max(heights)


def test_of_one_class_there_is_one_curve_and_of_no_pair_no_chart():
    one_class = replace(PAIRS, between=())
    assert len(Page(pair_distances(one_class, 0.3)).all("polygon")) == 1
    assert pair_distances(replace(one_class, within=()), 0.3) == ""


def test_charts_speak_the_visitors_language():
    result = result_of(*THREE, threshold=0.4)
    with use_language("ro"):
        drawn = (
            drawn_distances(result, 2) + histogram(result) + table_html(result) + pair_distances(PAIRS, 0.3)
        )
    told = " ".join(each.__dict__.get("aria-label", "") + " " + each.text for each in Page(drawn).elements)
    for words in ("plajă", "teren de tenis", "0,100", "0,40"):
        assert words in told
    assert not re.search("nearest|neighbour|beyond|same|class|rank|photos", told)
