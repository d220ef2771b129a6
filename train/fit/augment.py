"""Augmentation of training images: orientation, zoom, crop, colour, blur, JPEG compression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch.utils.data import Dataset
from torchvision.transforms import InterpolationMode, v2

from train.data.orientations import ORIENTATIONS, orient
from train.fit.higher_views import HigherViews
from train.fit.landscapes import Landscapes
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


class RandomWeather(torch.nn.Module):
    """What air, season and sun do: haze, another tint, or a shadow over one side."""

    def forward(self, image: Image.Image) -> Image.Image:
        """An RGB image -> the same in other weather."""
        kind, strength = int(torch.randint(3, ())), float(torch.rand(()))
        if kind == 0:
            air = Image.new("RGB", image.size, (205, 212, 222))
            return Image.blend(image, air, 0.5 * strength)
        pixels = np.asarray(image, np.float32)
        if kind == 1:
            gains = 1 + 0.25 * (2 * torch.rand(3).numpy() - 1).astype(np.float32)
            pixels = pixels * gains
        else:
            angle, offset = 2 * np.pi * float(torch.rand(())), float(torch.rand(())) - 0.5
            y, x = np.mgrid[-0.5 : 0.5 : image.height * 1j, -0.5 : 0.5 : image.width * 1j]
            dark = (np.cos(angle) * x + np.sin(angle) * y > offset)[..., None]
            pixels = np.where(dark, pixels * np.float32(0.85 - 0.45 * strength), pixels)
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def with_amplitudes(image: Image.Image, other: Image.Image, share: float) -> Image.Image:
    """An image with the phases of its Fourier transform, which hold its shapes, and amplitudes of both.

    Amplitudes hold colours, contrasts and textures: what differs between sensors and seasons (Xu et al. 2021,
    'A Fourier-based framework for domain generalization').

    Args:
        image: RGB.
        other: RGB, of any size.
        share: Of the other's amplitudes, in [0, 1].
    """
    spectrum, another = (
        np.fft.rfft2(np.asarray(each, np.float32), axes=(0, 1)) for each in (image, other.resize(image.size))
    )
    amplitudes = (1 - share) * np.abs(spectrum) + share * np.abs(another)
    mixed = np.fft.irfft2(
        amplitudes * np.exp(1j * np.angle(spectrum)), s=(image.height, image.width), axes=(0, 1)
    )
    return Image.fromarray(np.clip(np.round(mixed), 0, 255).astype(np.uint8))


def lower_view(image: Image.Image, times: float) -> Image.Image:
    """A square part of an image, anywhere in it, as it would look from so many times nearer, 1 or more.

    The choice of the place comes from torch's global generator.
    """
    side = max(1, round(min(image.size) / times))
    left, top = (int(torch.randint(length - side + 1, ())) for length in image.size)
    return image.crop((left, top, left + side, top + side))


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
        steps.append(v2.ColorJitter(recipe.colour, recipe.colour, recipe.colour, recipe.hue))
    if recipe.haze:
        steps.append(v2.RandomApply([RandomWeather()], recipe.haze))
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
        labels: Their classes.
        numbers: The same as numbers.
        recipe: Its augmentation and its seed.
        epoch: From 0.
    """

    def __init__(
        self,
        images: Sequence[Image.Image],
        labels: Sequence[str],
        numbers: Sequence[int],
        recipe: Recipe,
        epoch: int,
    ) -> None:
        self._images, self._numbers = images, numbers
        self._augment = build_augmentation(recipe)
        self._labels = labels
        self._shares = recipe.higher, recipe.drawn, recipe.lower
        self._nearest, self._amplitudes = recipe.nearest, recipe.amplitudes
        self._drawn = Landscapes(images, labels)
        self._higher = HigherViews(images, labels, recipe.highest, recipe.surroundings)
        self._seed = (recipe.seed, epoch)

    def __getitem__(self, key: tuple[int, int]) -> tuple[torch.Tensor, int]:
        """The augmented image, (3, size, size) uint8, and its class as a number."""
        row, position = key
        seed = np.random.SeedSequence((*self._seed, position)).generate_state(1, np.uint64)[0]
        torch.manual_seed(int(seed >> 1))  # all transforms draw from torch's global generator
        view = self._view(row)
        if self._amplitudes and float(torch.rand(())) < self._amplitudes:
            other = self._images[int(torch.randint(len(self._images), ()))]
            view = with_amplitudes(view, other, float(torch.rand(())))
        return self._augment(view), self._numbers[row]

    def _view(self, row: int) -> Image.Image:
        """The photo of a row, or what takes its place."""
        higher, drawn, lower = self._shares
        if not higher + drawn + lower:
            # Draw nothing by chance, so that recipes without such views give what they gave before.
            return self._images[row]
        chance = float(torch.rand(()))
        if chance < higher:
            return self._higher(row)
        label = self._labels[row]
        if chance < higher + drawn and label in self._drawn.classes:
            return self._drawn.draw(label, np.random.default_rng(int(torch.randint(2**31, ()))))
        if higher + drawn <= chance < higher + drawn + lower:
            return lower_view(self._images[row], self._nearest ** float(torch.rand(())))
        return self._images[row]
