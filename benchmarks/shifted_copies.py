"""Copies of photos as they would look from elsewhere: another height, light, season, camera or file.

What is drawn by chance hangs on the photo's name, the kind and the strength, never on the order, so any part
of the copies is the same as in the whole. Nothing of them is written to a disk.
"""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from retrieval.scale_guess import from_higher
from train.data.dataset import LabeledImages
from train.data.orientations import ORIENTATIONS, orient

#: Side of a copy in pixels: that of UC Merced's photos, so that strengths in pixels mean the same for all.
SIDE = 256

Pixels = NDArray[np.float32]

_BICUBIC = Image.Resampling.BICUBIC
#: The colours of haze and of dry grass; the second are shares of a pixel's brightness.
_AIR, _STRAW = np.array([205, 215, 225], np.float32), np.array([1.3, 1.12, 0.75], np.float32)
#: Of the light in a shadow there is more blue, as it comes from the sky.
_SKY = np.array([1.05, 1.0, 0.9], np.float32)


@dataclass(frozen=True)
class Kind:
    """One way in which photos from elsewhere differ.

    Attributes:
        title: For tables and figures.
        unit: How a strength is written.
        strengths: From the weakest to the strongest; of scales, from the highest view to the lowest.
    """

    title: str
    unit: str
    strengths: tuple[float, ...]


SCALE, MIRROR = "scale", "mirror"
_HIGHER = (0.25, 0.5, 0.71)

KINDS = {
    SCALE: Kind("scale", "{:g} times as large", (*_HIGHER, 1.41, 2, 4)),
    MIRROR: Kind("scale, mirrored", "{:g} times as large", _HIGHER),
    "hue": Kind("hue", "{:g}°", (15, 30, 60)),
    "haze": Kind("haze", "{:g} of the light", (0.25, 0.5, 0.75)),
    "season": Kind("dry season", "{:g} of the green", (0.33, 0.67, 1)),
    "shadow": Kind("shadow of a cloud", "{:g} of the light", (0.3, 0.5, 0.7)),
    "blur": Kind("blur", "{:g} pixels", (1, 2, 4)),
    "noise": Kind("noise", "{:g} of 255", (8, 16, 32)),
    "jpeg": Kind("JPEG", "quality {:g}", (50, 20, 10)),
    "rotation": Kind("rotation", "{:g}°", (15, 30, 45)),
    "vignetting": Kind("dark corners", "{:g} of the light", (0.3, 0.6, 0.9)),
}

#: Kind and strength of every copy.
COPIES = [(kind, strength) for kind in KINDS for strength in KINDS[kind].strengths]


