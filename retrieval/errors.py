"""Sentences for people, with the values in them kept apart: English by themselves, and open to translation.

The engine speaks English only. A page in another language looks up the template of a message in its catalogue
and fills in the same values; `str()` of a message, or of an error, is the English sentence.
"""

from __future__ import annotations

from typing import Any

#: Characters of a text that somebody gave, in a sentence; the sentence around it.
MAX_VALUE, MAX_SENTENCE = 300, 1000


def bounded(text: str, most: int = MAX_SENTENCE) -> str:
    """Text that can be written in UTF-8 and is not long, however it came: a stranger's may be neither.

    Half a pair of UTF-16, as a link or JSON may hold, becomes a question mark; what is too long is cut.
    """
    text = text if len(text) <= most else text[:most] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")


class Message:
    """A sentence, or a part of one.

    Args:
        template: English, with placeholders as `str.format` has them; taken as it is without values.
        values: What the placeholders stand for; may be messages themselves. Texts are `bounded`.
    """

    def __init__(self, template: str, /, **values: Any) -> None:  # noqa: ANN401 - whatever str.format takes
        self.template = template
        self.values = {
            name: bounded(value, MAX_VALUE) if isinstance(value, str) else value
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
