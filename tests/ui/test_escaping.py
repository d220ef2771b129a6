"""Texts of strangers as Markdown, as HTML, and among the placeholders of the page that is composed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.plain_text import one_line
from ui.i18n import class_name
from ui.i18n.compose import filled_in, placeholder
from ui.render.escaping import escape, plain

ANY = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tennis court", "tennis court"),
        ("  two\n lines\t", "two lines"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("half \ud800 pair", "half pair"),
        ("placeholder \ue0001\ue001", "placeholder 1"),
        ("👩\u200d🚀 ș ț 港", "👩\u200d🚀 ș ț 港"),
        ("x" * 90, "x" * 80 + "…"),
        ("x" * 10_000_000, "x" * 80 + "…"),
    ],
)
def test_a_name_is_one_line_of_letters(text, shown):
    assert one_line(text) == shown
    assert class_name(text) == shown


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_no_sign_of_markdown_or_html_is_left_as_it_is(text):
    assert not re.search(r"(?<!\\)(\\\\)*[`*_\[\]<>()#+!|~$&:@.]", plain(text).replace("\\\\", ""))
    assert not re.search(r"[<>\"'{$]|&(?!(lt|gt|amp|quot|#x27|#123|#36);)", escape(text))
    plain(text).encode()
    escape(text).encode()


@pytest.mark.parametrize(
    "name", ["\ue000", "\ue0009\ue001", "\ue000999999999\ue001", "\ue0000", "\ue001\ue000"]
)
def test_a_name_that_looks_like_a_placeholder_does_not_stop_the_page(name):
    assert isinstance(filled_in({"value": [name]}), dict)


def test_a_sentence_that_stands_for_itself_ends():
    number = int(placeholder(str)[1:-1]) + 1
    assert placeholder(lambda: f"\ue000{number}\ue001") == f"\ue000{number}\ue001"
    assert isinstance(filled_in(f"\ue000{number}\ue001"), str)
