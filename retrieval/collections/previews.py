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

#: Encoding and decoding are pure Python, and five cosines need no more samples than this.
_SAMPLES = 20

_LONGEST = 4 + 2 * COMPONENTS * COMPONENTS
_LETTERS = frozenset(string.digits + string.ascii_letters + "#$%*+,-.:;=?@[]^_{|}~")


def encode(image: Image.Image) -> str:
    """The BlurHash of an RGB image, with 5 x 5 components: 54 characters."""
    small = image.resize((_SAMPLES, _SAMPLES), Image.Resampling.BOX)
    return str(blurhash.encode(np.asarray(small), components_x=COMPONENTS, components_y=COMPONENTS))


def is_valid(text: str) -> bool:
    """Whether a text is a BlurHash of at most 5 x 5 components."""
    if len(text) > _LONGEST or not _LETTERS.issuperset(text):
        return False
    try:
        across, down = blurhash.components(text)
        blurhash.decode(text, 1, 1)
    except (ValueError, KeyError):
        return False
    return bool(across <= COMPONENTS and down <= COMPONENTS)


def decode(text: str, size: int = SIZE) -> Image.Image:
    """The colours that a BlurHash holds, as an RGB image of size x size pixels."""
    colours = np.asarray(blurhash.decode(text, _SAMPLES, _SAMPLES), np.uint8)
    return Image.fromarray(colours).resize((size, size), Image.Resampling.BICUBIC)
