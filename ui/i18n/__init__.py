"""All that people read, in each language that the page speaks.

A text has a key; `english.py` holds the English of every key, `romanian.py` the Romanian. `say` gives the
text in the language of whoever is answered: English, unless the call runs inside `speaking`. Programs that
import `retrieval`, and those that call the API, are answered in English. A further language is a module like
these two, and a line in `LANGUAGES`; tests/ui/test_i18n.py checks that it has every key, with the same
placeholders.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ui.i18n import english, romanian

#: Code of the language (as in HTML's `lang`) -> its name for itself, and its texts.
LANGUAGES: dict[str, tuple[str, dict[str, str]]] = {
    "en": ("English", english.TEXTS),
    "ro": ("Română", romanian.TEXTS),
}
DEFAULT = "en"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


def say(key: str, /, **values: Any) -> str:  # noqa: ANN401 - whatever str.format takes
    """The text of a key in the language that is spoken, with its placeholders filled in.

    Raises:
        KeyError: If there is no such text, or it has a placeholder without a value.
    """
    return LANGUAGES[_language.get()][1][key].format(**values)


def language() -> str:
    """The code of the language that is spoken here."""
    return _language.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language inside the block. It has to be one of `LANGUAGES`."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def spoken(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, speaking the language that is spoken now, whenever and wherever it is called.

    The page is built once in each language, and its handlers run later, in threads of their own.
    """
    code = language()

    @functools.wraps(function)
    def in_language(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        with speaking(code):
            return function(*arguments, **named)

    return in_language


def readable(label: str) -> str:
    """A class's name as people write it, in the language that is spoken; other classes as they are."""
    return LANGUAGES[_language.get()][1].get(f"class.{label}", label)
