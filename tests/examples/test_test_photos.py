"""The list of photos to search with: the test split, each with its checksum, and none of the gallery's."""

import os
import subprocess
import sys
from datetime import date, timedelta

import pytest

from examples.catalog import TEST_PHOTOS, TEST_PHOTOS_OF, order_of_day, read_test_photos
from retrieval.collections.artifacts import CATALOGUE
from retrieval.collections.catalogue import read_catalogue
from retrieval.collections.photos import PROJECT
from retrieval.retriever import SHIPPED
from train.data.ucmerced import CLASSES, NAME, read_split


def test_the_list_is_the_test_split():
    assert [photo.file for photo in read_test_photos()] == read_split("test")
    assert TEST_PHOTOS_OF == NAME


def test_no_photo_of_the_list_is_in_the_gallery():
    gallery = read_catalogue(SHIPPED / CATALOGUE)
    listed = read_test_photos()
    assert not {photo.name for photo in listed} & {entry.id for entry in gallery}
    assert not {photo.file for photo in listed} & {entry.file for entry in gallery}
    assert not {photo.sha256 for photo in listed} & {entry.sha256 for entry in gallery}
    assert len({photo.sha256 for photo in listed}) == len(listed) == 315


@pytest.mark.ucmerced
def test_the_command_writes_the_list_that_is_there(ucmerced_places, tmp_path):
    present = [place for place in ucmerced_places if place.is_dir()]
    if not present:
        pytest.skip(f"UC Merced is not in {' or '.join(map(str, ucmerced_places))}")
    out = tmp_path / "listed.csv"
    subprocess.run(
        [sys.executable, "-m", "train", "examples", "--root", str(present[0]), "--out", str(out)],
        cwd=PROJECT, check=True, env={**os.environ}, capture_output=True,
    )  # fmt: skip
    assert out.read_bytes() == TEST_PHOTOS.read_bytes()


def dozen(day):
    return [members[0] for members in order_of_day(read_test_photos(), day)[:12]]


def test_each_day_has_another_dozen_of_twelve_classes():
    days = [date(2026, 12, 1) + timedelta(days=number) for number in range(60)]
    dozens = [dozen(day) for day in days]
    assert all(len({photo.label for photo in each}) == 12 for each in dozens)
    assert len({tuple(photo.name for photo in each) for each in dozens}) == 60
    assert len({photo.name for each in dozens for photo in each}) > 200  # none is left out for long
    assert {each[0].label for each in dozens} > set(CLASSES[:5])  # the first, which is searched, changes too


def test_a_day_has_the_same_dozen_for_everybody():
    assert dozen(date(2026, 12, 24)) == dozen(date(2026, 12, 24))


def test_all_photos_may_take_the_place_of_one_that_is_not_at_hand():
    order = order_of_day(read_test_photos(), date(2026, 12, 24))
    assert {photo for members in order for photo in members} == set(read_test_photos())
    assert all(len({photo.label for photo in members}) == 1 for members in order)
