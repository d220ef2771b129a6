"""What a map page draws over its imagery: search box, buttons, scale bar, labels, browser window.

The furniture is this project's own and that of no service. As in `glass`, lengths are CSS pixels of the
page; a screen of `pixel_ratio` 2 has two pixels for each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageFont

from examples.map_pages.district import NOWHERE, District
from examples.map_pages.glass import DARK, LIGHT, Brush, Glass, Theme
from examples.scenes.canvas import METRES_PER_PIXEL, Colour

# Pillow's own font has no letters with Romanian diacritics.
STREETS = (
    *("Strada Lalelelor", "Bulevardul Garii", "Strada Morii", "Aleea Teilor", "Strada Fabricii"),
    *("Strada Scolii", "Soseaua Veche", "Strada Plopilor", "Aleea Castanilor", "Calea Campului"),
)
PLACES = (
    *("Parcul Mic", "Piata Noua", "Scoala Nr. 7", "Farmacia Verde", "Cofetaria Ana", "Posta", "Biblioteca"),
    *("Gradinita Fluturas", "Atelier Auto", "Brutaria din Colt", "Policlinica", "Sala de Sport"),
)
TOWNS = ("Cartierul Nou", "Valea Mare", "Satul de Sus", "Lunca", "Crangul Lung")
CHIPS = ("Restaurants", "Cafes", "Parking", "Pharmacies", "Museums", "Hotels", "Fuel")
PINS: tuple[Colour, ...] = ((214, 92, 66), (58, 120, 186), (70, 150, 96), (150, 96, 168), (204, 140, 40))


def scale_bar(metres_per_css_pixel: float, longest: float = 110.0) -> tuple[int, float]:
    """The round length (metres) of the longest scale bar of at most `longest` CSS pixels, and its pixels."""
    most = max(1.0, metres_per_css_pixel * longest)
    power = 10 ** math.floor(math.log10(most))
    metres = max(step * power for step in (1, 2, 5) if step * power <= most)
    return metres, metres / metres_per_css_pixel


def draw_furniture(
    view: Image.Image,
    rng: np.random.Generator,
    metres_per_pixel: float,
    pixel_ratio: float = 1.0,
    *,
    frame: bool = False,
    keep_clear: tuple[int, int, int, int] | None = None,
    ways: NDArray[np.bool_] | None = None,
) -> tuple[Image.Image, NDArray[np.bool_]]:
    """Draw what a map page shows over its imagery.

    Args:
        view: The imagery.
        rng: Decides what there is, where and in which colours.
        metres_per_pixel: Of the view; for the scale bar.
        pixel_ratio: Pixels of the view for each CSS pixel; all furniture grows with it.
        frame: Whether a browser's window lies over the top of the view, even of what is to stay clear.
        keep_clear: Where no furniture may be: left, top, right, bottom in pixels of the view.
        ways: (height, width): where streets are, whose names then run along them.

    Returns:
        The view with its furniture (RGB, of the same size), and where it is covered (height, width).
    """
    glass = Glass.over(view, pixel_ratio, keep_clear)
    theme = LIGHT if rng.random() < 0.7 else DARK
    top = _browser(glass, rng, theme) if frame else 0.0
    left = _search(glass, rng, theme, top)
    _buttons(glass, rng, theme)
    _thumbnail(glass, rng, left)
    _strip(glass, rng, theme, left, metres_per_pixel * pixel_ratio)
    _names(glass, rng, ways)
    return glass.picture, glass.covered


def _browser(glass: Glass, rng: np.random.Generator, theme: Theme) -> float:
    """The window of a browser over the top. Returns its height."""
    width, height = glass.width, 84.0
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

    clear, glass.keep_clear = glass.keep_clear, None
    glass.put((0, 0, width, height), paint)
    glass.keep_clear = clear
    return height


def _search(glass: Glass, rng: np.random.Generator, theme: Theme, top: float) -> float:
    """Search box and chips, sometimes on a panel at the side. Returns where the map begins, from the left."""
    panel = min(390.0, 0.3 * glass.width) if rng.random() < 0.2 and glass.width > 900 else 0.0
    wide = min(376.0, glass.width - 24)
    query = str(rng.choice([*PLACES, "Search this map"]))

    def side(brush: Brush) -> None:
        brush.box((0, 0, panel, glass.height), theme.ground)
        brush.box((0, 0, panel, 210), (150, 168, 160))
        brush.text(20, 242, query, 21, theme.ink)
        for line in range(8):
            brush.disc(30, 300 + 44 * line, 7, theme.accent)
            brush.box((52, 295 + 44 * line, panel - 40 - 23 * (line % 3), 304 + 44 * line), theme.tabs, 4)

    def box(brush: Brush) -> None:
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
    panel = panel if panel and glass.put((0, top, panel, glass.height), side, shadow=True) else 0.0
    glass.put((12, top + 12, 12 + wide, top + 58), box, shadow=True)
    x = max(panel, 12 + wide) + 20
    if rng.random() < 0.6:
        for name in rng.permutation(CHIPS)[: int(rng.integers(3, 7))]:
            width = 46 + ImageFont.load_default(14).getlength(str(name))
            if x + width > glass.width - 70:
                break

            def chip(brush: Brush, name: str = str(name), width: float = width) -> None:
                brush.box((0, 0, width, 33), theme.ground, 16)
                brush.disc(19, 16.5, 5, theme.accent)
                brush.text(31, 16.5, name, 14, theme.ink)

            glass.put((x, top + 18, x + width, top + 51), chip, shadow=True)
            x += width + 9
    return panel


def _buttons(glass: Glass, rng: np.random.Generator, theme: Theme) -> None:
    """The buttons that find the place and zoom, at the lower right."""
    x, y, radius = glass.width - 54, glass.height - 150, float(rng.choice([4, 8, 20]))

    def locate(brush: Brush) -> None:
        brush.box((0, 0, 40, 40), theme.ground, radius)
        for size, fill in ((9.0, theme.faint), (7.0, theme.ground), (3.5, theme.faint)):
            brush.disc(20, 20, size, fill)
        for a, b in ((8, 12), (28, 32)):
            brush.line([(a, 20), (b, 20)], theme.faint)
            brush.line([(20, a), (20, b)], theme.faint)

    def zoom(brush: Brush) -> None:
        brush.box((0, 0, 40, 82), theme.ground, radius)
        brush.box((9, 40.5, 31, 41.5), theme.tabs)
        for y in (20, 62):
            brush.line([(13, y), (27, y)], theme.ink, 2.2)
        brush.line([(20, 13), (20, 27)], theme.ink, 2.2)

    glass.put((x, y, x + 40, y + 82), zoom, shadow=True)
    glass.put((x, y - 52, x + 40, y - 12), locate, shadow=True)


def _thumbnail(glass: Glass, rng: np.random.Generator, left: float) -> None:
    """The button at the lower left that changes to the drawn map."""
    side = float(rng.choice([64, 80, 88]))

    def paint(brush: Brush) -> None:
        brush.box((0, 0, side, side), (255, 255, 255), 10)
        brush.box((3, 3, side - 3, side - 3), (232, 230, 222), 8)
        brush.box((10, 40, 34, side - 10), (190, 216, 180), 3)
        brush.line([(4, 30), (side - 4, 18)], (250, 214, 120), 5)
        brush.line([(42, 4), (38, side - 4)], (255, 255, 255), 5)
        brush.text(side / 2, side - 14, "Map", 13, (255, 255, 255), "mm", 2)

    glass.put((left + 16, glass.height - side - 30, left + 16 + side, glass.height - 30), paint, shadow=True)


def _strip(glass: Glass, rng: np.random.Generator, theme: Theme, left: float, metres: float) -> None:
    """The line at the bottom: whose imagery it is, and the scale bar; `metres` for each CSS pixel."""
    length, bar = scale_bar(metres)
    label = f"{length} m" if length < 1000 else f"{length // 1000} km"
    text = "Drawn imagery, 2026   Terms   Privacy   Report a problem"
    words = ImageFont.load_default(11).getlength(text)
    width = words + bar + 78
    whole = rng.random() < 0.5
    start = left if whole else max(left, glass.width - width)

    def paint(brush: Brush) -> None:
        wide = glass.width - start
        brush.box((0, 0, wide, 20), (*theme.ground, 215))
        brush.text(wide - bar - words - 62, 10, text, 11, theme.ink)
        brush.text(wide - bar - 18, 10, label, 11, theme.ink, "rm")
        brush.line(
            [(wide - 10 - bar, 8), (wide - 10 - bar, 14), (wide - 10, 14), (wide - 10, 8)], theme.ink, 1.5
        )

    glass.put((start, glass.height - 20, glass.width, glass.height), paint)


def _names(glass: Glass, rng: np.random.Generator, ways: NDArray[np.bool_] | None) -> None:
    """Names of streets and places and coloured pins, where there is room."""
    names = [str(name) for name in rng.permutation(STREETS)]
    spots = _along(ways, rng, 8) if ways is not None else _anywhere(glass, rng, 6)
    for name, (x, y, turn) in zip(names, spots, strict=False):
        _name(glass, x, y, name, 12.5, turn)
    for size, choices, most in ((19.0, TOWNS, 2), (13.0, PLACES, 11)):
        picked = [str(name) for name in rng.permutation(choices)[: int(rng.integers(0, most))]]
        for name, (x, y, _) in zip(picked, _anywhere(glass, rng, most), strict=False):
            _name(glass, x, y, name, size, 0.0, PINS[int(rng.integers(len(PINS)))] if size < 19 else None)


def _anywhere(glass: Glass, rng: np.random.Generator, number: int) -> list[tuple[float, float, float]]:
    """Places at random: x and y in pixels of the picture, and an angle in degrees."""
    places = rng.uniform(0.08, 0.92, (number, 2)) * glass.picture.size
    turns = rng.choice([0.0, 0.0, -90.0, -60.0, 30.0], number) + rng.uniform(-6, 6, number)
    return [(float(x), float(y), float(turn)) for (x, y), turn in zip(places, turns, strict=True)]


def _along(
    ways: NDArray[np.bool_], rng: np.random.Generator, number: int
) -> list[tuple[float, float, float]]:
    """Places on the streets, as `_anywhere` gives them, each with the angle of its street."""
    found: list[tuple[float, float, float]] = []
    reach = 70
    rows, columns = np.nonzero(ways)
    for pick in rng.permutation(rows.size)[: 3 * number]:
        top, left = max(0, rows[pick] - reach), max(0, columns[pick] - reach)
        near = np.argwhere(ways[top : top + 2 * reach, left : left + 2 * reach])[::7]
        spreads, axes = np.linalg.eigh(np.cov(near.T)) if len(near) > 40 else ([1.0, 1.0], np.eye(2))
        if spreads[1] < 6 * spreads[0]:
            continue  # a corner, where two streets meet
        down, right = axes[:, 1]
        turn = (math.degrees(math.atan2(down, right)) + 90) % 180 - 90
        y, x = near.mean(axis=0)
        place = (float(left + x), float(top + y))
        if all(math.dist(place, other[:2]) > 3 * reach for other in found):
            found.append((*place, turn))
    return found[: int(rng.integers(2, number))]


def _name(
    glass: Glass, x: float, y: float, name: str, size: float, turn: float, colour: Colour | None = None
) -> None:
    """Write a name around (x, y), pixels of the picture, if there is room; with a pin of a colour."""
    pin = 26.0 if colour else 0.0
    half = ImageFont.load_default(size).getlength(name) / 2 + 4 + pin / 2
    x, y = x / glass.unit, y / glass.unit

    def paint(brush: Brush) -> None:
        if colour:
            brush.draw.polygon([value * brush.unit for value in (4, 14, 20, 14, 12, 26)], (255, 255, 255))
            brush.disc(12, 11, 10, (255, 255, 255))
            brush.disc(12, 11, 8.2, colour)
            brush.disc(12, 11, 3, (255, 255, 255))
        brush.text(pin + 4, 14, name, size, (255, 255, 255), halo=1.6)

    glass.put((x - half, y - 14, x + half, y + 14), paint, turn=turn, free=True)


@dataclass(frozen=True)
class Screenshot:
    """A drawn screenshot of a map page.

    Attributes:
        image: RGB.
        furniture: (height, width): where the imagery is covered.
        metres_per_pixel: Of the imagery.
        classes: (height, width): index into `labels`, -1 on streets and seams.
        labels: Names of the classes.
    """

    image: Image.Image
    furniture: NDArray[np.bool_]
    metres_per_pixel: float
    classes: NDArray[np.int16]
    labels: list[str]


def screenshot(
    district: District,
    zoom: float,
    latitude: float,
    size: tuple[int, int] = (1440, 900),
    pixel_ratio: float = 1.0,
    seed: int = 0,
    frame: bool = False,
) -> Screenshot:
    """Show a district as a map page does.

    Args:
        district: What is seen; the view is its middle.
        zoom: Of a web map: each step doubles the scale.
        latitude: Degrees; the scale of a web map grows away from the equator.
        size: Width and height of the screenshot, pixels.
        pixel_ratio: Pixels of the screenshot for each CSS pixel.
        seed: Of the furniture.
        frame: See `draw_furniture`.

    Returns:
        The screenshot.

    Raises:
        ValueError: If the district is too small for the view.
    """
    metres = 156543.03392 * math.cos(math.radians(latitude)) / 2**zoom / pixel_ratio
    step = metres / METRES_PER_PIXEL
    wide, high = (pixels * step for pixels in size)
    left, top = (district.image.width - wide) / 2, (district.image.height - high) / 2
    if left < 0 or top < 0:
        raise ValueError(
            f"The view needs {wide:.0f} x {high:.0f} pixels, the district has {district.image.size}."
        )
    view = district.image.resize(size, Image.Resampling.LANCZOS, (left, top, left + wide, top + high))
    columns = (left + (np.arange(size[0]) + 0.5) * step).astype(int)
    rows = (top + (np.arange(size[1]) + 0.5) * step).astype(int)
    classes = district.classes[np.ix_(rows, columns)]
    # A seam is as narrow as a line, and no street.
    ways = Image.fromarray(district.classes == NOWHERE).convert("L").filter(ImageFilter.MinFilter(11))
    streets = np.asarray(ways)[np.ix_(rows, columns)] > 0
    image, furniture = draw_furniture(
        view, np.random.default_rng(seed), metres, pixel_ratio, frame=frame, ways=streets
    )
    return Screenshot(image, furniture, metres, classes, district.labels)
