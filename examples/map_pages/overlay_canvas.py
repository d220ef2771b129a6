"""Drawing pieces of a web page over a picture, and keeping a mask of what they cover.

Lengths in this file are CSS pixels of the page, unless it says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from examples.scenes.canvas import SUPERSAMPLING, Colour

Box = tuple[float, float, float, float]  # left, top, right, bottom


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
    """Draws one piece, in CSS pixels from its upper left corner.

    Attributes:
        draw: On the image of the piece.
        scale: Pixels of that image for each CSS pixel.
    """

    draw: ImageDraw.ImageDraw
    scale: float

    def box(self, area: Box, fill: Colour | tuple[int, ...], radius: float = 0) -> None:
        """Draw a filled rectangle with round corners."""
        scaled = [value * self.scale for value in area]
        self.draw.rounded_rectangle(
            (*scaled[:2], *(edge - 1 for edge in scaled[2:])), radius * self.scale, fill
        )

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """Draw a filled circle."""
        self.draw.circle((x * self.scale, y * self.scale), radius * self.scale, fill)

    def line(self, points: Sequence[tuple[float, float]], fill: Colour, width: float = 1.8) -> None:
        """Draw a line through the points."""
        pixels = [value * self.scale for point in points for value in point]
        self.draw.line(pixels, fill, max(1, round(width * self.scale)), joint="curve")

    def text(
        self, x: float, y: float, text: str, size: float, fill: Colour, anchor: str = "lm", halo: float = 0
    ) -> None:
        """Draw a line of text with a dark rim of `halo`; `anchor` is Pillow's."""
        place, font = (x * self.scale, y * self.scale), ImageFont.load_default(size * self.scale)
        rim = halo * self.scale if halo else 0
        self.draw.text(place, text, fill, font, anchor, stroke_width=rim, stroke_fill=(24, 28, 26))


@dataclass
class OverlayCanvas:
    """A picture that pieces of a page are drawn over.

    Attributes:
        picture: The RGB picture that is drawn on.
        covered: (height, width): true where something was drawn.
        pixel_ratio: Pixels of the picture for each CSS pixel.
        keep_clear: Area that has to stay visible: left, top, right, bottom in pixels of the picture.
    """

    picture: Image.Image
    covered: NDArray[np.bool_]
    pixel_ratio: float = 1.0
    keep_clear: tuple[int, int, int, int] | None = None

    @classmethod
    def over(
        cls,
        picture: Image.Image,
        pixel_ratio: float = 1.0,
        keep_clear: tuple[int, int, int, int] | None = None,
    ) -> OverlayCanvas:
        """A canvas over a copy of the picture, with nothing drawn yet."""
        covered = np.zeros(picture.size[::-1], dtype=np.bool_)
        return cls(picture.convert("RGB"), covered, pixel_ratio, keep_clear)

    @property
    def width(self) -> float:
        """Of the picture, CSS pixels."""
        return self.picture.width / self.pixel_ratio

    @property
    def height(self) -> float:
        """Of the picture, CSS pixels."""
        return self.picture.height / self.pixel_ratio

    def put(
        self,
        area: Box,
        paint: Callable[[Brush], None],
        shadow: bool = False,
        turn: float = 0,
        avoid_others: bool = False,
    ) -> bool:
        """Draw a piece, unless it would cover what has to stay clear.

        Args:
            area: Where to, CSS pixels.
            paint: Draws the piece.
            shadow: Whether it casts a soft shadow.
            turn: Degrees, clockwise, by which it is turned around its middle.
            avoid_others: Whether to leave it out where it would cover another piece.

        Returns:
            Whether it was drawn.
        """
        left, top, right, bottom = (round(value * self.pixel_ratio) for value in area)
        rim = math.ceil(8 * self.pixel_ratio) if shadow else 0
        layer = Image.new(
            "RGBA", (SUPERSAMPLING * (right - left + 2 * rim), SUPERSAMPLING * (bottom - top + 2 * rim))
        )
        piece = Image.new("RGBA", (SUPERSAMPLING * (right - left), SUPERSAMPLING * (bottom - top)))
        paint(Brush(ImageDraw.Draw(piece), SUPERSAMPLING * self.pixel_ratio))
        layer.paste(piece, (SUPERSAMPLING * rim, SUPERSAMPLING * rim))
        if shadow:
            dark = layer.getchannel("A").filter(
                ImageFilter.GaussianBlur(2.2 * SUPERSAMPLING * self.pixel_ratio)
            )
            below = Image.new("RGBA", layer.size)
            below.putalpha(dark.point([value * 2 // 5 for value in range(256)]))
            layer = Image.alpha_composite(below, layer)
        layer = layer.reduce(SUPERSAMPLING)
        if turn:
            layer = layer.rotate(-turn, Image.Resampling.BICUBIC, expand=True)
        x, y = (left + right - layer.width) // 2, (top + bottom - layer.height) // 2
        piece_mask = np.zeros_like(self.covered)
        window = piece_mask[max(0, y) : max(0, y + layer.height), max(0, x) : max(0, x + layer.width)]
        alpha = np.asarray(layer.getchannel("A"))[max(0, -y) :, max(0, -x) :]
        window |= alpha[: window.shape[0], : window.shape[1]] > 0
        if self.keep_clear:
            clear = self.keep_clear
            if piece_mask[clear[1] : clear[3], clear[0] : clear[2]].any():
                return False
        if avoid_others and (self.covered & piece_mask).any():
            return False
        self.picture.paste(layer, (x, y), layer)
        self.covered |= piece_mask
        return True
