"""Images a second, from files on a disk to vectors that are kept: `make bench-scale`.

All take turns in one run, with the same photos and as many threads: a loop as anybody would write it, the
network alone, `train index --images`, and, with `--peers PYTHON`, two tools that people would take, which
`PYTHON -m pip install torch torchvision img2vec-pytorch imagededup` has put into an environment of its own.
The photos are UC Merced's as JPEG files, or drawn scenes where those are not here.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

import train.folders.update
from benchmarks import records
from benchmarks.server import PROJECT
from examples.scenes import CLASSES, draw
from retrieval.collections.artifacts import QUANTIZATION, WEIGHTS
from retrieval.openvino_runtime import OpenVinoRuntime
from retrieval.preprocessing import Preprocessing
from retrieval.retriever import SHIPPED
from retrieval.runtime import Runtime, bulk_runtime
from train.artifacts.build import model_of
from train.data.dataset import read_part
from train.data.ucmerced import DataError
from train.evaluate.metrics import compute_metrics
from train.folders import embedding
from train.folders.labels import NONE, Labels
from train.folders.update import Order, update

WEIGHTS_FILE = SHIPPED / WEIGHTS
PREPROCESSING = Preprocessing()
DOCUMENT = PROJECT / "docs" / "scaling.md"
START, END = "<!-- written by make bench-scale: embedding -->", "<!-- end of embedding -->"

LOOP = "a loop: torchvision, eager, and faiss"
NETWORK, COMMAND = "the network alone", "`train index --images`"
EXACT_NETWORK, EXACT_COMMAND = f"{NETWORK}, in float32", f"{COMMAND} `--precision float32`"
PEERS = {"img2vec": "img2vec-pytorch, ResNet-50 of 224 pixels", "imagededup": "imagededup, ResNet-50"}
#: Photos of a turn of the slow ones, and of the first turn, which is not counted.
FEW, FEWER = 64, 8


def write_photos(folder: Path, count: int) -> str:
    """JPEG files of 256 x 256 pixels. Returns what they are."""
    folder.mkdir()
    try:
        images, what = read_part("train").images, "UC Merced's photos as JPEG files"
        count = min(count, len(images))
    except DataError:
        images, what = None, "drawn scenes as JPEG files"
    for number in range(count):
        image = (
            images[number * len(images) // count] if images else draw(CLASSES[number % len(CLASSES)], number)
        )
        image.resize((256, 256)).save(folder / f"{number:05d}.jpg", quality=92)
    return what


class Loop:
    """One photo at a time is read, embedded, and added to the index."""

    def __init__(self) -> None:
        self.network = torchvision.models.resnet50(weights=None)
        self.network.fc = torch.nn.Identity()
        self.network.eval()
        steps = torchvision.transforms
        self.prepare = steps.Compose(
            [
                steps.Resize(PREPROCESSING.size),
                steps.CenterCrop(PREPROCESSING.size),
                steps.ToTensor(),
                steps.Normalize(PREPROCESSING.mean, PREPROCESSING.std),
            ]
        )

    def __call__(self, files: Sequence[Path]) -> float:
        """Photos a second."""
        index = faiss.IndexFlatL2(2048)
        started = time.perf_counter()
        for file in files:
            with torch.inference_mode():
                vector = self.network(self.prepare(Image.open(file).convert("RGB"))[None])
                index.add(torch.nn.functional.normalize(vector).numpy())
        return len(files) / (time.perf_counter() - started)


def network_alone(runtime: Runtime, batches: int) -> float:
    """Photos a second of batches that are ready in memory."""
    shape = (runtime.batch, 3, PREPROCESSING.size, PREPROCESSING.size)
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    with ThreadPoolExecutor(runtime.lanes) as threads:
        list(threads.map(runtime.vectors, [pixels] * runtime.lanes))
        started = time.perf_counter()
        list(threads.map(runtime.vectors, [pixels] * batches))
        return batches * runtime.batch / (time.perf_counter() - started)


class Timed(embedding.Embedding):
    """As ever, and it tells when the network was ready, and when the last batch was kept."""

    ready = last = 0.0

    def _start(self) -> Runtime:
        runtime = super()._start()
        Timed.ready = time.perf_counter()
        return runtime

    def _keep_first(self) -> None:
        super()._keep_first()
        Timed.last = time.perf_counter()


def command(photos: Path, out: Path, precision: str | None) -> dict[str, float]:
    """Make a collection. Photos a second while it embeds, and of all, with the start and what comes after."""
    order = Order(
        photos, out, WEIGHTS_FILE, model_of(WEIGHTS_FILE), Labels(NONE), precision=precision, device="cpu"
    )
    started = time.perf_counter()
    outcome = update(order)
    seconds = time.perf_counter() - started
    return {
        "steady": outcome.embedded / (Timed.last - Timed.ready),
        "whole": outcome.count / seconds,
    }


class Peers:
    """The other tools, in a process with their Python."""

    def __init__(self, python: str, threads: int) -> None:
        self.process = subprocess.Popen(
            [python, str(Path(__file__).with_name("scale_peers.py")), str(threads)],
            env=os.environ | {"OMP_NUM_THREADS": str(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, tool: str, files: Sequence[Path]) -> float:
        """Photos a second."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"tool": tool, "files": list(map(str, files))}) + "\n")
        self.process.stdin.flush()
        return len(files) / float(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(60)


def measure(count: int, rounds: int, threads: int, peers_python: str | None) -> dict[str, Any]:
    """Photos a second of each, in turns."""
    torch.set_num_threads(threads)
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        what = write_photos(Path(place) / "photos", count)
        files = sorted((Path(place) / "photos").iterdir())
        few = _some(files[:FEW], Path(place) / "few")
        fewer = _some(files[:FEWER], Path(place) / "fewer")
        peers = Peers(peers_python, threads) if peers_python else None
        loop = Loop()
        runtimes = {
            name: bulk_runtime(WEIGHTS_FILE, PREPROCESSING, "cpu", precision, threads)
            for name, precision in ((NETWORK, None), (EXACT_NETWORK, "float32"))
        }
        steady: dict[str, Callable[[Sequence[Path]], float]] = {
            LOOP: loop,
            NETWORK: lambda files: network_alone(runtimes[NETWORK], 3 * len(files) // 8),
            EXACT_NETWORK: lambda files: network_alone(runtimes[EXACT_NETWORK], 2 * len(files) // 8),
        }
        if peers:
            steady |= {name: partial(peers, tool) for tool, name in PEERS.items()}
        for turn in tqdm(range(rounds + 1), desc="rounds"):
            for name, run in steady.items():
                rate = run(few if turn else fewer)
                if turn:  # the first one starts things
                    found.setdefault(name, []).append(rate)
            for name, precision in ((COMMAND, None), (EXACT_COMMAND, "float32")) if turn else ():
                for key, rate in command(
                    files[0].parent, Path(place) / f"out{turn}{precision}", precision
                ).items():
                    found.setdefault(f"{name}, {key}", []).append(rate)
        if peers:
            peers.close()
    names = {NETWORK: runtimes[NETWORK].dtype, EXACT_NETWORK: runtimes[EXACT_NETWORK].dtype}
    return {
        "photos": f"{len(files)} of {what}", "rounds": rounds, "threads": threads, "dtypes": names,
        "rates": {name: round(statistics.median(each), 1) for name, each in found.items()},
        "ratios": {
            "command_of_loop": _ratio(found, f"{COMMAND}, steady", LOOP),
            "command_of_network": _ratio(found, f"{COMMAND}, steady", NETWORK),
            "exact_of_loop": _ratio(found, f"{EXACT_COMMAND}, steady", LOOP),
            "exact_of_network": _ratio(found, f"{EXACT_COMMAND}, steady", EXACT_NETWORK),
            "whole_of_loop": _ratio(found, f"{COMMAND}, whole", LOOP),
        },
    }  # fmt: skip


def _some(files: Sequence[Path], folder: Path) -> list[Path]:
    """Copies of some files in a folder of their own."""
    folder.mkdir()
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    return sorted(folder.iterdir())


def _ratio(found: dict[str, list[float]], ours: str, other: str) -> float:
    """The median of the rounds' ratios: what else the machine did changes both."""
    return round(statistics.median(a / b for a, b in zip(found[ours], found[other], strict=True)), 2)


def measure_quality() -> dict[str, dict[str, float]]:
    """What int8 queries find in an index of each kind, of UC Merced's photos; how far its vectors moved."""
    training, test = read_part("train"), read_part("test")
    int8 = OpenVinoRuntime(WEIGHTS_FILE, PREPROCESSING, quantization=SHIPPED / QUANTIZATION)
    queries = _embed(int8, test.images)
    found, exact = {}, None
    for name, runtime in {
        "float32": OpenVinoRuntime(WEIGHTS_FILE, PREPROCESSING, "float32"),
        "bfloat16": OpenVinoRuntime(WEIGHTS_FILE, PREPROCESSING, "bfloat16"),
        "int8": int8,
    }.items():
        vectors = _embed(runtime, training.images)
        exact = vectors if exact is None else exact
        moved = np.linalg.norm(vectors - exact, axis=1)
        metrics = compute_metrics(queries, test.labels, vectors, training.labels, resamples=1)["overall"]
        found[name] = {
            "P@1": round(metrics["P@1"], 4), "mAP": round(metrics["mAP"], 4),
            "moved_mean": round(float(moved.mean()), 4), "moved_most": round(float(moved.max()), 4),
        }  # fmt: skip
    return found


def _embed(runtime: Runtime, images: Sequence[Image.Image]) -> NDArray[np.float32]:
    size = runtime.batch
    starts = tqdm(range(0, len(images), size), desc=runtime.dtype, leave=False)
    pixels = (
        np.stack([PREPROCESSING.pixels(images[row]) for row in range(start, min(start + size, len(images)))])
        for start in starts
    )
    return np.concatenate([runtime.vectors(each) for each in pixels])


def table(figures: dict[str, Any]) -> str:
    """What was measured, as Markdown."""
    rates, ratios, machine = figures["rates"], figures["ratios"], figures["machine"]
    rows = [("", "photos a second", "of the loop's"), ("---", "---", "---")]
    for name, rate in rates.items():
        label = f"{name}, in {figures['dtypes'][name]}" if name == NETWORK else name
        for key, words in (("steady", "while it embeds"), ("whole", "from start to collection")):
            label = label.replace(f", {key}", f", {words}")
        rows.append((label, f"{rate:.1f}", f"{rate / rates[LOOP]:.2f}"))
    aims = [
        ("", "aim", "measured"), ("---", "---", "---"),
        (f"{COMMAND}, of the loop", "2.5", f"{ratios['command_of_loop']:.2f}"),
        (f"{COMMAND}, of the network alone", "0.9", f"{ratios['command_of_network']:.2f}"),
        ("in float32, of the loop", "", f"{ratios['exact_of_loop']:.2f}"),
        ("in float32, of the network alone in float32", "", f"{ratios['exact_of_network']:.2f}"),
    ]  # fmt: skip
    quality = [("index in", "P@1", "mAP", "moved: mean, most"), ("---",) * 4] + [
        (name, f"{row['P@1']:.3f}", f"{row['mAP']:.4f}", f"{row['moved_mean']:.4f}, {row['moved_most']:.3f}")
        for name, row in figures.get("quality", {}).items()
    ]
    about = (
        f"{figures['photos']}; {figures['threads']} threads, {machine['processor']}, load average after the "
        f"run {machine['load']}.\nMedians of {figures['rounds']} rounds in turn; a ratio is the median of "
        "the rounds' ratios."
    )
    return "\n\n".join([about, _rows(rows), _rows(aims), *([_rows(quality)] if len(quality) > 2 else [])])


def _rows(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write_table(figures: dict[str, Any], document: Path = DOCUMENT) -> None:
    """Put the table into the document, in place of the last one."""
    text = document.read_text(encoding="utf-8")
    before, rest = text.split(START)
    document.write_text(f"{before}{START}\n\n{table(figures)}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main() -> None:
    """Measure, write the record and the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale_embedding", description=__doc__)
    parser.add_argument("--photos", type=int, default=400, help="of a turn of the command (%(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="(%(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of each (%(default)s)")
    parser.add_argument("--peers", metavar="PYTHON", help="of the environment with the other tools")
    parser.add_argument(
        "--quality", action="store_true", help="measure what rounding costs, and keep the times"
    )
    parser.add_argument("--only-table", action="store_true", help="write the table of the last record")
    options = parser.parse_args()
    name = "scale_embedding"
    before = records.read(name) if (records.RECORDS / f"{name}.json").is_file() else {}
    if options.quality:
        records.write(name, before | {"quality": measure_quality()})
    elif not options.only_table:
        train.folders.update.Embedding = Timed  # type: ignore[attr-defined]
        figures = measure(options.photos, options.rounds, options.threads, options.peers)
        records.write(name, figures | {"quality": before.get("quality", {})})
    figures = records.read(name)
    write_table(figures)
    print(table(figures))


if __name__ == "__main__":
    main()
