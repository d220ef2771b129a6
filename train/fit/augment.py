"""A training image as the network has not seen it yet: turned, cropped, recoloured, blurred, compressed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch.utils.data import Dataset
from torchvision.transforms import InterpolationMode, v2

from train.data.orientations import ORIENTATIONS, orient
from train.fit.recipe import Recipe


class Turn(torch.nn.Module):
    """One of the 8 rotations and flips, by chance."""

    def forward(self, image: Image.Image) -> Image.Image:
        """An RGB image of any size -> the same image, turned."""
        return orient(image, int(torch.randint(len(ORIENTATIONS), ())))


class ZoomOut(torch.nn.Module):
    """The image in the middle of its own mirror images, as if seen from twice as high.

    It makes up for a data set of a single ground scale: whatever is seen gets half as large.

    Args:
        share: Of images that this happens to, in [0, 1].
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, image: Image.Image) -> Image.Image:
        """(width, height) -> (2 width, 2 height), or the image as it is."""
        if torch.rand(()) >= self.share:
            return image
        left, top = image.width // 2, image.height // 2
        return v2.functional.pad(image, [left, top], padding_mode="symmetric")  # type: ignore[no-any-return]


class Blur(torch.nn.Module):
    """A slight blur, as of a poor lens (Pillow's, which takes far less time than torchvision's)."""

    def forward(self, image: Image.Image) -> Image.Image:
        """An RGB image -> the same, blurred with a standard deviation of 0.3 to 1.5 pixels."""
        return image.filter(ImageFilter.GaussianBlur(0.3 + 1.2 * float(torch.rand(()))))


def augmentation(recipe: Recipe) -> v2.Transform:
    """What a recipe does to a training image: RGB -> (3, size, size) uint8."""
    steps: list[torch.nn.Module] = []
    if recipe.rotations:
        steps.append(Turn())
    if recipe.zoom_out:
        steps.append(ZoomOut(recipe.zoom_out))
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
        steps.append(v2.RandomApply([Blur()], recipe.blur))
    steps.append(v2.PILToTensor())
    if recipe.jpeg:
        steps.append(v2.RandomApply([v2.JPEG((30, 90))], recipe.jpeg))
    return v2.Compose(steps)


class AugmentedImages(Dataset[tuple[torch.Tensor, int]]):
    """The training images, each augmented anew every time it is asked for.

    An item's key is (row, place): what happens to an image depends on the seed, the epoch, the place in the
    epoch and nothing else, so that any number of workers and a resumed run see the same pixels.

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
        self._augment = augmentation(recipe)
        self._seed = (recipe.seed, epoch)

    def __getitem__(self, key: tuple[int, int]) -> tuple[torch.Tensor, int]:
        """(3, size, size) uint8 and the class."""
        row, place = key
        seed = np.random.SeedSequence((*self._seed, place)).generate_state(1, np.uint64)[0]
        torch.manual_seed(int(seed >> 1))  # the transforms draw from torch's one generator; nothing else does
        return self._augment(self._images[row]), self._labels[row]
