"""Pictures for the browser: the photo, or its preview and never another photo; made once, and kept."""

import numpy as np
import pytest
from PIL import Image

from examples.catalog import example_paths
from retrieval.collections import previews
from retrieval.collections.cache import BoundedFiles, cache_folder
from retrieval.collections.collection import Collection
from retrieval.images import decode
from retrieval.retriever import SHIPPED_SCENES
from ui import thumbnails
from ui.i18n import use_language
from ui.thumbnails import (
    PHOTO_EXAMPLE,
    SIDE,
    draw_preview,
    example_thumbnail,
    middle_square,
    plain_letters,
    thumbnail,
    whole,
    whole_image,
)


def halves(left, right):
    image = Image.new("RGB", (256, 256), left)
    image.paste(right, (128, 0, 256, 256))
    return image


def pixels(image):
    return np.asarray(image).astype(int)


def test_class_and_id_are_written_on_a_preview():
    text = previews.encode(halves("green", "gray"))
    plain, named, other = (
        pixels(draw_preview(text, *names)) for names in (("", ""), ("beach", "beach00"), ("beach", "beach01"))
    )
    assert plain.shape == (256, 256, 3)
    assert (plain == pixels(previews.decode(text))).all()
    assert (named != plain).any(axis=-1).mean() > 0.01
    assert (named != other).any()
    assert (named[:90] == plain[:90]).all()  # the writing is in the middle


def test_what_is_written_on_a_preview_stays_on_it():
    text = previews.encode(halves("green", "gray"))
    plain, named = (pixels(draw_preview(text, label, "")) for label in ("", "W" * 80))
    changed = (named != plain).any(axis=-1)
    assert changed.any()
    assert not changed[:, [0, -1]].any()


def test_letters_that_the_font_has_not_lose_their_marks():
    assert plain_letters("plajă și râu, înțeles: ȘȚĂÂÎ") == "plaja si rau, inteles: STAAI"
    assert plain_letters("beach · 0.100") == "beach · 0.100"


def test_the_picture_of_a_present_photo_is_the_photo(own_photos):
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert whole(collection, 0) == collection.photo(0)


def test_the_picture_of_a_tiff_is_a_copy_for_the_browser(own_photos, scenes):
    webp = own_photos / scenes.entries[1].file
    original = decode(webp).image
    original.save(webp.with_suffix(".tif"))
    webp.unlink()
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.photo(1).suffix == ".tif"
    copy = whole(collection, 1)
    assert copy.suffix == ".webp"
    assert cache_folder() in copy.parents
    assert decode(copy).image.size == original.size
    assert whole(collection, 1) == copy


def test_the_picture_of_a_missing_photo_is_its_preview(tmp_path):
    collection = Collection(SHIPPED_SCENES, tmp_path / "no-photos")
    picture = whole(collection, 5)
    assert cache_folder() in picture.parents
    entry = collection.entries[5]
    drawn = pixels(draw_preview(entry.blurhash, entry.label, entry.id))
    shown = pixels(decode(picture).image)
    assert shown.shape == drawn.shape == (256, 256, 3)
    assert np.abs(shown - drawn).mean() < 6
    made = picture.stat().st_mtime_ns
    assert whole(collection, 5) == picture
    assert picture.stat().st_mtime_ns == made


def test_the_picture_of_a_damaged_tiff_is_its_preview(own_photos, scenes):
    webp = own_photos / scenes.entries[1].file
    webp.with_suffix(".tif").write_bytes(b"II*\0rubbish")
    webp.unlink()
    collection = Collection(SHIPPED_SCENES, own_photos)
    assert collection.photo(1) is not None
    assert decode(whole(collection, 1)).image.size == (256, 256)


def test_the_thumbnail_of_a_photo_is_small_and_shows_its_middle(scenes):
    for row in range(0, len(scenes.entries), 25):
        path = thumbnail(scenes, row)
        assert path.stat().st_size < 20_000
        shown = decode(path).image
        assert shown.size == (SIDE, SIDE) == (224, 224)
        expected = middle_square(decode(scenes.photo(row)).image)
        assert np.abs(pixels(shown) - pixels(expected)).mean() < 6
        assert cache_folder() in path.parents


def test_the_middle_square_is_cut_from_the_middle():
    image = Image.new("RGB", (1200, 600), "red")
    image.paste("blue", (300, 0, 900, 600))
    assert middle_square(image).size == (SIDE, SIDE)
    square = middle_square(image, 60)
    assert square.size == (60, 60)
    assert np.abs(pixels(square) - (0, 0, 255)).mean() < 5


def test_a_thumbnail_is_made_once(scenes):
    path = thumbnail(scenes, 30)
    made = path.stat().st_mtime_ns
    assert thumbnail(scenes, 30) == path
    assert path.stat().st_mtime_ns == made
    assert thumbnail(scenes, 31) != path


