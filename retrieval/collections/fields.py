"""What the values in an artifact folder may be, which may be a stranger's: types that check, for pydantic.

Numbers, texts and names are strict ('3' is no number), finite and bounded. Names build no path that leads out
of a folder.
"""

from __future__ import annotations

import functools
import math
import os
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, Strict, ValidationError

#: Of dataclasses made of these types: a field that nobody knows is refused.
CLOSED = ConfigDict(extra="forbid")

MAX_ROWS = 1_000_000
#: What every current program keeps exactly.
MAX_INTEGER = 2**53
MAX_DEPTH = 12
MAX_PATH = 1000
MAX_NAME_BYTES = 255  # of a file, on every usual disk
#: What joins letters of some scripts, and pictures of people: they turn nothing and hide nothing.
_JOINERS = "\u200c\u200d"


def _printable(text: str) -> str:
    if text.isprintable():  # as nearly all are
        return text
    # Python does not call other spaces than the usual one printable, and macOS writes such into names.
    if not all(each.isprintable() or each in _JOINERS or unicodedata.category(each) == "Zs" for each in text):
        raise ValueError("it may not hold control characters")
    return text


def _readable(text: str) -> str:
    _printable(text.replace("\n", ""))
    return text


def _plain_name(name: str) -> str:
    if name in (".", "..") or "/" in name or "\\" in name or len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError("it has to be a name in its own folder, without '/'")
    return name


def path_inside(path: str) -> str:
    """Check that a path leads into its folder: plain names with '/' between them. Raises ValueError."""
    for part in path.split("/"):
        if not part:
            raise ValueError("it has to be a path inside its folder, such as 'folder/file'")
        _plain_part(part)
    return path


@functools.lru_cache(maxsize=4096)
def _plain_part(part: str) -> None:
    """Check a name of a path; those of folders come again and again."""
    _plain_name(_printable(part))


def _from_root(path: str) -> str:
    if not path.startswith("/") or os.path.normpath(path) != path:
        raise ValueError("it has to be a path from the root, such as '/data/photos'")
    return path


def _plain_data(value: Any, depth: int = MAX_DEPTH) -> Any:  # noqa: ANN401 - whatever JSON held
    """Finite numbers, texts, lists and objects of them, nested so deep."""
    if depth == 0:
        raise ValueError(f"it may be nested {MAX_DEPTH} deep at most")
    match value:
        case None | bool():
            pass
        case int() if abs(value) <= MAX_INTEGER:
            pass
        case float() if math.isfinite(value):
            pass
        case str():
            _readable(value)
        case list() | tuple():
            for item in value:
                _plain_data(item, depth - 1)
        case dict():
            for key, item in value.items():
                _plain_data(str(key), depth - 1)
                _plain_data(item, depth - 1)
        case _:
            raise ValueError("it has to hold finite numbers and texts")
    return value


#: One line, for people.
Line = Annotated[str, Strict(), Field(min_length=1, max_length=200), AfterValidator(_printable)]
#: Several lines, for people.
Text = Annotated[str, Strict(), Field(max_length=4000), AfterValidator(_readable)]
#: The name of a file or a folder, without any path.
PlainName = Annotated[Line, AfterValidator(_plain_name)]
#: 'folder/file': plain names, one in another.
PathInside = Annotated[str, Strict(), Field(max_length=MAX_PATH), AfterValidator(path_inside)]
#: A folder of this machine, from its root.
FolderPath = Annotated[
    str,
    Strict(),
    Field(min_length=2, max_length=4000),
    AfterValidator(_printable),
    AfterValidator(_from_root),
]
Sha256 = Annotated[str, Strict(), Field(pattern=r"^[0-9a-f]{64}$")]
#: How many rows, photos or queries.
Count = Annotated[int, Strict(), Field(ge=1, le=MAX_ROWS)]
#: Likewise, where there may be none.
Number = Annotated[int, Strict(), Field(ge=0, le=MAX_ROWS)]
#: In [0, 1].
Share = Annotated[float, Strict(), Field(ge=0, le=1)]
#: Between unit vectors.
Distance = Annotated[float, Strict(), Field(ge=0, le=2)]
#: An object of JSON that is shown as it is.
PlainData = Annotated[dict[str, Any], AfterValidator(_plain_data)]


def problem(error: ValidationError) -> str:
    """The first thing that does not fit, as a part of a sentence: the field, and what is wrong with it.

    The value itself is not repeated: it may be long, or written to mislead.
    """
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"] if part != "dictionary")
    words = first["msg"].removeprefix("Value error, ")
    words = words[:1].lower() + words[1:].rstrip(".")
    return f"{shortened(place)}: {words}" if place else words


def shortened(value: object, length: int = 60) -> str:
    """A stranger's value as part of a sentence: on one line, and not too much of it."""
    text = "".join(character if character.isprintable() else "�" for character in str(value)[: length + 1])
    return text if len(text) <= length else text[:length] + "…"
