"""An exact index -> a fast one of the same vectors, as thorough as its recall has to be."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import FAST, Manifest, file_sha256
from retrieval.collections.index_facts import RECALL_AT, IndexFacts
from retrieval.fast_index import EXACT, MEMORY_BYTES, FastIndex, choose_kind, index_mark
from retrieval.files import atomic_write
from retrieval.index import VectorIndex
from train.data.ucmerced import DataError

#: Of the nearest 10 in the exact index, a search has to find this share. What is asked later is no photo of
#: the collection, so there is some room above 0.95.
AIM = 0.97
#: Photos of the collection that are searched to find that out, each left out of its own answer.
QUERIES = 200
#: Vectors that a kind learns from: for more lists more would be better, and take minutes.
LEARNED_FROM = 100_000
ROUNDS = 10
FACTORS = (5, 20, 80)
#: More effort that brings less than this is not worth it: what is missing was lost by compression.
WORTH_IT = 0.002
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Found:
    """How much of the exact answer a search finds.

    Attributes:
        recall: The share of the 10 nearest.
        queries: Of so many photos.
    """

    recall: float
    queries: int


def build_fast(exact: VectorIndex, kind: str, seed: int = 0) -> tuple[FastIndex, Found]:
    """Build a fast index, and give it the least effort that finds enough.

    Args:
        exact: The vectors.
        kind: A word of FAISS's `index_factory`.
        seed: Of the chance that draws what it learns from, and what it is tried with.

    Raises:
        DataError: If FAISS knows no such kind, or there are too few vectors for it.
    """
    chance = np.random.default_rng(seed)
    count = len(exact)
    try:
        index = faiss.index_factory(exact.dimension, kind)
        _set_up(index, seed)
        learned = np.sort(chance.choice(count, min(count, LEARNED_FROM), replace=False))
        index.train(exact.vectors_of(learned))
        for start in range(0, count, _AT_ONCE):
            index.add(exact.vectors_of(np.arange(start, min(start + _AT_ONCE, count))))
        fast = FastIndex(index)
        return fast, tuned(exact, fast, chance)
    except (RuntimeError, AssertionError, TypeError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(
            f"No index of the kind '{kind}' can be made of {count:,} vectors ({lines[-1][:200]}): name one "
            "that FAISS's index_factory knows, or leave the choice to the program."
        ) from error


def tuned(exact: VectorIndex, fast: FastIndex, chance: np.random.Generator) -> Found:
    """Give a fast index the least effort, and the least factor, with which it finds enough, or most."""
    count = len(exact)
    rows = np.sort(chance.choice(count, min(QUERIES, count), replace=False))
    queries = exact.vectors_of(rows)
    truth = _without_self(exact.search(queries, min(RECALL_AT + 1, count))[1], rows)
    both = exact.with_fast(fast)
    best = (-1.0, fast.effort, fast.factor)
    for factor in FACTORS:
        before = -1.0
        effort = min(8, fast.most_effort)
        while True:
            fast.effort, fast.factor = effort, factor
            found = _without_self(both.search(queries, min(RECALL_AT + 1, count))[1], rows)
            recall = recall_of(found, truth)
            best = max(best, (recall, effort, factor), key=lambda each: each[0])
            if recall >= AIM:
                return Found(recall, len(rows))
            if recall < before + WORTH_IT or effort >= fast.most_effort:
                break
            before, effort = recall, min(2 * effort, fast.most_effort)
    recall, fast.effort, fast.factor = best
    return Found(recall, len(rows))


def recall_of(found: list[list[int]], truth: list[list[int]]) -> float:
    """The share of what should be found that is found."""
    hits = sum(len(set(mine) & set(right)) for mine, right in zip(found, truth, strict=True))
    return hits / max(1, sum(map(len, truth)))


def _without_self(found: NDArray[np.int64], rows: NDArray[np.int64]) -> list[list[int]]:
    """The nearest of each photo but itself."""
    return [
        [row for row in line if row not in (own, -1)][:RECALL_AT]
        for line, own in zip(found.tolist(), rows.tolist(), strict=True)
    ]


def _set_up(index: faiss.Index, seed: int) -> None:
    """The same vectors give the same lists, in less time than by FAISS's own settings."""
    with contextlib.suppress(RuntimeError):  # of a kind without lists
        lists = faiss.extract_index_ivf(index)
        lists.cp.niter, lists.cp.seed, lists.cp.min_points_per_centroid = ROUNDS, seed + 1, 1


@dataclass(frozen=True)
class IndexChoice:
    """What somebody wants of a collection's index.

    Attributes:
        kind: See `retrieval.fast_index.choose_kind`, which chooses where this is None.
        memory_bytes: What a search may keep in memory.
    """

    kind: str | None = None
    memory_bytes: int = MEMORY_BYTES

    def of(self, count: int, dimension: int) -> str:
        """The kind for so many vectors."""
        return self.kind or choose_kind(count, dimension, self.memory_bytes)


def write_fast(folder: Path, manifest: Manifest, exact: VectorIndex, choice: IndexChoice) -> Manifest:
    """Write the fast index of a folder that is being made, if there is to be one.

    Args:
        folder: Where to.
        manifest: Of the collection, its files and index apart.
        exact: Its vectors.
        choice: What is wanted.

    Returns:
        The manifest, with what it has to say of that index.

    Raises:
        DataError: As `build_fast`.
        OSError: If there is no room.
    """
    (folder / FAST).unlink(missing_ok=True)
    kind = choice.of(len(exact), exact.dimension)
    if kind == EXACT:
        return replace(manifest, index=None)
    fast, found = build_fast(exact, kind)
    with atomic_write(folder / FAST) as partial:
        fast.save(partial)
    mark = index_mark(file_sha256(folder / FAST))
    facts = IndexFacts(kind, fast.effort, fast.factor, round(found.recall, 4), found.queries, mark)
    return replace(manifest, index=facts)


def has_fast(manifest: Manifest, choice: IndexChoice) -> bool:
    """Whether a collection has the index that is wanted, made on this machine."""
    kind = choice.of(manifest.count, manifest.model.dimension)
    facts = manifest.index
    if facts is None:
        return kind == EXACT
    return kind == facts.kind and index_mark(manifest.files.get(FAST, "")) == facts.mark


def add_index_options(parser: argparse.ArgumentParser) -> None:
    """The options that an `IndexChoice` is made of."""
    parser.add_argument(
        "--index-kind",
        metavar="KIND",
        help="'exact', or a word of FAISS's index_factory, such as PCA256,IVF4096,SQ8 (by the number of "
        "photos)",
    )
    parser.add_argument(
        "--index-memory",
        type=_gigabytes,
        default=MEMORY_BYTES,
        metavar="GB",
        help=f"what a search may keep in memory ({MEMORY_BYTES // 1000**3})",
    )


def _gigabytes(text: str) -> int:
    try:
        gigabytes = float(text)
    except ValueError:
        gigabytes = 0.0
    if not 0 < gigabytes <= 100_000:  # not so of nan
        raise argparse.ArgumentTypeError(f"{text} is no number of gigabytes above 0")
    return int(gigabytes * 1000**3)
