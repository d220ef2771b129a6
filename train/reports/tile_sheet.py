"""Images in rows under a title, as one image: each a tile with a frame, a mark and two lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

from train.reports.colours import IRRELEVANT, RELEVANT, TEXT

#: Pixels: side of a tile, space between tiles, height of a line and of the title, width of a frame.
TILE, GAP, LINE, HEADING = 128, 10, 17, 34
FRAME = 4


@dataclass(frozen=True)
class Tile:
    """An image with what is written under it.

    Attributes:
        image: Any RGB image; its middle square is shown.
        lines: At most two.
        relevant: Whether it is of the query's class, which draws a green frame and a tick, or else an orange
            frame and a cross; None draws neither.
    """

    image: Image.Image
    lines: Sequence[str]
    relevant: bool | None = None


def tile_sheet(title: str, rows: Sequence[Sequence[Tile]], *, queries_first: bool = True) -> Image.Image:
    """Draw tiles in rows under a title.

    Args:
        title: Of the whole image.
        rows: The tiles of each row.
        queries_first: Whether the first tile of each row is a query, which a wider space sets apart.
    """
    space = 2 * GAP if queries_first else 0
    width = GAP + max(map(len, rows)) * (TILE + GAP) + space
    height = HEADING + len(rows) * (TILE + 2 * LINE + GAP) + GAP
    canvas = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(canvas)
    draw.text((GAP, HEADING / 2), title, fill=TEXT, font=fit_font(title, 16, width - 2 * GAP), anchor="lm")
    for y, row in enumerate(rows):
        for x, tile in enumerate(row):
            corner = (GAP + x * (TILE + GAP) + (space if x else 0), HEADING + y * (TILE + 2 * LINE + GAP))
            _draw_tile(canvas, draw, tile, corner)
    return canvas


def fit_font(text: str, size: int, max_width: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The default font at a size, or smaller so that a text is no wider than `max_width` pixels."""
    width = ImageFont.load_default(size).getlength(text)
    return ImageFont.load_default(size * min(1, max_width / max(width, 1)))


def _draw_tile(canvas: Image.Image, draw: ImageDraw.ImageDraw, tile: Tile, corner: tuple[int, int]) -> None:
    x, y = corner
    canvas.paste(ImageOps.fit(tile.image, (TILE, TILE), Image.Resampling.LANCZOS), corner)
    for number, line in enumerate(tile.lines):
        font = fit_font(line, 13, TILE)
        draw.text((x, y + TILE + (number + 0.6) * LINE), line, fill=TEXT, font=font, anchor="lm")
    if tile.relevant is None:
        return
    colour = RELEVANT if tile.relevant else IRRELEVANT
    draw.rectangle((x, y, x + TILE - 1, y + TILE - 1), outline=colour, width=FRAME)
    left, top = x + TILE - 26, y + 4
    draw.ellipse((left, top, left + 21, top + 21), fill=colour, outline="white", width=1)
    tick, cross = ((5, 11), (9, 15), (16, 6)), ((6, 6), (15, 15))
    for stroke in [tick] if tile.relevant else [cross, tuple((21 - dx, dy) for dx, dy in cross)]:
        draw.line([(left + dx, top + dy) for dx, dy in stroke], fill="white", width=3)
