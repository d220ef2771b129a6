"""An image of any size -> the pixels that the network sees. The same for every runtime of the network."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from pydantic import Field, Strict
from pydantic.dataclasses import dataclass

from retrieval.collections.fields import CLOSED, Share

Deviation = Annotated[float, Strict(), Field(gt=0, le=1)]


@dataclass(frozen=True, config=CLOSED)
class Preprocessing:
    """What happens to an image before the network; it travels with the weights in the manifest.

    The middle square of the image is scaled to `size` pixels with an antialiased bicubic filter, divided
    by 255, and normalised by the mean and standard deviation of each channel (those of ImageNet).

    Attributes:
        size: Side of the square that the network sees, in pixels, 32 to 1,024.
        mean: Of the red, green and blue channel, in [0, 1].
        std: Likewise, above 0.

    Raises:
        ValueError: If a value is something else; a manifest's are checked so.
    """

    size: Annotated[int, Strict(), Field(ge=32, le=1024)] = 256
    mean: tuple[Share, Share, Share] = (0.485, 0.456, 0.406)
    std: tuple[Deviation, Deviation, Deviation] = (0.229, 0.224, 0.225)

    def pixels(self, image: Image.Image) -> NDArray[np.uint8]:
        """The middle square of an RGB image, scaled: (3, size, size), 0-255."""
        return np.ascontiguousarray(np.asarray(self.square(image), np.uint8).transpose(2, 0, 1))

    def square(self, image: Image.Image) -> Image.Image:
        """Likewise, as an image; its own square is the same again."""
        return ImageOps.fit(image, (self.size, self.size), Image.Resampling.BICUBIC)
