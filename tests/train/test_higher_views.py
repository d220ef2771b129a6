"""Views from higher up: photos among others, and drawn landscapes."""

from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image

from train.data.ucmerced import CLASSES
from train.fit.augment import AugmentedImages
from train.fit.higher_views import NEIGHBOURS, HigherViews
from train.fit.landscapes import Landscapes
from train.fit.recipe import Recipe

COLOURS = {"overpass": (250, 0, 0), "freeway": (0, 250, 0), "river": (0, 0, 250)}
LABELS = [label for label in COLOURS for _ in range(3)]
IMAGES = [Image.new("RGB", (60, 50), COLOURS[label]) for label in LABELS]


def shares(image):
    """How much of a view each class's colour covers."""
    nearest = [
        min(COLOURS, key=lambda label: sum(abs(a - b) for a, b in zip(pixel, COLOURS[label], strict=True)))
        for pixel in np.asarray(image.resize((64, 64), Image.Resampling.NEAREST)).reshape(-1, 3).tolist()
    ]
    return {label: count / len(nearest) for label, count in Counter(nearest).items()}


@pytest.mark.parametrize("surroundings", ["mirror", "class", "neighbours"])
def test_a_view_from_higher_up_has_its_photo_in_the_middle(surroundings):
    views = HigherViews(IMAGES, LABELS, 8, surroundings)
    torch.manual_seed(0)
    for row in [0, 4, 8] * 10:
        view = views(row)
        assert view.size == (256, 256)
        assert view.getpixel((128, 128)) == COLOURS[LABELS[row]]


def test_only_classes_that_are_found_there_lie_around_a_photo():
    views = HigherViews(IMAGES, LABELS, 8, "neighbours")
    torch.manual_seed(0)
    around = [shares(views(0)) for _ in range(30)]
    assert all("river" not in view for view in around)
    assert any(view.get("freeway", 0) > 0.2 for view in around)
    of_one_class = HigherViews(IMAGES, LABELS, 8, "class")
    assert all(shares(of_one_class(row)) == {LABELS[row]: 1.0} for row in range(9))


def test_photos_are_seen_from_once_to_so_many_times_as_high():
    small = Image.new("RGB", (256, 256), "white")
    other = Image.new("RGB", (256, 256), "black")
    views = HigherViews([small, other], ["overpass", "freeway"], 4, "neighbours")
    torch.manual_seed(1)
    covered = []
    for _ in range(200):
        pixels = np.asarray(views(0).convert("L")) > 128
        rows = pixels[128]
        covered.append(int(rows[128:].argmin() or 128) + int(rows[:128][::-1].argmin() or 128))
    assert min(covered) >= 256 / 4 - 2
    assert max(covered) > 240


def test_neighbours_are_classes_of_the_data_set():
    assert set(NEIGHBOURS) <= set(CLASSES)
    assert {label for around in NEIGHBOURS.values() for label in around} <= set(CLASSES)


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    photos = [Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)) for _ in CLASSES]
    return Landscapes(photos, CLASSES)


def test_each_landscape_is_drawn_whole_and_by_its_seed_alone(drawn):
    assert drawn.classes == {"agricultural", "beach", "freeway", "harbor", "overpass", "river"}
    for label in sorted(drawn.classes):
        seen = set()
        for seed in range(12):
            view = drawn.draw(label, np.random.default_rng(seed))
            assert (view.size, view.mode) == ((256, 256), "RGB")
            assert view.tobytes() == drawn.draw(label, np.random.default_rng(seed)).tobytes()
            seen.add(view.tobytes())
        assert len(seen) == 12


def test_what_a_data_set_has_no_class_for_is_not_drawn():
    few = Landscapes(IMAGES, LABELS)
    assert few.classes == {"overpass", "freeway", "river"}
    for label in few.classes:  # without any class to fill the land
        assert few.draw(label, np.random.default_rng(3)).size == (256, 256)
    assert Landscapes(IMAGES[:1], ["group 1"]).classes == frozenset()


def test_a_recipe_says_what_share_of_images_is_replaced():
    def first(**settings):
        recipe = Recipe(size=32, rotations=False, crop=1, colour=0, blur=0, jpeg=0, **settings)
        numbers = [list(COLOURS).index(label) for label in LABELS]
        data = AugmentedImages(IMAGES, LABELS, numbers, recipe, 0)
        return [data[0, position] for position in range(300)]

    def changed(items):
        plain = first()[0][0]
        return sum(not torch.equal(pixels, plain) for pixels, _ in items) / len(items)

    assert changed(first()) == 0
    assert changed(first(drawn=0.4)) == pytest.approx(0.4, abs=0.08)
    assert changed(first(higher=0.4, surroundings="neighbours")) == pytest.approx(0.35, abs=0.1)
    assert changed(first(higher=0.5, drawn=0.5)) > 0.85
    assert {number for _, number in first(higher=0.5, drawn=0.5)} == {0}
