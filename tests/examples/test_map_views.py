"""Views of a map to click: the drawn ones are there, each with a scale, and photos of Bucharest join them."""

import pytest
from PIL import Image

from examples import map_views as listed
from examples.bucharest.places import find_examples
from examples.catalog import read_screenshots
from examples.map_views import map_views


def test_each_drawn_screenshot_is_a_view_with_the_scale_of_its_link():
    views = map_views()
    shots = read_screenshots()
    assert [views[shot.path.stem].place for shot in shots] == [shot.name for shot in shots]
    for shot in shots:
        view = views[shot.path.stem]
        assert view.drawn
        assert view.hints.view.zoom == shot.zoom
    assert views["pipera-z20"].metres == pytest.approx((153.3, 95.8), abs=0.1)


def test_a_photo_of_bucharest_is_one_too_and_a_name_is_taken_once(tmp_path, monkeypatch):
    for name in ("own", "pipera-z20"):
        Image.new("RGB", (900, 600)).save(tmp_path / f"{name}.png")
    monkeypatch.setattr(listed, "find_examples", lambda: find_examples(tmp_path))
    views = map_views()
    assert list(views)[-1] == "own"
    assert (views["own"].drawn, views["own"].metres, views["own"].size) == (False, None, (900, 600))
    assert views["pipera-z20"].drawn
