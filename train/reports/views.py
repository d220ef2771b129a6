"""Views of Bucharest for the paper's Fig. 8: photos with their scale beside them, else drawn ones."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from retrieval.collections.fields import shortened
from retrieval.collections.photos import SUFFIXES
from retrieval.errors import UserError
from retrieval.images import decode
from retrieval.maps.links import read_link
from retrieval.maps.screenshot import searched_part

#: Of a text beside a photo, as much is shown.
MAX_LETTERS = 120


@dataclass(frozen=True)
class View:
    """What is searched.

    Attributes:
        name: Of the place.
        image: RGB, 78 m of ground where the scale is known.
        label: The class that is to be found; None where nobody says.
        credit: Whom to name beside the image; '' where nobody says.
    """

    name: str
    image: Image.Image
    label: str | None = None
    credit: str = ""


def views_of(photos: Path, stand_ins: Path) -> tuple[list[View], bool]:
    """Views of Bucharest.

    Args:
        photos: A folder of photos, some with a JSON file of their name beside them; need not be there.
        stand_ins: The folder of drawn views, and `index.csv` with their links.

    Returns:
        The photos that can be searched, or else the drawn views; and whether these are photos.
    """
    found = [view for path in _files(photos) if (view := _photo(path))]
    return (found, True) if found else (drawn_views(stand_ins), False)


def drawn_views(folder: Path) -> list[View]:
    """The drawn views of a folder, by the links in its `index.csv`."""
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    views = []
    for row in rows:
        decoded = decode(folder / row["file"])
        scale = read_link(row["link"]).metres_per_pixel(decoded.image.height, float(row["pixel_ratio"]))
        views.append(View(row["name"], searched_part(decoded, scale)[0]))
    return views


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    except OSError:
        return []


def _photo(path: Path) -> View | None:
    """A photo, by the scale in the file beside it or its own; None of one that cannot be searched."""
    beside = _beside(path)
    try:
        decoded, scale = decode(path), beside.get("metres_per_pixel")
        image = searched_part(decoded, scale if isinstance(scale, (int, float)) else None)[0]
    except UserError:  # damaged, or too coarse
        return None
    name, label, credit = (
        shortened(value, MAX_LETTERS) if isinstance(value := beside.get(field), str) else None
        for field in ("place", "label", "attribution")
    )
    return View(name or path.stem, image, label, credit or "")


def _beside(path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
