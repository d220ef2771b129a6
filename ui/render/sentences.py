"""Results -> the sentences that a person reads. Pure functions without Gradio."""

from __future__ import annotations

import time
from collections.abc import Sequence

from retrieval import SearchResult
from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.plain_text import one_line
from retrieval.query import GONE, PhotoRef, Query
from ui.i18n import class_name, ngettext, number
from ui.i18n import gettext as _
from ui.render.escaping import plain as plain  # for those who join sentences

#: From this novelty on a result deserves a word of caution, see `retrieval.collections.calibration`.
UNUSUAL = 0.95

STAGES = {
    "decode": Message("decode"),
    "embed": Message("embed"),
    "search": Message("search"),
}


def summary(result: SearchResult, *, marked: bool = False) -> str:
    """A few lines of Markdown: what the neighbours vote for, how near they are, and how long it took.

    Args:
        result: What was found.
        marked: Whether marks moved the query: then its distances are not those that were calibrated.
    """
    count = len(result.collection.entries)
    total = _milliseconds(sum(result.seconds.values()))
    searched = _("{count:,} images searched in {total} ms", count=count, total=total)
    if len(result.seconds) > 1:
        stages = (f"{_(STAGES[stage])} {_milliseconds(spent)}" for stage, spent in result.seconds.items())
        searched += f" ({', '.join(stages)})"
    if result.neighbours:
        label, votes = result.votes[0]
        name, k = plain(class_name(label)), len(result.neighbours)
        nearest, farthest = result.neighbours[0].distance, result.neighbours[-1].distance
        if k == 1:
            vote = _("**The neighbour is {label}**", label=name)
        else:
            vote = _("**{count} of {k} neighbours are {label}**", count=votes, k=k, label=name)
        spread = _("distance {nearest:.3f} to {farthest:.3f}", nearest=nearest, farthest=farthest)
        line = f"{vote} · {spread} · {searched}"
    else:
        nothing = _("**No photo is left: allow more classes, or a larger distance**")
        line = f"{nothing} · {searched}"
    lines = [
        novelty_line(result),
        "" if marked else far_line(result),
        line,
        _duplicates_line(result.duplicates),
        *map(_, result.notes),
    ]
    return "  \n".join(line for line in lines if line)


def novelty_line(result: SearchResult) -> str:
    """What to say first of a query that is unlike anything in the collection, or nearly so; else empty."""
    calibration, novelty, nearest = result.collection.calibration, result.novelty, result.nearest
    if calibration is None or novelty is None or nearest is None:
        return ""
    if result.is_novel:
        return _(
            "**This resembles nothing in {collection}.** What follows is only the least unlike: "
            "the nearest is at {nearest:.3f}, and 99 of 100 photos that belong here find one "
            "within {threshold:.3f}.",
            collection=plain(_(Message(result.collection.title))),
            nearest=nearest,
            threshold=calibration.threshold,
        )
    return (
        _(
            "It is an unusual query: {novelty:.0%} of photos that belong here find a nearer neighbour.",
            novelty=novelty,
        )
        if novelty >= UNUSUAL
        else ""
    )


def far_line(result: SearchResult) -> str:
    """What to say where all that may be an answer is far, such as airplanes' nearest harbors; else empty."""
    calibration = result.collection.calibration
    if calibration is None or not result.neighbours or result.is_novel:
        return ""
    nearest = result.neighbours[0].distance
    if nearest <= calibration.threshold:
        return ""
    return _(
        "**None of these is near.** The nearest is at {nearest:.3f}; of what is alike, 99 of "
        "100 are within {threshold:.3f}.",
        nearest=nearest,
        threshold=calibration.threshold,
    )


def _duplicates_line(count: int) -> str:
    if not count:
        return ""
    return ngettext("One near-duplicate is hidden.", "{count} near-duplicates are hidden.", count)


def query_line(query: Query, labels: Sequence[str]) -> str:
    """What was searched for, where it is not one photo of the visitor's alone; else empty.

    Args:
        query: What was asked.
        labels: The classes of its stored photos.
    """
    parts = []
    photos = len(query.stored) + len(query.uploads)
    if photos > 1:
        parts.append(_("{count} photos, looked for together.", count=photos))
    elif query.stored:
        parts.append(
            _(
                "**{id}**, {label}: a photo of the collection.",
                id=plain(one_line(query.stored[0].id)),
                label=plain(class_name(labels[0])),
            )
        )
    marks = []
    if count := len(query.relevant):
        marks.append(ngettext("one marked right", "{count} marked right", count))
    if count := len(query.irrelevant):
        marks.append(ngettext("one marked wrong", "{count} marked wrong", count))
    if marks:
        parts.append(_("With {marks}.", marks=", ".join(marks)))
    return " ".join(parts)


def history_title(query: Query, label: str, title: str = "") -> str:
    """What a search is called in the history: the photo's id, or the title of a visitor's photo."""
    if len(query.stored) + len(query.uploads) > 1:
        return _("several photos")
    return (
        f"{one_line(query.stored[0].id)} · {class_name(label)}" if query.stored else title or _("your photo")
    )


def life_line(until: float | None, query: Query) -> str:
    """How long a link to a search lives."""
    if not query.uploads:
        return _("This link brings back this search for as long as the page has these photos.")
    if until is None:
        return _(GONE)
    return _(
        "This link works until {until} UTC, or until the page restarts: then your photo is "
        "gone. Until then, whoever has the link sees it.",
        until=time.strftime("%H:%M", time.gmtime(until)),
    )


def _milliseconds(seconds: float) -> str:
    return number(1000 * seconds, ".0f" if seconds >= 0.01 else ".1f")


def choice(collection: Collection) -> str:
    """A collection as something to choose: its title and how many images it holds."""
    return _("{title} ({count:,})", title=Message(collection.title), count=collection.manifest.count)


def photos_line(collection: Collection) -> str:
    """What a visitor should know about photos that are not on this machine; empty if all are."""
    missing, total = collection.missing_photos, len(collection.entries)
    if not missing:
        return ""
    if missing == total:
        line = _(
            "The {total:,} photos of {collection} are not on the computer that serves this page: "
            "results show a blurred preview with the class and the id instead.",
            total=total,
            collection=plain(_(Message(collection.title))),
        )
    else:
        line = _(
            "{missing:,} of the {total:,} photos of {collection} are not on the computer that "
            "serves this page: results show a blurred preview with the class and the id instead.",
            missing=missing,
            total=total,
            collection=plain(_(Message(collection.title))),
        )
    if archive := collection.source.archive:
        line += " " + _(
            "They can be downloaded to it once ({megabytes:.0f} MB) and are kept there.",
            megabytes=archive.bytes / 1e6,
        )
    return line


def mark_of(query: Query, photo: PhotoRef) -> str:
    """'right', 'wrong' or an empty string: how an answer was marked."""
    return "right" if photo in query.relevant else "wrong" if photo in query.irrelevant else ""


def waiting() -> str:
    """What stands in place of an answer before anything was searched: with keys and a mouse, or by touch."""
    ways = {
        "by-keys": _(
            "Drop a photo anywhere, paste one with Ctrl+V, or choose an example: the search starts by itself."
        ),
        "by-touch": _("Tap to choose a photo or take one, or tap an example: the search starts by itself."),
    }
    rest = _("Several photos at once are looked for together. Or start from a photo of the collection:")
    return " ".join([*(f'<span class="{name}">{way}</span>' for name, way in ways.items()), rest])


def our_fault() -> str:
    """What to say where the program failed."""
    return _("The search failed, and your photo is not to blame: try again, or tell who runs this page.")
