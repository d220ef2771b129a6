"""A collection whose photos lie somewhere on Earth: the shipped scenes, under footprints that are made up."""

import shutil
from dataclasses import replace
from pathlib import Path

from retrieval.collections.artifacts import read_manifest, write_manifest
from retrieval.collections.places import Place, write_places
from retrieval.retriever import SHIPPED_SCENES

#: Metres of a degree of latitude; photos of 78 m lie side by side, so many in a row.
DEGREE, SIDE, ROW = 111_320.0, 78.0, 18
BUCHAREST = (26.0963, 44.4396)


def place_at(longitude: float, latitude: float, metres: float = SIDE) -> Place:
    """A square whose upper left corner this is, so many metres of latitude high and as many degrees wide."""
    step = metres / DEGREE

    def corner(right: float, down: float) -> tuple[float, float]:
        return (longitude + right * step + 180) % 360 - 180, latitude - down * step

    return Place(footprint=(corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)))


def places_of(count: int, at: tuple[float, float] = BUCHAREST) -> list[Place]:
    """Side by side from a place on, in rows; the last one's place nobody knows."""
    longitude, latitude = at
    step = SIDE / DEGREE
    places = [
        place_at(longitude + row % ROW * step, latitude - row // ROW * step) for row in range(count - 1)
    ]
    return [*places, Place()]


def add_places(folder: Path, places: list[Place], **changed: str) -> Path:
    """Say of a folder's photos where they lie; and give its manifest other values."""
    write_places(folder / "places.csv", places)
    write_manifest(folder, replace(read_manifest(folder), **changed))
    return folder


def write_placed(folder: Path, at: tuple[float, float] = BUCHAREST) -> Path:
    """The scenes as a collection called 'flight'."""
    shutil.copytree(SHIPPED_SCENES, folder)
    count = read_manifest(folder).count
    return add_places(folder, places_of(count, at), name="flight", title="A flight over a city")
