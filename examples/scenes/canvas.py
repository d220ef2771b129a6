"""A piece of ground seen from straight above: what is painted on it, and how high it stands.

Everything is drawn twice: into a colour picture and into a map of heights. All shadows are then computed
in one pass over the heights, so that they agree.
Positions are metres from the centre of the frame, x to the right and y down; angles are degrees,
clockwise as seen on the picture; colours are (red, green, blue), 0-255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

METRES_PER_PIXEL = 0.3
SUPERSAMPLING = 2  # everything is drawn at twice the size and then reduced, for smooth edges

Colour = tuple[int, int, int]
Points = NDArray[np.float64]  # (n, 2), metres
Field = NDArray[np.float32]  # (height, width): one value for each supersampled pixel


@dataclass(frozen=True)
class Frame:
    """A place and a heading on the ground: the local coordinates in which an object is drawn."""

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0

    def at(self, points: Sequence[tuple[float, float]] | Points) -> Points:
        """Turn points of this frame (metres; x runs along the heading) into points of the ground."""
        cos, sin = math.cos(math.radians(self.heading)), math.sin(math.radians(self.heading))
        turn = np.array([[cos, sin], [-sin, cos]])
        ground: Points = np.asarray(points, dtype=np.float64) @ turn + np.array([self.x, self.y])
        return ground

    def moved(self, x: float, y: float, turn: float = 0.0) -> Frame:
        """The frame at (x, y) metres of this one, turned by `turn` degrees."""
        (place,) = self.at([(x, y)])
        return Frame(float(place[0]), float(place[1]), self.heading + turn)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Points:
        """The rectangle between two opposite corners, as points of the ground."""
        return self.at([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])

    def disc(self, x: float, y: float, radius: float, start: float = 0.0, end: float = 360.0) -> Points:
        """A disc of `radius` metres around (x, y), or its sector from `start` to `end` degrees."""
        turns = np.radians(np.linspace(start, end, 33))
        rim = np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns)], axis=1)
        return self.at(rim if end - start >= 360 else np.vstack([[(x, y)], rim]))


@dataclass(frozen=True)
class Canvas:
    """The picture and the heights of one scene while it is drawn.

    Attributes:
        size: Side of the finished picture, pixels of `METRES_PER_PIXEL`.
        rng: The only random generator of the scene.
        sun: Metres that a shadow runs to the right and down for each metre of height.
        lean: Metres that a roof is shifted from its footprint for each metre of height, as the
            camera is never exactly above a building.
        picture: Colours, RGB, supersampled.
        heights: Metres above the ground, mode F, supersampled.
    """

    size: int
    rng: np.random.Generator
    sun: tuple[float, float]
    lean: tuple[float, float]
    picture: Image.Image
    heights: Image.Image

    @classmethod
    def blank(cls, size: int, rng: np.random.Generator) -> Canvas:
        """A flat, empty canvas with a random sun and camera."""
        side = size * SUPERSAMPLING
        sun, lean = (
            (length * math.cos(bearing), length * math.sin(bearing))
            for length, bearing in (
                (rng.uniform(0.5, 1.1), rng.uniform(0, 2 * math.pi)),
                (rng.uniform(0.0, 0.3), rng.uniform(0, 2 * math.pi)),
            )
        )
        return cls(size, rng, sun, lean, Image.new("RGB", (side, side)), Image.new("F", (side, side)))

    @property
    def reach(self) -> float:
        """Metres from the middle to an edge of the frame."""
        return self.size * METRES_PER_PIXEL / 2

    @property
    def far(self) -> float:
        """Metres from the middle at which everything is outside the frame, in every direction."""
        return 1.45 * self.reach + 12

    @property
    def density(self) -> float:
        """Supersampled pixels per metre."""
        return SUPERSAMPLING / METRES_PER_PIXEL

    def chance(self, share: float) -> bool:
        """True with this probability (0-1)."""
        return bool(self.rng.random() < share)

    def side(self) -> int:
        """-1 or 1 at random: left or right."""
        return int(self.rng.choice([-1, 1]))

    def anywhere(self, spread: float) -> Frame:
        """A frame within `spread` metres of the middle; half of them run along the picture's edges."""
        x, y = self.rng.uniform(-spread, spread, 2)
        aligned, turned = self.rng.choice([0.0, 90.0]), self.rng.uniform(0, 180)
        return Frame(float(x), float(y), float(aligned if self.chance(0.5) else turned))

    def grid(self, frame: Frame | None = None) -> tuple[Field, Field]:
        """The x and y (metres, in `frame`) of every supersampled pixel."""
        frame = frame or Frame()
        side = self.picture.width
        line = (np.arange(side, dtype=np.float32) + 0.5) / np.float32(self.density) - np.float32(self.reach)
        x, y = line[None, :] - np.float32(frame.x), line[:, None] - np.float32(frame.y)
        cos, sin = (np.float32(f(math.radians(frame.heading))) for f in (math.cos, math.sin))
        return x * cos + y * sin, y * cos - x * sin

    def mask(self, *shapes: Points, blur: float = 0.0) -> Image.Image:
        """A mask (mode L) of the polygons, its edge blurred by `blur` metres."""
        mask = Image.new("L", self.picture.size)
        draw = ImageDraw.Draw(mask)
        for shape in shapes:
            draw.polygon(self._pixels(shape), fill=255)
        return mask.filter(ImageFilter.GaussianBlur(blur * self.density)) if blur else mask

    def paint(self, material: Image.Image | Colour, mask: Image.Image | None = None) -> None:
        """Cover the ground with a material or a colour: all of it, or where the mask is set."""
        self.picture.paste(material, (0, 0, *self.picture.size), mask)

    def fill(self, shape: Points, colour: Colour, height: float | None = None) -> None:
        """Fill a polygon with a colour; with `height` (metres), set its height too."""
        pixels = self._pixels(shape)
        ImageDraw.Draw(self.picture).polygon(pixels, fill=colour)
        if height is not None:
            ImageDraw.Draw(self.heights).polygon(pixels, fill=height)

    def facing(self, bearing: float) -> float:
        """How directly a surface that faces `bearing` degrees faces the sun: 1 fully, -1 away from it."""
        return math.cos(math.radians(bearing) - math.atan2(-self.sun[1], -self.sun[0]))

    def lifted(self, frame: Frame, height: float) -> Frame:
        """The frame as the camera sees it from `height` metres above the ground."""
        return Frame(frame.x + self.lean[0] * height, frame.y + self.lean[1] * height, frame.heading)

    def raise_walls(self, shape: Points, colour: Colour, height: float) -> None:
        """Draw the walls of a building on its footprint, as far as the camera sees them."""
        roof = shape + np.multiply(self.lean, height)
        for start, end in zip(range(-1, len(shape) - 1), range(len(shape)), strict=True):
            right, down = shape[end] - shape[start]
            bright = 0.75 + 0.3 * self.facing(math.degrees(math.atan2(-right, down)))
            red, green, blue = (int(value * bright) for value in colour)
            wall = np.stack([shape[start], shape[end], roof[end], roof[start]])
            self.fill(wall, (red, green, blue), height)

    def line(self, points: Points, width: float, colour: Colour, height: float | None = None) -> None:
        """Draw a line of `width` metres through the points."""
        pixels, thickness = self._pixels(points), max(1, round(width * self.density))
        ImageDraw.Draw(self.picture).line(pixels, fill=colour, width=thickness, joint="curve")
        if height is not None:
            ImageDraw.Draw(self.heights).line(pixels, fill=height, width=thickness, joint="curve")

    def photograph(self) -> Image.Image:
        """The finished picture, with shadows, dirt, haze, and the blur and noise of a camera."""
        rng = self.rng
        colours = np.asarray(self.picture.reduce(SUPERSAMPLING), dtype=np.float32)
        shadow = self._shadow()[..., None]
        colours = colours * (1 - shadow * np.array([0.72, 0.66, 0.56], dtype=np.float32))
        colours = colours * (1 + self._dirt()[..., None])
        haze, contrast = rng.uniform(0, 26), rng.uniform(0.9, 1.15)
        cast = rng.uniform(0.95, 1.05, 3).astype(np.float32)
        grey = colours.mean(axis=2, keepdims=True)
        colours = grey + (colours - grey) * np.float32(rng.uniform(0.6, 1.0))
        colours = ((colours - 110) * contrast + 110) * cast * (1 - haze / 255) + haze
        soft = _picture(colours).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 0.9)))
        grain = rng.normal(0, rng.uniform(1, 4), (self.size, self.size, 1)).astype(np.float32)
        return _picture(np.asarray(soft, dtype=np.float32) + grain)

    def _pixels(self, points: Points) -> list[float]:
        pixels: list[float] = ((points + self.reach) * self.density).ravel().tolist()
        return pixels

    def _shadow(self) -> NDArray[np.float32]:
        """How much each pixel of the finished picture lies in shadow, 0 to 1.

        A pixel is in shadow if the ground somewhere towards the sun rises above the ray from the pixel
        to the sun. So the heights are shifted towards the sun step by step; the frame's edge is repeated
        beyond it.
        """
        ground = np.asarray(self.heights.reduce(SUPERSAMPLING), dtype=np.float32)
        run = math.hypot(*self.sun)
        steps = math.ceil(float(ground.max()) * run / METRES_PER_PIXEL)
        padded = np.pad(ground, steps + 1, mode="edge")
        above = np.zeros_like(ground)
        for step in range(1, steps + 1):
            right = steps + 1 - round(step * self.sun[0] / run)
            down = steps + 1 - round(step * self.sun[1] / run)
            shifted = padded[down : down + self.size, right : right + self.size]
            np.maximum(above, shifted - ground - step * METRES_PER_PIXEL / run, out=above)
        shadow = Image.fromarray((255 * np.clip(above / 0.6, 0, 1)).astype(np.uint8))
        soft = np.asarray(shadow.filter(ImageFilter.GaussianBlur(0.6)), dtype=np.float32)
        return soft / np.float32(255)

    def _dirt(self) -> NDArray[np.float32]:
        """Faint blotches of several sizes, as factors: without them flat colours look artificial."""
        dirt = np.zeros((self.size, self.size), dtype=np.float32)
        for cell, strength in ((1, 0.025), (2, 0.025), (5, 0.02)):
            cells = self.size // cell + 2
            blotches = Image.fromarray(self.rng.normal(0, strength, (cells, cells)).astype(np.float32))
            dirt += np.asarray(blotches.resize((self.size, self.size), Image.Resampling.BICUBIC))
        return dirt


def _picture(colours: NDArray[np.float32]) -> Image.Image:
    """An RGB image of colours, clipped to 0-255."""
    return Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