class ShiftedCopies:
    """The copies of the photos of one part of a data set, each made when it is asked for.

    Seen from higher up, things are smaller, and what lies around comes into view. No data set of photos of
    78 m says what that is, so it is made in two ways, and neither is the truth. 'scale' lays the whole photo
    among others of its class: real ground everywhere, but these others help to recognise it. 'mirror' lays
    it among its own mirror images: nothing is lent, but no ground looks so. From lower down, the middle is
    enlarged.

    Args:
        photos: Whose neighbours are drawn from among them.
    """

    def __init__(self, photos: LabeledImages) -> None:
        self._photos = photos
        self._square = functools.lru_cache(maxsize=64)(self._read_square)

    def __call__(self, row: int, kind: str, strength: float) -> Image.Image:
        """The copy of the photo of a row: RGB, of `SIDE` x `SIDE` pixels."""
        rng = _chance(self._photos.files[row], kind, strength)
        if kind == MIRROR:
            return from_higher(self._square(row), 1 / strength)
        if kind != SCALE:
            return _CHANGES[kind](self._square(row), strength, rng)
        if strength > 1:
            return _enlarged(self._square(row), strength)
        return self._among_its_class(row, strength, rng)

    def _among_its_class(self, row: int, strength: float, rng: np.random.Generator) -> Image.Image:
        tile = round(SIDE * strength)
        reach = -(-(SIDE - tile) // (2 * tile))  # photos on each side of the one in the middle
        offset = (SIDE - tile) // 2
        label = self._photos.labels[row]
        others = [other for other, each in enumerate(self._photos.labels) if each == label and other != row]
        needed = (2 * reach + 1) ** 2 - 1
        # Each comes once before any comes twice.
        rounds = [rng.permutation(others or [row]) for _ in range(-(-needed // max(len(others), 1)))]
        drawn = iter(np.concatenate(rounds)[:needed].tolist())
        view = Image.new("RGB", (SIDE, SIDE))
        for y in range(-reach, reach + 1):
            for x in range(-reach, reach + 1):
                is_middle = (x, y) == (0, 0)
                photo = self._square(row if is_middle else next(drawn)).resize((tile, tile), _BICUBIC)
                if not is_middle:
                    photo = orient(photo, int(rng.integers(len(ORIENTATIONS))))
                view.paste(photo, (offset + x * tile, offset + y * tile))
        return view

    def _read_square(self, row: int) -> Image.Image:
        return ImageOps.fit(self._photos.images[row], (SIDE, SIDE), _BICUBIC)


def _chance(file: str, kind: str, strength: float) -> np.random.Generator:
    """The same for a photo in any format: the suffix of its name does not count."""
    text = f"{file.rsplit('.', 1)[0]} {kind} {strength:g}"
    return np.random.default_rng(list(hashlib.sha256(text.encode()).digest()[:16]))


def _enlarged(image: Image.Image, strength: float) -> Image.Image:
    margin = SIDE * (1 - 1 / strength) / 2
    return image.resize((SIDE, SIDE), _BICUBIC, box=(margin, margin, SIDE - margin, SIDE - margin))


def _hue(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    turn = round(strength / 360 * 256) * int(rng.choice((-1, 1)))
    hue, saturation, value = image.convert("HSV").split()
    turned = hue.point([(level + turn) % 256 for level in range(256)])
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def _haze(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    thick = np.clip(strength * (1 + 0.25 * _clouds(rng)), 0, 0.95)[..., None]
    return _image(_pixels(image) * (1 - thick) + _AIR * thick)


def _season(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Grass and leaves turn to straw: where green is more than its third of the light."""
    pixels = _pixels(image)
    light = pixels.mean(axis=2, keepdims=True)
    green = np.clip((pixels[..., 1:2] / np.maximum(light, 1) - 1.02) / 0.08, 0, 1)
    dry = strength * float(rng.uniform(0.9, 1.0)) * green
    return _image(pixels * (1 - dry) + light * _STRAW * dry)


def _shadow(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Over about half of the photo, with a soft edge."""
    clouds = _clouds(rng)
    dark = 1 / (1 + np.exp(-5 * (clouds - np.median(clouds))))
    return _image(_pixels(image) * (1 - strength * dark[..., None] * _SKY))


def _blur(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(strength))


def _noise(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    return _image(_pixels(image) + strength * rng.standard_normal((SIDE, SIDE, 3), np.float32))


def _jpeg(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(strength))
    return Image.open(file).convert("RGB")


def _rotation(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """To the left or right; what the corners lack is mirrored into them."""
    margin = SIDE // 4
    wide = np.pad(np.asarray(image), ((margin, margin), (margin, margin), (0, 0)), "symmetric")
    turned = Image.fromarray(wide).rotate(strength * int(rng.choice((-1, 1))), _BICUBIC)
    return turned.crop((margin, margin, margin + SIDE, margin + SIDE))


def _vignetting(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32) ** 2
    radius = (axis[:, None] + axis) / 2  # squared; 1 in the corners
    return _image(_pixels(image) * (1 - strength * radius)[..., None])


_CHANGES: dict[str, Callable[[Image.Image, float, np.random.Generator], Image.Image]] = {
    "hue": _hue, "haze": _haze, "season": _season, "shadow": _shadow, "blur": _blur, "noise": _noise,
    "jpeg": _jpeg, "rotation": _rotation, "vignetting": _vignetting,
}  # fmt: skip


def _clouds(rng: np.random.Generator) -> Pixels:
    """A smooth random field of mean 0 and deviation 1."""
    coarse = Image.fromarray(rng.standard_normal((3, 3), np.float32))
    field = np.asarray(coarse.resize((SIDE, SIDE), _BICUBIC))
    normal: Pixels = (field - field.mean()) / max(float(field.std()), 1e-6)
    return normal


def _pixels(image: Image.Image) -> Pixels:
    return np.asarray(image, np.float32)


def _image(pixels: NDArray[Any]) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
