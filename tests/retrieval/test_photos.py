"""Where photos are looked for, what a browser is given, and the download from a stand-in for the Hub."""

import io
import os
from contextlib import suppress
from dataclasses import replace

import pytest
from PIL import Image
from tqdm import tqdm

from retrieval.collections import cache, photos
from retrieval.collections.photos import DownloadError, PhotoFolder, PhotoSource, download
from retrieval.files import atomic_write
from tests.fakes.hub import HALF, INSIDE, Hub, zipped
from train.data import ucmerced


def photo():
    file = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(file, "PNG")
    return file.getvalue()


PHOTOS = {f"{INSIDE}/{name}": photo() for name in ("beach/beach00.png", "beach/beach01.png", "forest/f.png")}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with Hub(zipped({**PHOTOS, f"{INSIDE}/readme.txt": b"not a photo"})) as server:
        server.take_the_place(monkeypatch, tmp_path / "hub")
        monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
        yield server


def failure(archive):
    with pytest.raises(DownloadError) as caught:
        download("tiny", archive)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert "Traceback" not in text
    assert not cache.download_folder("tiny").exists()
    assert not list(cache.cache_folder().rglob("*.partial"))
    return text


def test_the_archive_is_unpacked_as_it_is_and_fetched_once(hub):
    moved = []

    class Bar(tqdm):
        def update(self, n=1):
            moved.append(n)
            return super().update(n)

    target = download("tiny", hub.archive(), Bar)
    found = {f"{INSIDE}/{path.relative_to(target)}": path.read_bytes() for path in target.rglob("*.*")}
    assert found == PHOTOS
    assert sum(moved) == len(hub.data)
    assert list(cache.cache_folder().rglob("*.zip")) == []
    assert download("tiny", hub.archive(), Bar) == target
    assert len(hub.ranges) == 1


def test_a_broken_connection_is_taken_up_again(hub):
    hub.answers = ["half"]
    with suppress(DownloadError):  # the library's version 2 takes it up by itself
        download("tiny", hub.archive())
    assert download("tiny", hub.archive()).is_dir()
    assert hub.ranges == [None, f"bytes={HALF}-"]


def test_a_later_call_goes_on_where_the_first_stopped(hub):
    hub.answers = ["half", 500]
    assert "it goes on where it stopped" in failure(hub.archive())
    hub.answers.clear()
    hub.ranges.clear()
    assert len(list(download("tiny", hub.archive()).rglob("*.png"))) == 3
    assert hub.ranges == [f"bytes={HALF}-"]


@pytest.mark.parametrize("status", [404, 500])
def test_what_the_server_answers_is_said(hub, status):
    hub.answers = [status]
    assert str(status) in failure(hub.archive())
    assert download("tiny", hub.archive()).is_dir()


def test_another_revision_is_not_found(hub):
    assert "404" in failure(replace(hub.archive(), revision="def456"))


def test_a_server_that_is_not_running_is_named(hub):
    archive = hub.archive()
    hub.shutdown()
    hub.server_close()
    assert f"127.0.0.1:{hub.server_port}" in failure(archive)


def test_a_file_with_a_wrong_checksum_is_removed(hub):
    right = hub.archive()
    hub.data = bytes(len(hub.data))
    assert "not the expected file" in failure(right)
    assert not list(cache.cache_folder().rglob("*.zip"))


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_of_another_length_is_refused_and_does_not_spoil_the_next_try(hub, change):
    right, data = hub.archive(), hub.data
    hub.data = data[:-1] if change < 0 else data + b"!"
    failure(right)
    hub.data = data
    assert download("tiny", right).is_dir()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no archive at all", "not a zip file"),
        (zipped({f"{INSIDE}/readme.txt": b"x", "other/beach/b.png": photo()}), f"no photos in {INSIDE}"),
    ],
)
def test_an_archive_without_photos_is_refused(hub, data, words):
    assert words in failure(hub.archive(data))


def test_member_names_cannot_lead_outside(hub):
    names = ["../up.png", f"{INSIDE}/../up.png", f"{INSIDE}/../../up.png", f"{INSIDE}/beach/../../up.png"]
    names += ["/up.png", "/tmp/up.png", f"{INSIDE}/up.png", f"{INSIDE}/beach/../up.png"]
    data = zipped({name: photo() for name in names} | {f"{INSIDE}/beach/beach00.png": photo()})
    target = download("tiny", hub.archive(data))
    assert [path.name for path in target.rglob("*.*")] == ["beach00.png"]
    assert not list(target.parent.parent.rglob("up.png"))


def test_the_places_come_in_order(monkeypatch, tmp_path):
    source = PhotoSource("photos", "UCMERCED_DIR", "../beside", ucmerced.SOURCE.archive)
    monkeypatch.setenv("UCMERCED_DIR", str(tmp_path / "mine"))
    expected = [tmp_path / "photos", tmp_path / "mine", cache.download_folder("tiny")]
    assert source.folders("tiny", tmp_path) == [*expected, photos.PROJECT.parent / "beside"]
    monkeypatch.delenv("UCMERCED_DIR")
    assert PhotoSource(environment="UCMERCED_DIR").folders("tiny", tmp_path) == []


@pytest.mark.parametrize("suffix", [".tif", ".TIF", ".png", ".webp", ".jpeg"])
def test_a_photo_is_found_whatever_its_suffix(tmp_path, suffix):
    (tmp_path / "beach").mkdir()
    path = tmp_path / "beach" / f"beach00{suffix}"
    path.touch()
    (tmp_path / "beach" / "beach01.txt").touch()
    folder = PhotoFolder(tmp_path)
    assert folder.find("beach/beach00.tif") == path
    assert folder.find("beach/beach01.tif") is None
    assert folder.count(["beach/beach00.tif", "beach/beach01.tif", "forest/beach00.tif"]) == 1


def test_photos_that_got_lost_are_fetched_again(hub):
    target = download("tiny", hub.archive())
    lost = next(target.rglob("*.png"))
    lost.unlink()
    assert download("tiny", hub.archive()) == target
    assert not lost.exists()
    assert download("tiny", hub.archive(), again=True) == target
    assert lost.exists()


def test_a_cache_that_cannot_be_written_is_replaced_by_a_temporary_one(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "file" / "cache"))
    folder = cache.cache_folder()
    assert tmp_path not in folder.parents
    with atomic_write(folder / "test.webp") as partial:
        Image.new("RGB", (8, 8)).save(partial, "WEBP")
    (folder / "test.webp").unlink()


def test_a_bundled_folder_lies_in_the_artifact_folder():
    for bundled in ("..", "../..", "/etc", "a/b"):
        with pytest.raises(ValueError, match="bundled"):
            PhotoSource.from_dict({"bundled": bundled})


@pytest.mark.parametrize("kind", ["file", "link", "open to all"])
def test_a_temporary_cache_that_another_made_is_not_taken(monkeypatch, tmp_path, kind):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "theirs").mkdir()
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(cache.tempfile, "tempdir", str(tmp_path))
    usual = tmp_path / f"{cache.NAME}-{os.getuid()}"
    match kind:
        case "file":
            usual.touch()
        case "link":
            usual.symlink_to(tmp_path / "theirs")
        case _:
            usual.mkdir()
            usual.chmod(0o777)
    cache.temporary_folder.cache_clear()
    folder = cache.cache_folder()
    assert folder != usual
    assert folder.stat().st_mode & 0o077 == 0
    cache.temporary_folder.cache_clear()
