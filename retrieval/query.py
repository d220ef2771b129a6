"""A search that can be asked again: what is looked for, and what may be an answer; and its address.

The address is a link's query string, such as `collection=scenes&id=harbor03&class=beach`. It is all that
the page needs to know of a search, so that a link, the browser's buttons and a reload bring the same back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from retrieval.errors import Message, UserError
from retrieval.plain_text import encodable
from retrieval.vector_store import Area

DEFAULT_NEIGHBOURS = 12
MAX_NEIGHBOURS = 100

#: Of an area's degrees, after the point: a metre.
AREA_DIGITS = 5

#: What an address is made of.
FIELDS = ("collection", "id", "photo", "right", "wrong", "k", "class", "max", "area", "distinct")

#: The most photos that make up one query, and the most that are marked: what an address has room for.
MAX_PHOTOS = 20

#: The most characters and fields of an address: twenty photos, forty marks and all classes have fewer.
MAX_ADDRESS, MAX_FIELDS = 16_000, 500

#: What to say of a visitor's photo that is deleted by now.
GONE = Message(
    "The photo of this link is no longer here: what visitors bring is deleted within two hours. Drop it "
    "again."
)


class QueryError(UserError, ValueError):
    """A link asks for something that there is not. The message is a sentence."""


class PhotoRef(NamedTuple):
    """A photo of a collection, by names."""

    collection: str
    id: str


@dataclass(frozen=True)
class Filters:
    """What may be an answer.

    Attributes:
        classes: Only these; all where there are none.
        max_distance: None, or the largest distance, in [0, 2].
        deduplicate: Whether to leave out near-duplicates of nearer answers, see `retrieval.filters`.
        area: None, or only photos whose middle lies in it, as `checked_area` gives it.
    """

    classes: tuple[str, ...] = ()
    max_distance: float | None = None
    deduplicate: bool = False
    area: Area | None = None


@dataclass(frozen=True)
class Query:
    """A search.

    Attributes:
        collection: Which is searched; None for the one that the page opens with.
        stored: Photos of collections that are looked for, together.
        uploads: Photos of visitors that are looked for with them, by the names under which they are kept.
        relevant: Answers that were marked right, see `retrieval.feedback`.
        irrelevant: Answers that were marked wrong.
        k: How many neighbours, 1 to `MAX_NEIGHBOURS`.
        filters: What may be an answer.
    """

    collection: str | None = None
    stored: tuple[PhotoRef, ...] = ()
    uploads: tuple[str, ...] = ()
    relevant: tuple[PhotoRef, ...] = ()
    irrelevant: tuple[PhotoRef, ...] = ()
    k: int = DEFAULT_NEIGHBOURS
    filters: Filters = Filters()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not (self.stored or self.uploads)

    def address(self) -> str:
        """The query string of a link; defaults are left out."""
        fields: list[tuple[str, str | int]] = []
        if self.collection:
            fields.append(("collection", self.collection))
        fields += [("id", self._written(photo)) for photo in self.stored]
        fields += [("photo", name) for name in self.uploads]
        fields += [("right", self._written(photo)) for photo in self.relevant]
        fields += [("wrong", self._written(photo)) for photo in self.irrelevant]
        if self.k != DEFAULT_NEIGHBOURS:
            fields.append(("k", self.k))
        fields += [("class", label) for label in self.filters.classes]
        if self.filters.max_distance is not None:
            fields.append(("max", f"{self.filters.max_distance:g}"))
        if self.filters.deduplicate:
            fields.append(("distinct", 1))
        if self.filters.area is not None:
            fields.append(("area", ",".join(map(_degrees, self.filters.area))))
        return urlencode(fields, safe="/,")

    @classmethod
    def parse(cls, address: str, default: str | None = None) -> Query:
        """The query of an address; fields that it does not know are passed over, as browsers add some.

        Args:
            address: As `address` gives it, with or without a question mark before it.
            default: The collection that is meant where the address names none.

        Raises:
            QueryError: If a number is none, or there are too many photos, fields or characters.
        """
        if len(address) > MAX_ADDRESS:
            raise QueryError("This link has {count:,} characters, too many for a search.", count=len(address))
        try:
            fields = parse_qs(encodable(address).removeprefix("?"), max_num_fields=MAX_FIELDS)
        except ValueError:
            raise QueryError("This link has more than {most} fields, too many.", most=MAX_FIELDS) from None
        collection = fields.get("collection", [default])[0]

        def photos(name: str) -> tuple[PhotoRef, ...]:
            return tuple(dict.fromkeys(_read(text, collection) for text in fields.get(name, ())))

        query = cls(
            collection,
            photos("id"),
            tuple(_unique(fields.get("photo", ()))),
            photos("right"),
            photos("wrong"),
            round(min(max(_number(fields, "k", DEFAULT_NEIGHBOURS), 1), MAX_NEIGHBOURS)),
            Filters(
                tuple(_unique(fields.get("class", ()))),
                min(max(_number(fields, "max", 2.0), 0.0), 2.0) if "max" in fields else None,
                fields.get("distinct", ["0"])[0] not in ("0", ""),
                checked_area(fields["area"][0].split(",", 4)) if "area" in fields else None,
            ),
        )
        if max(len(query.stored) + len(query.uploads), len(query.relevant), len(query.irrelevant)) > (
            MAX_PHOTOS
        ):
            raise QueryError("This link names too many photos: {most} at most.", most=MAX_PHOTOS)
        return query

    def _written(self, photo: PhotoRef) -> str:
        """A photo of another collection than the one that is searched says of which; so does an odd id."""
        plain = photo.collection == self.collection and "/" not in photo.id
        return photo.id if plain else f"{photo.collection}/{photo.id}"


def checked_area(edges: Sequence[str | float]) -> Area:
    """An area of the Earth, rounded to a metre, as an address writes it.

    Args:
        edges: West, south, east and north in degrees. West is greater than east across the 180th meridian.

    Raises:
        QueryError: If it is none.
    """
    try:
        west, south, east, north = (round(float(edge), AREA_DIGITS) + 0.0 for edge in edges)  # no -0
    except (ValueError, OverflowError, TypeError):
        west = south = east = north = float("nan")
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):  # not so of nan
        raise QueryError(
            "An area is written as west, south, east and north in degrees, such as "
            "area=26.05,44.4,26.15,44.47."
        )
    return west, south, east, north


def _degrees(number: float) -> str:
    return f"{number:.{AREA_DIGITS}f}".rstrip("0").rstrip(".")


def _read(text: str, collection: str | None) -> PhotoRef:
    other, slash, name = text.partition("/")
    return PhotoRef(other, name) if slash else PhotoRef(collection or "", text)


def _unique(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _number(fields: dict[str, list[str]], name: str, default: float) -> float:
    try:
        number = float(fields[name][0]) if name in fields else default
    except ValueError:
        number = float("nan")
    if number != number:  # not a number
        raise QueryError(
            "In this link, {name} is '{value}', and has to be a number.", name=name, value=fields[name][0]
        )
    return number
