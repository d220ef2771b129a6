"""A collection of many photos takes the memory of its vectors about twice, however it comes about."""

import subprocess
import sys
from pathlib import Path

import pytest

COUNT = 8000

#: Writes a collection whose photos were embedded already; prints what it took at most, and what its vectors
#: have, in MB.
PROGRAM = """
import os, sys, threading, time
from pathlib import Path
import numpy as np
import faiss, sklearn.decomposition, sklearn.manifold
from retrieval.collections.artifacts import MANIFEST, WEIGHTS, parse_manifest
from retrieval.retriever import SHIPPED
from train.artifacts import calibrate, projection
from train.folders.labels import Labels
from train.folders.ledger import Ledger, Photo
from train.folders.update import Order, update

place, count, how = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
projection.MAX_POINTS = calibrate.MAX_PHOTOS = 100  # their time is not looked at here
order = Order((place / "images").resolve(), place / "out", SHIPPED / WEIGHTS,
              parse_manifest(SHIPPED / MANIFEST).model, Labels(how), device="cpu")
if how == "none":
    order.images.mkdir()
    chance = np.random.default_rng(1)
    with Ledger(order.unfinished, order.model) as ledger:
        for start in range(0, count, 32):
            names = [f"{number:05}.jpg" for number in range(start, min(start + 32, count))]
            for name in names:
                (order.images / name).write_bytes(b"x")
                os.utime(order.images / name, ns=(10**18, 10**18))
            vectors = chance.standard_normal((len(names), order.model.dimension)).astype("f4")
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            photos = [Photo(name, 1, 10**18, name.rjust(64, "0"), "0" * 64, "L" * 28) for name in names]
            ledger.add(photos, vectors)

def memory():
    return int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0]) // 1000

def watch():
    while True:
        most.append(max(most.pop(), memory()))
        time.sleep(0.005)

before, most = memory(), [0]
threading.Thread(target=watch, daemon=True).start()
done = update(order)
assert done.written and done.count == count
print(most[0] - before, 4 * count * order.model.dimension // 10**6)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it reads Linux's /proc")
def test_the_vectors_are_in_memory_about_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    for how in ("none", "folders"):  # first from what a run before this left, then from the collection itself
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(COUNT), how]
        taken, vectors = map(int, subprocess.check_output(command, cwd=Path.cwd()).split())
        assert taken < 2 * vectors + 60  # 60 MB: of a million other things
