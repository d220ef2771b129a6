"""A collection knows what each row is, finds its photos, and never shows another photo in their place."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retrieval.collections import previews
from retrieval.collections.collection import Collection, Entry, read_catalogue, write_catalogue
from retrieval.collections.photos import THUMBNAIL, cache_folder, thumbnail
from retrieval.images import decode, pixel_sha256
from retrieval.retriever import SHIPPED_SCENES
from ui.i18n import speaking


@pytest.fixture(scope="module")
def scenes():
    return Collection(SHIPPED_SCENES)


@pytest.fixture
def own_photos(tmp_path, scenes):
    """Copies of the first two photos of the shipped scenes."""
    folder = tmp_path / "own"
    for entry in scenes.entries[:2]:
        target = folder / entry.file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED_SCENES / "photos" / entry.file, target)
    return folder


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


def test_the_picture_of_a_present_photo_is_the_photo(own_photos):
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.picture(0) == collection.photo(0)


def test_the_picture_of_a_tiff_is_a_copy_for_the_browser(own_photos, scenes):
    webp = own_photos / scenes.entries[1].file
    original = decode(webp).image
    original.save(webp.with_suffix(".tif"))
    webp.unlink()
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.photo(1).suffix == ".tif"
    copy = collection.picture(1)
    assert copy.suffix == ".webp"
    assert cache_folder() in copy.parents
    assert decode(copy).image.size == original.size
    assert collection.picture(1) == copy


def test_the_picture_of_a_missing_photo_is_its_preview(tmp_path):
    collection = Collection(SHIPPED_SCENES, tmp_path / "no-photos")
    picture = collection.picture(5)
    assert cache_folder() in picture.parents
    entry = collection.entries[5]
    drawn = np.asarray(previews.draw(entry.blurhash, entry.label, entry.id)).astype(int)
    shown = np.asarray(decode(picture).image).astype(int)
    assert shown.shape == drawn.shape == (256, 256, 3)
    assert np.abs(shown - drawn).mean() < 6
    made = picture.stat().st_mtime_ns
    assert collection.picture(5) == picture
    assert picture.stat().st_mtime_ns == made


def test_the_picture_of_a_damaged_tiff_is_its_preview(own_photos, scenes):
    webp = own_photos / scenes.entries[1].file
    webp.with_suffix(".tif").write_bytes(b"II*\0rubbish")
    webp.unlink()
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.photo(1) is not None
    assert decode(collection.picture(1)).image.size == (256, 256)


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


def test_the_thumbnail_of_a_photo_is_small_and_shows_its_middle(scenes):
    for row in range(0, len(scenes.entries), 25):
        path = scenes.thumbnail(row)
        assert path.stat().st_size < 20_000
        shown = decode(path).image
        assert shown.size == (THUMBNAIL, THUMBNAIL) == (224, 224)
        expected = thumbnail(decode(scenes.photo(row)).image)
        assert np.abs(np.asarray(shown).astype(int) - np.asarray(expected)).mean() < 6
        assert cache_folder() in path.parents


def test_a_thumbnail_is_made_once(scenes):
    path = scenes.thumbnail(30)
    made = path.stat().st_mtime_ns
    assert scenes.thumbnail(30) == path
    assert path.stat().st_mtime_ns == made
    assert scenes.thumbnail(31) != path


def test_the_thumbnail_of_a_missing_photo_is_its_preview_in_the_visitors_language(tmp_path):
    collection = Collection(SHIPPED_SCENES, tmp_path / "no-photos")
    row = next(row for row, entry in enumerate(collection.entries) if entry.label == "beach")
    english = collection.thumbnail(row)
    with speaking("ro"):
        romanian, whole = collection.thumbnail(row), collection.picture(row)
    assert len({english, romanian, whole, collection.picture(row)}) == 4
    assert collection.thumbnail(row) == english
    one, other = (np.asarray(decode(path).image).astype(int) for path in (english, romanian))
    assert one.shape == other.shape == (224, 224, 3)
    assert (one != other).any()
    assert np.abs(one - other).mean() < 20  # only the writing differs


def test_a_photo_that_arrives_takes_the_place_of_its_preview(tmp_path, own_photos):
    collection = Collection(SHIPPED_SCENES, tmp_path / "later")
    preview = collection.thumbnail(0)
    own_photos.rename(tmp_path / "later")
    collection.find_photos()
    photo = collection.thumbnail(0)
    assert photo != preview
    expected = thumbnail(decode(collection.photo(0)).image)
    assert np.abs(np.asarray(decode(photo).image).astype(int) - np.asarray(expected)).mean() < 6


def test_of_a_damaged_photo_thumbnail_and_image_are_its_preview(own_photos, scenes, tmp_path, monkeypatch):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    collection = Collection(SHIPPED_SCENES, own_photos)
    collection.photo(1).write_bytes(b"rubbish")
    entry = collection.entries[1]
    preview = previews.draw(entry.blurhash, entry.label, entry.id)
    for shown in (decode(collection.thumbnail(1)).image, collection.image(1)):
        small = preview.resize(shown.size)
        assert np.abs(np.asarray(shown).astype(int) - np.asarray(small)).mean() < 8
    assert np.array_equal(np.asarray(collection.image(0)), np.asarray(decode(scenes.photo(0)).image))
