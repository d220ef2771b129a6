"""Results -> what a person reads: captions, tables, sentences, files. Pure functions without Gradio."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Sequence
from typing import Any

from PIL import Image

from retrieval.collections.collection import Collection
from retrieval.collections.photos import thumbnail
from retrieval.query import Question, Stored
from retrieval.retriever import SearchResult
from ui.i18n import readable, say

#: From this novelty on a result deserves a word of caution, see `retrieval.collections.calibration`.
UNUSUAL = 0.95

TABLE_HEADER = ("rank", "distance", "class", "id", "file")

#: Photos of one query that are shown side by side, at most.
TOGETHER = 9


def table(result: SearchResult) -> list[list[str | int]]:
    """A row for each neighbour, under `TABLE_HEADER`."""
    return [
        [rank, f"{each.distance:.4f}", each.label, each.id, result.collection.entries[each.row].file]
        for rank, each in enumerate(result.neighbours, start=1)
    ]


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is: what a link asks for may be anything, links among it."""
    return re.sub(r"([\\`*_\[\]<>~$#|&:@.])", r"\\\1", " ".join(text.split()))


def summary(result: SearchResult, *, marked: bool = False) -> str:
    """A few lines of Markdown: what the neighbours vote for, how near they are, and how long it took.

    Args:
        result: What was found.
        marked: Whether marks moved the query: then its distances are not those that were calibrated.
    """
    total = _milliseconds(sum(result.seconds.values()))
    searched = say("summary.searched", count=len(result.collection.entries), total=total)
    if len(result.seconds) > 1:
        stages = (f"{say(f'stage.{each}')} {_milliseconds(spent)}" for each, spent in result.seconds.items())
        searched += f" ({', '.join(stages)})"
    if result.neighbours:
        label, count = result.votes[0]
        k = len(result.neighbours)
        nearest, farthest = result.neighbours[0].distance, result.neighbours[-1].distance
        vote = say("summary.one" if k == 1 else "summary.vote", count=count, k=k, label=readable(label))
        line = f"{vote} · {say('summary.distance', nearest=nearest, farthest=farthest)} · {searched}"
    else:
        line = f"{say('summary.nothing')} · {searched}"
    lines = [
        novelty_line(result),
        "" if marked else far_line(result),
        line,
        _duplicates_line(result.duplicates),
        result.note,
    ]
    return "  \n".join(each for each in lines if each)


def novelty_line(result: SearchResult) -> str:
    """What to say first of a query that is unlike anything in the collection, or nearly so; else empty."""
    calibration, novelty, nearest = result.collection.calibration, result.novelty, result.nearest
    if calibration is None or novelty is None or nearest is None:
        return ""
    if result.is_novel:
        return say(
            "novelty.unlike",
            collection=result.collection.title, nearest=nearest, threshold=calibration.threshold,
        )  # fmt: skip
    return say("novelty.unusual", novelty=novelty) if novelty >= UNUSUAL else ""


def far_line(result: SearchResult) -> str:
    """What to say where all that may be an answer is far, such as airplanes' nearest harbors; else empty."""
    calibration = result.collection.calibration
    if calibration is None or not result.neighbours or result.is_novel:
        return ""
    nearest = result.neighbours[0].distance
    if nearest <= calibration.threshold:
        return ""
    return say("novelty.far", nearest=nearest, threshold=calibration.threshold)


def _duplicates_line(count: int) -> str:
    if not count:
        return ""
    return say("summary.duplicate" if count == 1 else "summary.duplicates", count=count)


def query_line(question: Question, labels: Sequence[str]) -> str:
    """What was searched for, where it is not one photo of the visitor's alone; else empty.

    Args:
        question: What was asked.
        labels: The classes of its stored photos.
    """
    parts = []
    photos = len(question.stored) + len(question.brought)
    if photos > 1:
        parts.append(say("query.together", count=photos))
    elif question.stored:
        parts.append(say("query.stored", id=question.stored[0].id, label=readable(labels[0])))
    marks = [
        say(f"query.{kind}" if len(marked) == 1 else f"query.{kind}s", count=len(marked))
        for kind, marked in (("right", question.right), ("wrong", question.wrong))
        if marked
    ]
    if marks:
        parts.append(say("query.marks", marks=", ".join(marks)))
    return " ".join(parts)


def trail_title(question: Question, label: str, brought: str = "") -> str:
    """What a step of the trail is called: the photo's id, or what a photo that was brought is called."""
    if len(question.stored) + len(question.brought) > 1:
        return say("trail.together")
    return (
        f"{question.stored[0].id} · {readable(label)}" if question.stored else brought or say("trail.brought")
    )


def together(pictures: Sequence[Image.Image]) -> Image.Image:
    """Several photos side by side as one square picture of 512 pixels; of more than `TOGETHER`, the first."""
    shown = pictures[:TOGETHER]
    across = 1
    while across * across < len(shown):
        across += 1
    side = 512 // across
    sheet = Image.new("RGB", (side * across, side * across), "white")
    top = (across - -(-len(shown) // across)) * side // 2  # where they leave a row free: in the middle
    for place, picture in enumerate(shown):
        left = place % across * side
        sheet.paste(thumbnail(picture, side - 2), (left + 1, top + place // across * side + 1))
    return sheet


def life_line(until: float | None, question: Question) -> str:
    """How long a link to a search lives."""
    if not question.brought:
        return say("share.stored")
    if until is None:
        return say("question.gone")
    return say("share.brought", until=time.strftime("%H:%M", time.gmtime(until)))


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f}" if seconds >= 0.01 else f"{1000 * seconds:.1f}"


def choice(collection: Collection) -> str:
    """A collection as something to choose: its title and how many images it holds."""
    return say("refine.choice", title=collection.title, count=collection.manifest.count)


def photos_line(collection: Collection) -> str:
    """What a visitor should know about photos that are not on this machine; empty if all are."""
    missing, total = collection.missing_photos, len(collection.entries)
    if not missing:
        return ""
    line = say(
        "photos.all_missing" if missing == total else "photos.some_missing",
        missing=missing, total=total, collection=collection.title,
    )  # fmt: skip
    if archive := collection.source.archive:
        line += " " + say("photos.offer", megabytes=archive.bytes / 1e6)
    return line


def to_csv(result: SearchResult) -> str:
    """The table as CSV, a row each under a header."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(TABLE_HEADER)
    rows.writerows(table(result))
    return text.getvalue()


def to_json(result: SearchResult, question: Question | None = None) -> str:
    """The answer as the API gives it, and with it the address of the question."""
    answer: dict[str, Any] = result.to_dict()
    if question:
        answer["address"] = question.address()
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


def mark_of(question: Question, photo: Stored) -> str:
    """'right', 'wrong' or an empty string: how an answer was marked."""
    return "right" if photo in question.right else "wrong" if photo in question.wrong else ""
