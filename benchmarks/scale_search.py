"""Search among 10 thousand, 100 thousand and 1 million vectors: time, memory, recall, and the time to build.

    python -m benchmarks.scale_search --sizes 10000 100000
    python -m benchmarks.scale_search --sizes 1000000 --kinds exact 'PCA256,IVF4096,SQ8,Refine(SQ8)'
    python -m benchmarks.scale_search --table

The vectors are made of those of the shipped index, 1,470 photos of UC Merced. Each is x + w (y - x) +
s (u - v): x and y are photos of one class, chosen by chance, and w is between 0 and 1; u and v are photos of
one class too, mostly another, and s is between 0 and a half, so that what differs is what differs between
real photos. What falls below 0 is set to 0, as no feature of the network is below, and the length to 1. They
are written in blocks, so that a block is in memory and no more. Queries are made likewise, and are not among
them.

Each kind is built once from the file of the exact index, then loaded in a process of its own, which asks one
query after the other as the page does: rows by the kind, distances by the vectors as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks import records
from benchmarks.server import PROJECT
from retrieval.collections.artifacts import CATALOGUE, INDEX
from retrieval.collections.catalogue import read_catalogue
from retrieval.collections.index_facts import RECALL_AT
from retrieval.fast_index import EXACT, MEMORY_BYTES, FastIndex, choose_kind
from retrieval.index import VectorIndex
from retrieval.index_file import header
from retrieval.retriever import SHIPPED
from retrieval.row_choice import RowChoice
from retrieval.vector_store import Allowed

SIZES = (10_000, 100_000, 1_000_000)
QUERIES = 200
BLOCK = 20_000
DIMENSION = 2048
RECORD = "search"
PAGE = PROJECT / "docs" / "scaling.md"
#: Where the table stands in the page.
START, END = "<!-- written by python -m benchmarks.scale_search --table -->", "<!-- end of the table -->"


def kinds_for(count: int) -> list[str]:
    """What is compared: the chosen kind, and others that people would think of."""
    lists = 1024 if count <= 100_000 else 4096
    kinds = [EXACT, choose_kind(count, DIMENSION, MEMORY_BYTES)]
    if count >= 100_000:
        kinds += [f"PCA256,IVF{lists},{codes}" for codes in ("SQ8,Refine(SQ8)", "SQ8", "RaBitQ")]
    if count <= 100_000:
        kinds += ["SQ8", "HNSW32"]
    return list(dict.fromkeys(kinds))


class Mixed:
    """Vectors that are made of the shipped ones, the same ones for the same seed."""

    def __init__(self) -> None:
        vectors = VectorIndex.load(SHIPPED / INDEX, gpu=False).vectors()
        names = [entry.label for entry in read_catalogue(SHIPPED / CATALOGUE)]
        self.classes, numbers = np.unique(names, return_inverse=True)
        order = np.argsort(numbers, kind="stable")
        self._vectors, self._numbers = vectors[order], numbers[order]
        self._starts = np.searchsorted(self._numbers, np.arange(len(self.classes) + 1))

    def block(self, count: int, *seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """So many vectors, and the number of the class of each."""
        chance = np.random.default_rng(seed)
        vectors = self._vectors
        one, other = (chance.integers(len(vectors), size=count) for _ in range(2))
        same = self._of_class(self._numbers[one], chance)
        like_other = self._of_class(self._numbers[other], chance)
        mix = chance.uniform(0, 1, (count, 1)).astype(np.float32)
        spread = chance.uniform(0, 0.5, (count, 1)).astype(np.float32)
        made = vectors[one] + mix * (vectors[same] - vectors[one])
        made += spread * (vectors[other] - vectors[like_other])
        np.maximum(made, 0, out=made)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        return made, self._numbers[one]

    def blocks(self, count: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        """As `block`, of a gallery of so many."""
        for start in range(0, count, BLOCK):
            yield self.block(min(BLOCK, count - start), 1, start)

    def queries(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """As `block`, of no gallery."""
        return self.block(QUERIES, 2, 0)

    def _of_class(self, numbers: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int64]:
        return chance.integers(self._starts[numbers], self._starts[numbers + 1])


def write_gallery(folder: Path, mixed: Mixed, count: int) -> None:
    """The file of an exact index, the labels, and what is nearest to the queries."""
    if (folder / "truth.npz").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    queries, wanted = mixed.queries()
    nearest = [_Nearest() for _ in range(2)]
    labels = np.empty(count, np.int64)
    start = 0
    with (folder / INDEX).open("wb") as file:
        file.write(header(count, DIMENSION))
        for vectors, numbers in mixed.blocks(count):
            file.write(vectors.tobytes())
            labels[start : start + len(vectors)] = numbers
            squared = 2 - 2 * queries @ vectors.T
            nearest[0].look_at(squared, start)
            nearest[1].look_at(np.where(numbers == wanted[:, None], squared, np.inf), start)
            start += len(vectors)
    np.savez(folder / "truth.npz", labels=labels, all=nearest[0].rows, of_class=nearest[1].rows)


class _Nearest:
    """The nearest rows of what was looked at so far."""

    def __init__(self) -> None:
        self._squared = np.empty((QUERIES, 0), np.float32)
        self.rows = np.empty((QUERIES, 0), np.int64)

    def look_at(self, squared: NDArray[np.float32], start: int) -> None:
        best = np.argpartition(squared, RECALL_AT, axis=1)[:, :RECALL_AT]
        squared = np.hstack([self._squared, np.take_along_axis(squared, best, 1)])
        rows = np.hstack([self.rows, best + start])
        order = np.argsort(squared, axis=1)[:, :RECALL_AT]
        self._squared, self.rows = (np.take_along_axis(each, order, 1) for each in (squared, rows))


def build(folder: Path, kind: str) -> dict[str, Any]:
    """Build a kind beside the exact index. Returns what is to be known of it."""
    from train.artifacts.fast import build_fast

    started = time.perf_counter()
    fast, found = build_fast(VectorIndex.load(folder / INDEX, gpu=False), kind)
    seconds = time.perf_counter() - started
    fast.save(folder / "fast.faiss")
    return {
        "build_s": round(seconds, 1),
        "effort": fast.effort,
        "factor": fast.factor,
        "recall_at_build": round(found.recall, 4),
        "file_gb": round((folder / "fast.faiss").stat().st_size / 1e9, 3),
    }


def ask(folder: Path, built: dict[str, Any]) -> dict[str, Any]:
    """Load what was built, and ask one query after the other: what a process of its own is for."""
    mixed = Mixed()
    queries, numbers = mixed.queries()
    with np.load(folder / "truth.npz") as truth:
        labels, everything, of_class = (truth[name] for name in ("labels", "all", "of_class"))
    choice = RowChoice([str(mixed.classes[number]) for number in labels])
    classes = [Allowed(frozenset([str(mixed.classes[number])])) for number in numbers]
    before, started = _resident(), time.perf_counter()
    fast = None
    if built:
        fast = FastIndex(faiss.read_index(str(folder / "fast.faiss")), built["effort"], built["factor"])
    index = VectorIndex.load(folder / INDEX, gpu=False, fast=fast)
    index.describe(choice)
    loaded = time.perf_counter() - started
    usual = _timed(index, queries, [None] * len(queries), everything)
    after = _resident()
    narrowed = _timed(index, queries, classes, of_class)
    return {
        "load_s": round(loaded, 1),
        "memory_gb": round((after["RssAnon"] - before["RssAnon"]) / 1e6, 2),
        "of_file_gb": round((after["RssFile"] - before["RssFile"]) / 1e6, 2),
        **usual,
        **{f"class_{name}": value for name, value in narrowed.items()},
    }


def _timed(
    index: VectorIndex,
    queries: NDArray[np.float32],
    among: Sequence[Allowed | None],
    truth: NDArray[np.int64],
) -> dict[str, float]:
    for query in queries[:20]:  # what is needed is brought into memory
        index.search(query[None], RECALL_AT)
    seconds, hits = [], 0
    for query, allowed, right in zip(queries, among, truth.tolist(), strict=True):
        started = time.perf_counter()
        _, rows = index.search(query[None], RECALL_AT, allowed)
        seconds.append(time.perf_counter() - started)
        hits += len(set(rows[0].tolist()) & set(right))
    return {
        "median_ms": round(1000 * float(np.median(seconds)), 2),
        "least_ms": round(1000 * min(seconds), 2),
        "p95_ms": round(1000 * float(np.quantile(seconds, 0.95)), 2),
        "recall": round(hits / truth.size, 4),
    }


def _resident() -> dict[str, int]:
    """Kilobytes that this process has in memory: its own, and of files."""
    status = Path("/proc/self/status").read_text()
    return {name: int(value) for name, value in re.findall(r"^(Rss\w+):\s+(\d+)", status, re.M)}


def measure(folder: Path, sizes: list[int], kinds: list[str] | None) -> None:
    """Measure, and add to the record as it goes."""
    mixed = Mixed()
    for count in sizes:
        gallery = folder / str(count)
        write_gallery(gallery, mixed, count)
        for kind in kinds or kinds_for(count):
            built = {} if kind == EXACT else build(gallery, kind)
            command = [
                sys.executable,
                "-m",
                "benchmarks.scale_search",
                "--ask",
                str(gallery),
                json.dumps(built),
            ]
            ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
            if ran.returncode:
                sys.exit(ran.stderr)
            row = built | json.loads(ran.stdout.splitlines()[-1]) | {"load": round(os.getloadavg()[0], 1)}
            _record(count, kind, row)
            print(f"{count:,} {kind}: {row}", flush=True)


def _record(count: int, kind: str, row: dict[str, Any]) -> None:
    try:
        figures = records.read(RECORD)
    except OSError:
        figures = {"dimension": DIMENSION, "queries": QUERIES, "sizes": {}}
    figures.pop("machine", None)
    figures["sizes"].setdefault(str(count), {})[kind] = row
    records.write(RECORD, figures)


def table(figures: dict[str, Any]) -> str:
    """The record as a table."""
    lines = [
        "| vectors | kind | ms a query (95 %) | recall@10 | of one class: ms, recall | GB held "
        "| GB on disk | build, s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for count, kinds in sorted(figures["sizes"].items(), key=lambda item: int(item[0])):
        exact_gb = 4 * int(count) * figures["dimension"] / 1e9
        for kind, row in kinds.items():
            chosen = " (chosen)" if kind == choose_kind(int(count), figures["dimension"]) else ""
            held = row["memory_gb"] + (row["of_file_gb"] if kind == EXACT else 0)
            lines.append(
                f"| {int(count):,} | {kind}{chosen} | {row['median_ms']:.2f} ({row['p95_ms']:.2f}) "
                f"| {row['recall']:.3f} | {row['class_median_ms']:.2f}, {row['class_recall']:.3f} "
                f"| {held:.2f} | {exact_gb + row.get('file_gb', 0):.2f} | {row.get('build_s', 0):.0f} |"
            )
    return "\n".join(lines)


def write_table() -> None:
    """Put the table into the page."""
    figures, page = records.read(RECORD), PAGE.read_text(encoding="utf-8")
    head, rest = page.split(START)
    _, tail = rest.split(END)
    machine = figures["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB."
    PAGE.write_text(f"{head}{START}\n\n{where}\n\n{table(figures)}\n\n{END}{tail}", encoding="utf-8")
    print(PAGE)


def main() -> None:
    """Measure, or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many vectors")
    parser.add_argument("--kinds", nargs="+", help="'exact', or words of FAISS's index_factory")
    parser.add_argument("--folder", type=Path, help="where the vectors are kept for the next run (nowhere)")
    parser.add_argument("--table", action="store_true", help="write the table into docs/scaling.md, no more")
    parser.add_argument("--ask", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask(Path(options.ask[0]), json.loads(options.ask[1]))))
        return
    if not options.table:
        with tempfile.TemporaryDirectory() as temporary:
            measure(options.folder or Path(temporary), [*options.sizes], options.kinds)
    write_table()


if __name__ == "__main__":
    main()
