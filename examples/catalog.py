"""What the page offers to click: the example photos, and the drawn screenshots of maps.

`examples/build.py` draws the photos, `examples/map_pages/screenshots.py` the screenshots.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from retrieval.collections.photos import pictures_folder, save_picture, thumbnail
from retrieval.images import decode
from ui.i18n import say

PHOTOS = Path(__file__).resolve().parent / "queries"
SCREENSHOTS = PHOTOS.with_name("screenshots")
SCREENSHOT_INDEX = "index.csv"

#: Side of what is shown of an example, in pixels: no more is sent than the page's first view needs.
SIDE = 144


def example_paths() -> list[Path]:
    """Their files, in alphabetical order; the stem is the class."""
    return sorted(PHOTOS.glob("*.webp"))


def example_path(name: str) -> Path:
    """The file of an example. Raises FileNotFoundError where there is none of that name."""
    for path in example_paths():
        if path.stem == name:
            return path
    raise FileNotFoundError(name)


def example_thumbnail(name: str) -> Path:
    """A small picture of an example, made once. Raises FileNotFoundError where there is none."""
    path = example_path(name)
    target = pictures_folder("examples") / f"{name}-{SIDE}-{path.stat().st_mtime_ns}.webp"
    if not target.exists():
        save_picture(thumbnail(decode(path).image, SIDE), target, quality=70)
    return target


@dataclass(frozen=True)
class DrawnScreenshot:
    """A drawn screenshot that is shipped.

    Attributes:
        file: Its name in `SCREENSHOTS`.
        name: Of the place that it stands for.
        zoom: Of the web map that it imitates.
        latitude: Degrees, of the place that it stands for.
        longitude: Degrees.
        link: Address of a map with real imagery of that place, at the same zoom.
        pixel_ratio: Its pixels for each CSS pixel.
    """

    file: str
    name: str
    zoom: int
    latitude: float
    longitude: float
    link: str
    pixel_ratio: float = 1.0

    @property
    def title(self) -> str:
        """What it is, and that it is drawn."""
        return say("place.drawn", name=self.name, zoom=self.zoom)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return SCREENSHOTS / self.file


def read_screenshots(folder: Path = SCREENSHOTS) -> list[DrawnScreenshot]:
    """The drawn screenshots that a folder's index names.

    Args:
        folder: As `write_screenshots` leaves it.

    Returns:
        One for each line of the index, in its order.

    Raises:
        FileNotFoundError: If there is no index.
    """
    with (folder / SCREENSHOT_INDEX).open(encoding="utf-8", newline="") as file:
        return [
            DrawnScreenshot(
                line["file"],
                line["name"],
                int(line["zoom"]),
                float(line["latitude"]),
                float(line["longitude"]),
                line["link"],
                float(line["pixel_ratio"]),
            )
            for line in csv.DictReader(file)
        ]
