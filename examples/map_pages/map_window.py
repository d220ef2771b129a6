"""A district, shown as a web page with a satellite map shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from examples.map_pages.district import NOWHERE, District
from examples.map_pages.overlays import draw_overlays
from examples.scenes.canvas import METRES_PER_PIXEL


@dataclass(frozen=True)
class MapWindow:
    """A drawn screenshot of a map page.

    Attributes:
        image: RGB.
        covered: (height, width): where overlays cover the imagery.
        metres_per_pixel: Of the imagery.
        classes: (height, width): index into `labels`, -1 on streets and seams.
        labels: Names of the classes.
    """

    image: Image.Image
    covered: NDArray[np.bool_]
    metres_per_pixel: float
    classes: NDArray[np.int16]
    labels: list[str]


def draw_map_window(
    district: District,
    zoom: float,
    latitude: float,
    size: tuple[int, int] = (1440, 900),
    pixel_ratio: float = 1.0,
    seed: int = 0,
    browser_window: bool = False,
) -> MapWindow:
    """Show a district as a map page does.

    Args:
        district: What the map shows; the view is its middle.
        zoom: Of a web map: each step doubles the scale.
        latitude: Degrees; the scale of a web map grows away from the equator.
        size: Width and height of the screenshot, pixels.
        pixel_ratio: Pixels of the screenshot for each CSS pixel.
        seed: Of the overlays.
        browser_window: See `draw_overlays`.

    Returns:
        The screenshot.

    Raises:
        ValueError: If the district is too small for the view.
    """
    metres = 156543.03392 * math.cos(math.radians(latitude)) / 2**zoom / pixel_ratio
    step = metres / METRES_PER_PIXEL
    width, height = (pixels * step for pixels in size)
    left, top = (district.image.width - width) / 2, (district.image.height - height) / 2
    if left < 0 or top < 0:
        raise ValueError(
            f"The view needs {width:.0f} x {height:.0f} pixels, the district has {district.image.size}."
        )
    view = district.image.resize(size, Image.Resampling.LANCZOS, (left, top, left + width, top + height))
    columns = (left + (np.arange(size[0]) + 0.5) * step).astype(int)
    rows = (top + (np.arange(size[1]) + 0.5) * step).astype(int)
    classes = district.classes[np.ix_(rows, columns)]
    # The filter removes seams without a street, which are narrow lines.
    streets = Image.fromarray(district.classes == NOWHERE).convert("L").filter(ImageFilter.MinFilter(11))
    shown_streets = np.asarray(streets)[np.ix_(rows, columns)] > 0
    image, covered = draw_overlays(
        view,
        np.random.default_rng(seed),
        metres,
        pixel_ratio,
        browser_window=browser_window,
        streets=shown_streets,
    )
    return MapWindow(image, covered, metres, classes, district.labels)
