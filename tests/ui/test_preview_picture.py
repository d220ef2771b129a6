"""The picture beside a link: of the size that is asked for, with the query, its neighbours and words."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from examples.catalog import example_paths
from examples.scenes import draw
from retrieval.images import decode
from ui.i18n import use_language
from ui.render.preview_picture import MARGIN, PANEL, SIZE, preview_of_page, preview_of_search
from ui.thumbnails import middle_square


@pytest.fixture(scope="module")
def query():
    return draw("harbor", 77)


def result_of(retriever, k):
    return retriever.search_vector(retriever.collection("scenes").index.vector(40), k, "scenes")


def opened(data):
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.size == SIZE
    return image.convert("RGB")


def unlike(one, other):
    """The mean difference of two pictures, at a size at which JPEG does not count."""
    return np.abs(np.asarray(one.resize((24, 24))).astype(int) - np.asarray(other.resize((24, 24)))).mean()


@pytest.mark.parametrize("k", [1, 2, 4, 5, 7, 12, 30])
def test_the_query_is_in_the_panel_and_the_nearest_fill_the_rest(retriever, query, k):
    result = result_of(retriever, k)
    picture = opened(preview_of_search(result, query, "harbor77"))
    side = PANEL - 2 * MARGIN
    framed = picture.crop((MARGIN, MARGIN, MARGIN + side, MARGIN + side))
    assert unlike(framed, middle_square(query, side)) < 6
    right = np.asarray(picture)[:, PANEL + 8 :]
    assert (right > 250).all(axis=2).mean() < 0.05  # gaps alone are white
    nearest = decode(result.neighbours[0].photo).image
    shown = picture.crop((PANEL + 4, 0, SIZE[0], SIZE[1]))
    if k == 1:
        wide = middle_square(nearest, shown.width).crop((0, 83, shown.width, 83 + shown.height))
        assert unlike(shown, wide) < 8
    elif k >= 12:
        assert unlike(shown.crop((0, 0, 196, 206)), middle_square(nearest, 206).crop((5, 0, 201, 206))) < 12


def test_words_stay_in_the_panel(retriever, query):
    result = result_of(retriever, 12)
    short, long = (
        np.asarray(opened(preview_of_search(result, query, name))).astype(int) for name in ("a", "W" * 300)
    )
    changed = np.abs(short - long).max(axis=2) > 60
    assert changed[:, :PANEL].any()
    assert not changed[:, PANEL - MARGIN + 2 :].any()


def test_it_is_small_enough_to_be_sent_by_phone(retriever, query):
    assert len(preview_of_search(result_of(retriever, 12), query, "harbor77")) < 300_000
    assert len(preview_of_page()) < 300_000


def test_the_pages_own_shows_the_drawn_scenes_and_the_name_in_each_language():
    english = opened(preview_of_page())
    first = decode(example_paths()[0]).image
    assert unlike(english.crop((404, 0, 600, 206)), middle_square(first, 206).crop((5, 0, 201, 206))) < 12
    with use_language("ro"):
        romanian = opened(preview_of_page())
    assert unlike(english.crop((0, 170, PANEL, 420)), romanian.crop((0, 170, PANEL, 420))) > 1


def test_names_of_strangers_are_drawn_as_letters(retriever, query):
    result = result_of(retriever, 3)
    odd = [replace(each, label="\u202e\ud800<b>\n" + "海" * 500) for each in result.neighbours]
    opened(preview_of_search(replace(result, neighbours=odd), query, "\ud800\u202e<script>" * 50))
