"""A file is there whole or not at all, whoever writes it at the same time."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from retrieval import files
from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.new_folder import changed_folder, new_folder
from retrieval.collections.photos import PROJECT
from retrieval.files import atomic_write, exchange, open_regular, read_bounded, restore


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_its_folder_made(tmp_path):
    target = tmp_path / "new" / "folder" / "file.txt"
    with atomic_write(target) as partial:
        assert partial.parent == target.parent
        assert partial.suffix == ".partial"
        partial.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert names(target.parent) == ["file.txt"]


def test_until_the_end_of_the_block_the_old_file_stays(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with atomic_write(target) as partial:
        partial.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert names(tmp_path) == ["file.txt"]


@pytest.mark.parametrize("kind", [OSError, ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [None, "old"])
@pytest.mark.parametrize("begun", [False, True])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, kind, before, begun):
    target = tmp_path / "file.txt"
    if before is not None:
        target.write_text(before)
    with pytest.raises(kind, match="halfway"), atomic_write(target) as partial:
        if begun:
            partial.write_text("ne")
        raise kind("halfway")
    assert names(tmp_path) == ([] if before is None else ["file.txt"])
    assert before is None or target.read_text() == before


def test_a_block_that_writes_nothing_is_an_error_and_leaves_the_old_file(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(FileNotFoundError), atomic_write(target):
        pass
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


def test_several_threads_that_write_one_file_leave_it_whole(tmp_path):
    target, threads, rounds = tmp_path / "file.txt", 8, 20
    together = threading.Barrier(threads)
    partials = set()

    def write(number):
        for _ in range(rounds):
            together.wait(timeout=30)
            with atomic_write(target) as partial:
                partials.add(partial)
                with partial.open("w") as file:
                    for _ in range(50):
                        file.write(f"{number}\n" * 100)
            seen = target.read_text().split()
            assert len(seen) == 5000  # never a part of a file
            assert len(set(seen)) == 1  # nor a mixture of two

    with ThreadPoolExecutor(threads) as pool:
        for written in [pool.submit(write, number) for number in range(threads)]:
            written.result(timeout=60)
    assert len(partials) == threads * rounds
    assert names(tmp_path) == ["file.txt"]


KILLED = """
import os, signal, sys
from pathlib import Path
from retrieval.files import atomic_write
with atomic_write(Path(sys.argv[1])) as partial:
    partial.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_another_writes_is_not(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")
    ran = subprocess.run([sys.executable, "-c", KILLED, target], cwd=PROJECT)
    assert ran.returncode == -signal.SIGKILL
    assert target.read_text() == "old"
    assert len(names(tmp_path)) == 3
    with atomic_write(target) as partial:
        partial.write_text("new")
        files._sweep.cache_clear()  # as another process begins
        with atomic_write(tmp_path / "other.txt") as other:
            other.write_text("other")
        assert partial.exists()
    assert target.read_text() == "new"
    assert names(tmp_path) == ["file.txt", "other.txt"]


def test_a_folder_is_never_missing_while_it_is_replaced(tmp_path):
    target, done = tmp_path / "made", threading.Event()
    with new_folder(target) as folder:
        (folder / "file").write_text("0")
    missing = []

    def read():
        while not done.is_set():
            if not target.is_dir():
                missing.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(300):
        with new_folder(target, replace=True) as folder:
            (folder / "file").write_text(str(number))
    done.set()
    reader.join()
    assert missing == []
    assert names(tmp_path) == ["made"]


def test_without_an_exchange_a_replacement_that_was_cut_off_is_undone(tmp_path, monkeypatch):
    """As a process that is killed between the two steps leaves it."""
    target = tmp_path / "made"
    with new_folder(target) as folder:
        (folder / "old").touch()
    monkeypatch.setattr("retrieval.collections.new_folder.exchange", lambda *_: False)
    with new_folder(target, replace=True) as folder:
        (folder / "new").touch()
    assert names(target) == ["new"]
    assert names(tmp_path) == ["made"]
    target.rename(tmp_path / "made.old.partial")
    restore(target)
    assert names(target) == ["new"]
    with pytest.raises(ArtifactError, match="exists already"), new_folder(target):
        pytest.fail("the block must not run")


def test_two_folders_exchange_their_names(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "one", tmp_path / "other")
    assert names(tmp_path / "one") == ["other"]
    assert not exchange(tmp_path / "one", tmp_path / "nowhere")


def test_a_changed_folder_takes_its_place_whole_and_leaves_the_old_files_alone(tmp_path):
    target = tmp_path / "made"
    (target / "photos").mkdir(parents=True)
    (target / "photos" / "a").write_text("a")
    (target / "file").write_text("old")
    (target / "link").symlink_to("file")
    with pytest.raises(ZeroDivisionError), changed_folder(target) as copy:
        with atomic_write(copy / "file") as partial:
            partial.write_text("half")
        raise ZeroDivisionError
    assert (target / "file").read_text() == "old"
    with changed_folder(target) as copy, atomic_write(copy / "file") as partial:
        partial.write_text("new")
    assert (target / "file").read_text() == "new"
    assert (target / "link").is_symlink()
    assert names(target) == ["file", "link", "photos"]
    assert names(tmp_path) == ["made"]


def test_only_regular_files_of_a_bounded_size_are_read(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"four")
    assert read_bounded(path, 4) == b"four"
    with pytest.raises(OSError, match="more than 3 bytes"):
        read_bounded(path, 3)
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "gone"):
        with pytest.raises(OSError):
            open_regular(tmp_path / name)
    with pytest.raises(OSError, match="no regular file"):
        open_regular(type(path)("/dev/zero"))
