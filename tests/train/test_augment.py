"""The augmentation: what it may do to an image, and that the same seed does the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from train.data.orientations import orient
from train.fit.augment import (
    AugmentedImages,
    RandomZoomOut,
    build_augmentation,
    lower_view,
    with_amplitudes,
)
from train.fit.recipe import Recipe

NEAREST = Recipe.nearest
STILL = Recipe(size=32, rotations=False, crop=1, colour=0, blur=0, jpeg=0)


@pytest.fixture(scope="module")
def image():
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8))


def pixels(image):
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)


def test_without_any_augmentation_an_image_stays_as_it_is(image):
    assert torch.equal(build_augmentation(STILL)(image), pixels(image))


def test_turning_gives_all_eight_orientations_and_nothing_else(image):
    turn = build_augmentation(replace(STILL, rotations=True))
    torch.manual_seed(0)
    seen = {turn(image).numpy().tobytes() for _ in range(200)}
    assert seen == {pixels(orient(image, number)).numpy().tobytes() for number in range(8)}


def test_zooming_out_keeps_the_image_in_the_middle_of_its_mirror_images(image):
    wide = np.asarray(RandomZoomOut(1)(image))
    inner = np.asarray(image)
    assert wide.shape == (64, 64, 3)
    assert (wide[16:48, 16:48] == inner).all()
    assert (wide[:16, 16:48] == inner[:16][::-1]).all()


@pytest.mark.parametrize(
    "change",
    [{"crop": 0.4}, {"colour": 0.3}, {"blur": 1.0}, {"jpeg": 1.0}, {"zoom_out": 1.0}, {"rotations": True}],
    ids=lambda change: next(iter(change)),
)
def test_each_kind_changes_pixels_and_keeps_shape_and_type(image, change):
    torch.manual_seed(3)
    changed = build_augmentation(replace(STILL, **change))(image)
    assert changed.shape == (3, 32, 32)
    assert changed.dtype == torch.uint8
    assert not torch.equal(changed, pixels(image))


@pytest.mark.parametrize("size", [(32, 32), (50, 20), (300, 257), (7, 9)])
def test_images_of_any_size_come_out_alike(size):
    image = Image.new("RGB", size, "green")
    assert build_augmentation(Recipe(size=32, zoom_out=0.5))(image).shape == (3, 32, 32)


def test_what_happens_depends_on_seed_epoch_and_place_only(image):
    def item(seed, epoch, position):
        data = AugmentedImages([image], ["river"], [7], Recipe(size=32, seed=seed), epoch)
        torch.manual_seed(np.random.randint(1000))
        return data[0, position][0].numpy().tobytes()

    assert item(1, 2, 3) == item(1, 2, 3)
    assert len({item(1, 2, 3), item(2, 2, 3), item(1, 3, 3), item(1, 2, 4)}) == 4


def test_a_recipe_without_other_views_draws_for_its_augmentation_alone(image):
    recipe = Recipe(size=32, seed=4)
    seed = np.random.SeedSequence((4, 2, 3)).generate_state(1, np.uint64)[0]
    torch.manual_seed(int(seed >> 1))
    expected = build_augmentation(recipe)(image)
    assert torch.equal(AugmentedImages([image], ["river"], [7], recipe, 2)[0, 3][0], expected)


@pytest.mark.parametrize("size", [(64, 64), (90, 40), (1, 1), (2, 3)])
def test_a_view_from_nearer_is_a_square_part_anywhere_in_the_image(size):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8))
    torch.manual_seed(1)
    views = [np.asarray(lower_view(image, NEAREST ** float(torch.rand(())))) for _ in range(60)]
    sides = {view.shape for view in views}
    least, most = min(sides)[0], max(sides)[0]
    assert all(rows == columns for rows, columns, _ in sides)
    assert max(1, min(size) // NEAREST) <= least <= most <= min(size)
    if min(size) > 30:
        assert least < 0.7 * min(size) < 0.95 * min(size) < most
        windows = np.lib.stride_tricks.sliding_window_view(np.asarray(image), views[0].shape)
        places = [(windows == views[0]).all(axis=(-1, -2, -3)).sum()]
        assert places == [1]


@pytest.mark.parametrize("nearest", [1.0, 1.6, 3.0])
def test_views_come_as_near_as_the_recipe_says(image, monkeypatch, nearest):
    asked = []
    monkeypatch.setattr("train.fit.augment.lower_view", lambda view, times: asked.append(times) or view)
    data = AugmentedImages([image], ["river"], [7], replace(STILL, lower=1.0, nearest=nearest), 0)
    for position in range(100):
        data[0, position]
    assert 1 <= min(asked) <= 1 + 0.1 * (nearest - 1)
    assert nearest - 0.2 * (nearest - 1) <= max(asked) <= nearest


def test_the_share_of_views_from_nearer_is_the_recipe_s(image, monkeypatch):
    black = Image.new("RGB", (32, 32))
    monkeypatch.setattr("train.fit.augment.lower_view", lambda view, times: black)
    data = AugmentedImages([image], ["river"], [7], replace(STILL, lower=0.25), 0)
    share = np.mean([not data[0, position][0].any() for position in range(400)])
    assert 0.18 < share < 0.32


def test_amplitudes_of_another_photo_change_its_colours_and_leave_its_shapes():
    rng = np.random.default_rng(0)
    image = Image.fromarray(np.kron(rng.integers(60, 120, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8))
    other = Image.new("RGB", (30, 90), (10, 150, 240))
    assert np.abs(np.subtract(with_amplitudes(image, other, 0.0), np.asarray(image, int))).max() <= 1
    whole = np.asarray(with_amplitudes(image, image, 1.0), int)
    assert np.abs(whole - np.asarray(image)).max() <= 1
    mixed = np.asarray(with_amplitudes(image, other, 0.5), float)
    before = np.asarray(image, float)
    assert mixed.shape == before.shape
    middle = (before.mean(axis=(0, 1)) + np.array([10, 150, 240])) / 2
    assert np.allclose(mixed.mean(axis=(0, 1)), middle, atol=3)
    for channel in range(3):
        alike = np.corrcoef(mixed[..., channel].ravel(), before[..., channel].ravel())[0, 1]
        assert alike > 0.9


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (33, 20)])
def test_amplitudes_are_mixed_at_any_size(size):
    image, other = Image.new("RGB", size, "red"), Image.new("RGB", (7, 5), "blue")
    assert with_amplitudes(image, other, 0.7).size == size


def test_the_share_of_images_with_amplitudes_of_another_is_the_recipe_s(image, monkeypatch):
    black = Image.new("RGB", (32, 32))
    monkeypatch.setattr("train.fit.augment.with_amplitudes", lambda view, other, share: black)
    data = AugmentedImages([image], ["river"], [7], replace(STILL, amplitudes=0.3), 0)
    share = np.mean([not data[0, position][0].any() for position in range(400)])
    assert 0.23 < share < 0.37


def test_amplitudes_are_drawn_by_the_seed_alone(image):
    other = Image.new("RGB", image.size, "white")
    recipe = replace(STILL, amplitudes=1.0)
    first, again = (AugmentedImages([image, other], ["a", "b"], [0, 1], recipe, 0) for _ in range(2))
    drawn = [first[0, position][0] for position in range(6)]
    assert all(torch.equal(again[0, position][0], drawn[position]) for position in reversed(range(6)))
    assert not all(torch.equal(view, drawn[0]) for view in drawn)
