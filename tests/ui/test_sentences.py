"""What people read agrees with the result, in every form that it takes."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from retrieval.collections.calibration import Calibration
from retrieval.errors import Message
from retrieval.query import Filters, PhotoRef, Query
from retrieval.results import Neighbour, SearchResult
from ui.i18n import use_language
from ui.render import sentences

ANIMATION = Message("An animation.")


def test_the_summary_says_what_was_found(result, collection):
    text = sentences.summary(result)
    assert "**2 of 3 neighbours are beach**" in text
    assert "distance 0.000 to 2.000" in text
    assert f"{len(collection.entries):,} images searched in 72 ms (decode 10, embed 60, search 1.1)" in text
    assert "\n" not in text


def test_a_note_stands_on_a_line_of_its_own(result):
    noted = SearchResult(result.collection, result.neighbours, result.vector, (ANIMATION,), result.seconds)
    assert sentences.summary(noted) == f"{sentences.summary(result)}  \nAn animation."


def at(collection, distance):
    """A result of one neighbour at a distance, in a collection with a threshold of 0.495."""
    calibration = Calibration("validation", 9, tuple(number / 200 for number in range(101)))
    calibrated = SimpleNamespace(
        title=collection.title,
        entries=collection.entries,
        calibration=calibration,
    )
    return SearchResult(
        calibrated,
        [Neighbour("one", "beach", distance, None, 30)],
        collection.index.vector(0),
        (ANIMATION,),
        nearest=distance,
    )


def test_that_nothing_is_similar_is_said_first(collection):
    first, line, note = sentences.summary(at(collection, 0.6)).split("  \n")
    assert first == (
        "**This resembles nothing in Generated scenes.** What follows is only the least unlike: the nearest "
        "is at 0.600, and 99 of 100 photos that belong here find one within 0.495."
    )
    assert line.startswith("**The neighbour is beach**")
    assert note == "An animation."


def test_an_unusual_query_deserves_a_word(collection):
    first = sentences.summary(at(collection, 0.48)).split("  \n")[0]
    assert first == "It is an unusual query: 96% of photos that belong here find a nearer neighbour."


def test_a_query_of_the_collections_own_photos_is_never_called_unusual(collection):
    result = replace(at(collection, 1.9), nearest=None)
    assert (result.novelty, result.is_novel) == (None, False)
    assert sentences.novelty_line(result) == ""


def test_that_nothing_is_left_is_said_and_with_it_what_may_help(collection):
    empty = SearchResult(collection, [], collection.index.vector(0), seconds={"search": 0.002})
    assert sentences.summary(empty) == (
        "**No photo is left: allow more classes, or a larger distance** · 252 images searched in 2.0 ms"
    )


def test_the_stages_are_told_where_there_is_more_than_one(result):
    for stages, told in (
        (("search",), "in 1.0 ms"),
        (("embed", "search"), "in 2.0 ms (embed 1.0, search 1.0)"),
    ):
        timed = replace(result, seconds=dict.fromkeys(stages, 0.001))
        assert sentences.summary(timed).endswith(f" {told}")


def refined(collection, nearest, first):
    """A result whose first neighbour lies farther than the nearest photo, which may be no answer."""
    result = at(collection, first)
    return replace(result, nearest=nearest, notes=())


@pytest.mark.parametrize("nearest", [0.2, None])
def test_that_all_that_may_be_an_answer_is_far_is_said_first(collection, nearest):
    first, line = sentences.summary(refined(collection, nearest, 0.6)).split("  \n")
    assert first == (
        "**None of these is near.** The nearest is at 0.600; of what is alike, 99 of 100 are within 0.495."
    )
    assert line.startswith("**The neighbour is beach**")


@pytest.mark.parametrize("distance", [0.0, 0.3, 0.495])
def test_of_neighbours_up_to_the_threshold_none_is_called_far(collection, distance):
    assert sentences.far_line(refined(collection, None, distance)) == ""


def test_of_what_resembles_nothing_it_is_not_said_twice_that_it_is_far(collection):
    result = at(collection, 0.6)
    assert result.is_novel
    assert sentences.far_line(result) == ""
    first, second, _ = sentences.summary(result).split("  \n")
    assert first.startswith("**This resembles nothing")
    assert second.startswith("**The neighbour is beach**")


def test_nothing_is_called_far_where_nobody_knows_what_is_or_nothing_is_found(collection):
    result = refined(collection, None, 1.9)
    assert sentences.far_line(replace(result, neighbours=[])) == ""
    result.collection.calibration = None
    assert sentences.far_line(result) == ""


def test_it_is_told_in_romanian_that_all_is_far(collection):
    with use_language("ro"):
        told = sentences.far_line(refined(collection, None, 0.6))
    assert told == (
        "**Niciuna nu e aproape.** Cea mai apropiată e la 0,600; dintre cele care seamănă, 99 din 100 sunt "
        "la cel mult 0,495."
    )


def test_a_class_filter_that_leaves_only_what_is_far_says_so(retriever):
    airplane = Query("ucmerced", (PhotoRef("ucmerced", "airplane00"),))
    harbors = replace(airplane, filters=Filters(("harbor",)))
    assert sentences.far_line(retriever.answer(airplane)) == ""
    result = retriever.answer(harbors)
    assert {each.label for each in result.neighbours} == {"harbor"}
    assert sentences.summary(result).startswith("**None of these is near.**")


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, None), (1, "One near-duplicate is hidden."), (7, "7 near-duplicates are hidden.")],
)
def test_near_duplicates_that_are_hidden_are_counted(result, count, told):
    first, *others = sentences.summary(replace(result, duplicates=count)).split("  \n")
    assert first == sentences.summary(result)
    assert others == ([told] if told else [])


HARBOR, BEACH = PhotoRef("scenes", "harbor03"), PhotoRef("scenes", "beach00")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (Query(uploads=("mine",)), ""),
        (Query(stored=(HARBOR,)), "**harbor03**, harbor: a photo of the collection."),
        (Query(stored=(HARBOR,), uploads=("mine",)), "2 photos, looked for together."),
        (Query(uploads=("mine",), relevant=(BEACH,)), "With one marked right."),
        (
            Query(stored=(HARBOR, BEACH), relevant=(BEACH, HARBOR), irrelevant=(BEACH,)),
            "2 photos, looked for together. With 2 marked right, one marked wrong.",
        ),
        (Query(uploads=("mine",), irrelevant=(BEACH, HARBOR)), "With 2 marked wrong."),
    ],
)
def test_what_was_searched_for_is_said_unless_it_is_the_visitors_one_photo(query, told):
    labels = [photo.id[:-2] for photo in query.stored]
    assert sentences.query_line(query, labels) == told


def test_a_step_of_the_trail_is_called_by_what_was_searched_for():
    assert sentences.history_title(Query(stored=(HARBOR,)), "mobilehomepark") == "harbor03 · mobile home park"
    assert sentences.history_title(Query(uploads=("mine",)), "") == "your photo"
    assert sentences.history_title(Query(uploads=("mine",)), "", "Example: beach") == "Example: beach"
    both = Query(stored=(HARBOR,), uploads=("mine",))
    assert sentences.history_title(both, "harbor", "Example: beach") == "several photos"


def test_a_collection_to_choose_says_how_many_photos_it_has_as_the_language_writes_it(retriever):
    ucmerced = retriever.collection("ucmerced")
    assert sentences.choice(ucmerced) == "UC Merced Land Use (1,470)"
    with use_language("ro"):
        assert sentences.choice(ucmerced) == "UC Merced Land Use (1.470)"


def test_how_long_a_link_lives_depends_on_whose_photos_are_looked_for():
    own = Query(stored=(HARBOR,), uploads=("mine",))
    assert sentences.life_line(None, Query(stored=(HARBOR,))).startswith("This link brings back this search")
    assert sentences.life_line(86400 + 3 * 3600 + 25 * 60, own).startswith("This link works until 03:25 UTC")
    assert "no longer here" in sentences.life_line(None, own)


def test_a_photo_is_marked_as_the_query_says():
    query = Query(relevant=(HARBOR,), irrelevant=(BEACH,))
    assert [sentences.mark_of(query, photo) for photo in (HARBOR, BEACH)] == ["right", "wrong"]
    assert sentences.mark_of(query, PhotoRef("ucmerced", "harbor03")) == ""


@pytest.mark.parametrize("distance", [0.0, 0.25, 0.47])
def test_a_usual_query_is_not_commented(collection, distance):
    assert sentences.novelty_line(at(collection, distance)) == ""
    assert sentences.summary(at(collection, distance)).startswith("**The neighbour is beach**")


def test_nothing_is_said_of_novelty_where_nobody_knows_what_is_usual(collection):
    result = at(collection, 1.9)
    result.collection.calibration = None
    assert sentences.novelty_line(result) == ""
