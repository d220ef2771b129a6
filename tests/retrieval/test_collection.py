"""A collection knows what each row is, finds its photos, and never shows another photo in their place."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retrieval.collections import previews
from retrieval.collections.catalogue import Entry, read_catalogue, write_catalogue
from retrieval.collections.collection import Collection
from retrieval.images import decode, pixel_sha256
from retrieval.retriever import SHIPPED_SCENES


def test_the_bundled_photos_are_those_of_the_catalogue(scenes):
    assert scenes.missing_photos == 0
    for row, entry in enumerate(scenes.entries):
        image = decode(scenes.photo(row)).image
        assert pixel_sha256(image) == entry.sha256, entry.file
        assert previews.encode(image) == entry.blurhash, entry.file


def test_rows_have_ids_classes_and_files_that_fit(scenes):
    assert scenes.labels == sorted({entry.label for entry in scenes.entries})
    assert len({entry.id for entry in scenes.entries}) == len(scenes.entries) == len(scenes.index)
    for entry in scenes.entries:
        assert Path(entry.file).parts[0] == entry.label
        assert Path(entry.file).stem == entry.id


def test_name_and_title_are_those_of_the_manifest(scenes):
    assert (scenes.name, scenes.title) == (scenes.manifest.name, scenes.manifest.title)


def test_a_catalogue_survives_being_written(tmp_path, scenes):
    strange = Entry("a,b", 'quoted "class"', "ä/ö.tif", "0" * 64, scenes.entries[0].blurhash)
    entries = [*scenes.entries[:3], strange]
    write_catalogue(tmp_path / "catalogue.csv", entries)
    assert read_catalogue(tmp_path / "catalogue.csv") == entries


def test_photos_in_a_named_folder_are_counted(own_photos):
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.missing_photos == len(collection.entries) - 2
    assert collection.photo(0) == own_photos / collection.entries[0].file
    assert collection.photo(2) is None


def test_photos_of_the_same_name_from_another_data_set_are_ignored(own_photos, scenes):
    other = own_photos / scenes.entries[0].file
    Image.new("RGB", (256, 256), "pink").save(other)
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.photos is None
    assert collection.missing_photos == len(collection.entries)


@pytest.mark.parametrize("data", [b"", b"rubbish"])
def test_a_folder_with_a_broken_first_photo_is_ignored(own_photos, scenes, data):
    (own_photos / scenes.entries[0].file).write_bytes(data)
    assert Collection(SHIPPED_SCENES, own_photos).photos is None


def test_photos_that_arrive_later_are_found(tmp_path, own_photos):
    collection = Collection(SHIPPED_SCENES, tmp_path / "later")
    assert collection.photo(0) is None
    own_photos.rename(tmp_path / "later")
    collection.find_photos()
    assert collection.photo(0) is not None


def test_of_several_folders_the_most_complete_is_taken(own_photos, tmp_path, monkeypatch):
    downloaded = tmp_path / "cache" / "photos" / "scenes"
    shutil.copytree(SHIPPED_SCENES / "photos", downloaded)
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.photos.root == downloaded
    assert collection.missing_photos == 0


def test_a_row_is_found_by_its_id(scenes):
    assert [scenes.row(entry.id) for entry in scenes.entries] == list(range(len(scenes.entries)))
    for unknown in ("etna", "", "Beach00", "beach00 "):
        with pytest.raises(KeyError):
            scenes.row(unknown)


def test_the_first_of_each_class_is_the_first_in_the_catalogue(scenes):
    rows = scenes.first_of_classes
    assert [scenes.entries[row].label for row in rows] == scenes.labels
    for row in rows:
        assert not any(entry.label == scenes.entries[row].label for entry in scenes.entries[:row])


def test_vectors_are_those_of_the_index(scenes):
    assert scenes.vectors.shape == (len(scenes.entries), scenes.index.dimension)
    for row in (0, 17, 251):
        assert np.array_equal(scenes.vectors[row], scenes.index.vector(row))
