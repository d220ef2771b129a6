"""A search that can be asked again: what is looked for, and what may be an answer; and its address.

The address is a link's query string, such as `collection=scenes&id=harbor03&k=12&class=beach`. It is all that
the page needs to know of a search, so that a link, the browser's buttons and a reload bring the same back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from ui.i18n import say

DEFAULT_NEIGHBOURS = 12
MAX_NEIGHBOURS = 100

#: What an address is made of.
FIELDS = ("collection", "id", "photo", "right", "wrong", "k", "class", "max", "distinct")

#: The most photos that make up one query, and the most that are marked: what an address has room for.
MOST_PHOTOS = 20


class QuestionError(ValueError):
    """A link asks for something that there is not. The message is a sentence."""


class Stored(NamedTuple):
    """A photo of a collection, by names."""

    collection: str
    id: str


@dataclass(frozen=True)
class Refinement:
    """What may be an answer.

    Attributes:
        classes: Only these; all where there are none.
        max_distance: None, or the largest distance, in [0, 2].
        distinct: Whether to leave out near-duplicates of nearer answers, see `retrieval.filters`.
    """

    classes: tuple[str, ...] = ()
    max_distance: float | None = None
    distinct: bool = False


@dataclass(frozen=True)
class Question:
    """A search.

    Attributes:
        collection: Which is searched; None for the one that the page opens with.
        stored: Photos of collections that are looked for, together.
        brought: Photos of visitors that are looked for with them, by the names under which they are kept.
        right: Answers that were marked right, see `retrieval.feedback`.
        wrong: Answers that were marked wrong.
        k: How many neighbours, 1 to `MAX_NEIGHBOURS`.
        refinement: What may be an answer.
    """

    collection: str | None = None
    stored: tuple[Stored, ...] = ()
    brought: tuple[str, ...] = ()
    right: tuple[Stored, ...] = ()
    wrong: tuple[Stored, ...] = ()
    k: int = DEFAULT_NEIGHBOURS
    refinement: Refinement = Refinement()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not (self.stored or self.brought)

    def address(self) -> str:
        """The query string of a link; what is as usual is left out of it."""
        fields: list[tuple[str, str | int]] = []
        if self.collection:
            fields.append(("collection", self.collection))
        fields += [("id", self._written(photo)) for photo in self.stored]
        fields += [("photo", name) for name in self.brought]
        fields += [("right", self._written(photo)) for photo in self.right]
        fields += [("wrong", self._written(photo)) for photo in self.wrong]
        fields.append(("k", self.k))
        fields += [("class", label) for label in self.refinement.classes]
        if self.refinement.max_distance is not None:
            fields.append(("max", f"{self.refinement.max_distance:g}"))
        if self.refinement.distinct:
            fields.append(("distinct", 1))
        return urlencode(fields, safe="/")

    @classmethod
    def parse(cls, address: str, usual: str | None = None) -> Question:
        """The question of an address; what it does not know in it is passed over, as browsers add to links.

        Args:
            address: As `address` gives it, with or without a question mark before it.
            usual: The collection that is meant where the address names none.

        Raises:
            QuestionError: If a number is none, or there are too many photos.
        """
        fields = parse_qs(address.removeprefix("?"))
        collection = fields.get("collection", [usual])[0]

        def photos(name: str) -> tuple[Stored, ...]:
            return tuple(dict.fromkeys(_read(text, collection) for text in fields.get(name, ())))

        question = cls(
            collection,
            photos("id"),
            tuple(_distinct(fields.get("photo", ()))),
            photos("right"),
            photos("wrong"),
            round(min(max(_number(fields, "k", DEFAULT_NEIGHBOURS), 1), MAX_NEIGHBOURS)),
            Refinement(
                tuple(_distinct(fields.get("class", ()))),
                min(max(_number(fields, "max", 2.0), 0.0), 2.0) if "max" in fields else None,
                fields.get("distinct", ["0"])[0] not in ("0", ""),
            ),
        )
        if max(len(question.stored) + len(question.brought), len(question.right), len(question.wrong)) > (
            MOST_PHOTOS
        ):
            raise QuestionError(say("question.too_many", most=MOST_PHOTOS))
        return question

    def _written(self, photo: Stored) -> str:
        """A photo of another collection than the one that is searched says of which; so does an odd id."""
        plain = photo.collection == self.collection and "/" not in photo.id
        return photo.id if plain else f"{photo.collection}/{photo.id}"


def _read(text: str, collection: str | None) -> Stored:
    other, slash, name = text.partition("/")
    return Stored(other, name) if slash else Stored(collection or "", text)


def _distinct(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _number(fields: dict[str, list[str]], name: str, usual: float) -> float:
    try:
        number = float(fields[name][0]) if name in fields else usual
    except ValueError:
        number = float("nan")
    if number != number:  # not a number
        raise QuestionError(say("question.no_number", name=name, value=fields[name][0]))
    return number
