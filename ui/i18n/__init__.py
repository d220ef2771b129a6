"""The languages of the page, by gettext: `_("A sentence.")` is that sentence in the language in use.

The English sentence in the code is the key; a catalogue, `LANGUAGE/messages.po`, has its translation, made
with any program that translators use. `make messages` collects new sentences and checks all. Which language
is in use is said by `use_language`, for the length of one answer; English otherwise.
"""

from __future__ import annotations

import functools
import gettext as standard_gettext
import io
import string
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Number
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from retrieval.errors import Message
from retrieval.labels import CLASS_NAMES, group_message
from retrieval.plain_text import one_line
from ui.i18n import compose

#: Code of the language (as in HTML's `lang`) -> its name for itself. A further one needs a catalogue, too.
LANGUAGES = {"en": "English", "ro": "Română"}
DEFAULT = "en"

CATALOGUES = Path(__file__).resolve().parent

_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


def language() -> str:
    """The code of the language in use."""
    return _current.get()


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Use a language inside the block. It has to be one of `LANGUAGES`."""
    token = _current.set(code)
    try:
        yield
    finally:
        _current.reset(token)


def known_language(code: str | None) -> str:
    """The language of a code that an address names; English for any other text."""
    return code if code in LANGUAGES else DEFAULT


def with_country(code: str) -> str:
    """A language with the country whose spelling is usual, as Open Graph has it: 'en_US' of 'en'."""
    name: str = get_global("likely_subtags")[code]
    return f"{code}_{name.rsplit('_', 1)[-1]}"


def gettext(message: str | Message, /, **values: Any) -> str:  # noqa: ANN401 - whatever str.format takes
    """A sentence in the language in use; the code calls it `_`, as is usual.

    Args:
        message: The English sentence, with placeholders as `str.format` has them. In code it is a literal, so
            that `make messages` finds it. Or a message of the engine, which brings its values.
        values: What the placeholders stand for. Numbers are written as the language does.
    """
    template, values = (
        (message.template, message.values) if isinstance(message, Message) else (message, values)
    )
    if not template:  # gettext's own name for a catalogue's header
        return ""
    if compose.is_composing():
        return compose.placeholder(lambda: gettext(template, **values))
    return _filled(_translations(language()).gettext(template), values)


def ngettext(singular: str, plural: str, count: int, /, **values: Any) -> str:  # noqa: ANN401 - as above
    """As `gettext`, of a sentence that differs by a number, {count}: 'one photo', '2 photos'."""
    if compose.is_composing():
        return compose.placeholder(lambda: ngettext(singular, plural, count, **values))
    return _filled(_translations(language()).ngettext(singular, plural, count), {"count": count, **values})


def number(value: float, specification: str) -> str:
    """A number as the language in use writes it: `number(0.25, ".2f")` is '0.25', or '0,25'."""
    if compose.is_composing():
        return compose.placeholder(lambda: number(value, specification))
    return _Formatter().format_field(value, specification)


def class_name(label: str) -> str:
    """A class as people write it, in the language in use; of another data set by `one_line`."""
    known = CLASS_NAMES.get(label)
    return gettext(known) if known else one_line(label)


def label_name(label: str, has_classes: bool) -> str:
    """A label of a collection as people write it: a class, or a group where it has none (`has_classes`)."""
    if has_classes:
        return class_name(label)
    known = group_message(label)
    return gettext(known) if known else one_line(label)


class _Formatter(string.Formatter):
    """`str.format`, with the language's own signs in numbers, and messages of the engine translated."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - as the class it extends
        if isinstance(value, Message):
            value = gettext(value)
        text: str = super().format_field(value, format_spec)
        return text.translate(_signs(language())) if isinstance(value, Number) else text


def _filled(template: str, values: dict[str, Any]) -> str:
    return _Formatter().format(template, **values) if values else template


@functools.cache
def _signs(code: str) -> dict[int, str]:
    """What stands for the English decimal point, and for the comma between thousands."""
    symbols = Locale.parse(code).number_symbols["latn"]
    return str.maketrans({".": symbols["decimal"], ",": symbols["group"]})


@functools.cache
def _translations(code: str) -> standard_gettext.NullTranslations:
    """The catalogue of a language, compiled when it is first used: no compiled file can be out of date."""
    if code == DEFAULT:
        return standard_gettext.NullTranslations()
    with (CATALOGUES / code / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return standard_gettext.GNUTranslations(compiled)
