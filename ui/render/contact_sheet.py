"""A result as one picture to save or print: the query and its neighbours, with rank, distance and class."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from retrieval import SearchResult
from retrieval.errors import Message
from ui.i18n import class_name, number
from ui.i18n import gettext as _
from ui.thumbnails import middle_square, plain_letters, whole_image

CELL, CAPTION, GAP = 192, 40, 12  # pixels
COLUMNS = 6
INK, PAPER, FRAME = "#0f172a", "#ffffff", "#0f766e"


def contact_sheet(result: SearchResult, query: Image.Image) -> bytes:
    """A PNG file: the query framed, then the neighbours, nearest first, and whose photos they are.

    Args:
        result: What was found.
        query: What was searched for, RGB.
    """
    cells = [(middle_square(query, CELL), (_("query"), ""))]
    for rank, neighbour in enumerate(result.neighbours, start=1):
        lines = (
            f"{rank} · {number(neighbour.distance, '.3f')} · {neighbour.id}",
            class_name(neighbour.label),
        )
        cells.append((middle_square(whole_image(result.collection, neighbour.row), CELL), lines))
    columns = min(COLUMNS, len(cells))
    rows = -(-len(cells) // columns)
    size = (GAP + columns * (CELL + GAP), GAP + rows * (CELL + CAPTION + GAP) + 24)
    sheet = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for place, (picture, lines) in enumerate(cells):
        left = GAP + place % columns * (CELL + GAP)
        top = GAP + place // columns * (CELL + CAPTION + GAP)
        sheet.paste(picture, (left, top))
        if place == 0:
            draw.rectangle((left - 4, top - 4, left + CELL + 3, top + CELL + 3), outline=FRAME, width=4)
        for below, line in enumerate(lines):
            draw.text((left, top + CELL + 5 + 16 * below), fitting(line, font, CELL), font=font, fill=INK)
    draw.text((GAP, size[1] - 24), plain_letters(_(Message(result.collection.title))), font=font, fill=INK)
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def fitting(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> str:
    """The line in letters that the font has, cut where it would be wider than so many pixels."""
    line = plain_letters(line)
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line + "…"
