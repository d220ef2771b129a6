"""The address of a map in its parts, and the numbers that stand in them.

Everything here takes a stranger's text: it is cut at separators, and a piece is a number or it is none. A
comma never stands for a decimal point, so '44,43,26,1' is four numbers and no place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote


@dataclass(frozen=True)
class Link:
    """A link in its parts, decoded.

    Attributes:
        host: In small letters.
        pieces: What stands between the slashes of the path.
        fragment: What follows the '#'.
        values: Those of the query, then those that follow the '#', by their names in small letters.
    """

    host: str
    pieces: tuple[str, ...]
    fragment: str
    values: dict[str, list[str]]

    @classmethod
    def of(cls, host: str, parts: SplitResult) -> Link:
        """What `urlsplit` found, decoded."""
        pieces = tuple(unquote(piece) for piece in parts.path.split("/") if piece)
        fragment = unquote(parts.fragment).lstrip("!/")
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(parts.query) + parse_qsl(fragment.replace("?", "&")):
            values.setdefault(name.lower(), []).append(value)
        return cls(host, pieces, fragment, values)

    @property
    def address(self) -> str:
        """Host and path, by which a site is known."""
        return "/".join([self.host, *self.pieces]) + ("" if self.pieces else "/")

    def first(self, *names: str) -> str:
        """The first value of the first of these names that the link has; else empty."""
        return next((self.values[name][0] for name in names if name in self.values), "")

    def only(self, *names: str) -> str:
        """As `first`, but empty where that name has several values that differ."""
        values = next((self.values[name] for name in names if name in self.values), [])
        return values[0] if len(set(values)) == 1 else ""


@dataclass(frozen=True)
class Stated:
    """What a link says, not yet checked.

    Attributes:
        place: Latitude and longitude; empty where it says none.
        zoom: None where it says none.
        satellite: Whether it shows photos; None where it does not say.
        height: Metres of ground from top to bottom; None where it says none.
    """

    place: list[float] = field(default_factory=list)
    zoom: float | None = None
    satellite: bool | None = None
    height: float | None = None


def number(text: str) -> float | None:
    """The number that a text is, in plain digits; else None."""
    text = text.strip()
    return float(text) if re.fullmatch(r"[-+]?[0-9]{1,9}(\.[0-9]{0,30})?", text) else None


def numbers(text: str, separator: str = ",") -> list[float]:
    """The numbers that a text consists of; none where one of its pieces is no number."""
    found = [number(piece) for piece in text.split(separator)]
    return [each for each in found if each is not None] if None not in found else []


def pair(text: str, separator: str = ",") -> list[float]:
    """The two numbers that a text consists of; else none."""
    found = numbers(text, separator)
    return found if len(found) == 2 else []


def first_pair(texts: Iterable[str], separator: str = ",") -> list[float]:
    """The first of these texts that is a pair; else none."""
    return next(filter(None, (pair(text, separator) for text in texts)), [])


def searched(text: str) -> list[float]:
    """The place that somebody typed into a map's search box: 'loc:44.43 26.1(A name)'; else none."""
    text = text.strip().partition("(")[0]
    text = " ".join((text[4:] if text[:4].lower() == "loc:" else text).split())
    return pair(text) or pair(text, " ")


def camera(pieces: Iterable[str]) -> tuple[list[float], dict[str, float | None]]:
    """The place of the last '@44.43,26.1,500d,35y', and its other numbers by their letters.

    A place's name may begin with '@' too, so the last counts.
    """
    for piece in reversed([*pieces]):
        place, others = pair(",".join(piece[1:].split(",")[:2])), piece.split(",")[2:]
        others = [part.strip() for part in others if part.strip()]
        if piece.startswith("@") and place and all(part[-1].isalpha() for part in others):
            return place, {part[-1].lower(): number(part[:-1]) for part in others}
    return [], {}


def zoom_first(text: str) -> tuple[list[float], float | None, float]:
    """Place, zoom and tilt of '19/44.43/26.1', after which the direction and the tilt may follow."""
    parts = text.strip("/").split("/")
    found = numbers("/".join(parts[:3]), "/")
    if len(found) < 3:
        return [], None, 0.0
    tilt = number(parts[4]) if len(parts) > 4 else None
    return found[1:], found[0], tilt or 0.0


def in_a_row(text: str, *kinds: str) -> list[float]:
    """The numbers of the first fields of these kinds in a row, in '!1d500!2d26.1!3d44.43'; else none."""
    fields = text.split("!")
    for start in range(len(fields) - len(kinds) + 1):
        row = list(zip(fields[start : start + len(kinds)], kinds, strict=True))
        found = [number(each.removeprefix(kind)) for each, kind in row if each.startswith(kind)]
        if len(found) == len(kinds) and None not in found:
            return [each for each in found if each is not None]
    return []
