"""Texts that a stranger wrote, made fit to be shown: names of a collection, a link, a file, an argument.

They may hold what is no letter and does harm all the same: halves of pairs of UTF-16, which cannot be written
in UTF-8; signs that turn the direction of what follows them; ends of lines; or a million characters.
"""

from __future__ import annotations

import unicodedata

#: The most characters that are shown of a name.
MAX_NAME = 80

#: Categories of Unicode that nobody writes in a name: control, surrogate, private use; and of the format
#: characters ("Cf") those that turn the direction. The others join emoji, and letters of some scripts.
_UNSHOWN = {"Cc", "Cs", "Co"}
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, most: int = MAX_NAME) -> str:
    """A text on one line, without what cannot be shown, and cut where it is long.

    Args:
        text: Of anybody.
        most: Characters that are kept; where more follow, '…' says so.
    """
    kept = "".join(
        " " if character.isspace() else character
        for character in text[: 4 * most]
        if character.isspace() or _is_shown(character)
    )
    line = " ".join(kept.split())
    return line if len(line) <= most and len(text) <= 4 * most else line[:most] + "…"


def _is_shown(character: str) -> bool:
    return character not in _DIRECTIONS and unicodedata.category(character) not in _UNSHOWN


def encodable(text: str, most: int | None = None) -> str:
    """A text as it is, with "?" for what UTF-8 cannot hold, cut where it has more than `most` characters."""
    if most is not None and len(text) > most:
        text = text[:most] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")
