"""Several photos that are looked for together -> a list that says how each fares alone, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from retrieval.errors import Message
from retrieval.verdict import FAIR, NONE, STRONG, WEAK, Verdict
from ui.i18n import class_name
from ui.i18n import gettext as _
from ui.render.escaping import escape

#: What each level is called in a list, where there is less room than above the neighbours.
WORDS = {
    STRONG: Message("Strong"),
    FAIR: Message("Fair"),
    WEAK: Message("Not close"),
    NONE: Message("Nothing alike"),
}


class Alone(NamedTuple):
    """One of several photos, searched alone: where its thumbnail is fetched from, and the verdict."""

    thumb: str
    verdict: Verdict


def photo_rows(photos: Sequence[Alone], unread: Sequence[tuple[str, Message]] = ()) -> str:
    """A list with a row for each photo, and for each file that could not be read; empty of none.

    Args:
        photos: In the order in which they came.
        unread: The name of each such file, and why.
    """
    names = [_("Photo {number}", number=place) for place in range(1, len(photos) + 1)]
    rows = [
        f'<li data-level="{found.level or "open"}"><img src="{escape(thumb)}" alt="" width="40" height="40">'
        f"<div>{_told(found)}<small>{escape(name)}</small></div></li>"
        for name, (thumb, found) in zip(names, photos, strict=True)
    ]
    rows += [
        f'<li><i aria-hidden="true">!</i>'
        f"<div><b>{escape(name)}</b><small>{escape(_(trouble))}</small></div></li>"
        for name, trouble in unread
    ]
    if not rows:
        return ""
    title = escape(_("Each photo alone"))
    return f'<ul class="photo-list" aria-label="{title}">{"".join(rows)}</ul>'


def _told(found: Verdict) -> str:
    level = f'<b class="level">{escape(_(WORDS[found.level]))}</b> ' if found.level else ""
    if not found.label:  # nothing may be an answer, or nobody labelled the photos
        return level
    label = escape(class_name(found.label))
    if found.is_far:
        return level + escape(_("nearest: {label}", label=class_name(found.label)))
    return f"{level}<b>{label}</b>"
