"""What a link shows in words: whole sentences, and nothing that is no text."""

from dataclasses import replace

import pytest

from retrieval.query import Filters, PhotoRef, Query
from ui.i18n import use_language
from ui.render import link_words as words

HARBOR = PhotoRef("scenes", "harbor03")


def test_a_search_is_said_in_a_sentence(scenes):
    query = Query("scenes", (HARBOR,))
    name = words.query_name(query, ["harbor"])
    assert words.search_words(query, name, scenes, 12) == (
        "The 12 photos most like harbor03 (harbor) in Generated scenes"
    )
    assert words.search_words(query, name, scenes, 1) == (
        "The photo most like harbor03 (harbor) in Generated scenes"
    )


def test_the_classes_that_are_allowed_are_said_the_first_of_many(scenes):
    query = Query("scenes", (HARBOR,), filters=Filters(tuple(scenes.labels[:5])))
    assert words.search_words(query, "x", scenes, 2).endswith(
        ", of: agricultural, airplane, baseball diamond and 2 more"
    )
    two = replace(query, filters=Filters(("harbor", "tenniscourt")))
    assert words.search_words(two, "x", scenes, 2).endswith(", of: harbor, tennis court")


def test_a_visitors_photo_and_several_are_called_so():
    assert words.query_name(Query(uploads=("a",)), []) == "a visitor's photo"
    assert words.query_name(Query(uploads=("a",)), [], "an example of beach") == "an example of beach"
    assert words.query_name(Query(stored=(HARBOR,), uploads=("a",)), ["harbor"]) == "2 photos together"


def test_an_id_is_one_line_of_limited_length():
    name = words.query_name(Query(stored=(PhotoRef("x", "a\n\u202eb" + "c" * 500),)), ["harbor"])
    assert "\n" not in name
    assert "\u202e" not in name
    assert len(name) < 110


def test_an_answer_is_said_by_its_classes(result):
    assert words.answer_words(result) == (
        "The 3 nearest of 252 photos of Generated scenes: 2 beach, 1 tennis court."
    )
    one = replace(result, neighbours=result.neighbours[:1])
    assert words.answer_words(one) == "The nearest of 252 photos of Generated scenes: 1 beach."
    none = replace(result, neighbours=[])
    assert words.answer_words(none) == "No photo of Generated scenes is left by these filters."


def test_of_many_classes_the_first_are_said(result):
    labels = ["beach", "river", "forest", "harbor", "runway"]
    many = replace(result, neighbours=[replace(result.neighbours[0], label=label) for label in labels])
    assert words.answer_words(many).endswith("1 beach, 1 river, 1 forest and 2 more classes.")


def test_a_view_of_a_collection_is_said_with_its_counts(scenes):
    assert words.browse_heading(scenes, "") == "Browse Generated scenes"
    assert words.browse_words(scenes, "").startswith("The 252 photos of Generated scenes")
    assert words.browse_heading(scenes, "harbor") == "harbor in Generated scenes"
    assert words.browse_words(scenes, "harbor") == "The 12 photos of the class harbor in Generated scenes"


@pytest.mark.parametrize(
    ("code", "name"), [("en", "Aerial Image Retrieval"), ("ro", "Căutare de imagini aeriene")]
)
def test_a_title_ends_with_the_pages_name(code, name):
    with use_language(code):
        assert words.document_title("") == name
        assert words.document_title("x") == f"x \u2013 {name}"
