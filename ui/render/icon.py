"""The page's icon: a tile seen from above, and the square that is searched.

It is drawn from one list of shapes, as SVG and as pixels.
"""

from __future__ import annotations

import functools
import io
import math

from PIL import Image, ImageDraw

#: Side of the drawing, and the radius of its corners, in its own units.
SIDE, CORNER = 64, 13

#: The colour of browsers' bars around the page, and of the icon's ground.
THEME, THEME_DARK = "#0f766e", "#0b3b36"

Points = list[tuple[float, float]]

#: Colour and corners, the lower ones first.
SHAPES: list[tuple[str, Points]] = [
    ("#3f9a6a", [(0, 0), (64, 0), (64, 64), (0, 64)]),
    ("#8cc06a", [(0, 0), (26, 0), (17, 24), (0, 20)]),
    ("#d9c06a", [(26, 0), (46, 0), (39, 30), (17, 24)]),
    ("#2c7d58", [(0, 20), (17, 24), (8, 46), (0, 44)]),
    ("#b6cf74", [(17, 24), (39, 30), (30, 51), (8, 46)]),
    ("#5fae63", [(8, 46), (30, 51), (25, 64), (0, 64), (0, 44)]),
]
WATER, ROAD, HOUSE, SQUARE = "#2f7fc1", "#eef2ea", "#c65b4a", "#ffffff"
RIVER: tuple[Points, float] = ([(52, -4), (47, 14), (53, 30), (44, 46), (47, 68)], 11)
STREET: tuple[Points, float] = ([(-4, 17), (68, 37)], 3.2)
HOUSES = [(36.5, 36, 4.6), (31, 42, 4.2), (22, 33, 4.6)]

#: The square that is searched: its left, top and side, how thick it is, and how long its corners are.
FRAME = (16.0, 17.0, 32.0, 4.6, 10.0)


def _corners() -> list[Points]:
    """The lines of the square's four corners."""
    left, top, side, _, arm = FRAME
    right, bottom = left + side, top + side
    return [
        [(left, top + arm), (left, top), (left + arm, top)],
        [(right - arm, top), (right, top), (right, top + arm)],
        [(right, bottom - arm), (right, bottom), (right - arm, bottom)],
        [(left + arm, bottom), (left, bottom), (left, bottom - arm)],
    ]


def icon_svg() -> str:
    """The icon as an SVG file."""

    def line(points: Points, colour: str, width: float) -> str:
        written = " ".join(f"{x:g},{y:g}" for x, y in points)
        return (
            f'<polyline points="{written}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )

    inside = [
        f'<polygon points="{" ".join(f"{x:g},{y:g}" for x, y in points)}" fill="{colour}"/>'
        for colour, points in SHAPES
    ]
    inside += [line(RIVER[0], WATER, RIVER[1]), line(STREET[0], ROAD, STREET[1])]
    inside += [
        f'<rect x="{x:g}" y="{y:g}" width="{side:g}" height="{side:g}" fill="{HOUSE}"/>'
        for x, y, side in HOUSES
    ]
    inside += [line(points, THEME_DARK, FRAME[3] + 3) for points in _corners()]
    inside += [line(points, SQUARE, FRAME[3]) for points in _corners()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        f'<clipPath id="tile"><rect width="{SIDE}" height="{SIDE}" rx="{CORNER}"/></clipPath>'
        f'<g clip-path="url(#tile)">{"".join(inside)}</g></svg>\n'
    )


@functools.lru_cache(maxsize=8)
def icon(side: int, *, rounded: bool = True) -> Image.Image:
    """The icon as pixels, RGBA.

    Args:
        side: Of the picture.
        rounded: Whether its corners are clear; phones round icons by themselves.
    """
    scale = 4 * side / SIDE
    large = Image.new("RGBA", (4 * side, 4 * side))
    draw = ImageDraw.Draw(large)

    def at(points: Points) -> Points:
        return [(x * scale, y * scale) for x, y in points]

    def line(points: Points, colour: str, width: float) -> None:
        draw.line(at(points), fill=colour, width=math.ceil(width * scale), joint="curve")
        for x, y in at(points):
            reach = width * scale / 2
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)

    for colour, points in SHAPES:
        draw.polygon(at(points), fill=colour)
    line(RIVER[0], WATER, RIVER[1])
    line(STREET[0], ROAD, STREET[1])
    for x, y, house in HOUSES:
        draw.rectangle((x * scale, y * scale, (x + house) * scale, (y + house) * scale), fill=HOUSE)
    for colour, width in ((THEME_DARK, FRAME[3] + 3), (SQUARE, FRAME[3])):
        for points in _corners():
            line(points, colour, width)
    if rounded:
        mask = Image.new("L", large.size)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, *large.size), CORNER * scale, fill=255)
        large.putalpha(mask)
    return large.resize((side, side), Image.Resampling.LANCZOS)


def icon_file(side: int, kind: str = "PNG", *, rounded: bool = True) -> bytes:
    """The icon as a PNG or ICO file; an ICO holds 16, 32 and 48 pixels."""
    file = io.BytesIO()
    if kind == "ICO":
        icon(48).save(file, "ICO", sizes=[(16, 16), (32, 32), (48, 48)])
    else:
        icon(side, rounded=rounded).save(file, kind, optimize=True)
    return file.getvalue()
