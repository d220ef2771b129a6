"""An answer as a table, and as the files that it can be saved as: CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from retrieval import SearchResult
from retrieval.errors import Message
from retrieval.query import Query

#: The columns of the table, and what people read above them.
TABLE_HEADER = {
    "rank": Message("rank"),
    "distance": Message("distance"),
    "class": Message("class"),
    "id": Message("id"),
    "file": Message("file"),
}


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
    """The table as CSV, a row for each neighbour under a header."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(TABLE_HEADER)
    rows.writerows(table(result))
    return text.getvalue()


def to_json(result: SearchResult, query: Query | None = None) -> str:
    """The answer as the API gives it, and with it the address of the query."""
    answer: dict[str, Any] = result.to_dict()
    if query:
        answer["address"] = query.address()
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
