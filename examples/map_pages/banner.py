"""Draw the strip of land at the top of the page: `python -m examples.map_pages.banner`.

From the water to the fields, through homes, a town and an airport. It takes some minutes, since a district
is drawn on a square canvas, however flat it is.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from examples.map_pages.district import compose

BANNER = Path(__file__).resolve().parents[2] / "ui" / "static" / "banner.webp"

#: Width and height: of a wide screen, and twice as high as the page shows it at least.
SIZE = (1920, 160)

_CLASSES = {
    "A": "agricultural", "B": "buildings", "D": "denseresidential", "F": "forest", "G": "golfcourse",
    "H": "harbor", "J": "airplane", "M": "mediumresidential", "P": "parkinglot", "R": "runway",
    "S": "sparseresidential", "T": "tenniscourt", "W": "river",
}  # fmt: skip
_PLAN = ("WWFFSGGMMDDPPBBRRRRAAAFA", "WHHFSGTMMDDDPBBJJJRAAAFF")
_SEED = 7


def draw_banner(file: Path = BANNER) -> None:
    """Draw the strip into a WebP file, which is replaced."""
    district = compose([[_CLASSES[cell] for cell in row] for row in _PLAN], _SEED)
    strip = district.image.resize(SIZE, Image.Resampling.LANCZOS)
    strip.save(file, quality=62, method=6)


if __name__ == "__main__":
    draw_banner()
