"""An image of any size -> the pixels that the network sees. The same for every runtime of the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps


@dataclass(frozen=True)
class Preprocessing:
    """What happens to an image before the network; it travels with the weights in the manifest.

    The middle square of the image is scaled to `size` pixels with an antialiased bicubic filter, divided
    by 255, and normalised by the mean and standard deviation of each channel (those of ImageNet).

    Attributes:
        size: Side of the square that the network sees, in pixels.
        mean: Of the red, green and blue channel, in [0, 1].
        std: Likewise.
    """

    size: int = 256
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> Preprocessing:
        """The inverse of `to_dict`. Raises KeyError, TypeError or ValueError where settings do not fit."""
        red, green, blue = (float(value) for value in settings["mean"])
        stds = tuple(float(value) for value in settings["std"])
        if len(stds) != 3 or min(stds) <= 0 or int(settings["size"]) < 32:
            raise ValueError("preprocessing needs a size of 32 or more and three positive deviations")
        return cls(int(settings["size"]), (red, green, blue), (stds[0], stds[1], stds[2]))

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON can hold them."""
        return asdict(self)

    def pixels(self, image: Image.Image) -> NDArray[np.uint8]:
        """The middle square of an RGB image, scaled: (3, size, size), 0-255."""
        square = ImageOps.fit(image, (self.size, self.size), Image.Resampling.BICUBIC)
        return np.ascontiguousarray(np.asarray(square, np.uint8).transpose(2, 0, 1))
