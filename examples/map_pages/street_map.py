"""Map pages that show no imagery: a drawn street map, and blank tiles that say so.

People drop such screenshots by mistake. None is shipped: tests and benchmarks draw them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from examples.map_pages.labels import PLACES, STREETS
from examples.map_pages.overlay_canvas import Brush, OverlayCanvas
from examples.scenes.canvas import SUPERSAMPLING, Colour, Frame, Points
from examples.scenes.colours import scaled


@dataclass(frozen=True)
class _Palette:
    """The colours of a street map."""

    ground: Colour
    block: Colour
    street: Colour
    avenue: Colour
    water: Colour
    park: Colour
    house: Colour
    ink: Colour


_PALETTES = (
    _Palette(*((242, 239, 232), (236, 232, 224), (255, 255, 255), (250, 218, 130)),
             *((166, 206, 230), (196, 224, 180), (222, 216, 206), (90, 92, 96))),
    _Palette(*((232, 234, 237), (226, 228, 232), (255, 255, 255), (255, 232, 168)),
             *((150, 198, 216), (184, 218, 192), (214, 216, 222), (80, 86, 94))),
    _Palette(*((246, 244, 238), (240, 236, 226), (252, 252, 250), (240, 178, 140)),
             *((170, 211, 223), (173, 209, 158), (217, 208, 201), (70, 66, 62))),
    _Palette(*((36, 41, 48), (41, 46, 54), (64, 70, 80), (104, 96, 72)),
             *((22, 52, 72), (38, 62, 52), (52, 58, 68), (176, 182, 190))),
)  # fmt: skip
_BLANK_TEXTS = ("No imagery at this zoom", "Map data not yet available", "Nothing to show here: zoom out")


class _StreetMap:
    """A street map while it is drawn. Points are pixels from its middle, along and across the streets."""

    def __init__(self, rng: np.random.Generator, size: tuple[int, int]) -> None:
        self.rng, self.size = rng, size
        self.palette = _PALETTES[int(rng.integers(len(_PALETTES)))]
        self.frame = Frame(heading=rng.uniform(-40, 40))
        self.picture = Image.new(
            "RGB", (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING), self.palette.ground
        )
        self.draw = ImageDraw.Draw(self.picture)
        self.reach = 0.75 * max(size)
        self.columns, self.rows = (self._lines() for _ in range(2))

    def _lines(self) -> list[float]:
        """Where the streets of one direction run."""
        steps = self.rng.uniform(45, 150, int(2 * self.reach / 60) + 2)
        lines: list[float] = (np.cumsum(steps) - self.reach).tolist()
        return lines

    def pixels(self, points: Points) -> list[float]:
        """Points of the turned frame, as pixels of the supersampled picture."""
        pixels: list[float] = (
            ((self.frame.at(points) + np.divide(self.size, 2)) * SUPERSAMPLING).ravel().tolist()
        )
        return pixels

    def fill(
        self, x0: float, y0: float, x1: float, y1: float, colour: Colour, rim: Colour | None = None
    ) -> None:
        """Fill a rectangle; with `rim`, draw a thin outline of that colour."""
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        self.draw.polygon(self.pixels(corners), colour, rim)

    def draw_blocks(self) -> None:
        """Draw what lies between the streets: houses, and a few parks."""
        rng, palette = self.rng, self.palette
        for left, right in zip(self.columns, self.columns[1:], strict=False):
            for top, bottom in zip(self.rows, self.rows[1:], strict=False):
                kind = rng.random()
                park = kind < 0.12
                self.fill(left, top, right, bottom, palette.park if park else palette.block)
                if park or kind > 0.85:
                    continue
                step = rng.uniform(16, 36)
                for x in np.arange(left + 10, right - 10 - 0.7 * step, step):
                    for y in (top + 9, bottom - 9 - 0.6 * step):
                        width, height = rng.uniform(0.5, 0.85, 2) * step
                        self.fill(x, y, x + width, y + height, palette.house, scaled(palette.house, 0.93))

    def _draw_water(self) -> None:
        """Draw a river that crosses the map, or a lake."""
        x = np.linspace(-self.reach, self.reach, 80)
        bend = self.rng.uniform(30, 90) * np.sin(x / self.rng.uniform(120, 300) + self.rng.uniform(0, 6))
        place = self.rng.uniform(-0.4, 0.4) * self.size[1]
        width = np.full_like(x, self.rng.uniform(30, 120))
        if self.rng.random() < 0.4:
            shore = x / (self.size[1] * self.rng.uniform(0.4, 0.8))
            width *= 4 * np.sqrt(np.clip(1 - shore**2, 0, 1))
        rim = np.stack([x, place + bend - width / 2], 1), np.stack([x, place + bend + width / 2], 1)[::-1]
        self.draw.polygon(self.pixels(np.vstack(rim)), self.palette.water)

    def draw_streets(self) -> None:
        """Draw the narrow streets, the water over them, and the wide avenues, which cross the water."""
        streets = [
            (axis, line, 15.0 if self.rng.random() < 0.2 else float(self.rng.choice([5.0, 7.0, 9.0])))
            for axis, lines in ((0, self.columns), (1, self.rows))
            for line in lines
        ]
        self._pave([street for street in streets if street[2] < 12])
        self._draw_water()
        self._pave([street for street in streets if street[2] > 12])

    def _pave(self, streets: list[tuple[int, float, float]]) -> None:
        """Draw streets (axis, line, width): all rims first, so that no rim closes a crossing."""
        for rim in (True, False):
            for axis, line, width in sorted(streets, key=lambda street: street[2]):
                fill = self.palette.avenue if width > 12 else self.palette.street
                half = width / 2 + rim
                box = (line - half, -self.reach, line + half, self.reach)
                self.fill(
                    *(box if axis == 0 else (box[1], box[0], box[3], box[2])), scaled(fill, 1 - 0.12 * rim)
                )

    def labelled(self) -> Image.Image:
        """The finished map, with the names of streets and places."""
        canvas = OverlayCanvas.over(self.picture.reduce(SUPERSAMPLING))
        for axis, lines in ((0, self.columns), (1, self.rows)):
            for line in lines[::2]:
                along = self.rng.uniform(-0.4, 0.4) * min(self.size)
                place = (line, along) if axis == 0 else (along, line)
                turn = (self.frame.heading + 90 * (1 - axis) + 90) % 180 - 90
                self._draw_name(canvas, place, str(self.rng.choice(STREETS)), 11.5, turn)
        for name in PLACES:
            self._draw_name(canvas, self.rng.uniform(-0.5, 0.5, 2) * self.size, name, 12.5, 0.0)
        return canvas.picture

    def _draw_name(
        self, canvas: OverlayCanvas, place: tuple[float, float] | Points, name: str, size: float, turn: float
    ) -> None:
        ((x, y),) = self.frame.at([(float(place[0]), float(place[1]))]) + np.divide(self.size, 2)
        half = ImageFont.load_default(size).getlength(name) / 2 + 2

        def paint(brush: Brush) -> None:
            brush.text(half, 10, name, size, self.palette.ink, "mm")

        canvas.put((x - half, y - 10, x + half, y + 10), paint, turn=turn, avoid_others=True)


def draw_street_map(seed: int, size: tuple[int, int] = (1440, 900)) -> Image.Image:
    """Draw a street map: pale or dark ground, streets, water, parks, outlines of houses, names.

    Args:
        seed: Any whole number from 0; the same arguments always give the same pixels.
        size: Width and height, pixels.

    Returns:
        An RGB image.
    """
    street_map = _StreetMap(np.random.default_rng([seed, 11]), size)
    street_map.draw_blocks()
    street_map.draw_streets()
    return street_map.labelled()


def draw_blank(seed: int, size: tuple[int, int] = (1440, 900)) -> Image.Image:
    """Draw a map page that has no imagery: plain tiles, each with the same sentence.

    Args:
        seed: Any whole number from 0; the same arguments always give the same pixels.
        size: Width and height, pixels.

    Returns:
        An RGB image.
    """
    rng = np.random.default_rng([seed, 12])
    tones: tuple[Colour, ...] = ((229, 227, 223), (214, 214, 214), (236, 232, 220), (196, 200, 204))
    ground = tones[int(rng.integers(len(tones)))]
    picture, sentence = Image.new("RGB", size, ground), str(rng.choice(_BLANK_TEXTS))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    left, top = (-int(start) for start in rng.integers(0, 256, 2))
    for x in range(left, size[0], 256):
        for y in range(top, size[1], 256):
            draw.rectangle((x, y, x + 256, y + 256), outline=scaled(ground, 0.96))
            draw.text((x + 128, y + 128), sentence, scaled(ground, 0.7), font, "mm")
    return picture
