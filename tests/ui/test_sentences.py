"""What people read agrees with the result, in every form that it takes."""

import pytest

from retrieval.query import PhotoRef, Query
from ui.i18n import use_language
from ui.render import sentences

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
