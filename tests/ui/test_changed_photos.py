"""Photos that are deleted or replaced while the page runs, or are others than the catalogue says."""

import io
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import anyio
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from retrieval.collections import collection as collections
from retrieval.collections.collection import Collection
from retrieval.decode_limits import BUSY, BusyError
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
        collection=collection,
        photo=photo,
        get=lambda kind, headers=None: client.get(f"{address}/{kind}", headers=headers),
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


@pytest.mark.parametrize("range_", [{}, {"Range": "bytes=0-9"}])
@pytest.mark.parametrize("when", ["before it is looked at", "before it is opened"])
def test_a_photo_that_is_deleted_while_it_is_asked_for_is_not_found(page, monkeypatch, when, range_):
    shows_photo(page)
    open_file = anyio.open_file

    async def too_late(path, *arguments, **options):
        page.photo.unlink(missing_ok=True)
        return await open_file(path, *arguments, **options)

    def seen(collection, row):
        page.photo.unlink()
        return page.photo

    if when == "before it is opened":
        monkeypatch.setattr("ui.routes.SMALL_BYTES", 0)  # as a large photo
        monkeypatch.setattr(anyio, "open_file", too_late)
    else:
        monkeypatch.setattr("ui.routes.whole", seen)
    answer = page.get("whole", range_)
    assert (answer.status_code, answer.text) == (404, "This picture is no longer here.")
    assert "cache-control" not in answer.headers


@pytest.fixture
def theirs(page, folder):
    """The page with a collection that came from elsewhere."""
    page.collection.__init__(folder, gpu=False, elsewhere=True)
    return page


def test_photos_from_elsewhere_are_decoded_as_strangers_files(theirs, monkeypatch):
    def refuse(path):
        raise AssertionError(f"{path} is decoded in the server")

    monkeypatch.setattr(collections, "decode", refuse)
    shows_photo(theirs)
    assert theirs.collection.photo_image(ROW).size == (256, 256)
    assert collections.Collection(theirs.collection.folder, gpu=False, elsewhere=True).missing_photos == 0


def test_a_photo_from_elsewhere_that_cannot_be_read_now_is_not_taken_for_another(theirs, monkeypatch):
    def busy(path):
        raise BusyError(BUSY)

    with monkeypatch.context() as busily:
        busily.setattr(collections, "decode_untrusted", busy)
        for kind in ("small", "whole"):
            answer = theirs.get(kind)
            assert (answer.status_code, answer.text) == (503, str(BUSY))
            assert answer.headers["retry-after"]
    shows_photo(theirs)


def test_few_photos_are_decoded_in_the_server_at_a_time(page, monkeypatch):
    at_work, most, lock, enough = [], [], threading.Lock(), threading.Event()

    def slow(path):
        with lock:
            at_work.append(path)
            most.append(len(at_work))
            if len(at_work) > 4:
                enough.set()
        enough.wait(0.05)  # a fifth would come in that time, or later in one of the others
        with lock:
            at_work.remove(path)
        return decode(path)

    monkeypatch.setattr(collections, "decode", slow)
    with ThreadPoolExecutor(16) as threads:
        images = list(threads.map(lambda _: page.collection.photo_image(ROW), range(32)))
    assert max(most) <= 4
    assert all(images)


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
