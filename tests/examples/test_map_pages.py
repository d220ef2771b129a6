"""Drawn districts, the overlays of a map page, and the screenshots that are shipped."""

import re
from itertools import product

import numpy as np
import pytest
from PIL import Image

from examples import catalog
from examples.map_pages import screenshots
from examples.map_pages.district import CELL_PIXELS, NOWHERE, compose, plan
from examples.map_pages.map_window import draw_map_window
from examples.map_pages.overlays import draw_overlays, scale_bar
from examples.map_pages.street_map import draw_blank, draw_street_map

PLAN = [["mediumresidential", "parkinglot"], ["forest", "agricultural"]]


@pytest.fixture(scope="module")
def district():
    return compose(PLAN, 4)


@pytest.fixture(scope="module")
def view():
    noise = np.random.default_rng(0).integers(0, 256, (700, 1100, 3), dtype=np.uint8)
    return Image.fromarray(noise)


def test_a_plan_is_the_same_for_the_same_seed_and_names_only_what_it_may():
    cells = plan(3, 8, 5, ["forest", "buildings", "river"])
    assert cells == plan(3, 8, 5, ["forest", "buildings", "river"])
    assert [len(row) for row in cells] == [8] * 5
    assert {label for row in cells for label in row} <= {"forest", "buildings", "river"}
    assert len({str(plan(seed, 8, 5)) for seed in range(6)}) == 6


def test_similar_classes_lie_side_by_side_in_a_plan():
    cells = np.array([plan(seed, 8, 5) for seed in range(20)])
    assert (cells[:, :, 1:] == cells[:, :, :-1]).mean() > 0.3


def test_a_district_has_a_pixel_of_class_for_each_pixel_of_its_image(district):
    assert district.image.mode == "RGB"
    assert district.image.size == (2 * CELL_PIXELS, 2 * CELL_PIXELS)
    assert district.classes.shape == (2 * CELL_PIXELS, 2 * CELL_PIXELS)
    assert district.classes.dtype == np.int16
    assert district.labels == sorted(label for row in PLAN for label in row)
    assert set(np.unique(district.classes)) == {NOWHERE, 0, 1, 2, 3}


def test_the_middle_of_each_cell_shows_its_class(district):
    for row, column in product(range(2), range(2)):
        found = district.classes[
            CELL_PIXELS * row + CELL_PIXELS // 2, CELL_PIXELS * column + CELL_PIXELS // 2
        ]
        assert district.labels[found] == PLAN[row][column]


