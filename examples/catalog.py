"""What can be clicked to search with it: drawn scenes, photos of the test split, drawn screenshots of maps.

`examples/build.py` draws the scenes, `examples/map_pages/screenshots.py` the screenshots. The photos of the
test split are UC Merced's: only the list of them is here, which `python -m train examples` writes.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from retrieval.errors import Message

PHOTOS = Path(__file__).resolve().parent / "queries"
SCREENSHOTS = PHOTOS.with_name("screenshots")
SCREENSHOT_INDEX = "index.csv"

#: The list of photos to search with, and the collection beside whose photos they lie; it holds none of them.
TEST_PHOTOS = PHOTOS.with_name("test_photos.csv")
TEST_PHOTOS_OF = "ucmerced"


#: How the names of examples begin where they are searched as photos that were brought.
PREFIX = "example-"


def example_paths() -> list[Path]:
    """The files of the example photos, sorted by name; the stem is the class."""
    return sorted(PHOTOS.glob("*.webp"))


@dataclass(frozen=True)
class HeldOutPhoto:
    """A photo of the test split: a line of the list.

    Attributes:
        file: As a catalogue would call it: 'harbor/harbor12.tif'.
        sha256: Of its pixels, see `retrieval.images.pixel_sha256`.
    """

    file: str
    sha256: str

    @property
    def name(self) -> str:
        """Its id: 'harbor12'."""
        return PurePosixPath(self.file).stem

    @property
    def label(self) -> str:
        """Its class: 'harbor'."""
        return PurePosixPath(self.file).parent.name


def read_test_photos() -> list[HeldOutPhoto]:
    """The photos of the list, in its order."""
    with TEST_PHOTOS.open(encoding="utf-8", newline="") as file:
        return [HeldOutPhoto(line["file"], line["sha256"]) for line in csv.DictReader(file)]


def order_of_day(photos: list[HeldOutPhoto], day: date) -> list[list[HeldOutPhoto]]:
    """The photos of each class in an order that each day changes, and so are the classes.

    The first photo of each of the first classes are the day's examples; the others take the place of what is
    not at hand.
    """
    dice = random.Random(day.isoformat())
    classes: dict[str, list[HeldOutPhoto]] = {}
    for photo in photos:
        classes.setdefault(photo.label, []).append(photo)
    order = [dice.sample(members, len(members)) for members in classes.values()]
    dice.shuffle(order)
    return order


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
        return Message("{name}, drawn, at zoom {zoom}", name=self.name, zoom=self.zoom)

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
