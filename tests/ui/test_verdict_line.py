"""The line above the neighbours: plain words, one for each verdict, which do not contradict each other."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from retrieval.collections.calibration import Calibration
from retrieval.collections.pair_distances import PairDistances
from retrieval.errors import Message
from retrieval.maps.crops import CONFIRMED, GUESS, LINK, TOO_FAR, Scale, Square
from retrieval.maps.locate import LocatedSquare, ScaleHints
from retrieval.query import Filters, PhotoRef, Query
from retrieval.results import Neighbour, SearchResult
from retrieval.verdict import FAIR, NONE, Verdict
from ui.i18n import use_language
from ui.render import verdict as lines

#: A strong match is within 0.425, a fair one within 0.495, a weak one within 0.594.
COLLECTION = SimpleNamespace(
    title="Photos",
    entries=[None] * 1470,
    labels=["beach", "golfcourse", "harbor", "river"],
    has_classes=True,
    recall=None,
    calibration=Calibration("validation", 9, tuple(number / 200 for number in range(101))),
    pair_distances=PairDistances(tuple(number * 0.006 for number in range(101)), ()),
)
NOTHING = np.empty(0, np.float32)
HARBOR = PhotoRef("scenes", "harbor10")


def result(*labels, nearest=0.1, **fields):
    labels = labels or ("golfcourse",) * 12
    found = [Neighbour(f"n{row}", label, nearest + row / 1000, None, row) for row, label in enumerate(labels)]
    return SearchResult(COLLECTION, found, NOTHING, nearest=nearest, **fields)


def located(source):
    return LocatedSquare(Square(50, 50, 100), Scale(0.78, source), ScaleHints(), NOTHING)


def told(html):
    """What one reads without opening the tooltip: of the line, and of the notes."""
    line = re.search(r'<p class="line">(.*?)<button', html)[1]
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", "", line)).replace("&nbsp;", "").strip()


@pytest.mark.parametrize(
    ("distance", "level", "words"),
    [
        (0.1, "strong", "Strong match golf course. 12 of 12 agree."),
        (0.45, "fair", "Fair match golf course. 12 of 12 agree."),
        (0.5, "weak", "No close match Nearest: golf course."),
        (0.7, "none", "Nothing here looks like it The least unlike: golf course."),
    ],
)
def test_each_level_has_its_words_and_none_contradicts_itself(distance, level, words):
    html = lines.summary(result(nearest=distance), Query(uploads=("mine",)))
    assert told(html) == words
    assert f'data-level="{level}"' in html


def test_who_does_not_agree_is_named():
    found = result(*["golfcourse"] * 7, *["river"] * 3, "beach", "harbor")
    assert told(lines.summary(found, Query())) == (
        "Fair match golf course. 7 of 12 agree, others: river 3, beach 1…."
    )


def test_one_neighbour_agrees_with_nobody():
    assert told(lines.summary(result("harbor"), Query())) == "Strong match harbor."


def test_with_marks_or_without_a_calibration_no_level_is_claimed():
    marked = replace(result("harbor", "beach", "harbor"), marked=True)
    query = Query(uploads=("mine",), relevant=(HARBOR,))
    assert told(lines.summary(marked, query)) == "With your marks harbor. 2 of 3 agree, others: beach 1."
    plain = SimpleNamespace(**vars(COLLECTION) | {"calibration": None})
    html = lines.summary(replace(result("harbor", "harbor"), collection=plain), Query())
    assert told(html) == "Nearest harbor. 2 of 2 agree."
    assert 'data-level="open"' in html


def test_what_may_help_is_said_where_nothing_is_left():
    nothing = SearchResult(COLLECTION, [], NOTHING, seconds={"search": 0.002})
    of_class = Query(filters=Filters(("harbor",)))
    assert told(lines.summary(nothing, of_class)).endswith("Allow more classes, or a larger distance.")
    html = lines.summary(nothing, Query())
    assert told(html) == "No photo is left Allow a larger distance."
    assert "1,470 photos searched in 2.0 ms." in html


def test_a_photo_of_the_collection_and_several_together_have_words_of_their_own():
    far = result(nearest=0.9)
    assert told(lines.summary(far, Query(stored=(HARBOR,)))).startswith("Nothing else looks like it")
    both = Query(stored=(HARBOR,), uploads=("mine",))
    assert told(lines.summary(far, both)).startswith("Nothing looks like all of them")


def test_a_filter_that_leaves_only_what_is_far_says_what_is_near():
    other = Neighbour("other", "beach", 0.05, None, 99)
    far = result("harbor", nearest=0.9, overall=other, classes=("harbor",))
    assert told(lines.summary(far, Query())) == (
        "Nothing near Only harbor is allowed, and none of it is near. Nearest of all: beach."
    )
    two = result("harbor", "river", nearest=0.9, overall=other, classes=("harbor", "river"))
    assert told(lines.summary(two, Query())) == (
        "Nothing near None of the classes you allow is near. Nearest of all: beach."
    )
    near = result("harbor", nearest=0.2, overall=other, classes=("harbor",))
    assert told(lines.summary(near, Query())) == (
        "Fair match harbor. Of classes that you left out, beach is nearer."
    )


# Screenshots


def test_a_guess_of_the_scale_is_at_most_fair_and_says_if():
    html = lines.summary(result(), Query(), located(GUESS))
    assert told(html) == "Fair match? If you can make out single cars: golf course. 12 of 12 agree."
    assert lines.judged(result(), located(GUESS)).level == FAIR
    weak = lines.summary(result(nearest=0.5), Query(), located(GUESS))
    assert told(weak) == "No close match If you can make out single cars, the nearest is golf course."


@pytest.mark.parametrize("source", [CONFIRMED, LINK])
def test_a_scale_that_is_known_or_confirmed_leaves_the_verdict(source):
    assert lines.summary(result(), Query(), located(source)) == lines.summary(result(), Query())


def test_from_too_far_away_no_class_is_named():
    html = lines.summary(result(), Query(), located(TOO_FAR))
    assert told(html) == "Too far away Zoom in to 18, 19 or 20, and take the screenshot again."
    assert lines.judged(result(), located(TOO_FAR)) == Verdict(NONE)
    assert "golf course" not in html


# Around the line


def test_the_time_and_the_distances_are_in_a_tooltip_that_the_button_names():
    timed = result("harbor", "harbor", seconds={"decode": 0.01, "embed": 0.06, "search": 0.0011})
    html = lines.summary(timed, Query())
    assert "1,470 photos searched in 71 ms: decode 10, embed 60, search 1.1." in html
    assert "Distances: 0.100 to 0.101; 0 is the same photo." in html
    assert "20% of photos that belong here find a nearer one." in html
    named = re.search('aria-describedby="([^"]+)"', html)[1]
    assert f'id="{named}" role="tooltip"' in html
    assert "searched in" not in told(html)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, None), (1, "One near-duplicate is hidden."), (7, "7 near-duplicates are hidden.")],
)
def test_notes_stand_below(count, words):
    html = lines.summary(result(duplicates=count, notes=(Message("An animation."),)), Query())
    notes = re.findall("<p>(.*?)</p>", html.split('class="notes"')[1])
    assert notes == [*([words] if words else []), "An animation."]


def test_names_of_a_stranger_stay_text():
    evil = '<img src=x onerror="alert(1)">${1}'
    html = lines.summary(result(evil, "beach", "beach", evil), Query())
    assert "<img" not in html
    assert "${" not in html
    assert "&lt;img" in html


def test_it_is_written_in_the_visitors_language():
    with use_language("ro"):
        html = lines.summary(result("harbor", "river", seconds={"search": 0.0021}), Query())
        assert "0,100" in html
    assert "harbor" not in html


def test_a_real_answer_has_a_line(retriever):
    query = Query("scenes", (HARBOR,), filters=Filters())
    assert told(lines.summary(retriever.answer(query), query)).startswith("Strong match harbor. 11 of 12")


@pytest.mark.parametrize("content", ["street map", "blank", "covered"])
def test_what_is_no_imagery_gets_no_class_however_near_something_is(content):
    shown = replace(located(LINK), content=content)
    html = lines.summary(result(), Query(uploads=("mine",)), shown)
    assert 'data-level="none"' in html
    assert told(html).startswith("No aerial photo? This looks like a")
    assert "golf course" not in told(html)
    assert lines.judged(result(), shown).is_far


def test_where_not_each_photo_is_compared_the_line_says_how_many_are_found():
    fast = SimpleNamespace(**vars(COLLECTION) | {"recall": 0.9781})
    query = Query(uploads=("mine",))
    assert "of the 10 nearest, 97.8% are found" in lines.summary(replace(result(), collection=fast), query)
    assert "of the 10 nearest" not in lines.summary(result(), query)
