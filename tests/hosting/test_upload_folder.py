"""Uploads lie in a folder of their process: a dead one's is deleted, a living one's never touched."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import httpx
import pytest

from retrieval.collections import cache
from tests.hosting.conftest import PROJECT
from tests.hosting.test_draining import upload
from ui.hosting.upload_folder import PREFIX, Sweeper, sweep_dead, sweep_old, upload_folder
from ui.limits.shares import FairStore

#: Another process that keeps an upload until it is told to end, or killed.
HOLDS = """
import sys
from ui.hosting.upload_folder import upload_folder
with upload_folder() as folder:
    (folder / "photo.png").write_bytes(b"photo")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def other(place):
    """Another process, and its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process, place / process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_a_living_process_keeps_its_uploads(place, other):
    _, folder = other
    with upload_folder() as own:
        assert own != folder
        assert os.environ["GRADIO_TEMP_DIR"] == str(own)
        assert sweep_dead(place) == 0
        assert (folder / "photo.png").read_bytes() == b"photo"
    assert os.environ["GRADIO_TEMP_DIR"] == str(place)
    assert not own.exists()
    assert (folder / "photo.png").exists()


def test_the_uploads_of_a_killed_process_are_deleted_by_the_next(place, other):
    process, folder = other
    process.kill()
    process.wait()
    assert (folder / "photo.png").exists()
    (place / "somebody-elses").mkdir()
    (place / "somebody-elses" / "file").write_text("kept")
    with upload_folder() as own:
        assert not folder.exists()
        assert (place / "somebody-elses" / "file").read_text() == "kept"
        assert [path.name for path in place.iterdir() if path.name.startswith(PREFIX)] in (
            [own.name, f"{own.name}.lock"], [f"{own.name}.lock", own.name],
        )  # fmt: skip
    assert not [path for path in place.iterdir() if path.name.startswith(PREFIX)]


def test_a_folder_behind_a_link_is_not_swept(place, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "file").write_text("kept")
    (place / f"{PREFIX}1-2").symlink_to(elsewhere)
    (place / f"{PREFIX}1-2.lock").touch()
    sweep_dead(place)
    assert (elsewhere / "file").read_text() == "kept"


def test_nobody_else_reads_the_uploads(place):
    with upload_folder() as own:
        assert own.stat().st_mode & 0o077 == 0


def test_a_place_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file" / "folder"))
    with pytest.raises(OSError, match=r"There is no folder for uploads: .*GRADIO_TEMP_DIR"), upload_folder():
        pass


def test_a_folder_that_others_write_to_is_not_the_usual_place(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache.temporary_folder.cache_clear()
    usual = tmp_path / f"{cache.NAME}-{os.getuid()}"
    usual.mkdir()
    usual.chmod(0o777)
    try:
        with upload_folder() as own:
            assert usual not in own.parents
            assert own.parents[1].stat().st_mode & 0o077 == 0
            assert tmp_path in own.parents
    finally:
        cache.temporary_folder.cache_clear()


def test_what_is_old_is_deleted_and_what_is_the_pages_own_kept(tmp_path):
    kept, broken_off = tmp_path / "kept.png", tmp_path / "hash" / "broken-off"
    broken_off.parent.mkdir()
    for path in (kept, broken_off):
        path.write_bytes(b"photo")
    assert sweep_old(tmp_path, lambda: {str(kept)}, seconds=3600) == 0
    assert broken_off.exists()
    time.sleep(0.05)
    assert sweep_old(tmp_path, lambda: {str(kept)}, seconds=0.01) == 1
    time.sleep(0.05)
    sweep_old(tmp_path, lambda: {str(kept)}, seconds=0.01)
    assert kept.exists()
    assert not broken_off.parent.exists()
    assert tmp_path.exists()


def test_what_is_kept_in_memory_goes_in_time_though_nobody_asks(tmp_path, clock):
    gone = threading.Event()
    store = FairStore(1000, 7200, clock, lambda _name, _value: gone.set())
    store.keep("photo", b"photo", 5)
    sweeper = Sweeper(tmp_path, set, seconds=0.01)
    try:
        assert not gone.wait(0.2)
        clock.now += 7200
        assert gone.wait(20)
    finally:
        sweeper.stop()
    assert (len(store), store.total) == (0, 0)


def test_uploads_of_a_page_that_was_killed_are_gone_when_the_next_is_ready(start, tmp_path):
    killed = start(place=tmp_path)
    upload(killed.ready())
    killed.send(signal.SIGKILL)
    killed.ended()
    left = list(killed.uploads.rglob("*.webp"))
    assert left
    following = start(place=tmp_path)
    address = following.ready()
    assert not [path for path in left if path.exists()]
    assert httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
