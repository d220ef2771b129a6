"""Photos that are deleted or replaced while the page runs, or are others than the catalogue says."""

import io
import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from retrieval.collections import collection as collections
from retrieval.collections.collection import Collection
from retrieval.images import decode
from tests.fakes.small_folder import write_small_folder
from ui import thumbnails
from ui.routes import routes
from ui.thumbnails import draw_preview, whole_image

ROW = 2  # not the first of its class, which alone was once compared


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    return write_small_folder(tmp_path / "small")


@pytest.fixture
def page(folder):
    """A collection, one of its photos, and what asks for that."""
    collection = Collection(folder, gpu=False)
    retriever = SimpleNamespace(
        resolve=lambda photo: (collection, collection.row(photo.id)), collection=lambda: collection
    )
    client = TestClient(Starlette(routes=routes(retriever, None)))
    photo = folder / "photos" / collection.entries[ROW].file
    address = f"/photos/{collection.name}/{collection.entries[ROW].id}"
    return SimpleNamespace(
        collection=collection, photo=photo, get=lambda kind: client.get(f"{address}/{kind}")
    )


def pixels(answer):
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")).astype(int)


def shows_preview(page):
    """Both pictures are those of the preview, as near as WebP keeps it."""
    entry = page.collection.entries[ROW]
    preview = draw_preview(entry.blurhash, entry.label, entry.id)
    expected = np.asarray(preview).astype(int)
    assert abs(pixels(page.get("whole")) - expected).mean() < 4
    small = np.asarray(thumbnails.middle_square(preview)).astype(int)
    assert abs(pixels(page.get("small")) - small).mean() < 4
    assert abs(np.asarray(whole_image(page.collection, ROW)).astype(int) - expected).mean() < 4


def shows_photo(page):
    assert page.get("whole").content == page.photo.read_bytes()
    assert page.get("small").status_code == 200


def another_picture(path):
    Image.effect_noise((256, 256), 90).convert("RGB").save(path, lossless=True)


def test_a_photo_that_is_deleted_becomes_its_preview(page):
    shows_photo(page)
    page.photo.unlink()
    shows_preview(page)


@pytest.mark.parametrize("seen", [False, True])
def test_a_photo_that_is_replaced_is_not_shown_and_comes_back(page, seen):
    right = page.photo.read_bytes()
    if seen:
        shows_photo(page)
    another_picture(page.photo)
    assert page.collection.photo_image(ROW) is None
    assert page.get("whole").content != page.photo.read_bytes()
    if not seen:  # else the thumbnail of the right photo is in the cache, and is still right
        shows_preview(page)
    page.photo.write_bytes(right)
    shows_photo(page)


def test_the_folder_may_go(page, folder):
    shutil.rmtree(folder / "photos")
    shows_preview(page)


@pytest.mark.parametrize("kind", ["link", "class link", "pipe", "folder", "empty", "rubbish"])
def test_what_takes_a_photos_place_is_not_served(page, tmp_path, kind):
    outside = shutil.copytree(page.photo.parent, tmp_path / "outside")
    another_picture(outside / "private.webp")
    page.photo.unlink()
    match kind:
        case "link":
            page.photo.symlink_to(outside / "private.webp")
        case "class link":
            shutil.rmtree(page.photo.parent)
            page.photo.parent.symlink_to(outside)
        case "pipe":
            os.mkfifo(page.photo)
        case "folder":
            page.photo.mkdir()
        case _:
            page.photo.write_bytes(b"" if kind == "empty" else b"rubbish" * 100)
    shows_preview(page)


def test_a_photo_that_never_was_that_of_the_catalogue_is_not_shown(folder):
    first, *others = sorted((folder / "photos").glob("*/*"))
    for path in others:
        another_picture(path)
    collection = Collection(folder, gpu=False)
    assert collection.checked_photo(0) == first
    assert [collection.checked_photo(row) for row in (1, 2, 3)] == [None] * 3


def test_a_photo_is_compared_once(page, monkeypatch):
    decoded = []
    monkeypatch.setattr(collections, "decode", lambda path: decoded.append(path) or decode(path))
    for _ in range(3):
        shows_photo(page)
    assert len(decoded) <= 2  # for the photo, and for its thumbnail
    decoded.clear()
    os.utime(page.photo)
    shows_photo(page)
    assert len(decoded) == 1


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), PermissionError(13, "Permission denied")]
)
def test_a_cache_that_takes_nothing_costs_no_picture(page, monkeypatch, error):
    def refuse(_target):
        raise error

    monkeypatch.setattr(thumbnails, "atomic_write", refuse)
    assert pixels(page.get("small")).shape == (224, 224, 3)
    page.photo.unlink()
    shows_preview(page)
