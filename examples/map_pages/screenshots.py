"""Draw the stand-ins for screenshots of a satellite map of Bucharest: `make screenshots`.

Only the names and coordinates are those of real places; the imagery is invented.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from examples.catalog import SCREENSHOT_INDEX, SCREENSHOTS, DrawnScreenshot
from examples.map_pages.district import compose
from examples.map_pages.map_window import draw_map_window

SIZE = (1440, 900)

#: The letters in which the plans of `PLACES` are written.
_CLASSES = {
    "A": "agricultural", "B": "buildings", "D": "denseresidential", "F": "forest", "G": "golfcourse",
    "H": "harbor", "I": "intersection", "J": "airplane", "M": "mediumresidential", "P": "parkinglot",
    "R": "runway", "S": "sparseresidential", "T": "tenniscourt", "W": "river",
}  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """The place that a drawn screenshot stands for, and the plan of the district that is drawn."""

    name: str
    zoom: int
    latitude: float
    longitude: float
    plan: str
    seed: int
    browser: bool = False

    def described(self) -> DrawnScreenshot:
        """Its line of the index. The file name is the place's name in plain ASCII."""
        slug = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        return DrawnScreenshot(
            f"{slug.replace(' ', '-')}-z{self.zoom}.webp",
            self.name,
            self.zoom,
            self.latitude,
            self.longitude,
            f"https://www.google.com/maps/@{self.latitude},{self.longitude},{self.zoom}z/data=!3m1!1e3",
        )


PLACES = (
    _Place("Drumul Taberei", 18, 44.4215, 26.033, "DDDPPBBB DDDTIBBB DDDDDPPF BBPDDDFF BBPDDDFF", 1),
    _Place("Otopeni", 18, 44.5711, 26.085, "AAAAFAAA RRRRRRRR JJJJAAAA JJJJPPPB MMMBPPPB", 11, browser=True),
    _Place("Lacul Morii", 19, 44.456, 26.029, "WWWW FHHM SHHM", 3),
    _Place("Băneasa", 19, 44.513, 26.079, "FFGF FFGS SMMF", 4, browser=True),
    _Place("Pipera", 20, 44.504, 26.126, "MT MM", 5),
)


def write_screenshots(folder: Path = SCREENSHOTS, places: Iterable[_Place] = PLACES) -> None:
    """Draw the screenshots into a folder, with their index.

    Args:
        folder: Made if there is none; files of the same names are replaced.
        places: The places to draw.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for place in places:
        line = place.described()
        district = compose([[_CLASSES[cell] for cell in row] for row in place.plan.split()], place.seed)
        window = draw_map_window(
            district, place.zoom, place.latitude, SIZE, line.pixel_ratio, place.seed, place.browser
        )
        window.image.save(folder / line.file, quality=80, method=6)
        lines.append(asdict(line))
    with (folder / SCREENSHOT_INDEX).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


if __name__ == "__main__":
    write_screenshots()
