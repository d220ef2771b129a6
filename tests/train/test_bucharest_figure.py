"""The paper's Fig. 8: views of Bucharest, from photos where some are here, else from drawn ones."""

import json
from dataclasses import replace

import numpy as np
import pytest

from examples.scenes import draw
from retrieval import Retriever
from retrieval.retriever import SHIPPED_SCENES
from train.commands.figures import STAND_INS
from train.reports.montages import Montages
from train.reports.retrievals import retrieve
from train.reports.tile_sheet import GAP, HEADING, LINE, TILE
from train.reports.views import views_of


@pytest.fixture
def folder(tmp_path):
    large = draw("river", 1, 256).resize((1024, 1024))
    large.paste(draw("harbor", 3, 256), (384, 384))
    large.save(tmp_path / "herastrau.png")
    (tmp_path / "herastrau.png.json").write_text(
        json.dumps(
            {"metres_per_pixel": 0.3048, "label": "harbor", "place": "Herăstrău", "attribution": "A map's"}
        )
    )
    draw("forest", 1, 256).save(tmp_path / "by-hand.png")
    (tmp_path / "by-hand.png.json").write_text("rubbish")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff and no photo")
    (tmp_path / "coarse.png").write_bytes((tmp_path / "herastrau.png").read_bytes())
    (tmp_path / "coarse.png.json").write_text(json.dumps({"metres_per_pixel": 30}))
    return tmp_path


def test_photos_are_cut_to_78_m_by_the_scale_beside_them(folder):
    views, are_photos = views_of(folder, STAND_INS)
    assert are_photos
    told = [(view.name, view.label, view.credit) for view in views]
    assert told == [("by-hand", None, ""), ("Herăstrău", "harbor", "A map's")]
    seen = np.asarray(views[1].image).astype(int)
    assert np.abs(seen - np.asarray(draw("harbor", 3, 256))).mean() < 4  # the middle, and no more


@pytest.mark.parametrize("photos", ["nowhere", "empty"])
def test_drawn_views_stand_in_where_there_are_no_photos(tmp_path, photos):
    (tmp_path / "empty").mkdir()
    views, are_photos = views_of(tmp_path / photos, STAND_INS)
    assert not are_photos
    assert {view.name for view in views} >= {"Otopeni", "Pipera"}
    assert all(view.image.size == (256, 256) for view in views)


def test_the_sheet_has_a_row_for_each_view_and_marks_where_somebody_says_what_it_shows(folder):
    retriever = Retriever.load(SHIPPED_SCENES.parent / "ucmerced", further=(SHIPPED_SCENES,))
    collection = retriever.collection("scenes")
    vectors = collection.vectors[:3]
    retrievals = retrieve(vectors, [entry.label for entry in collection.entries[:3]], collection, 3)
    views, _ = views_of(folder, STAND_INS)
    embeddings = retriever.embedder.embed([view.image for view in views])
    montages = Montages(retrievals, [draw("beach", 1, 64)] * 3, collection)
    sheet = montages.bucharest_views(views, embeddings, drawn=False, neighbours=4)
    step = TILE + 2 * LINE + GAP
    assert sheet.height == HEADING + 2 * step + GAP
    pixels = np.asarray(sheet)
    first_answer = GAP + (TILE + GAP) + 2 * GAP
    frames = [tuple(pixels[HEADING + row * step, first_answer].tolist()) for row in (0, 1)]
    assert frames[1] == (15, 118, 110)  # a harbor is found for the harbor: a green frame
    assert frames[0] not in ((15, 118, 110), (194, 65, 12))
    unlike = montages.bucharest_views(views, embeddings, drawn=True, neighbours=4)
    assert unlike.tobytes() != sheet.tobytes()  # its title says that they are drawn
    uncredited = [replace(view, credit="") for view in views]
    unlike = montages.bucharest_views(uncredited, embeddings, drawn=False, neighbours=4)
    assert unlike.tobytes() != sheet.tobytes()  # whom to credit stands in it


@pytest.mark.parametrize(
    "fields", [{"place": 7, "label": ["a"], "attribution": {}}, {"place": "x\u202e\n" * 999}]
)
def test_what_stands_beside_a_photo_may_be_anything(tmp_path, fields):
    draw("forest", 1, 256).save(tmp_path / "wood.png")
    (tmp_path / "wood.png.json").write_text(json.dumps(fields))
    (view,), are_photos = views_of(tmp_path, STAND_INS)
    assert are_photos
    assert view.name.isprintable()
    assert len(view.name) < 130
    assert (view.label, view.credit) == (None, "")
