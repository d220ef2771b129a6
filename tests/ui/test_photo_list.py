"""The list of several photos says of each how it fares, or why it could not be read."""

from retrieval.errors import Message
from retrieval.verdict import FAIR, NONE, STRONG, WEAK, Verdict
from ui.render.photo_list import Alone, photo_rows


def test_each_photo_has_its_word_and_class():
    html = photo_rows(
        [
            Alone("brought/a", Verdict(STRONG, "harbor", 12, 12)),
            Alone("brought/b", Verdict(FAIR, "golfcourse", 7, 12)),
            Alone("brought/c", Verdict(WEAK, "river", 12, 12)),
            Alone("brought/d", Verdict(NONE)),
            Alone("brought/e", Verdict(None, "beach", 2, 3)),
        ]
    )
    assert html.count("<li") == 5
    assert 'aria-label="Each photo alone"' in html
    for words in (
        '<b class="level">Strong</b> <b>harbor</b><small>Photo 1</small>',
        '<b class="level">Fair</b> <b>golf course</b><small>Photo 2</small>',
        '<b class="level">Not close</b> nearest: river<small>Photo 3</small>',
        '<b class="level">Nothing alike</b> <small>Photo 4</small>',
        "<b>beach</b><small>Photo 5</small>",
    ):
        assert words in html


def test_a_file_that_could_not_be_read_is_named_with_the_reason_and_stays_text():
    html = photo_rows([], [("<b>$evil{1}</b>.png", Message("This file is <empty>."))])
    assert "&lt;b&gt;&#36;evil&#123;1}&lt;/b&gt;.png" in html
    assert "This file is &lt;empty&gt;." in html


def test_of_nothing_there_is_no_list():
    assert photo_rows([]) == ""
