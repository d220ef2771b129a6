"""BlurHash previews: what is shown of a photo that is not on this machine.

A BlurHash (Dag Ågren, blurha.sh) is a short text with the lowest frequencies of a picture. It says a photo's
colours and how they lie, and nothing that a photo's owner would have to agree to.
"""

from __future__ import annotations

import unicodedata

import blurhash
import numpy as np
from PIL import Image, ImageDraw, ImageFont

COMPONENTS = 5  # in both directions: the most that a preview may hold
SIZE = 256

#: Encoding and decoding are pure Python, and five cosines need no more samples than this.
_SAMPLES = 20


def encode(image: Image.Image) -> str:
    """The BlurHash of an RGB image, with 5 x 5 components: 54 characters."""
    small = image.resize((_SAMPLES, _SAMPLES), Image.Resampling.BOX)
    return str(blurhash.encode(np.asarray(small), components_x=COMPONENTS, components_y=COMPONENTS))


def is_valid(text: str) -> bool:
    """Whether a text is a BlurHash of at most 5 x 5 components."""
    try:
        across, down = blurhash.components(text)
        blurhash.decode(text, 1, 1)
    except (ValueError, KeyError):
        return False
    return bool(across <= COMPONENTS and down <= COMPONENTS)


def letters(text: str) -> str:
    """A text in letters that Pillow's own font has: without the marks of ș, ț, ă, â, î and their like."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def draw(text: str, label: str, identifier: str) -> Image.Image:
    """A preview of 256 x 256 pixels: the decoded BlurHash with the class and the id written on it."""
    colours = np.asarray(blurhash.decode(text, _SAMPLES, _SAMPLES), np.uint8)
    preview = Image.fromarray(colours).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(preview)
    for name, largest, y in ((label, 36, 108), (identifier, 28, 150)):  # thumbnails show half of these pixels
        line = letters(name)
        width = ImageFont.load_default(largest).getlength(line)
        font = ImageFont.load_default(largest * min(1, 0.9 * SIZE / max(width, 1)))
        pen.text(
            (SIZE / 2, y), line, font=font, fill="white", anchor="mm", stroke_width=2, stroke_fill=(0, 0, 0)
        )
    return preview
