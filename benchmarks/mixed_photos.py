"""Thousands of mixed photos become a collection with one command, which is interrupted and killed on the way.

`python -m benchmarks.mixed_photos --photos 5000` writes them (JPEG, PNG, TIFF of 16 bits, HEIC, and a few
that are broken), runs `train index --images`, ends it with Ctrl+C, then with SIGKILL, and lets the third run
go to its end. It says how long each took, and fails unless all photos are there and none was embedded twice.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image

from benchmarks.fuzz.heic import HEIC
from benchmarks.server import PROJECT
from examples.scenes import CLASSES, draw
from retrieval.collections.collection import Collection
from train.artifacts.build import model_of
from train.folders.known import REPORT
from train.folders.ledger import Ledger
from train.folders.update import UNFINISHED

#: Drawn once; each photo is one of them, turned, cut and lit in another way.
SCENES = 42
SIZE = 384
#: One of so many is broken.
BROKEN_EVERY = 250


def write_photos(folder: Path, count: int, size: int = SIZE) -> int:
    """Write so many files, each of another content. Returns how many of them are broken."""
    scenes = [draw(CLASSES[number % len(CLASSES)], number, size) for number in range(min(SCENES, count))]
    broken = 0
    for number in range(count):
        place = folder / f"flight {number % 7}" / f"{number // 1000}"
        place.mkdir(parents=True, exist_ok=True)
        chance = np.random.default_rng(number)
        image = _changed(scenes[number % len(scenes)], chance)
        path = place / f"IMG_{number:05d}"
        if number % BROKEN_EVERY == BROKEN_EVERY - 1:
            path.with_suffix(".jpg").write_bytes(b"\xff\xd8\xff\xe0" + chance.bytes(200))
            broken += 1
        elif number % 10 == 7:
            _write_tiff(path.with_suffix(".tif"), image)
        elif number % 10 == 4:
            image.save(path.with_suffix(".png"), compress_level=1)
        elif number % 50 == 1:  # one photo, in files that differ by a box that readers pass over
            box = (12).to_bytes(4, "big") + b"free" + number.to_bytes(4, "big")
            path.with_suffix(".heic").write_bytes(HEIC + box)
        else:
            image.save(path.with_suffix(".jpg"), quality=90)
    return broken


def _changed(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    turned = image.transpose(Image.Transpose(int(chance.integers(7))))
    left, top = (int(each) for each in chance.integers(0, image.width // 4, 2))
    cut = turned.crop((left, top, left + image.width * 3 // 4, top + image.height * 3 // 4))
    light = float(chance.uniform(0.7, 1.2))
    return cut.point(lambda value: round(value * light))


def _write_tiff(path: Path, image: Image.Image) -> None:
    samples = np.asarray(image, np.uint16).transpose(2, 0, 1) * 257
    options = {"driver": "GTiff", "dtype": "uint16", "count": 3, "photometric": "RGB"}
    with rasterio.open(path, "w", width=image.width, height=image.height, **options) as file:
        file.write(samples)


def run(command: Sequence[str], kept: Path, end: int | None = None, after: int = 0) -> tuple[str, float]:
    """Run a command, or end it when so many photos are kept. Returns what it said, and its seconds."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=said, stderr=subprocess.STDOUT)
        while process.poll() is None:
            time.sleep(0.02)
            if end is not None and _lines(kept) > after:
                process.send_signal(end)
                process.wait(60)
        said.seek(0)
        return said.read(), time.perf_counter() - started


def _lines(kept: Path) -> int:
    try:
        return max(0, (kept / "photos.jsonl").read_bytes().count(b"\n") - 1)
    except OSError:
        return 0


def interrupt_and_finish(photos: Path, out: Path, count: int, broken: int, weights: Path) -> list[str]:
    """Make the collection in three runs. Returns what they did, as sentences; raises AssertionError."""
    command = [sys.executable, "-m", "train", "index", "--images", str(photos), "--out", str(out)]
    command += ["--weights", str(weights), "--weights-licence=none", "--device=cpu"]
    unfinished, good = out.with_name(out.name + UNFINISHED), count - broken
    told, known = [], 0
    for name, end in (("Ctrl+C", signal.SIGINT), ("SIGKILL", signal.SIGKILL)):
        said, seconds = run(command, unfinished, end, known + good // 4)
        assert not out.exists(), said
        known = len(Ledger(unfinished, model_of(weights)).photos)
        told.append(f"{name} after {seconds:.1f} s: {known:,} photos are kept")
    said, seconds = run(command, unfinished)
    embedded = int(re.search(r"([\d,]+) photos were embedded", said)[1].replace(",", ""))  # type: ignore[index]
    assert embedded == good - known, said
    collection = Collection(out, gpu=False)
    assert len(collection.entries) == good
    assert len((out / REPORT).read_text(encoding="utf-8").splitlines()) == broken + 1
    assert not unfinished.exists()
    told.append(f"The third run: {embedded:,} photos embedded, {good:,} in the collection, {seconds:.1f} s")
    return [*told, said.rsplit("\r", 1)[-1].strip()]


def main() -> None:
    """Write, interrupt, kill, finish, and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mixed_photos", description=__doc__)
    parser.add_argument("--photos", type=int, default=5000, help="(%(default)s)")
    parser.add_argument("--weights", type=Path, default=PROJECT / "assets/ucmerced/model.safetensors")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        broken = write_photos(Path(place) / "photos", options.photos)
        seconds = time.perf_counter() - started
        print(f"{options.photos:,} files, {broken} of them broken, written in {seconds:.0f} s", flush=True)
        for sentence in interrupt_and_finish(
            Path(place) / "photos", Path(place) / "out", options.photos, broken, options.weights
        ):
            print(sentence, flush=True)


if __name__ == "__main__":
    main()
