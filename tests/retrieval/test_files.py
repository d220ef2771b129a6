"""A file is there whole or not at all, whoever writes it at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from retrieval.files import atomic_write


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
