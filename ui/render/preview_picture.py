"""The picture beside a link where it is sent: a search with its nearest photos, or what the page is for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from examples.catalog import example_paths
from retrieval import SearchResult
from retrieval.images import decode
from ui.render.contact_sheet import fitting
from ui.render.icon import icon
from ui.render.link_words import answer_words, page_name, page_words
from ui.thumbnails import middle_square, plain_letters, whole_image

#: Pixels, as those who show previews ask for (Open Graph); the panel with the words, its margins, and gaps.
SIZE, PANEL, MARGIN, GAP = (1200, 630), 400, 28, 4
QUALITY = 85
PAPER, INK, QUIET, PANEL_COLOUR = "#ffffff", "#ffffff", "#a7d3cd", "#0b3b36"

#: So many photos are shown beside the query, at most, in columns and rows.
COLUMNS, ROWS = 4, 3


def preview_of_search(result: SearchResult, query: Image.Image, name: str) -> bytes:
    """A JPEG file: the query, and the nearest of what was found.

    Args:
        result: With neighbours.
        query: What was searched for, RGB.
        name: What it is called.
    """
    shown = result.neighbours[: COLUMNS * ROWS]
    picture = _mosaic([whole_image(result.collection, neighbour.row) for neighbour in shown])
    side = PANEL - 2 * MARGIN
    draw = ImageDraw.Draw(picture)
    draw.rectangle((MARGIN - 5, MARGIN - 5, MARGIN + side + 4, MARGIN + side + 4), fill=INK)
    picture.paste(middle_square(query, side), (MARGIN, MARGIN))
    top = _write(draw, name, MARGIN + side + 22, size=32, lines=1)
    _write(draw, answer_words(result), top + 8, size=21, lines=4, colour=QUIET)
    _sign(picture, draw)
    return _jpeg(picture)


def preview_of_page() -> bytes:
    """A JPEG file: what the page is called and for, beside the scenes that it brings as examples."""
    scenes = example_paths()[: COLUMNS * ROWS]
    picture = _mosaic([decode(path).image for path in scenes])
    draw = ImageDraw.Draw(picture)
    picture.paste(icon(116), (MARGIN, MARGIN), icon(116))
    top = _write(draw, page_name(), MARGIN + 140, size=50, lines=3)
    _write(draw, page_words(), top + 14, size=25, lines=6, colour=QUIET)
    return _jpeg(picture)


def preview_of_map(path: Path) -> bytes:
    """A JPEG file: the middle of an example of a map."""
    return _jpeg(ImageOps.fit(decode(path).image, SIZE))


def _mosaic(pictures: Sequence[Image.Image]) -> Image.Image:
    """A picture with a panel at its left, and photos beside it, as large as there is room."""
    sheet = Image.new("RGB", SIZE, PAPER)
    sheet.paste(PANEL_COLOUR, (0, 0, PANEL, SIZE[1]))
    rows = min(ROWS, -(-len(pictures) // COLUMNS) if len(pictures) != 4 else 2)
    left, row_ends = PANEL + GAP, [len(pictures) * (row + 1) // rows for row in range(rows)]
    for row, end in enumerate(row_ends):
        in_row = pictures[row_ends[row - 1] if row else 0 : end]
        top, bottom = ((SIZE[1] + GAP) * each // rows for each in (row, row + 1))
        for column, picture in enumerate(in_row):
            here, there = (
                left + (SIZE[0] - left + GAP) * each // len(in_row) for each in (column, column + 1)
            )
            sheet.paste(_filling(picture, (there - GAP - here, bottom - GAP - top)), (here, top))
    return sheet


def _filling(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of a picture, of just this size."""
    square = middle_square(picture, max(size))
    left, top = (square.width - size[0]) // 2, (square.height - size[1]) // 2
    return square.crop((left, top, left + size[0], top + size[1]))


def _write(
    draw: ImageDraw.ImageDraw, text: str, top: int, *, size: int, lines: int, colour: str = INK
) -> int:
    """Write a text into the panel, on so many lines at most. Returns where its last line ends."""
    font, width = ImageFont.load_default(size), PANEL - 2 * MARGIN
    written: list[str] = [""]
    for word in map(plain_letters, text.split()):
        longer = f"{written[-1]} {word}".strip()
        if font.getlength(longer) <= width or not written[-1] or len(written) == lines:
            written[-1] = longer
        else:
            written.append(word)
    for line in written:
        draw.text((MARGIN, top), fitting(line, font, width), font=font, fill=colour)
        top += round(1.25 * size)
    return top


def _sign(picture: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    """The page's icon and name, at the bottom of the panel."""
    side = 44
    top = SIZE[1] - MARGIN - side
    picture.paste(icon(side), (MARGIN, top), icon(side))
    font = ImageFont.load_default(22)
    name = fitting(page_name(), font, PANEL - 2 * MARGIN - side - 14)
    draw.text((MARGIN + side + 14, top + side // 2), name, font=font, fill=INK, anchor="lm")


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()
