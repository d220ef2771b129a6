"""A place between the corners of a raster, against PROJ's."""

import pytest
from pyproj import Geod, Transformer

from retrieval.georeference import Georeference


def placed(crs, east, north, side):
    """A square picture, and what places its shares have by PROJ."""
    to_earth = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform

    def place(right, down):
        return to_earth(east + right * side, north - down * side)

    corners = (place(0, 0), place(1, 0), place(1, 1), place(0, 1))
    return Georeference(crs, corners), place


@pytest.mark.parametrize(
    ("crs", "east", "north"),
    [
        ("EPSG:32635", 428_000, 4_921_000),  # Bucharest, UTM
        ("EPSG:3844", 587_000, 328_000),  # and Stereo 70
        ("EPSG:3857", 2_905_000, 5_533_000),  # and the web's Mercator
        ("EPSG:32633", 500_000, 7_800_000),  # 70 degrees north
    ],
)
def test_in_four_kilometres_it_is_a_metre_off_at_most(crs, east, north):
    reference, place = placed(crs, east, north, 4000)
    for right in (0, 0.25, 0.5, 1):
        for down in (0, 0.5, 0.75, 1):
            _, _, metres = Geod(ellps="WGS84").inv(*reference.position(right, down), *place(right, down))
            assert metres < 1


def test_across_the_180th_meridian_a_place_stays_between_the_corners():
    corners = ((179.5, 10.0), (-179.5, 10.0), (-179.5, 9.0), (179.5, 9.0))
    reference = Georeference("", corners)
    longitude, latitude = reference.position(0.75, 0.5)
    assert (longitude, latitude) == pytest.approx((-179.75, 9.5))
    assert abs(reference.position(0.5, 0.5)[0]) == pytest.approx(180)
