"""What a map page draws over its imagery: browser window, search box, buttons, scale bar.

The overlays are this project's own design, and copy no map service. Lengths in this file are CSS pixels of
the page; a screen of `pixel_ratio` 2 has two pixels for each of them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

from examples.map_pages.labels import PINS, PLACES, draw_labels
from examples.map_pages.overlay_canvas import DARK, LIGHT, Brush, OverlayCanvas, Theme

CHIPS = ("Restaurants", "Cafes", "Parking", "Pharmacies", "Museums", "Hotels", "Fuel")


def scale_bar(metres_per_css_pixel: float, max_pixels: float = 110.0) -> tuple[int, float]:
    """The longest scale bar of a round length that fits into `max_pixels`: its metres and its CSS pixels."""
    max_metres = max(1.0, metres_per_css_pixel * max_pixels)
    power = 10 ** math.floor(math.log10(max_metres))
    metres = max(step * power for step in (1, 2, 5) if step * power <= max_metres)
    return metres, metres / metres_per_css_pixel


def draw_overlays(
    view: Image.Image,
    rng: np.random.Generator,
    metres_per_pixel: float,
    pixel_ratio: float = 1.0,
    *,
    browser_window: bool = False,
    keep_clear: tuple[int, int, int, int] | None = None,
    streets: NDArray[np.bool_] | None = None,
) -> tuple[Image.Image, NDArray[np.bool_]]:
    """Draw what a map page shows over its imagery.

    Args:
        view: The imagery.
        rng: Decides which overlays there are, where, and in which colours.
        metres_per_pixel: Of the view; for the scale bar.
        pixel_ratio: Pixels of the view for each CSS pixel; all overlays grow with it.
        browser_window: Whether to draw a browser's tabs and address at the top, even over `keep_clear`.
        keep_clear: Area without overlays: left, top, right, bottom in pixels of the view.
        streets: (height, width): where streets are, so that their names can run along them.

    Returns:
        The view with its overlays (RGB, of the same size), and a mask of what they cover (height, width).
    """
    canvas = OverlayCanvas.over(view, pixel_ratio, keep_clear)
    theme = LIGHT if rng.random() < 0.7 else DARK
    top = _draw_browser_window(canvas, rng, theme) if browser_window else 0.0
    left = _draw_search_box(canvas, rng, theme, top)
    _draw_buttons(canvas, rng, theme)
    _draw_map_switch(canvas, rng, left)
    _draw_attribution(canvas, rng, theme, left, metres_per_pixel * pixel_ratio)
    draw_labels(canvas, rng, streets)
    return canvas.picture, canvas.covered


def _draw_browser_window(canvas: OverlayCanvas, rng: np.random.Generator, theme: Theme) -> float:
    """Draw the top of a browser window. Returns its height."""
    width, height = canvas.width, 84.0
    tabs = int(rng.integers(1, 5))

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), theme.tabs)
        brush.box((0, 38, width, height), theme.ground)
        for tab in range(tabs):
            start = 12 + 210 * tab
            if tab == 0:
                brush.box((start, 8, start + 200, 44), theme.ground, 8)
            brush.disc(start + 18, 23, 6, PINS[tab])
            brush.text(start + 32, 23, ("Harta - satelit", "Mail", "Documents", "News")[tab], 12.5, theme.ink)
            brush.text(start + 180, 23, "x", 12.5, theme.faint)
        for number in range(3):
            brush.disc(width - 24 - 26 * number, 20, 6, theme.faint)
        for number, sign in enumerate(("<", ">", "o")):
            brush.text(22 + 32 * number, 61, sign, 17, theme.faint, "mm")
        brush.box((116, 46, width - 120, 76), theme.tabs, 15)
        brush.text(138, 61, "maps.example/satellite/@44.43,26.10", 13.5, theme.ink)
        brush.box((0, height - 1, width, height), theme.tabs)

    clear, canvas.keep_clear = canvas.keep_clear, None
    canvas.put((0, 0, width, height), paint)
    canvas.keep_clear = clear
    return height


def _draw_search_box(canvas: OverlayCanvas, rng: np.random.Generator, theme: Theme, top: float) -> float:
    """Draw the search box and its chips, sometimes on a side panel. Returns the width of that panel."""
    panel = min(390.0, 0.3 * canvas.width) if rng.random() < 0.2 and canvas.width > 900 else 0.0
    wide = min(376.0, canvas.width - 24)
    query = str(rng.choice([*PLACES, "Search this map"]))

    def paint_panel(brush: Brush) -> None:
        brush.box((0, 0, panel, canvas.height), theme.ground)
        brush.box((0, 0, panel, 210), (150, 168, 160))
        brush.text(20, 242, query, 21, theme.ink)
        for line in range(8):
            brush.disc(30, 300 + 44 * line, 7, theme.accent)
            brush.box((52, 295 + 44 * line, panel - 40 - 23 * (line % 3), 304 + 44 * line), theme.tabs, 4)

    def paint_box(brush: Brush) -> None:
        brush.box((0, 0, wide, 46), theme.ground, 23 if rounded else 8)
        for y in (18, 23, 28):
            brush.line([(20, y), (36, y)], theme.faint)
        brush.text(54, 23, query, 15, theme.ink)
        brush.disc(wide - 62, 21, 6.5, theme.faint)
        brush.disc(wide - 62, 21, 4.7, theme.ground)
        brush.line([(wide - 58, 25), (wide - 53, 31)], theme.faint, 2)
        brush.box((wide - 34, 13, wide - 14, 33), theme.accent, 5)
        brush.line([(wide - 30, 24), (wide - 18, 18), (wide - 24, 29)], theme.ground, 2)

    rounded = rng.random() < 0.6
    panel = panel if panel and canvas.put((0, top, panel, canvas.height), paint_panel, shadow=True) else 0.0
    canvas.put((12, top + 12, 12 + wide, top + 58), paint_box, shadow=True)
    x = max(panel, 12 + wide) + 20
    if rng.random() < 0.6:
        for name in rng.permutation(CHIPS)[: int(rng.integers(3, 7))]:
            width = 46 + ImageFont.load_default(14).getlength(str(name))
            if x + width > canvas.width - 70:
                break

            def paint_chip(brush: Brush, name: str = str(name), width: float = width) -> None:
                brush.box((0, 0, width, 33), theme.ground, 16)
                brush.disc(19, 16.5, 5, theme.accent)
                brush.text(31, 16.5, name, 14, theme.ink)

            canvas.put((x, top + 18, x + width, top + 51), paint_chip, shadow=True)
            x += width + 9
    return panel


def _draw_buttons(canvas: OverlayCanvas, rng: np.random.Generator, theme: Theme) -> None:
    """Draw the buttons that zoom and that find the visitor, at the lower right."""
    x, y, radius = canvas.width - 54, canvas.height - 150, float(rng.choice([4, 8, 20]))

    def paint_locate(brush: Brush) -> None:
        brush.box((0, 0, 40, 40), theme.ground, radius)
        for size, fill in ((9.0, theme.faint), (7.0, theme.ground), (3.5, theme.faint)):
            brush.disc(20, 20, size, fill)
        for a, b in ((8, 12), (28, 32)):
            brush.line([(a, 20), (b, 20)], theme.faint)
            brush.line([(20, a), (20, b)], theme.faint)

    def paint_zoom(brush: Brush) -> None:
        brush.box((0, 0, 40, 82), theme.ground, radius)
        brush.box((9, 40.5, 31, 41.5), theme.tabs)
        for y in (20, 62):
            brush.line([(13, y), (27, y)], theme.ink, 2.2)
        brush.line([(20, 13), (20, 27)], theme.ink, 2.2)

    canvas.put((x, y, x + 40, y + 82), paint_zoom, shadow=True)
    canvas.put((x, y - 52, x + 40, y - 12), paint_locate, shadow=True)


def _draw_map_switch(canvas: OverlayCanvas, rng: np.random.Generator, left: float) -> None:
    """Draw the button at the lower left that switches to the street map."""
    side = float(rng.choice([64, 80, 88]))

    def paint(brush: Brush) -> None:
        brush.box((0, 0, side, side), (255, 255, 255), 10)
        brush.box((3, 3, side - 3, side - 3), (232, 230, 222), 8)
        brush.box((10, 40, 34, side - 10), (190, 216, 180), 3)
        brush.line([(4, 30), (side - 4, 18)], (250, 214, 120), 5)
        brush.line([(42, 4), (38, side - 4)], (255, 255, 255), 5)
        brush.text(side / 2, side - 14, "Map", 13, (255, 255, 255), "mm", 2)

    canvas.put(
        (left + 16, canvas.height - side - 30, left + 16 + side, canvas.height - 30), paint, shadow=True
    )


def _draw_attribution(
    canvas: OverlayCanvas, rng: np.random.Generator, theme: Theme, left: float, metres: float
) -> None:
    """Draw the line at the bottom: whose imagery it is, and the scale bar; `metres` for each CSS pixel."""
    length, bar = scale_bar(metres)
    label = f"{length} m" if length < 1000 else f"{length // 1000} km"
    text = "Drawn imagery, 2026   Terms   Privacy   Report a problem"
    words = ImageFont.load_default(11).getlength(text)
    width = words + bar + 78
    full_width = rng.random() < 0.5
    start = left if full_width else max(left, canvas.width - width)

    def paint(brush: Brush) -> None:
        wide = canvas.width - start
        brush.box((0, 0, wide, 20), (*theme.ground, 215))
        brush.text(wide - bar - words - 62, 10, text, 11, theme.ink)
        brush.text(wide - bar - 18, 10, label, 11, theme.ink, "rm")
        brush.line(
            [(wide - 10 - bar, 8), (wide - 10 - bar, 14), (wide - 10, 14), (wide - 10, 8)], theme.ink, 1.5
        )

    canvas.put((start, canvas.height - 20, canvas.width, canvas.height), paint)
