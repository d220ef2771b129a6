"""A stranger's archive is unpacked within bounds, or refused in a sentence before anything is written."""

import io
import struct
import zipfile

import pytest
from PIL import Image

from retrieval.collections import unpack as unpacking
from retrieval.collections.photos import DownloadError, download
from tests.fakes.hub import INSIDE, Hub, zipped


def photo():
    file = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(file, "PNG")
    return file.getvalue()


PHOTO = {f"{INSIDE}/beach/beach00.png": photo()}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with Hub() as server:
        server.take_the_place(monkeypatch, tmp_path / "hub")
        monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
        yield server


def refused(hub, data, tmp_path):
    with pytest.raises(DownloadError) as caught:
        download("tiny", hub.archive(data))
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert not list((tmp_path / "cache").rglob("*.png"))
    assert not list((tmp_path / "cache").rglob("*.partial"))
    return text


def packed(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as contents:
        for name, data in members.items():
            contents.writestr(name, data)
    return file.getvalue()


def patched(data, signature, offset, form, value):
    """The archive with another value behind each of its records of a kind."""
    changed, place = bytearray(data), -1
    while (place := data.find(signature, place + 1)) >= 0:
        struct.pack_into(form, changed, place + offset, value)
    return bytes(changed)


LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"  # how records begin


def test_an_archive_that_unpacks_to_a_multiple_of_its_size_is_refused(hub, tmp_path):
    bomb = packed({f"{INSIDE}/beach/{number}.png": bytes(10**6) for number in range(3)})
    assert "more than 20 times" in refused(hub, bomb, tmp_path)


def test_a_photo_that_no_decoder_would_take_is_refused(hub, tmp_path):
    assert "more than 25 MB" in refused(hub, packed({f"{INSIDE}/beach/a.png": bytes(26 * 10**6)}), tmp_path)


def test_a_member_that_is_larger_than_it_says_is_cut_off(hub, tmp_path):
    data = packed({f"{INSIDE}/beach/a.png": bytes(10**6)})
    data = patched(patched(data, CENTRAL, 24, "<I", 100), LOCAL, 22, "<I", 100)
    assert "could not be unpacked" in refused(hub, data, tmp_path)


def test_an_encrypted_archive_is_refused(hub, tmp_path):
    data = patched(patched(packed(PHOTO), CENTRAL, 8, "<H", 1), LOCAL, 6, "<H", 1)
    assert "it is encrypted" in refused(hub, data, tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(hub, tmp_path, method):
    assert "another method" in refused(hub, packed(PHOTO, method), tmp_path)


@pytest.mark.parametrize("method", [1, 9, 99])
def test_unknown_methods_are_refused(hub, tmp_path, method):
    data = patched(patched(packed(PHOTO), CENTRAL, 10, "<H", method), LOCAL, 8, "<H", method)
    assert "another method" in refused(hub, data, tmp_path)


def test_too_many_photos_are_refused(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_MEMBERS", 2)
    names = {f"{INSIDE}/beach/{number}.png": photo() for number in range(3)}
    assert "more than 2 photos" in refused(hub, zipped(names), tmp_path)


def test_a_list_of_files_that_is_too_long_is_not_read(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "_MAX_LIST_BYTES", 70_000)
    names = {f"{INSIDE}/{'x' * 200}/{number}.txt": b"" for number in range(300)}
    assert "list of files is too long" in refused(hub, zipped(names | PHOTO), tmp_path)


def test_broken_members_are_refused(hub, tmp_path):
    data = bytearray(packed({f"{INSIDE}/beach/a.png": photo()}))
    data[200:260] = bytes(60)  # in the compressed bytes
    assert "could not be unpacked" in refused(hub, bytes(data), tmp_path)


def test_an_archive_within_the_bounds_is_unpacked(hub, tmp_path):
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        target = download("tiny", hub.archive(packed(PHOTO, method)), again=True)
        assert (target / "beach" / "beach00.png").read_bytes() == PHOTO[f"{INSIDE}/beach/beach00.png"]
