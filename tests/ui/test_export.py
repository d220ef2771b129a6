"""What is saved of an answer is its table, and the answer of the API."""

import csv
import io
import json

from retrieval.query import PhotoRef, Query
from ui.render import export


def test_the_table_has_a_row_for_each_neighbour(result, collection):
    rows = export.table(result)
    assert len(rows[0]) == len(export.TABLE_HEADER)
    assert [row[0] for row in rows] == [1, 2, 3]
    assert [row[1] for row in rows] == ["0.0000", "0.3333", "2.0000"]
    assert rows[2][2:] == ["tenniscourt", collection.entries[40].id, collection.entries[40].file]


def test_the_csv_is_the_table(result):
    header, *rows = csv.reader(io.StringIO(export.to_csv(result)))
    assert header == list(export.TABLE_HEADER)
    assert rows == [[str(value) for value in row] for row in export.table(result)]


def test_the_json_is_the_answer(result):
    assert json.loads(export.to_json(result)) == result.to_dict()


def test_the_json_says_under_which_address_it_was_asked(result):
    query = Query("scenes", (PhotoRef("scenes", "beach00"),), k=3)
    answer = json.loads(export.to_json(result, query))
    assert answer == result.to_dict() | {"address": "collection=scenes&id=beach00&k=3"}
