"""The drawn screenshots that are shipped, for the page to offer: `examples/screenshots.py` draws them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from texts import say

FOLDER = Path(__file__).resolve().parent / "screenshots"
INDEX = "index.csv"


@dataclass(frozen=True)
class DrawnScreenshot:
    """A drawn screenshot that is shipped.

    Attributes:
        file: Its name in `FOLDER`.
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
        return FOLDER / self.file


def read_screenshots(folder: Path = FOLDER) -> list[DrawnScreenshot]:
    """The drawn screenshots that a folder's index names.

    Args:
        folder: As `write_screenshots` leaves it.

    Returns:
        One for each line of the index, in its order.

    Raises:
        FileNotFoundError: If there is no index.
    """
    with (folder / INDEX).open(encoding="utf-8", newline="") as file:
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
