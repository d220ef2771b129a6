"""What is saved of an answer is its table, and the answer of the API."""

import csv
import io
import json
from dataclasses import replace

import pytest

from retrieval.query import PhotoRef, Query
from ui.render import export
from ui.render.export import csv_text, to_csv

#: Texts that a spreadsheet would take for a formula, or that would be read back as another one.
FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", '"=1', "'=1", "' =1", "\uff1d1", "'text",
    "\ttext", "-", '=HYPERLINK("http://127.0.0.1/","x")',
]  # fmt: skip


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


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula_in_a_spreadsheet_and_all_can_be_read_back(text):
    cell = csv_text(text)
    assert cell == f"'{text}"
    assert cell.removeprefix("'") == text


@pytest.mark.parametrize("text", ["harbor03", "harbor/harbor03.webp", "a=b", "1-2", "", "x\t=1", "3.5"])
def test_other_texts_are_written_as_they_are(text):
    assert csv_text(text) == text


def test_a_collection_of_formulas_is_written_as_text_and_its_numbers_as_numbers(result):
    hostile = replace(
        result,
        neighbours=[
            replace(each, id=text, label=text)
            for each, text in zip(result.neighbours, FORMULAS, strict=False)
        ],
    )
    rows = list(csv.reader(io.StringIO(to_csv(hostile))))[1:]
    assert len(rows) == len(result.neighbours)
    for row, text in zip(rows, FORMULAS, strict=False):
        rank, distance, label, identifier, _file = row
        assert float(rank) >= 1
        assert float(distance) >= 0
        assert label == identifier == f"'{text}"


def test_half_a_pair_of_utf_16_can_be_saved(result):
    hostile = replace(result, neighbours=[replace(result.neighbours[0], id="\ud800")])
    assert "?" in to_csv(hostile).encode().decode()
