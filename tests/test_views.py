"""What people read agrees with the result, in every form that it takes."""

import base64
import csv
import io
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from retrieval import views
from retrieval.collection import Collection
from retrieval.images import decode
from retrieval.novelty import Calibration
from retrieval.retriever import SHIPPED, SHIPPED_SCENES, Neighbour, SearchResult
from texts import readable


@pytest.fixture(scope="module")
def collection():
    return Collection(SHIPPED_SCENES)


@pytest.fixture(scope="module")
def result(collection):
    """Made up, so that every number is known: three neighbours of two classes, at strange distances."""
    neighbours = [
        Neighbour(collection.entries[row].id, label, distance, collection.photo(row), row)
        for row, label, distance in (
            (30, "beach", 0.0),
            (31, "beach", 0.33333333),
            (40, "tenniscourt", 1.99999),
        )
    ]
    seconds = {"decode": 0.0102, "embed": 0.0604, "search": 0.0011}
    return SearchResult(collection, neighbours, collection.index.vector(0), seconds=seconds)


def test_a_caption_begins_with_the_distance(result):
    captions = [caption for _, caption in views.gallery(result)]
    assert captions == ["0.000 · beach", "0.333 · beach", "2.000 · tennis court"]


def test_the_gallery_has_a_picture_for_each_neighbour(result):
    for (path, _), neighbour in zip(views.gallery(result), result.neighbours, strict=True):
        assert path == neighbour.photo
        assert decode(path).image.size == (256, 256)


def test_every_class_has_a_name_that_people_read(collection):
    for label in collection.labels:
        assert readable(label).replace(" ", "") == label
    assert readable("volcano") == "volcano"


def test_the_table_has_a_row_for_each_neighbour(result, collection):
    rows = views.table(result)
    assert len(rows[0]) == len(views.TABLE_HEADER)
    assert [row[0] for row in rows] == [1, 2, 3]
    assert [row[1] for row in rows] == ["0.0000", "0.3333", "2.0000"]
    assert rows[2][2:] == ["tenniscourt", collection.entries[40].id, collection.entries[40].file]


def test_the_csv_is_the_table(result):
    header, *rows = csv.reader(io.StringIO(views.to_csv(result)))
    assert tuple(header) == views.TABLE_HEADER
    assert rows == [[str(value) for value in row] for row in views.table(result)]


def test_the_json_is_the_answer(result):
    assert json.loads(views.to_json(result)) == result.to_dict()


class Links(HTMLParser):
    """The tags of a piece of HTML, and what its links would save."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.found = [], {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        fields = dict(attributes)
        self.tags.append(tag)
        self.found[fields["download"]] = fields["href"]


def test_the_links_carry_the_csv_and_the_json(result):
    html = views.download_links(result)
    links = Links(html)
    assert links.tags == ["a", "a"]
    for name, media, text in (
        ("neighbours.csv", "text/csv", views.to_csv(result)),
        ("neighbours.json", "application/json", views.to_json(result)),
    ):
        head, data = links.found[name].split(",")
        assert head == f"data:{media};base64"
        assert base64.b64decode(data).decode() == text


def test_markup_in_an_id_does_not_reach_the_page(collection):
    evil = '"><script>alert(1)</script>'
    neighbours = [Neighbour(evil, evil, 0.5, None, 0)]
    html = views.download_links(SearchResult(collection, neighbours, collection.index.vector(0)))
    assert Links(html).tags == ["a", "a"]
    assert "script" not in html


def test_votes_are_shares_and_the_largest_comes_first(result):
    assert list(views.votes(result).items()) == [
        ("beach", pytest.approx(2 / 3)),
        ("tennis court", pytest.approx(1 / 3)),
    ]


def test_the_summary_says_what_was_found(result, collection):
    text = views.summary(result)
    assert "**2 of 3 neighbours are beach**" in text
    assert "distance 0.000 to 2.000" in text
    assert f"{len(collection.entries):,} images searched in 72 ms (decode 10, embed 60, search 1.1)" in text
    assert "\n" not in text


def test_a_note_stands_on_a_line_of_its_own(result):
    noted = SearchResult(result.collection, result.neighbours, result.vector, "An animation.", result.seconds)
    assert views.summary(noted) == f"{views.summary(result)}  \nAn animation."


def test_nothing_is_said_when_all_photos_are_here(collection):
    assert views.photos_line(collection) == ""


def test_missing_photos_are_offered_for_download(tmp_path):
    text = views.photos_line(Collection(SHIPPED, tmp_path / "none"))
    assert text.startswith("The 1,470 photos of UC Merced Land Use are not on the computer")
    assert "(332 MB)" in text
    assert text.endswith(".")


def test_some_missing_photos_are_counted_and_not_offered_without_an_archive(collection):
    some = SimpleNamespace(
        missing_photos=5, entries=collection.entries, title=collection.title, source=collection.source
    )
    text = views.photos_line(some)
    assert re.match(rf"5 of the {len(collection.entries):,} photos of Generated scenes are not", text)
    assert "download" not in text
    assert text.endswith(".")


def at(collection, distance):
    """A result of one neighbour at a distance, in a collection with a threshold of 0.495."""
    calibration = Calibration("validation", 9, tuple(number / 200 for number in range(101)))
    calibrated = SimpleNamespace(
        title=collection.title,
        entries=collection.entries,
        calibration=calibration,
        picture=collection.picture,
    )
    return SearchResult(
        calibrated,
        [Neighbour("one", "beach", distance, None, 30)],
        collection.index.vector(0),
        "An animation.",
    )


def test_that_nothing_is_similar_is_said_first(collection):
    first, line, note = views.summary(at(collection, 0.6)).split("  \n")
    assert first == (
        "**This resembles nothing in Generated scenes.** What follows is only the least unlike: the nearest "
        "is at 0.600, and 99 of 100 photos that belong here find one within 0.495."
    )
    assert line.startswith("**The neighbour is beach**")
    assert note == "An animation."


def test_an_unusual_query_deserves_a_word(collection):
    first = views.summary(at(collection, 0.48)).split("  \n")[0]
    assert first == "It is an unusual query: 96% of photos that belong here find a nearer neighbour."


@pytest.mark.parametrize("distance", [0.0, 0.25, 0.47])
def test_a_usual_query_is_not_commented(collection, distance):
    assert views.novelty_line(at(collection, distance)) == ""
    assert views.summary(at(collection, distance)).startswith("**The neighbour is beach**")


def test_nothing_is_said_of_novelty_where_nobody_knows_what_is_usual(collection):
    result = at(collection, 1.9)
    result.collection.calibration = None
    assert views.novelty_line(result) == ""
