"""A folder that several processes embed at once: each its share, and one collection of all."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from retrieval.collections.artifacts import WEIGHTS
from retrieval.collections.collection import Collection
from retrieval.collections.photos import PROJECT
from retrieval.network import new_network, save_weights
from tests.fakes.mixed_folder import write_photos
from train.artifacts.build import model_of
from train.data.ucmerced import DataError
from train.folders.ledger import Ledger
from train.folders.shares import Share, ledgers

NAMES = [f"flight {number % 3}/{number:03d}.png" for number in range(40)]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]


@pytest.fixture
def command(tmp_path):
    """The command, after whatever starts it, and where it puts the collection."""
    torch.manual_seed(0)
    about = {
        "architecture": "resnet14",
        "pooling": "average",
        "licence": "own",
        "training": {"test_size": 32},
    }
    save_weights(new_network("resnet14").eval(), tmp_path / WEIGHTS, about)
    photos = write_photos(tmp_path / "photos", NAMES)
    (photos / "broken 1.jpg").write_bytes(b"\xff\xd8\xff")
    (photos / "broken 2.jpg").write_bytes(b"\xff\xd8\xff")
    options = ["--images", photos, "--out", tmp_path / "out", "--weights", tmp_path / WEIGHTS]
    return ["-m", "train", "index", *map(str, options), "--device=cpu"]


def start(*command, **environment):
    return subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip


def kept(tmp_path):
    model = model_of(tmp_path / WEIGHTS)
    return [len(ledger.photos) for ledger in ledgers(tmp_path / "out.unfinished", model)]


def check(tmp_path):
    collection = Collection(tmp_path / "out", gpu=False)
    assert [entry.file for entry in collection.entries] == sorted(NAMES)
    report = (tmp_path / "out" / "left-out.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in report] == ["file", "broken 1.jpg", "broken 2.jpg"]
    assert not (tmp_path / "out.unfinished").exists()
    return collection.vectors


def test_two_processes_make_the_collection_that_one_makes(command, tmp_path):
    run = start(*TORCHRUN, *command)
    said = run.communicate()[0]
    assert run.returncode == 0, said
    assert "Process 1 has done its share: 20 photos" in said
    assert "40 photos, of which 40 are new" in said
    both = check(tmp_path)
    run = start(sys.executable, *command, "--again")
    assert run.communicate()[0]
    assert np.abs(check(tmp_path) - both).max() < 1e-4


def test_what_killed_processes_kept_is_not_embedded_again(command, tmp_path):
    """One is killed in the middle, as by a machine that loses power; torchrun ends the other."""
    run = start(*TORCHRUN, "-m", "tests.fakes.slow_share", *command[2:])
    try:
        waiting = time.monotonic() + 60
        while sum(kept(tmp_path)[1:]) < 8:
            assert time.monotonic() < waiting
            time.sleep(0.05)
        os.kill(int((tmp_path / "out.share-1.pid").read_text()), signal.SIGKILL)
        said = run.communicate(timeout=60)[0]
    finally:
        run.kill()
    assert run.returncode != 0, said
    assert not (tmp_path / "out").exists()
    before = kept(tmp_path)
    assert 8 <= sum(before) < len(NAMES)
    run = start(sys.executable, *command)  # one alone goes on
    said = run.communicate()[0]
    assert f"{len(NAMES) - sum(before)} photos were embedded" in said
    check(tmp_path)


def test_the_first_embeds_what_a_dead_helper_has_not(command, tmp_path):
    """As of a machine that never starts: the collection is whole all the same."""
    run = start(sys.executable, *command, RANK="0", WORLD_SIZE="2")
    said = run.communicate()[0]
    assert run.returncode == 0, said
    assert "40 photos were embedded" in said
    check(tmp_path)


def test_a_share_that_is_taken_is_not_taken_twice(tmp_path):
    first, second = Share(0, 2), Share(1, 2)
    assert first.lock(tmp_path / "out") != second.lock(tmp_path / "out")
    assert first.lock(tmp_path / "out") == Share().lock(tmp_path / "out")
    photos = list(range(7))
    assert sorted([*first.part(photos), *second.part(photos)]) == photos
    assert Share().part(photos) == photos
    assert second.ledger(tmp_path) == tmp_path / "share-1"


def test_shares_come_from_the_environment_and_are_checked():
    torchrun = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4", "LOCAL_RANK": "1"}
    assert Share.of(torchrun) == Share(5, 8, 4, 1)
    assert Share.of({}) == Share.of({"RANK": "1"}) == Share()
    for name, value in (("RANK", "8"), ("RANK", "-1"), ("WORLD_SIZE", "x"), ("LOCAL_RANK", "4")):
        with pytest.raises(DataError, match="no share"):
            Share.of(torchrun | {name: value})


def test_each_process_has_its_cores_and_its_gpu(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(16)), raising=False)
    assert [Share(0, 8, here, 0).cores for here in (1, 4, 8)] == [16, 4, 2]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert [Share(0, 8, 8, place).device(None) for place in (0, 3, 5)] == ["cuda:0", "cuda:3", "cuda:1"]
    assert (Share(0, 8, 8, 3).device("cpu"), Share().device(None)) == ("cpu", None)


def test_a_ledger_of_a_share_is_read_by_all(tmp_path):
    from train.folders.ledger import Photo

    torch.manual_seed(0)
    save_weights(new_network("resnet14").eval(), tmp_path / WEIGHTS, {
        "architecture": "resnet14", "pooling": "average", "licence": "own", "training": {"test_size": 32},
    })  # fmt: skip
    model = model_of(tmp_path / WEIGHTS)
    for number in (0, 1, 3):
        with Ledger(Share(number, 4).ledger(tmp_path / "kept"), model) as ledger:
            vectors = np.eye(1, 2048, number, dtype=np.float32)
            ledger.add([Photo(f"{number}.png", 1, 1, f"{number:064d}", f"{number:064d}", "x")], vectors)
    found = [ledger.photos[0].file for ledger in ledgers(tmp_path / "kept", model)]
    assert found == ["0.png", "1.png", "3.png"]