def test_a_street_lies_where_houses_end_and_only_a_seam_between_forest_and_field(district):
    nowhere = district.classes == NOWHERE
    assert nowhere[CELL_PIXELS // 2].sum() > 25
    assert 0 < nowhere[CELL_PIXELS + CELL_PIXELS // 2].sum() < 20


def test_the_same_arguments_draw_the_same_district():
    assert compose([["forest"]], 1).image.tobytes() == compose([["forest"]], 1).image.tobytes()
    assert compose([["forest"]], 1).image.tobytes() != compose([["forest"]], 2).image.tobytes()


@pytest.mark.parametrize("cells", [[], [[]], [["forest", "forest"], ["forest"]], [["volcano"]]])
def test_a_plan_that_cannot_be_drawn_is_refused(cells):
    with pytest.raises(ValueError, match=r"rows of the same length|no scenes of volcano"):
        compose(cells, 0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("pixel_ratio", [1.0, 1.5, 2.0])
def test_overlays_change_nothing_but_what_their_mask_covers(view, seed, pixel_ratio):
    drawn, covered = draw_overlays(
        view, np.random.default_rng(seed), 0.3, pixel_ratio, browser_window=seed % 2 > 0
    )
    assert drawn.size == view.size
    assert covered.shape == (700, 1100)
    assert 0.01 < covered.mean() < 0.75
    before, after = np.asarray(view), np.asarray(drawn)
    assert (before[~covered] == after[~covered]).all()
    assert (before[covered] != after[covered]).any(axis=1).mean() > 0.8


def test_the_same_seed_draws_the_same_overlays(view):
    first, second = (draw_overlays(view, np.random.default_rng(8), 0.3)[0] for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != draw_overlays(view, np.random.default_rng(9), 0.3)[0].tobytes()


@pytest.mark.parametrize("clear", [(0, 0, 600, 400), (500, 300, 1100, 700), (100, 100, 1000, 690)])
def test_nothing_is_drawn_over_the_area_to_keep_clear(view, clear):
    left, top, right, bottom = clear
    for seed in range(4):
        _, covered = draw_overlays(view, np.random.default_rng(seed), 0.3, keep_clear=clear)
        assert not covered[top:bottom, left:right].any()


def test_a_browser_window_covers_the_top_from_side_to_side(view):
    for ratio in (1, 2):
        _, covered = draw_overlays(view, np.random.default_rng(1), 0.3, ratio, browser_window=True)
        assert covered[: 80 * ratio].all()


@pytest.mark.parametrize("metres", [0.05, 0.1066, 0.2132, 0.4265, 1.7, 40.0])
def test_a_scale_bar_is_as_long_as_it_says(metres):
    length, pixels = scale_bar(metres)
    assert length * 1.0 == pytest.approx(pixels * metres)
    assert 40 < pixels <= 110 or length == 1
    assert str(length)[0] in "125"


def test_a_map_window_has_the_scale_of_its_zoom_and_latitude(district):
    window = draw_map_window(district, 20, 44.43, (600, 400))
    assert window.metres_per_pixel == pytest.approx(0.1066, abs=1e-4)
    assert window.image.size == (600, 400)
    assert window.classes.shape == window.covered.shape == (400, 600)
    assert draw_map_window(district, 20, 44.43, (600, 400), 2.0).metres_per_pixel == pytest.approx(
        0.0533, abs=1e-4
    )


def test_a_map_window_shows_the_middle_of_its_district(district):
    window = draw_map_window(district, 19, 44.43, (720, 720), seed=2)
    assert (window.classes[::360, ::360] == district.classes[::256, ::256]).mean() > 0.9
    seen = np.asarray(district.image.resize((720, 720)), dtype=float)[~window.covered]
    shown = np.asarray(window.image, dtype=float)[~window.covered]
    assert np.abs(seen - shown).mean() < 12


def test_a_district_that_is_too_small_for_the_view_is_refused(district):
    with pytest.raises(ValueError, match="the district has"):
        draw_map_window(district, 18, 44.43)


@pytest.mark.parametrize("draw", [draw_street_map, draw_blank])
def test_a_page_without_imagery_is_drawn_anew_for_each_seed(draw):
    picture = draw(1, (500, 300))
    assert picture.mode == "RGB"
    assert picture.size == (500, 300)
    assert picture.tobytes() == draw(1, (500, 300)).tobytes()
    assert picture.tobytes() != draw(2, (500, 300)).tobytes()


def test_street_maps_are_pale_or_dark():
    tones = [np.asarray(draw_street_map(seed, (300, 200))).mean() for seed in range(8)]
    assert min(tones) < 90
    assert max(tones) > 200


def test_the_shipped_screenshots_are_those_of_the_index_and_say_that_they_are_drawn():
    shipped = catalog.read_screenshots()
    assert [line.file for line in shipped] == [place.described().file for place in screenshots.PLACES]
    assert {line.path for line in shipped} == set(catalog.SCREENSHOTS.glob("*.webp"))
    assert {line.zoom for line in shipped} == {18, 19, 20}
    assert [line.name for line in shipped if line.file == "baneasa-z19.webp"] == ["Băneasa"]
    assert sum(line.path.stat().st_size for line in shipped) < 1.8e6
    for line in shipped:
        assert " drawn, " in str(line.title)
        assert f"@{line.latitude},{line.longitude},{line.zoom}z" in line.link
        with Image.open(line.path) as picture:
            assert picture.size == screenshots.SIZE


@pytest.mark.parametrize("name", ["Băneasa", "Piața Școlii", "Câmpul Înalt"])
def test_a_name_keeps_its_diacritics_and_its_file_has_none(name):
    described = screenshots._Place(name, 20, 44.5, 26.0, "F", 1).described()
    assert described.name == name
    assert re.fullmatch(r"[a-z-]+-z20\.webp", described.file)


def test_what_is_written_can_be_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(screenshots, "SIZE", (300, 200))
    place = screenshots._Place("Any Where", 20, 44.5, 26.0, "F", 1)
    screenshots.write_screenshots(tmp_path, [place])
    assert catalog.read_screenshots(tmp_path) == [place.described()]
    assert (tmp_path / "any-where-z20.webp").is_file()
