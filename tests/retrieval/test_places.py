"""Where photos lie on Earth, in a file beside the catalogue."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.places import FIELDS, Place, Places, read_places, write_places

FOOTPRINT = ((26.1, 44.5), (26.11, 44.5), (26.11, 44.49), (26.1, 44.49))
PLACES = [Place(), Place((0, 10, 256, 266)), Place(None, FOOTPRINT), Place((5, 6, 7, 8), FOOTPRINT)]


def test_what_is_written_is_read(tmp_path):
    write_places(tmp_path / "places.csv", PLACES)
    read = read_places(tmp_path / "places.csv", len(PLACES))
    assert list(read) == [read[row] for row in range(len(read))] == PLACES
    assert list(Places.of(PLACES)) == PLACES
    assert list(Places.of(())) == []
    with pytest.raises(IndexError):
        read[len(PLACES)]
    write_places(tmp_path / "places.csv", PLACES[3:])
    assert list(read_places(tmp_path / "places.csv", 1)) == PLACES[3:]


@pytest.mark.parametrize(
    ("footprint", "centre"),
    [
        (FOOTPRINT, (26.105, 44.495)),
        (((179.9, 1), (-179.9, 1), (-179.9, 0), (179.9, 0)), (180, 0.5)),
        (((-179.9, 1), (179.7, 1), (179.7, 0), (-179.9, 0)), (179.9, 0.5)),
    ],
)
def test_the_middle_of_a_footprint_is_between_its_corners(footprint, centre):
    longitude, latitude = Place(None, footprint).centre
    assert (longitude % 360, latitude) == pytest.approx((centre[0] % 360, centre[1]))


def test_the_middles_of_all_are_those_of_each():
    chance = np.random.default_rng(3)
    middles = chance.uniform((-180, -89), (180, 89), (500, 2))
    places = [*PLACES]
    for middle, size in zip(middles, chance.uniform(0.001, 1, 500), strict=True):
        corners = middle + size * np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)])
        corners[:, 0] = (corners[:, 0] + 180) % 360 - 180
        places.append(Place(None, tuple(map(tuple, corners.tolist()))))
    found = Places.of(places).centres
    assert np.isnan(found[:2]).all()
    each = np.array([place.centre for place in places[2:]])
    assert np.abs(np.remainder(found[2:] - each + 180, 360) - 180).max() < 1e-9
    assert (np.abs(found[2:, 0]) <= 180).all()


def test_without_a_footprint_there_is_no_middle():
    assert Place((0, 0, 1, 1)).centre is None


@pytest.mark.parametrize(
    "row",
    [
        "1,2,3,,,,,,,,,",
        "3,2,1,4,,,,,,,,",
        "-1,0,1,1,,,,,,,,",
        "0,0,1,1,26,44,26,44,26,44,26,",
        "0,0,1,1,26,44,26,44,26,44,26,nan",
        "0,0,1,1,26,44,26,44,26,44,26,91",
        "0,0,1,1,181,44,26,44,26,44,26,9",
        "0,0,1,1",
        "0,0,1,1,26,44,26,44,26,44,26,44,1",
        "0,0,1,1,nan,nan,nan,nan,nan,nan,nan,nan",
        "0,0,1,1,26,44,26,44,26,44,26,inf",
        "0,0,1,1,26,44,26,44,26,-91,26,44",
        "0,0,1,2147483648,,,,,,,,",
        "0,0,1,1,,,,,26,44,26,44",
        "0,0,1,1,26,44,26,44,26,4-4,26,44",
        "0,0,1,1,26,44,26,44,26,44,26," + "9" * 99,
        "0,0,1,1_0,,,,,,,,",
        "#0,0,1,1,,,,,,,,",
        "",
        "0.5,0,1,1,,,,,,,,",
        "x" * 5000,
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(tmp_path, row):
    path = tmp_path / "places.csv"
    path.write_text(",".join(FIELDS) + "\n" + row + "\n")
    with pytest.raises(ArtifactError, match="build the folder again"):
        read_places(path, 1)


def test_another_number_of_rows_is_refused(tmp_path):
    write_places(tmp_path / "places.csv", PLACES)
    with pytest.raises(ArtifactError, match="3 rows"):
        read_places(tmp_path / "places.csv", 3)
