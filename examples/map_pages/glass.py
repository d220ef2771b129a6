"""The glass in front of a picture, on which pieces of a page are put down, and the brush that draws them.

It remembers what it covers. Lengths in this file are CSS pixels of the page, if nothing else is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from examples.scenes.canvas import Colour

Box = tuple[float, float, float, float]  # left, top, right, bottom
FINE = 2  # everything is drawn at twice the size and then reduced, for smooth edges


@dataclass(frozen=True)
class Theme:
    """The colours of a page."""

    ground: Colour
    ink: Colour
    faint: Colour
    tabs: Colour
    accent: Colour


LIGHT = Theme((255, 255, 255), (44, 48, 54), (122, 128, 136), (222, 226, 231), (28, 110, 130))
DARK = Theme((44, 48, 54), (232, 234, 236), (158, 164, 172), (28, 30, 34), (110, 190, 200))


@dataclass(frozen=True)
class Brush:
    """Draws on one piece of furniture, in CSS pixels from its upper left corner."""

    draw: ImageDraw.ImageDraw
    unit: float

    def box(self, area: Box, fill: Colour | tuple[int, ...], radius: float = 0) -> None:
        """A filled rectangle with round corners."""
        scaled = [value * self.unit for value in area]
        self.draw.rounded_rectangle(
            (*scaled[:2], *(edge - 1 for edge in scaled[2:])), radius * self.unit, fill
        )

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A filled circle."""
        self.draw.circle((x * self.unit, y * self.unit), radius * self.unit, fill)

    def line(self, points: Sequence[tuple[float, float]], fill: Colour, width: float = 1.8) -> None:
        """A line through the points."""
        pixels = [value * self.unit for point in points for value in point]
        self.draw.line(pixels, fill, max(1, round(width * self.unit)), joint="curve")

    def text(
        self, x: float, y: float, text: str, size: float, fill: Colour, anchor: str = "lm", halo: float = 0
    ) -> None:
        """A line of text, anchored as Pillow does, with a dark rim of `halo`."""
        place, font = (x * self.unit, y * self.unit), ImageFont.load_default(size * self.unit)
        rim = halo * self.unit if halo else 0
        self.draw.text(place, text, fill, font, anchor, stroke_width=rim, stroke_fill=(24, 28, 26))


@dataclass
class Glass:
    """A picture, and what has been drawn over it.

    Attributes:
        picture: RGB; is drawn on.
        covered: (height, width); is set where something was drawn.
        unit: Pixels of the picture for each CSS pixel.
        keep_clear: Where nothing may be put: left, top, right, bottom in pixels of the picture.
    """

    picture: Image.Image
    covered: NDArray[np.bool_]
    unit: float = 1.0
    keep_clear: tuple[int, int, int, int] | None = None

    @classmethod
    def over(
        cls, picture: Image.Image, unit: float = 1.0, keep_clear: tuple[int, int, int, int] | None = None
    ) -> Glass:
        """A glass over a copy of the picture, with nothing on it yet."""
        return cls(picture.convert("RGB"), np.zeros(picture.size[::-1], dtype=np.bool_), unit, keep_clear)

    @property
    def width(self) -> float:
        """Of the picture, CSS pixels."""
        return self.picture.width / self.unit

    @property
    def height(self) -> float:
        """Of the picture, CSS pixels."""
        return self.picture.height / self.unit

    def put(
        self,
        area: Box,
        paint: Callable[[Brush], None],
        shadow: bool = False,
        turn: float = 0,
        free: bool = False,
    ) -> bool:
        """Put a piece of furniture down, unless it would touch what has to stay clear.

        Args:
            area: Where, CSS pixels.
            paint: Draws the piece.
            shadow: Whether it throws a soft shadow.
            turn: Degrees, clockwise, by which it is turned around its middle.
            free: Whether it only goes where nothing else is yet.

        Returns:
            Whether it was put there.
        """
        left, top, right, bottom = (round(value * self.unit) for value in area)
        rim = math.ceil(8 * self.unit) if shadow else 0
        layer = Image.new("RGBA", (FINE * (right - left + 2 * rim), FINE * (bottom - top + 2 * rim)))
        piece = Image.new("RGBA", (FINE * (right - left), FINE * (bottom - top)))
        paint(Brush(ImageDraw.Draw(piece), FINE * self.unit))
        layer.paste(piece, (FINE * rim, FINE * rim))
        if shadow:
            dark = layer.getchannel("A").filter(ImageFilter.GaussianBlur(2.2 * FINE * self.unit))
            below = Image.new("RGBA", layer.size)
            below.putalpha(dark.point([value * 2 // 5 for value in range(256)]))
            layer = Image.alpha_composite(below, layer)
        layer = layer.reduce(FINE)
        if turn:
            layer = layer.rotate(-turn, Image.Resampling.BICUBIC, expand=True)
        x, y = (left + right - layer.width) // 2, (top + bottom - layer.height) // 2
        seen = np.zeros_like(self.covered)
        window = seen[max(0, y) : max(0, y + layer.height), max(0, x) : max(0, x + layer.width)]
        alpha = np.asarray(layer.getchannel("A"))[max(0, -y) :, max(0, -x) :]
        window |= alpha[: window.shape[0], : window.shape[1]] > 0
        if self.keep_clear:
            clear = self.keep_clear
            if seen[clear[1] : clear[3], clear[0] : clear[2]].any():
                return False
        if free and (self.covered & seen).any():
            return False
        self.picture.paste(layer, (x, y), layer)
        self.covered |= seen
        return True
