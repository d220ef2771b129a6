"""Colours of a profile (ICC) -> those of sRGB, which the network learned and screens show."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image, ImageCms

#: Profiles that programs write have a few kilobytes, those of presses one or two megabytes.
MAX_PROFILE = 4 * 1000 * 1000

#: Levels by which a profile may move a colour and still be sRGB, of which there are many versions.
SAME = 3

#: Modes in which colours are converted, and what they become.
_RESULTS = {"RGB": "RGB", "RGBA": "RGBA", "L": "RGB", "CMYK": "RGB"}


def conversion(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What converts the colours of an image of this mode.

    Args:
        profile: As a file holds it; one that is damaged, or for other colours, is ignored.
        mode: Pillow's: 'RGB', 'RGBA', 'L' or 'CMYK'.

    Returns:
        None where nothing has to be converted: without a profile, and for sRGB itself.
    """
    if not profile or len(profile) > MAX_PROFILE or mode not in _RESULTS:
        return None
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            _RESULTS[mode],
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if mode == "CMYK":
            return transform
        samples = _samples()
        plain = samples.convert(mode)
        moved = np.asarray(converted(plain.copy(), transform).convert("RGB")).astype(int)
        return transform if np.abs(moved - np.asarray(plain.convert("RGB"))).max() > SAME else None
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


def converted(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    """An image with its colours converted: the same one where its mode stays, else a new one."""
    if image.mode == transform.output_mode:
        ImageCms.applyTransform(image, transform, inPlace=True)
        return image
    return ImageCms.applyTransform(image, transform) or image  # which it gives unless it is in place


@cache
def _samples() -> Image.Image:
    """Colours from everywhere, in a row."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3))
