"""A contact sheet has the query in its frame, and every neighbour at its place."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from examples.scenes import draw
from retrieval.collections.collection import Collection
from retrieval.images import decode
from retrieval.retriever import SHIPPED_SCENES
from ui.i18n import use_language
from ui.render.contact_sheet import CAPTION, CELL, COLUMNS, FRAME, GAP, contact_sheet
from ui.thumbnails import middle_square, whole


@pytest.fixture(scope="module")
def query():
    return draw("harbor", 77)


def result_of(retriever, k, name="scenes"):
    return retriever.search_vector(retriever.collection("scenes").index.vector(40), k, name)


def opened(data):
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    return image.convert("RGB")


def place(number):
    """The corner of a cell."""
    row, column = divmod(number, COLUMNS)
    return GAP + column * (CELL + GAP), GAP + row * (CELL + CAPTION + GAP)


def cell(sheet, number):
    left, top = place(number)
    return sheet.crop((left, top, left + CELL, top + CELL))


def same(one, other):
    return np.array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize("k", [1, 5, 12, 30])
def test_the_query_and_all_neighbours_are_at_their_places(retriever, query, k):
    result = result_of(retriever, k)
    sheet = opened(contact_sheet(result, query))
    assert same(cell(sheet, 0), middle_square(query, CELL))
    assert len(result.neighbours) == k
    for number, neighbour in enumerate(result.neighbours, start=1):
        assert same(cell(sheet, number), middle_square(decode(neighbour.photo).image, CELL)), number
    left, top = place(k)
    assert left + CELL + GAP <= sheet.width
    assert top + CELL + CAPTION < sheet.height
    assert sheet.width == GAP + min(COLUMNS, k + 1) * (CELL + GAP)


def test_the_query_alone_is_framed(retriever, query):
    pixels = np.asarray(opened(contact_sheet(result_of(retriever, 12), query)))
    frame = np.argwhere((pixels == tuple(bytes.fromhex(FRAME[1:]))).all(axis=2))
    left, top = place(0)
    around = {"top": frame[:, 0].min(), "left": frame[:, 1].min()}
    assert around == {"top": top - 4, "left": left - 4}
    assert frame[:, 1].max() == left + CELL + 3
    assert (frame[:, 0] < top + CELL + CAPTION).all()


def test_captions_are_written_below_the_photos_and_differ(retriever, query):
    sheet = opened(contact_sheet(result_of(retriever, 5), query))
    captions = []
    for number in range(6):
        left, top = place(number)
        captions.append(np.asarray(sheet.crop((left, top + CELL + 4, left + CELL, top + CELL + CAPTION))))
        assert (captions[-1] < 128).any()
    assert len({caption.tobytes() for caption in captions}) == 6


def test_a_caption_does_not_reach_the_next_photo(retriever, query):
    result = result_of(retriever, 3)
    long = [replace(each, id="W" * 80, label="m" * 80) for each in result.neighbours]
    sheet = np.asarray(opened(contact_sheet(replace(result, neighbours=long), query)))
    for number in range(1, 4):
        left, top = place(number)
        gap = sheet[top + CELL : top + CELL + CAPTION, left + CELL + 1 : left + CELL + GAP]
        assert (gap == 255).all()


def test_without_neighbours_there_is_the_query(retriever, query):
    result = replace(result_of(retriever, 1), neighbours=[])
    sheet = opened(contact_sheet(result, query))
    assert same(cell(sheet, 0), middle_square(query, CELL))
    assert sheet.width == CELL + 2 * GAP


def test_photos_that_are_not_here_are_shown_by_their_previews(retriever, query):
    result = result_of(retriever, 4, "ucmerced")
    sheet = opened(contact_sheet(result, query))
    for number, neighbour in enumerate(result.neighbours, start=1):
        preview = decode(whole(result.collection, neighbour.row)).image
        assert same(cell(sheet, number), middle_square(preview, CELL))


def test_a_damaged_photo_is_shown_by_its_preview(retriever, query, tmp_path):
    scenes = Collection(SHIPPED_SCENES)
    result = result_of(retriever, 2)
    damaged = result.neighbours[0].row
    path = tmp_path / "damaged.webp"
    path.write_bytes(b"rubbish")
    scenes.photo = lambda row: path if row == damaged else result.collection.photo(row)
    sheet = opened(contact_sheet(replace(result, collection=scenes), query))
    shown = np.asarray(cell(sheet, 1)).astype(int)
    photo = np.asarray(middle_square(decode(result.neighbours[0].photo).image, CELL)).astype(int)
    assert 3 < np.abs(shown - photo).mean() < 60
    assert same(cell(sheet, 2), middle_square(decode(result.neighbours[1].photo).image, CELL))


def test_it_speaks_the_visitors_language(retriever, query):
    result = result_of(retriever, 3)
    english = contact_sheet(result, query)
    with use_language("ro"):
        assert contact_sheet(result, query) != english
    assert contact_sheet(result, query) == english
