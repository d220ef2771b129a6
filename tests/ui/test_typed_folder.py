"""A folder as somebody types it: what is no folder of photos is refused in a sentence, before all else."""

import os
from pathlib import Path

import pytest

from ui.manage.typed_folder import PROJECT, FolderError, typed_folder, typed_title


@pytest.fixture
def kept(tmp_path):
    folder = tmp_path / "collections"
    folder.mkdir()
    return folder


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "my photos"
    folder.mkdir()
    return folder


def test_a_folder_is_taken_as_people_write_it(photos, kept, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to(photos)
    for typed in (
        str(photos), f" {photos}/ ", f"'{photos}'", f'"{photos}"', "~/my photos",
        f"{tmp_path}/other/../my photos" if (tmp_path / "other").mkdir() is None else "",
        str(tmp_path / "link"),
    ):  # fmt: skip
        assert typed_folder(typed, kept) == photos


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Type the path"), ("  ", "Type the path"), ("''", "Type the path"), (None, "Type the path"),
        (["/tmp"], "Type the path"), ({"path": "/"}, "Type the path"), ("photos", "does not say where"),
        ("../photos", "does not say where"), ("/no/such/place", "There is no folder"),
        ("~nobody-of-this-name/x", "not known"), ("/etc/hostname", "is a file"), ("/", "whole disk"),
        ("/etc/..", "whole disk"), ("/proc", "system"), ("/proc/self/fd", "system"), ("/dev", "system"),
        (str(PROJECT), "this program"), (str(PROJECT.parent), "this program"), ("/a\0b", "no path"),
        ("/a\nb", "no path"), ("/" + 5000 * "a", "no path"), ("/" + 300 * "a", "cannot be opened"),
        ("--images=/etc", "does not say where"), ("\udce9", "no path"),
        ("file:///home", "does not say where"),
    ],
)  # fmt: skip
def test_each_fault_is_said(typed, words, kept):
    with pytest.raises(FolderError, match=words) as refused:
        typed_folder(typed, kept)
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 500


def test_links_that_loop_files_and_collections_are_no_folders(tmp_path, kept):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "photo.jpg").touch()
    (kept / "mine").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, words in (
        ("loop", "cannot be opened"), ("photo.jpg", "is a file"), ("pipe", "is a file"),
        ("collections", "holds collections"), ("collections/mine", "holds collections"),
    ):  # fmt: skip
        with pytest.raises(FolderError, match=words):
            typed_folder(str(tmp_path / name), kept)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_refused(photos, kept):
    photos.chmod(0)
    with pytest.raises(FolderError, match="cannot be opened"):
        typed_folder(str(photos), kept)


def test_a_title_is_what_was_typed_or_the_folders_name():
    folder = Path("/home/ana/Summer 2024")
    assert typed_title("  My\nflights ", folder) == "My flights"
    assert typed_title("", folder) == typed_title(None, folder) == typed_title(["x"], folder) == "Summer 2024"
    assert len(typed_title(1000 * "a", folder)) <= 81
