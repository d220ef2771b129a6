"""Augmentation of training images: orientation, zoom, crop, colour, blur, JPEG compression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch.utils.data import Dataset
from torchvision.transforms import InterpolationMode, v2

from train.data.orientations import ORIENTATIONS, orient
from train.fit.recipe import Recipe


class RandomOrientation(torch.nn.Module):
    """One of the 8 rotations and flips, at random."""

    def forward(self, image: Image.Image) -> Image.Image:
        """An RGB image of any size -> the same image in a random orientation."""
        return orient(image, int(torch.randint(len(ORIENTATIONS), ())))


class RandomZoomOut(torch.nn.Module):
    """The image surrounded by its mirror images, as if seen from twice as high.

    After resizing, everything in it is half as large: the data set has photos of a single ground scale only.

    Args:
        probability: In [0, 1]; otherwise the image stays as it is.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, image: Image.Image) -> Image.Image:
        """(width, height) -> (2 width, 2 height), or the image as it is."""
        if torch.rand(()) >= self.probability:
            return image
        left, top = image.width // 2, image.height // 2
        return v2.functional.pad(image, [left, top], padding_mode="symmetric")  # type: ignore[no-any-return]


class RandomBlur(torch.nn.Module):
    """A slight Gaussian blur. Pillow's takes far less time than torchvision's."""

    def forward(self, image: Image.Image) -> Image.Image:
        """An RGB image -> the same, blurred with a standard deviation of 0.3 to 1.5 pixels."""
        return image.filter(ImageFilter.GaussianBlur(0.3 + 1.2 * float(torch.rand(()))))


def build_augmentation(recipe: Recipe) -> v2.Transform:
    """The augmentation of a recipe: an RGB image of any size -> (3, size, size) uint8."""
    steps: list[torch.nn.Module] = []
    if recipe.rotations:
        steps.append(RandomOrientation())
    if recipe.zoom_out:
        steps.append(RandomZoomOut(recipe.zoom_out))
    if recipe.crop < 1:
        steps.append(
            v2.RandomResizedCrop(
                recipe.size,
                scale=(recipe.crop, 1),
                ratio=(0.8, 1.25),
                interpolation=InterpolationMode.BICUBIC,
            )
        )
    else:
        steps.append(v2.Resize((recipe.size, recipe.size), InterpolationMode.BICUBIC))
    if recipe.colour:
        steps.append(v2.ColorJitter(recipe.colour, recipe.colour, recipe.colour))
    if recipe.blur:
        steps.append(v2.RandomApply([RandomBlur()], recipe.blur))
    steps.append(v2.PILToTensor())
    if recipe.jpeg:
        steps.append(v2.RandomApply([v2.JPEG((30, 90))], recipe.jpeg))
    return v2.Compose(steps)


class AugmentedImages(Dataset[tuple[torch.Tensor, int]]):
    """The training images, augmented whenever they are indexed.

    The key of an item is (row, position in the epoch). The augmentation depends on the seed, the epoch and
    the position only, so that any number of workers, and a resumed run, get the same pixels.

    Args:
        images: Decoded RGB images.
        labels: Their classes, as numbers.
        recipe: Its augmentation and its seed.
        epoch: From 0.
    """

    def __init__(
        self, images: Sequence[Image.Image], labels: Sequence[int], recipe: Recipe, epoch: int
    ) -> None:
        self._images, self._labels = images, labels
        self._augment = build_augmentation(recipe)
        self._seed = (recipe.seed, epoch)

    def __getitem__(self, key: tuple[int, int]) -> tuple[torch.Tensor, int]:
        """The augmented image, (3, size, size) uint8, and its class as a number."""
        row, position = key
        seed = np.random.SeedSequence((*self._seed, position)).generate_state(1, np.uint64)[0]
        torch.manual_seed(int(seed >> 1))  # all transforms draw from torch's global generator
        return self._augment(self._images[row]), self._labels[row]
