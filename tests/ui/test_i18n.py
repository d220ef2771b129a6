"""The texts: every language has all of them, with the same placeholders, and the code uses each."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from ui.i18n.english import TEXTS

from ui.i18n import LANGUAGES, language, localized, readable, say, speaking

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("retrieval", "ui", "train", "examples")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def keys_in_code() -> tuple[set[str], set[str]]:
    """The keys that the code asks for: whole ones, and beginnings of those that it puts together."""
    whole, beginnings = set(), set()
    for folder in FOLDERS:
        for path in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                    match node.args[0]:
                        case ast.Constant(value=key):
                            whole.add(key)
                        case ast.JoinedStr(values=[ast.Constant(value=beginning), *_]):
                            beginnings.add(beginning)
                        case ast.IfExp(body=ast.Constant(value=one), orelse=ast.Constant(value=other)):
                            whole |= {one, other}
                        case ast.IfExp(
                            body=ast.JoinedStr(values=[ast.Constant(value=one), *_]),
                            orelse=ast.JoinedStr(values=[ast.Constant(value=other), *_]),
                        ):
                            beginnings |= {one, other}
                        case _:
                            pytest.fail(f"{path}, line {node.lineno}: say() with a key that nobody can find")
    return whole, beginnings


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_text_with_the_same_placeholders(code):
    texts = LANGUAGES[code][1]
    assert set(texts) == set(TEXTS)
    for key, text in texts.items():
        assert text.strip(), key
        assert placeholders(text) == placeholders(TEXTS[key]), key


def test_every_key_that_the_code_asks_for_is_there_and_none_is_left_over():
    whole, beginnings = keys_in_code()
    assert whole <= set(TEXTS)
    unused = {
        key for key in set(TEXTS) - whole
        if not key.startswith("class.") and not any(key.startswith(each) for each in beginnings)
    }  # fmt: skip
    assert unused == set()


def test_a_text_is_said_in_the_language_that_is_spoken():
    assert readable("beach") == "beach"
    with speaking("ro"):
        assert (language(), readable("beach")) == ("ro", "plajă")
    assert (language(), readable("volcano")) == ("en", "volcano")


def test_a_function_goes_on_speaking_the_language_of_its_making():
    with speaking("ro"):
        romanian = localized(lambda label: readable(label))
    assert romanian("beach") == "plajă"
    assert readable("beach") == "beach"


def test_a_key_without_a_text_is_an_error():
    with pytest.raises(KeyError):
        say("nothing.of.the.kind")


def test_romanian_is_written_with_its_own_letters_and_leaves_no_sentence_in_english():
    texts = LANGUAGES["ro"][1]
    assert not set("şţŞŢ") & set("".join(texts.values()))  # with a cedilla, as old keyboards wrote them
    assert [key for key, text in texts.items() if text == TEXTS[key] and len(text.split()) > 2] == []
