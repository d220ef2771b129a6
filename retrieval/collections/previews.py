"""BlurHash previews: what is shown of a photo that is not on this machine.

A BlurHash (Dag Ågren, blurha.sh) is a short text with the lowest frequencies of a picture. It says a photo's
colours and how they lie, and nothing that a photo's owner would have to agree to.
"""

from __future__ import annotations

import string

import blurhash
import numpy as np
from PIL import Image

COMPONENTS = 5  # in both directions: the most that a preview may hold
SIZE = 256

#: Five cosines need no more samples than this.
_SAMPLES = 20

_LONGEST = 4 + 2 * COMPONENTS * COMPONENTS
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase + "#$%*+,-.:;=?@[]^_{|}~"
_LETTERS = frozenset(_ALPHABET)

_WAVES = np.cos(np.pi / _SAMPLES * np.outer(np.arange(COMPONENTS), np.arange(_SAMPLES)))
#: Of each frequency down and across, its value at each sample; all but the first count twice.
_BASIS = np.einsum("jy,ix->jiyx", _WAVES, _WAVES).reshape(COMPONENTS**2, -1) * 2 / _SAMPLES**2
_BASIS[0] /= 2
_sRGB = np.arange(256) / 255  # noqa: N816 - the colour space's name
_LINEAR = np.where(_sRGB <= 0.04045, _sRGB / 12.92, ((_sRGB + 0.055) / 1.055) ** 2.4)


def encode(image: Image.Image) -> str:
    """The BlurHash of an RGB image, with 5 x 5 components: 54 characters."""
    small = image.resize((_SAMPLES, _SAMPLES), Image.Resampling.BOX)
    # Not by the package's `encode`, whose loops in Python would take longer than decoding the photo.
    components = _BASIS @ _LINEAR[np.asarray(small).reshape(-1, 3)]
    mean = components[0].clip(0, 1)
    mean = np.where(mean <= 0.0031308, mean * 12.92, 1.055 * mean ** (1 / 2.4) - 0.055)
    red, green, blue = (int(value) for value in mean * 255 + 0.5)
    scale = int(np.clip(np.floor(np.abs(components[1:]).max() * 166 - 0.5), 0, 82))
    rest = components[1:] / ((scale + 1) / 166)
    levels = np.floor(np.copysign(np.sqrt(np.abs(rest)), rest) * 9 + 9.5).clip(0, 18).astype(int)
    numbers = (levels @ (19 * 19, 19, 1)).tolist()
    head = [
        _digits(10 * (COMPONENTS - 1), 1),
        _digits(scale, 1),
        _digits((red << 16) + (green << 8) + blue, 4),
    ]
    return "".join(head + [_digits(number, 2) for number in numbers])


def _digits(number: int, count: int) -> str:
    """A number to the base 83."""
    return "".join(_ALPHABET[number // 83**place % 83] for place in range(count - 1, -1, -1))


def is_valid(text: str) -> bool:
    """Whether a text is a BlurHash of at most 5 x 5 components."""
    if len(text) > _LONGEST or not _LETTERS.issuperset(text):
        return False
    try:
        across, down = blurhash.components(text)
    except (ValueError, KeyError):
        return False
    # Nothing but a wrong length can go wrong in decoding it then, which takes long for a million of them.
    return bool(len(text) == 4 + 2 * across * down and across <= COMPONENTS and down <= COMPONENTS)


def decode(text: str, size: int = SIZE) -> Image.Image:
    """The colours that a BlurHash holds, as an RGB image of size x size pixels."""
    colours = np.asarray(blurhash.decode(text, _SAMPLES, _SAMPLES), np.uint8)
    return Image.fromarray(colours).resize((size, size), Image.Resampling.BICUBIC)
