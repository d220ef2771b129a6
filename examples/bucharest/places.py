"""Places in and around Bucharest, one or more for each class of UC Merced, and the photos of them on disk.

The coordinates in places.csv were set by hand, from memory, and were not compared with imagery: a place
may lie a street or two beside its mark. Open its link, look, and correct the file where it is wrong.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from examples.bucharest.sights import SIGHTS
from retrieval.collections.photos import SUFFIXES
from retrieval.errors import Message

HERE = Path(__file__).resolve().parent
PLACES = HERE / "places.csv"
COLUMNS = ["slug", "name", "latitude", "longitude", "label", "link"]

#: The folder of photos: downloaded ones, each with a sidecar, and those that a person put there.
FOLDER = Path(os.environ.get("BUCHAREST_DIR") or HERE / "photos").expanduser()


@dataclass(frozen=True)
class Place:
    """A place on the ground.

    Attributes:
        slug: Its short name, which names its photo: lower case, digits and hyphens.
        name: Its name, in Romanian.
        latitude: Degrees north, WGS 84.
        longitude: Degrees east, WGS 84.
        label: The class of UC Merced that it is, or the one that comes closest.
        link: Opens it on a web map, from above.
    """

    slug: str
    name: str
    latitude: float
    longitude: float
    label: str
    link: str

    @property
    def sight(self) -> Message:
        """What is to be seen there."""
        return SIGHTS[self.slug]


@dataclass(frozen=True)
class Example:
    """A photo that can be searched with.

    Attributes:
        path: The image file.
        caption: The place's name and sight; for a photo of no known place, the name of the file.
        metres_per_pixel: On the ground; None if no sidecar gives it.
        attribution: Whom to credit beside the photo; empty if no sidecar gives it.
    """

    path: Path
    caption: Message | str
    metres_per_pixel: float | None = None
    attribution: str = ""


def read_places(path: Path = PLACES) -> list[Place]:
    """The places of a CSV file in UTF-8, in its order.

    Raises:
        ValueError: If a column, a name or a coordinate is missing or wrong; the message names the line.
        OSError: If the file cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise ValueError(f"{path.name}, line 1: the columns have to be {','.join(COLUMNS)}.")
        places: dict[str, Place] = {}
        for row in reader:
            try:
                place = _place(row)
                if place.slug in places:
                    raise ValueError(f"the slug '{place.slug}' is there twice: give each place its own.")
            except ValueError as error:
                raise ValueError(f"{path.name}, line {reader.line_num}: {error}") from error
            places[place.slug] = place
    if not places:
        raise ValueError(f"{path.name} names no place: add a line for each.")
    return list(places.values())


def find_examples(folder: Path = FOLDER) -> list[Example]:
    """The photos in a folder, sorted by name; none if the folder is missing or cannot be read.

    Args:
        folder: Holds image files, and beside each downloaded one its sidecar.
    """
    places = {place.slug: place for place in read_places()}
    return [_example(path, places.get(path.stem)) for path in _photos(folder)]


def photos_of(place: Place, folder: Path = FOLDER) -> list[Path]:
    """The photos of one place in a folder: usually none or one."""
    return [path for path in _photos(folder) if path.stem == place.slug]


def sidecar(photo: Path) -> Path:
    """The JSON file beside a downloaded photo that says where it is from."""
    return photo.with_name(f"{photo.name}.json")


def choose(slugs: Iterable[str], places: list[Place]) -> list[Place]:
    """The places with these slugs, in the order of the list; all places if no slugs are given.

    Raises:
        ValueError: If no place has one of the slugs.
    """
    wanted = set(slugs)
    unknown = sorted(wanted - {place.slug for place in places})
    if unknown:
        raise ValueError(f"There is no place '{unknown[0]}': --list shows the known ones.")
    return [place for place in places if not wanted or place.slug in wanted]


def _place(row: dict[str, Any]) -> Place:
    if None in row or None in row.values():
        raise ValueError(f"it has to have {len(COLUMNS)} columns; put a text with commas into quotes.")
    text = {column: row[column].strip() for column in COLUMNS}
    empty = [column for column in COLUMNS if not text[column]]
    if empty:
        raise ValueError(f"the column '{empty[0]}' is empty: fill it in.")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text["slug"]):
        raise ValueError(f"the slug '{text['slug']}' names a file: use lower-case letters, digits, hyphens.")
    if not text["link"].startswith("https://"):
        raise ValueError(f"the link '{text['link']}' is none: it begins with https://.")
    latitude, longitude = _degrees(text, "latitude", 85), _degrees(text, "longitude", 180)
    return Place(text["slug"], text["name"], latitude, longitude, text["label"], text["link"])


def _degrees(text: dict[str, str], column: str, limit: int) -> float:
    try:
        degrees = float(text[column])
    except ValueError:
        degrees = math.nan
    if not abs(degrees) <= limit:  # written so that it also refuses NaN
        raise ValueError(f"the {column} '{text[column]}' is no number of degrees up to {limit}: try 44.4268.")
    return degrees


def _photos(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _is_photo(path))
    except OSError:  # it is missing, or cannot be read
        return []


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _example(path: Path, place: Place | None) -> Example:
    fields = _read_sidecar(path)
    scale, attribution = fields.get("metres_per_pixel"), fields.get("attribution")
    return Example(
        path,
        Message("{name}: {sight}", name=place.name, sight=place.sight) if place else path.stem,
        float(scale) if _is_scale(scale) else None,
        attribution if isinstance(attribution, str) else "",
    )


def _is_scale(value: object) -> TypeGuard[float]:
    """Whether it is a plausible number of metres per pixel; JSON's true, to Python an int, is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1000


def _read_sidecar(photo: Path) -> dict[str, Any]:
    """The fields of a photo's sidecar; empty if it is missing or broken: the photo works without it."""
    try:
        fields = json.loads(sidecar(photo).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
