"""Kill what writes at random moments: `make kills`. Afterwards there is the old state or the new one, whole.

Downloads of photos and of artifact folders (from a stand-in for the Hub on the loopback interface),
`train index`, of a data set and of a folder that changes, `train map`, `train calibrate`, `train quantize`
and `train fit` are killed by SIGKILL: after a random time, or before a random one of the steps that they do
to the disk. Then what they write is read as a whole, and the next round goes on from there.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from retrieval.collections.artifacts import (
    CATALOGUE,
    INDEX,
    MAP,
    QUANTIZATION,
    read_manifest,
    write_manifest,
)
from retrieval.collections.catalogue import read_catalogue, write_catalogue
from retrieval.collections.collection import Collection
from retrieval.collections.embedding_map import read_coordinates, write_coordinates
from retrieval.collections.new_folder import changed_folder
from retrieval.collections.photos import PROJECT
from retrieval.images import decode, pixel_sha256
from retrieval.index import VectorIndex
from retrieval.quantization import write_ranges
from retrieval.retriever import SHIPPED_SCENES
from train.artifacts.build import model_of
from train.folders.ledger import Ledger
from train.folders.update import UNFINISHED

#: Not typed, as all tests.
fakes: Any = import_module("tests.fakes.hub")
Hub = Any
#: Seconds after which a job is taken to hang.
LIMIT = 300
SMALL = ("--architecture=resnet14", "--init=scratch", "--size=32", "--test-size=32", "--device=cpu")
CLASSES, PHOTOS = ("beach", "forest"), 10  # of each, as many as a calibration needs


#: What to run: its name, and its arguments.
Job = tuple[Any, ...]


class TornError(AssertionError):
    """What a killed job left is neither the old state nor the new one."""


class Victim:
    """The process that forks the jobs, see `benchmarks.kill_server`."""

    def __init__(self, folder: Path, hub: Hub) -> None:
        self.folder, self.killed = folder, 0
        environment = os.environ | {
            "AERIAL_CACHE": str(folder / "cache"),
            "HF_ENDPOINT": hub.address,
            "HF_HUB_CACHE": str(folder / "hub"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "OMP_NUM_THREADS": "1",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.kill_server"],
            cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(
        self, name: str, *arguments: object, after: float | None = None, before_step: int | None = None
    ) -> dict[str, Any]:
        """Run a job, and kill it after some seconds, or before a step. TornError if it ends badly itself."""
        assert self.process.stdin
        assert self.process.stdout
        log = self.folder / "log"
        job = {
            "name": name, "arguments": arguments, "after": after, "before_step": before_step,
            "limit": LIMIT, "folder": str(self.folder), "log": str(log),
        }  # fmt: skip
        self.process.stdin.write(json.dumps(job, default=str) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        was_killed = answer["status"] == -9
        if answer["status"] and not (was_killed and (after or before_step)):
            raise TornError(f"{name} ended with {answer['status']}: {log.read_text()[-2000:]}")
        self.killed += was_killed
        return answer

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(60)


def small_folder(folder: Path, rows: int = 4) -> None:
    """The first rows of the shipped scenes as an artifact folder."""
    folder.mkdir()
    entries = read_catalogue(SHIPPED_SCENES / CATALOGUE)
    write_catalogue(folder / CATALOGUE, entries[:rows])
    vectors = VectorIndex.load(SHIPPED_SCENES / INDEX, gpu=False).vectors()
    VectorIndex.build(vectors[:rows]).save(folder / INDEX)
    write_coordinates(folder / MAP, read_coordinates(SHIPPED_SCENES / MAP, len(entries))[:rows])
    write_manifest(folder, replace(read_manifest(SHIPPED_SCENES), count=rows, photos={}))


def photo_files(seed: int, size: int) -> dict[str, bytes]:
    """PNG files of noise: 'class/name.png' -> bytes."""
    chance, files = np.random.default_rng(seed), {}
    for label in CLASSES:
        for number in range(PHOTOS):
            file = io.BytesIO()
            Image.fromarray(chance.integers(0, 255, (size, size, 3), np.uint8)).save(file, "PNG")
            files[f"{label}/{label}{number:02d}.png"] = file.getvalue()
    return files


class Download:
    """Photos from the Hub, of one version after another."""

    def __init__(self, victim: Victim, hub: Hub) -> None:
        self.hub, self.target = hub, victim.folder / "cache" / "photos" / "photos"
        self.versions = [photo_files(seed, 48) for seed in (1, 2)]
        self.round = 0

    def job(self) -> Job:
        """What to run next: a name and arguments."""
        self.round += 1
        files = self.versions[self.round % 2]
        archive = self.hub.archive(
            fakes.zipped({f"{fakes.INSIDE}/{name}": data for name, data in files.items()})
        )
        return "download", "photos", vars(archive)

    def check(self, done: bool) -> None:
        """Read what is there after a job that was killed, or is done."""
        found = {
            path.relative_to(self.target).as_posix(): path.read_bytes() for path in self.target.glob("*/*")
        }
        allowed = [self.versions[self.round % 2]] if done else [*self.versions, {}]
        if found not in allowed or (not found and self.target.exists()):
            raise TornError(f"{self.target} holds {len(found)} photos, of neither version alone")


class Fetch:
    """An artifact folder from the Hub, of one commit after another."""

    def __init__(self, victim: Victim, hub: Hub) -> None:
        self.victim, self.hub, self.folder = victim, hub, victim.folder / "published"
        small_folder(self.folder)
        self.commits: list[str] = []

    def job(self) -> Job:
        """What to run next: a name and arguments."""
        manifest = replace(read_manifest(self.folder), title=f"Commit {len(self.commits)}")
        write_manifest(self.folder, manifest)
        self.commits.append(self.hub.add("someone/small", self.folder))
        return "fetch", f"hf://someone/small@{self.commits[-1]}"

    def check(self, done: bool) -> None:
        """Read what is there after a job that was killed, or is done."""
        if not done:  # a later start gets all of it
            self.victim.run("fetch", f"hf://someone/small@{self.commits[-1]}")
        snapshots = self.victim.folder / "hub" / "models--someone--small" / "snapshots"
        for number, commit in list(enumerate(self.commits))[-2:]:
            if Collection(snapshots / commit, gpu=False).title != f"Commit {number}":
                raise TornError(f"{commit} is not the one that was published")


#: In turn; the further ones change what the first has made.
COMMANDS = ("index", "map", "calibrate", "quantize")


class Artifacts:
    """`train index`, and then `train map`, `train calibrate` and `train quantize` of what it made."""

    def __init__(self, victim: Victim, hub: Hub) -> None:
        self.folder, self.out = victim.folder / "scenes", victim.folder / "made" / "out"
        for name, data in photo_files(3, 32).items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(data)
        self.weights = victim.folder / "tiny.safetensors"
        run = victim.folder / "weights"
        victim.run("train", "fit", run, "--folder", self.folder, "--epochs=1", *BATCHES, *SMALL)
        (run / "best.safetensors").rename(self.weights)
        self.titles = [""]

    def job(self) -> Job:
        """What to run next: a name and arguments."""
        if len(self.titles) % len(COMMANDS) != 1 and self.out.exists():
            command = COMMANDS[(len(self.titles) - 1) % len(COMMANDS)]
            self.titles.append(self.titles[-1])
            if command in ("map", "quantize"):
                self._have_others()
            photos = ["--folder", self.folder] if command == "quantize" else []
            return "train", command, "--artifacts", self.out, *photos
        self.titles.append(f"Round {len(self.titles)}")
        return (
            "train", "index", "--folder", self.folder, "--split=all", "--out", self.out, "--replace",
            "--title", self.titles[-1], "--weights", self.weights, "--weights-licence=none", "--device=cpu",
        )  # fmt: skip

    def check(self, done: bool) -> None:
        """Read what is there after a job that was killed, or is done."""
        if not self.out.exists():
            if done or any(title for title in self.titles[:-1]):
                raise TornError(f"{self.out} is gone")
            self.titles = [""]
            return
        found = Collection(self.out, gpu=False)
        allowed = self.titles[-1:] if done else self.titles[-2:]
        is_named = (self.out / QUANTIZATION).exists() == (QUANTIZATION in found.manifest.files)
        is_whole = is_named and not found.missing_photos and found.title in self._card()
        if found.title not in allowed or not is_whole:
            raise TornError(f"{self.out} is of '{found.title}', and not whole")
        self.titles[-1] = found.title

    def _have_others(self) -> None:
        """Have another map and other ranges than the commands make, so that half of a change is seen."""
        with changed_folder(self.out) as folder:
            manifest = read_manifest(folder)
            write_coordinates(folder / MAP, 1 - read_coordinates(folder / MAP, manifest.count))
            write_ranges(folder, manifest.model.sha256, {"conv1": 1.0})
            write_manifest(folder, manifest)

    def _card(self) -> str:
        return (self.out / "README.md").read_text(encoding="utf-8")


class Images:
    """`train index --images` of a folder in which photos come, change and go; a run goes on from the last."""

    def __init__(self, victim: Victim, hub: Hub) -> None:
        self.folder, self.out = victim.folder / "own", victim.folder / "collection"
        self.weights = victim.folder / "tiny.safetensors"  # made by `Artifacts`
        self.chance = random.Random(5)
        self.versions = [photo_files(seed, 32) for seed in (11, 12)]
        self.wanted: dict[str, str] = {}
        self.before: list[dict[str, str] | None] = [None]
        self.vectors: dict[str, Any] = {}  # of pixels: whatever was interrupted, a photo keeps its own

    def job(self) -> Job:
        """What to run next: a name and arguments."""
        self.wanted = {}
        for name in self.versions[0]:
            path, version = self.folder / name, self.chance.choice([0, 0, 1, None])
            path.parent.mkdir(parents=True, exist_ok=True)
            if version is None:
                path.unlink(missing_ok=True)
                continue
            data = self.versions[version][name]
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
            self.wanted[name] = pixel_sha256(decode(data).image)
        return (
            "index_images", "--images", self.folder, "--out", self.out, "--weights", self.weights,
            "--weights-licence=none", "--device=cpu",
        )  # fmt: skip

    def check(self, done: bool) -> None:
        """Read what is there after a job that was killed, or is done."""
        found: dict[str, str] | None = None
        if self.out.exists():
            collection = Collection(self.out, self.folder, gpu=False)
            found = {entry.file: entry.sha256 for entry in collection.entries}
            self._compare(found.values(), collection.vectors)
        ledger = Ledger(self.out.with_name(self.out.name + UNFINISHED), model_of(self.weights))
        self._compare([photo.pixels for photo in ledger.photos], ledger.vectors)
        if found != self.wanted and (done or found not in self.before):
            raise TornError(f"{self.out} is neither of the folder as it was nor as it is")
        self.before = [found]

    def _compare(self, pixels: Iterable[str], vectors: Any) -> None:  # noqa: ANN401 - an array
        for name, vector in zip(pixels, vectors, strict=True):
            if not np.allclose(self.vectors.setdefault(name, vector), vector, atol=1e-4):
                raise TornError(f"{self.out} has another photo's vector")


BATCHES = ("--classes=2", "--images=2", "--batch=2")


class Fit:
    """`train fit`, resumed until it is done, then from the start in a new folder."""

    def __init__(self, victim: Victim, hub: Hub) -> None:
        self.victim, self.folder = victim, victim.folder / "scenes"
        self.number = 0

    @property
    def run(self) -> Path:
        """The folder of the run that goes on."""
        return self.victim.folder / "runs" / f"run{self.number}"

    def job(self) -> Job:
        """What to run next: a name and arguments."""
        resume = ["--resume"] if (self.run / "recipe.json").exists() else []
        options = (*resume, "--folder", self.folder, "--epochs=2", *BATCHES, *SMALL)
        return "train", "fit", self.run, *options

    def check(self, done: bool) -> None:
        """Read what is there after a job that was killed, or is done."""
        if self.run.exists():
            self.victim.run("check_run", self.run)
        if done:
            if not {"run.json", "best.safetensors", "log.csv"} <= {path.name for path in self.run.iterdir()}:
                raise TornError(f"{self.run} is not complete")
            self.number += 1


KINDS: dict[str, Any] = {
    "download": Download,
    "fetch": Fetch,
    "artifacts": Artifacts,
    "fit": Fit,
    "images": Images,
}


@contextmanager
def victim_and_hub() -> Iterator[tuple[Victim, Hub]]:
    """Both, with a folder of their own, which is removed."""
    with tempfile.TemporaryDirectory() as folder, fakes.Hub() as hub:
        victim = Victim(Path(folder), hub)
        try:
            yield victim, hub
        finally:
            victim.close()


def kill(rounds: int, seed: int) -> int:
    """Kill so many jobs, of each kind in turn. Returns how many did not end before; raises TornError."""
    chance = random.Random(seed)
    with victim_and_hub() as (victim, hub):
        kinds = {name: kind(victim, hub) for name, kind in KINDS.items()}
        whole: dict[tuple[str, str], dict[str, Any]] = {}
        victim.killed = 0
        while victim.killed < rounds:
            name, kind = list(kinds.items())[victim.killed % len(kinds)]
            job = kind.job()
            command = (name, str(job[1]) if name == "artifacts" else "")
            if command not in whole:  # how long it takes, and how many steps
                whole[command] = victim.run(*job)
                kind.check(done=True)
                continue
            known = whole[command]
            if chance.random() < 0.5:
                ended = victim.run(*job, before_step=chance.randint(1, max(1, known["steps"])))
            else:
                ended = victim.run(*job, after=chance.uniform(0.001, known["seconds"]))
            kind.check(done=ended["status"] == 0)
        for name, kind in kinds.items():  # whatever was left, a last start goes through
            for _ in range(len(COMMANDS) if name == "artifacts" else 1):  # of each of its commands
                victim.run(*kind.job())
                kind.check(done=True)
        left = [path for path in victim.folder.rglob("*.partial") if "hub" not in path.parts]
        if left:
            raise TornError(f"{len(left)} half-written files are left, such as {left[0]}")
        return victim.killed


def main() -> None:
    """Kill, and say that nothing was torn."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="how many jobs are killed (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (%(default)s)")
    options = parser.parse_args()
    killed = kill(options.rounds, options.seed)
    print(f"{killed} jobs were killed, of {', '.join(KINDS)}: each left the old state or the new one, whole.")


if __name__ == "__main__":
    main()