def test_the_thumbnail_of_a_missing_photo_is_its_preview_in_the_visitors_language(tmp_path):
    collection = Collection(SHIPPED_SCENES, tmp_path / "no-photos")
    row = next(row for row, entry in enumerate(collection.entries) if entry.label == "beach")
    english = thumbnail(collection, row)
    with use_language("ro"):
        romanian, whole_romanian = thumbnail(collection, row), whole(collection, row)
    assert len({english, romanian, whole_romanian, whole(collection, row)}) == 4
    assert thumbnail(collection, row) == english
    one, other = (pixels(decode(path).image) for path in (english, romanian))
    assert one.shape == other.shape == (224, 224, 3)
    assert (one != other).any()
    assert np.abs(one - other).mean() < 20  # only the writing differs


def test_a_photo_that_arrives_takes_the_place_of_its_preview(tmp_path, own_photos):
    collection = Collection(SHIPPED_SCENES, tmp_path / "later")
    preview = thumbnail(collection, 0)
    own_photos.rename(tmp_path / "later")
    collection.find_photos()
    photo = thumbnail(collection, 0)
    assert photo != preview
    expected = middle_square(decode(collection.photo(0)).image)
    assert np.abs(pixels(decode(photo).image) - pixels(expected)).mean() < 6


def test_of_a_damaged_photo_thumbnail_and_image_are_its_preview(own_photos, scenes, tmp_path, monkeypatch):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    collection = Collection(SHIPPED_SCENES, own_photos)
    collection.photo(1).write_bytes(b"rubbish")
    entry = collection.entries[1]
    preview = draw_preview(entry.blurhash, entry.label, entry.id)
    for shown in (decode(thumbnail(collection, 1)).image, whole_image(collection, 1)):
        small = preview.resize(shown.size)
        assert np.abs(pixels(shown) - pixels(small)).mean() < 8
    assert np.array_equal(pixels(whole_image(collection, 0)), pixels(decode(scenes.photo(0)).image))


def test_a_thumbnail_is_the_middle_square_whatever_the_shape():
    for size in ((900, 300), (300, 900), (300, 300), (40, 20)):
        image = Image.new("RGB", size, "red")
        side = min(size)
        left, top = (size[0] - side) // 2, (size[1] - side) // 2
        image.paste("blue", (left, top, left + side, top + side))
        small = middle_square(image)
        assert small.size == (224, 224)
        blue = (np.asarray(small) == (0, 0, 255)).all(axis=2)
        assert blue[10:-10, 10:-10].all(), size  # at the edges colours mix
        assert blue.mean() > 0.8
    assert middle_square(image, 50).size == (50, 50)


def test_a_thumbnail_is_saved_smaller_than_a_picture(tmp_path):
    small = middle_square(Image.effect_noise((400, 400), 60).convert("RGB"))
    thumbnails._save(small, tmp_path / "thumbnail.webp", thumbnails.QUALITY)
    thumbnails._save(small, tmp_path / "picture.webp", thumbnails.WHOLE_QUALITY)
    sizes = [(tmp_path / f"{name}.webp").stat().st_size for name in ("thumbnail", "picture")]
    assert 0 < sizes[0] < 0.8 * sizes[1]
    assert len(list(tmp_path.iterdir())) == 2  # no half-written file is left


@pytest.mark.parametrize("name", ["etna", "", "..", "../queries/harbor", "harbor.webp", "*", "Harbor"])
def test_other_names_than_those_of_examples_lead_to_no_file(name, examples):
    with pytest.raises(FileNotFoundError):
        example_thumbnail(examples, name)


def test_the_thumbnail_of_an_example_is_small_shows_the_same_and_is_made_once(examples):
    for path in example_paths()[::4]:
        small = example_thumbnail(examples, path.stem)
        assert small.stat().st_size < 6_000
        assert cache_folder() in small.parents
        shown = decode(small).image
        assert shown.size == PHOTO_EXAMPLE
        expected = middle_square(decode(path).image, PHOTO_EXAMPLE[0])
        assert np.abs(np.asarray(shown).astype(int) - np.asarray(expected)).mean() < 9
        made = small.stat().st_mtime_ns
        assert example_thumbnail(examples, path.stem) == small
        assert small.stat().st_mtime_ns == made


def test_thumbnails_have_a_bound_on_the_disk(scenes, tmp_path, monkeypatch):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path))
    monkeypatch.setattr(thumbnails, "PICTURES", BoundedFiles(lambda: tmp_path, 30_000, ".webp"))
    for row in range(12):
        assert thumbnail(scenes, row).exists()
    assert 20_000 < sum(path.stat().st_size for path in tmp_path.rglob("*.webp")) <= 31_500
