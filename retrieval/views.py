"""Results -> what a person reads: captions, tables, sentences, files. Pure functions without Gradio."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path

from retrieval.collection import Collection
from retrieval.retriever import Neighbour, SearchResult
from texts import readable

#: From this novelty on a result deserves a word of caution, see `retrieval.novelty`.
UNUSUAL = 0.95

TABLE_HEADER = ("rank", "distance", "class", "id", "file")


def caption(neighbour: Neighbour) -> str:
    """The distance first, because galleries cut captions at the end."""
    return f"{neighbour.distance:.3f} · {readable(neighbour.label)}"


def gallery(result: SearchResult) -> list[tuple[Path, str]]:
    """For each neighbour a picture that a browser can show, and its caption."""
    return [(result.collection.picture(neighbour.row), caption(neighbour)) for neighbour in result.neighbours]


def table(result: SearchResult) -> list[list[str | int]]:
    """A row for each neighbour, under `TABLE_HEADER`."""
    return [
        [rank, f"{each.distance:.4f}", each.label, each.id, result.collection.entries[each.row].file]
        for rank, each in enumerate(result.neighbours, start=1)
    ]


def votes(result: SearchResult) -> dict[str, float]:
    """The share of the neighbours that each class has, in (0, 1], largest first."""
    return {readable(label): count / len(result.neighbours) for label, count in result.votes}


def summary(result: SearchResult) -> str:
    """One line of Markdown: what the neighbours vote for, how near they are, and how long it took."""
    label, count = result.votes[0]
    k = len(result.neighbours)
    share = "The neighbour is" if k == 1 else f"{count} of {k} neighbours are"
    nearest, farthest = result.neighbours[0].distance, result.neighbours[-1].distance
    total = _milliseconds(sum(result.seconds.values()))
    stages = ", ".join(f"{stage} {_milliseconds(duration)}" for stage, duration in result.seconds.items())
    line = (
        f"**{share} {readable(label)}** · distance {nearest:.3f} to {farthest:.3f} · "
        f"{len(result.collection.entries):,} images searched in {total} ms ({stages})"
    )
    lines = [novelty_line(result), line, result.note]
    return "  \n".join(each for each in lines if each)


def novelty_line(result: SearchResult) -> str:
    """What to say first of a query that is unlike anything in the collection, or nearly so; else empty."""
    calibration, novelty = result.collection.calibration, result.novelty
    if calibration is None or novelty is None:
        return ""
    nearest = result.neighbours[0].distance
    if result.is_novel:
        return (
            f"**This resembles nothing in {result.collection.title}.** What follows is only the least "
            f"unlike: the nearest is at {nearest:.3f}, and 99 of 100 photos that belong here find one within "
            f"{calibration.threshold:.3f}."
        )
    if novelty >= UNUSUAL:
        return f"It is an unusual query: {novelty:.0%} of photos that belong here find a nearer neighbour."
    return ""


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f}" if seconds >= 0.01 else f"{1000 * seconds:.1f}"


def choice(collection: Collection) -> str:
    """A collection as something to choose: its title and how many images it holds."""
    return f"{collection.title} ({collection.manifest.count:,})"


def photos_line(collection: Collection) -> str:
    """What a visitor should know about photos that are not on this machine; empty if all are."""
    missing = collection.missing_photos
    if not missing:
        return ""
    total = len(collection.entries)
    which = f"The {total:,} photos" if missing == total else f"{missing:,} of the {total:,} photos"
    offer = ""
    if archive := collection.source.archive:
        offer = f" They can be downloaded to it once ({archive.bytes / 1e6:.0f} MB) and are kept there."
    return (
        f"{which} of {collection.title} are not on the computer that serves this page: results show "
        f"a blurred preview with the class and the id instead.{offer}"
    )


def to_csv(result: SearchResult) -> str:
    """The table as CSV, a row each under a header."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(TABLE_HEADER)
    rows.writerows(table(result))
    return text.getvalue()


def to_json(result: SearchResult) -> str:
    """The answer as the API gives it."""
    return json.dumps(result.to_dict(), indent=2, ensure_ascii=False) + "\n"


def download_links(result: SearchResult) -> str:
    """HTML with two links that save the neighbours as CSV and JSON; the files travel inside the links."""
    files = (("CSV", "text/csv", to_csv(result)), ("JSON", "application/json", to_json(result)))
    links = (
        f'<a class="download" download="neighbours.{kind.lower()}" '
        f'href="data:{media};base64,{base64.b64encode(text.encode()).decode()}">Download {kind}</a>'
        for kind, media, text in files
    )
    return " ".join(links)
