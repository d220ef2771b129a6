"""An answer as a table, and as the files that it can be saved as: CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from retrieval import SearchResult
from retrieval.errors import Message
from retrieval.plain_text import encodable
from retrieval.query import Query

#: The columns of the table, and what people read above them.
TABLE_HEADER = {
    "rank": Message("rank"),
    "distance": Message("distance"),
    "class": Message("class"),
    "id": Message("id"),
    "file": Message("file"),
}
#: Further columns of the CSV: where the middle of a photo lies, in degrees (WGS 84).
PLACE_HEADER = ("longitude", "latitude")


def table(result: SearchResult) -> list[list[str | int]]:
    """A row for each neighbour, under `TABLE_HEADER`."""
    return [
        [
            rank,
            f"{neighbour.distance:.4f}",
            neighbour.label,
            neighbour.id,
            result.collection.entries[neighbour.row].file,
        ]
        for rank, neighbour in enumerate(result.neighbours, start=1)
    ]


def to_csv(result: SearchResult) -> str:
    """The table as CSV, a row for each neighbour under a header; texts as `csv_text` writes them.

    Where the collection says where its photos lie, rows end with the longitude and latitude of the middle.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    places = result.collection.places
    rows.writerow([*TABLE_HEADER, *(PLACE_HEADER if places else ())])
    for neighbour, (rank, distance, *texts) in zip(result.neighbours, table(result), strict=True):
        centre = (places[neighbour.row].centre or ("", "")) if places else ()
        degrees = [f"{each:.7f}" if each != "" else "" for each in centre]
        rows.writerow([rank, distance, *map(csv_text, texts), *degrees])
    return text.getvalue()


def csv_text(cell: object) -> str:
    """A class, an id or a file as a cell that no spreadsheet takes for a formula.

    A formula begins with one of = + - @, also after spaces or quotes, and in some languages with their wide
    forms; tabs and ends of lines begin a new cell in some programs. Such a text has an apostrophe before it
    (https://owasp.org/www-community/attacks/CSV_Injection), and so has one that begins with an apostrophe: a
    program that takes one off the beginning, where there is one, has the text again.
    """
    text = encodable(str(cell))
    return f"'{text}" if _FORMULA.match(text) else text


_FORMULA = re.compile(r"""[\s"'`]*[=+\-@\uff1d\uff0b\uff0d\uff20]|['\t\r\n]""")


def to_json(result: SearchResult, query: Query | None = None) -> str:
    """The answer as the API gives it, and with it the address of the query."""
    answer: dict[str, Any] = result.to_dict()
    if query:
        answer["address"] = query.address()
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
