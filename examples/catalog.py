"""The examples that are shipped: photos to search with, and drawn screenshots of maps.

`examples/build.py` draws the photos, `examples/map_pages/screenshots.py` the screenshots.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import Message

PHOTOS = Path(__file__).resolve().parent / "queries"
SCREENSHOTS = PHOTOS.with_name("screenshots")
SCREENSHOT_INDEX = "index.csv"


def example_paths() -> list[Path]:
    """The files of the example photos, sorted by name; the stem is the class."""
    return sorted(PHOTOS.glob("*.webp"))


def example_path(name: str) -> Path:
    """The file of the example photo of this class. Raises FileNotFoundError if there is none."""
    for path in example_paths():
        if path.stem == name:
            return path
    raise FileNotFoundError(name)


@dataclass(frozen=True)
class DrawnScreenshot:
    """A drawn screenshot that is shipped: a line of the index.

    Attributes:
        file: Its file name in `SCREENSHOTS`.
        name: The place that it stands for.
        zoom: The zoom of the web map that it imitates.
        latitude: Of the place, degrees.
        longitude: Of the place, degrees.
        link: Address of a map with real imagery of the place, at the same zoom.
        pixel_ratio: Pixels of the screenshot for each CSS pixel.
    """

    file: str
    name: str
    zoom: int
    latitude: float
    longitude: float
    link: str
    pixel_ratio: float = 1.0

    @property
    def title(self) -> Message:
        """Which place it stands for, and that it is drawn."""
        return Message("Drawn stand-in for {name}, zoom {zoom}", name=self.name, zoom=self.zoom)

    @property
    def path(self) -> Path:
        """The path of the file."""
        return SCREENSHOTS / self.file


def read_screenshots(folder: Path = SCREENSHOTS) -> list[DrawnScreenshot]:
    """Read the index of a folder of drawn screenshots.

    Args:
        folder: As `write_screenshots` leaves it.

    Returns:
        One screenshot for each line of the index, in its order.

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
