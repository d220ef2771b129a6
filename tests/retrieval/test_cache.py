"""What is kept on the disk has a bound: the files that were used least recently make room."""

import os
import subprocess
import sys

import pytest

from retrieval.collections.cache import UNCOUNTED_SHARE, BoundedFiles
from retrieval.collections.photos import PROJECT

SIZE, MOST = 100, 1000


@pytest.fixture
def files(tmp_path):
    return BoundedFiles(lambda: tmp_path, MOST, ".webp")


def write(files, path, used=None):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(SIZE))
    if used is not None:
        os.utime(path, (used, used))
    files.added(path)


def total(folder):
    return sum(path.stat().st_size for path in folder.rglob("*.webp"))


def test_what_was_used_least_recently_makes_room(tmp_path, files):
    paths = [tmp_path / f"collection{number % 2}" / f"{number}.webp" for number in range(30)]
    for number, path in enumerate(paths[:10]):
        write(files, path, used=1000 + number)
    assert files.use(paths[0])
    assert not files.use(paths[20])
    for number, path in enumerate(paths[10:15]):
        write(files, path, used=2000 + number)
        assert total(tmp_path) <= MOST * (1 + UNCOUNTED_SHARE)
    here = [number for number, path in enumerate(paths) if path.exists()]
    assert here == [0, *range(6, 15)]


def test_a_use_does_not_change_what_browsers_are_told(tmp_path, files):
    write(files, tmp_path / "a.webp", used=1000)
    assert files.use(tmp_path / "a.webp")
    status = (tmp_path / "a.webp").stat()
    assert status.st_mtime == 1000
    assert status.st_atime > 1000


def test_the_folder_is_looked_through_seldom(tmp_path, monkeypatch):
    looks = []
    files = BoundedFiles(lambda: looks.append(0) or tmp_path, 100 * SIZE, ".webp")
    for number in range(60):
        write(files, tmp_path / f"{number}.webp")
    assert 0 < len(looks) <= 11


def test_what_is_being_written_is_left_alone(tmp_path, files):
    (tmp_path / "a.webp.0123.partial").write_bytes(bytes(2 * MOST))
    write(files, tmp_path / "a.webp")
    assert len(list(tmp_path.iterdir())) == 2


def test_several_processes_keep_the_bound_together(tmp_path):
    program = """
import sys
from pathlib import Path
from retrieval.collections.cache import BoundedFiles
folder, name = Path(sys.argv[1]), sys.argv[2]
files = BoundedFiles(lambda: folder, 1000, ".webp")
for number in range(200):
    path = folder / f"{name}-{number}.webp"
    path.write_bytes(bytes(100))
    files.added(path)
    files.use(folder / f"{name}-{number // 2}.webp")
"""
    running = [
        subprocess.Popen([sys.executable, "-c", program, tmp_path, str(name)], cwd=PROJECT)
        for name in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert 0 < total(tmp_path) <= MOST + 3 * SIZE
