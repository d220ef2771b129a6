"""Drawn stand-ins for screenshots of a satellite map of Bucharest: `make screenshots`.

Nothing of the real places is in them but their coordinates.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from examples.catalog import SCREENSHOT_INDEX, SCREENSHOTS, DrawnScreenshot
from examples.map_pages.district import compose
from examples.map_pages.map_window import screenshot

SIZE = (1440, 900)

#: The plans of the districts below are written in these letters.
_CLASSES = {
    "A": "agricultural", "B": "buildings", "D": "denseresidential", "F": "forest", "G": "golfcourse",
    "H": "harbor", "I": "intersection", "J": "airplane", "M": "mediumresidential", "P": "parkinglot",
    "R": "runway", "S": "sparseresidential", "T": "tenniscourt", "W": "river",
}  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """What a drawn screenshot stands for, and the district that is drawn for it."""

    name: str
    zoom: int
    latitude: float
    longitude: float
    rows: str
    seed: int
    frame: bool = False

    def described(self) -> DrawnScreenshot:
        """Its line of the index."""
        return DrawnScreenshot(
            f"{self.name.lower().replace(' ', '-')}-z{self.zoom}.webp",
            self.name,
            self.zoom,
            self.latitude,
            self.longitude,
            f"https://www.google.com/maps/@{self.latitude},{self.longitude},{self.zoom}z/data=!3m1!1e3",
        )


PLACES = (
    _Place("Drumul Taberei", 18, 44.4215, 26.033, "DDDPPBBB DDDTIBBB DDDDDPPF BBPDDDFF BBPDDDFF", 1),
    _Place("Otopeni", 18, 44.5711, 26.085, "AAAAFAAA RRRRRRRR JJJJAAAA JJJJPPPB MMMBPPPB", 11, frame=True),
    _Place("Lacul Morii", 19, 44.456, 26.029, "WWWW FHHM SHHM", 3),
    _Place("Baneasa", 19, 44.513, 26.079, "FFGF FFGS SMMF", 4, frame=True),
    _Place("Pipera", 20, 44.504, 26.126, "MT MM", 5),
)


def write_screenshots(folder: Path = SCREENSHOTS, places: Iterable[_Place] = PLACES) -> None:
    """Draw the screenshots into a folder, with their index.

    Args:
        folder: Is made if there is none; files of the same names are replaced.
        places: What to draw.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for place in places:
        line = place.described()
        district = compose([[_CLASSES[cell] for cell in row] for row in place.rows.split()], place.seed)
        drawn = screenshot(
            district, place.zoom, place.latitude, SIZE, line.pixel_ratio, place.seed, place.frame
        )
        drawn.image.save(folder / line.file, quality=80, method=6)
        lines.append(asdict(line))
    with (folder / SCREENSHOT_INDEX).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


if __name__ == "__main__":
    write_screenshots()
