"""Sentences for people, with the values in them kept apart: English by themselves, and open to translation.

The engine speaks English only. A page in another language looks up the template of a message in its catalogue
and fills in the same values; `str()` of a message, or of an error, is the English sentence.
"""

from __future__ import annotations

from typing import Any

from retrieval.plain_text import encodable

#: Characters of a text that somebody gave, in a sentence.
MAX_VALUE = 300


class Message:
    """A sentence, or a part of one.

    Args:
        template: English, with placeholders as `str.format` has them; taken as it is without values.
        values: What the placeholders stand for; may be messages themselves. Long texts are cut.
    """

    def __init__(self, template: str, /, **values: Any) -> None:  # noqa: ANN401 - whatever str.format takes
        self.template = template
        self.values = {
            name: encodable(value, MAX_VALUE) if isinstance(value, str) else value
            for name, value in values.items()
        }

    def __str__(self) -> str:
        return self.template.format(**self.values) if self.values else self.template

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return (self.template, self.values) == (other.template, other.values)

    def __hash__(self) -> int:
        return hash(str(self))


class UserError(Exception):
    """What somebody gave cannot be used. The message is a sentence: what is wrong, and what to do.

    Args:
        template: As for `Message`, or a message.
        values: As for `Message`.
    """

    def __init__(self, template: str | Message, /, **values: Any) -> None:  # noqa: ANN401 - as for Message
        self.message = template if isinstance(template, Message) else Message(template, **values)
        super().__init__(str(self.message))
