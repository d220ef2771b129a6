"""The page is composed once; its texts are placeholders, which are filled in for each language later.

Gradio keeps one configuration of the page: its labels, texts and scripts. While the page is composed, `_`
gives a placeholder in place of a sentence, and remembers what it stands for; it may be joined with other
text, escaped, or put into JSON, as the sentence itself. `filled_in` then gives the configuration in one
language.

Gradio's own `gr.I18n` does likewise in the browser; but it goes by the browser's language, not by the page's
address, and does not reach scripts and HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

#: Characters for private use: no text has them, and no escaping changes them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACEHOLDER = re.compile(f"{_OPEN}([0-9]{{1,9}}){_CLOSE}")

#: A sentence may have another one in it, and that one a third.
MAX_DEPTH = 4

#: What each placeholder stands for, by its number.
_sentences: list[Callable[[], str]] = []
_composing: ContextVar[bool] = ContextVar("composing", default=False)


@contextmanager
def composing() -> Iterator[None]:
    """Have placeholders written inside the block."""
    token = _composing.set(True)
    try:
        yield
    finally:
        _composing.reset(token)


def is_composing() -> bool:
    """Whether the page is being composed."""
    return _composing.get()


def placeholder(sentence: Callable[[], str]) -> str:
    """What stands for a sentence until the language is known: also for a piece of HTML, or a code."""
    _sentences.append(sentence)
    return f"{_OPEN}{len(_sentences) - 1}{_CLOSE}"


def in_each_language(text: Callable[[], str]) -> str:
    """A text that is made in each language; inside `composing` a placeholder for it."""
    return placeholder(text) if is_composing() else text()


def filled_in(value: Any, *, in_json: bool = False) -> Any:  # noqa: ANN401 - any JSON
    """A copy of a configuration with its placeholders filled in, in the language in use.

    Args:
        value: Dictionaries, lists, texts and whatever else; only texts are looked into.
        in_json: Whether the placeholders stand inside JSON, as they do in a component's script.
    """
    if isinstance(value, dict):
        return {filled_in(key): filled_in(item, in_json=key == "js_on_load") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled_in(item, in_json=in_json) for item in value)
    if isinstance(value, str):
        for _ in range(MAX_DEPTH):  # a stranger's name may hold these signs, and stands for nothing
            if not _PLACEHOLDER.search(value):
                break
            value = _PLACEHOLDER.sub(lambda found: _sentence(int(found[1]), in_json=in_json), value)
    return value


def _sentence(number: int, *, in_json: bool) -> str:
    sentence = _sentences[number]() if number < len(_sentences) else ""
    return json.dumps(sentence, ensure_ascii=False)[1:-1] if in_json else sentence
