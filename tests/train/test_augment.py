"""The augmentation: what it may do to an image, and that the same seed does the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from train.data.orientations import orient
from train.fit.augment import LOWEST, AugmentedImages, RandomZoomOut, build_augmentation, lower_view
from train.fit.recipe import Recipe

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
    views = [np.asarray(lower_view(image)) for _ in range(60)]
    sides = {view.shape for view in views}
    least, most = min(sides)[0], max(sides)[0]
    assert all(rows == columns for rows, columns, _ in sides)
    assert max(1, min(size) // LOWEST) <= least <= most <= min(size)
    if min(size) > 30:
        assert least < 0.7 * min(size) < 0.95 * min(size) < most
        windows = np.lib.stride_tricks.sliding_window_view(np.asarray(image), views[0].shape)
        places = [(windows == views[0]).all(axis=(-1, -2, -3)).sum()]
        assert places == [1]


def test_the_share_of_views_from_nearer_is_the_recipe_s(image, monkeypatch):
    black = Image.new("RGB", (32, 32))
    monkeypatch.setattr("train.fit.augment.lower_view", lambda view: black)
    data = AugmentedImages([image], ["river"], [7], replace(STILL, lower=0.25), 0)
    share = np.mean([not data[0, position][0].any() for position in range(400)])
    assert 0.18 < share < 0.32
