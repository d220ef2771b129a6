"""Vectors -> nearest vectors: FAISS indexes that speak of distances in [0, 2]."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.fast_index import FEW_ROWS, FastIndex, faiss_search, only
from retrieval.index_file import (
    HALF_NUMBERS,
    MAPPED_FROM,
    NORM_TOLERANCE,
    checked_vectors,
    read_exact,
    write_half,
    write_index,
)
from retrieval.row_choice import RowChoice
from retrieval.vector_store import Allowed

__all__ = ["NORM_TOLERANCE", "VectorIndex"]

#: The most neighbours that FAISS selects on a GPU.
GPU_MAX_K = 2048
#: More neighbours than these are looked for in the exact index.
MANY_NEIGHBOURS = 2000


class VectorIndex:
    """Unit vectors, a `VectorStore`: searched exhaustively (FAISS `IndexFlatL2`), on the GPU if there is one.

    Of many vectors a fast index finds the rows, and the exact one, which may lie on the disk, says how near
    they are.

    The distance is the Euclidean one: of unit vectors it lies in [0, 2], and 0 is identical.

    Args:
        index: A FAISS index with the L2 metric, on the CPU.
        gpu: Whether it may move to a GPU.
        fast: Of the same vectors; then nothing moves to a GPU.
    """

    def __init__(self, index: faiss.Index, *, gpu: bool = True, fast: FastIndex | None = None) -> None:
        self._stored = index
        self._gpu = gpu and fast is None
        self.fast = fast
        self._searched = _on_gpu(index) if self._gpu else index
        self._lock = threading.Lock()  # a GPU index may be searched by one thread at a time
        self._choice: RowChoice | None = None

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> VectorIndex:
        """An index of these vectors: (n, d) float32, unit length, n >= 1. Raises ValueError otherwise."""
        checked = checked_vectors(vectors)
        index = faiss.IndexFlatL2(checked.shape[1])
        index.add(checked)
        return cls(index)

    @classmethod
    def load(cls, path: Path, *, gpu: bool = True, fast: FastIndex | None = None) -> VectorIndex:
        """Read what `save` wrote, which is exact. With a fast index, float32 stays on the disk, of any size.

        Raises:
            ArtifactError: See `read_exact`.
        """
        return cls(read_exact(path, MAPPED_FROM if fast is None else 0), gpu=gpu, fast=fast)

    def with_fast(self, fast: FastIndex) -> VectorIndex:
        """The same vectors, searched by a fast index first."""
        index = VectorIndex(self._stored, gpu=False, fast=fast)
        index._choice = self._choice
        return index

    def save(self, path: Path, *, half: bool = False) -> None:
        """Write the exact index as one file.

        Args:
            path: Is replaced if it exists.
            half: Whether its numbers are float16, in half the space, unless there are more than
                `HALF_NUMBERS`; `load` makes float32 of them again.

        Raises:
            OSError: Where there is no room, or no right to.
        """
        if half and len(self) * self.dimension <= HALF_NUMBERS:
            write_half(self.vectors(), path)
        else:
            write_index(self._stored, path)

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Append vectors: (n, dimension) float32, unit length. Raises ValueError otherwise."""
        checked = checked_vectors(vectors)
        if checked.shape[1] != self.dimension:
            raise ValueError(f"The index holds vectors of {self.dimension} features, not {checked.shape[1]}.")
        self._stored.add(checked)
        self._searched = _on_gpu(self._stored) if self._gpu else self._stored

    def describe(self, choice: RowChoice) -> None:
        """Say what the rows are, so that searches may be of some labels or of an area."""
        self._choice = choice

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: Allowed | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The k nearest rows of each query, nearest first.

        Args:
            queries: (n, dimension) float32, unit length.
            k: At least 1; more than there are rows gives all rows.
            allowed: Which rows may be found; all by default.

        Returns:
            Distances (n, m) float32 in [0, 2], growing along each row, and row numbers (n, m) int64. Where a
            fast index finds fewer than there are, each row is compared.
        """
        if k < 1:
            raise ValueError(f"k is the number of neighbours and has to be at least 1, not {k}.")
        queries = np.ascontiguousarray(queries, np.float32)
        mask = None if allowed is None or allowed.is_all else self._mask(allowed)
        count = len(self) if mask is None else int(mask.sum())
        k = min(k, count)
        if k == 0:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        if self.fast is not None and count > FEW_ROWS and k <= MANY_NEIGHBOURS:
            distances, rows = self._compared(queries, self.fast.find(queries, k, mask), k)
            short = rows[:, -1] < 0
            if short.any():
                distances[short], rows[short] = self._exactly(queries[short], k, mask)
            return distances, rows
        return self._exactly(queries, k, mask)

    def _exactly(
        self, queries: NDArray[np.float32], k: int, mask: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Each row that may be found is compared; there are at least k."""
        index, parameters = self._searched, None
        if mask is not None:  # which no GPU knows
            index, parameters = self._stored, only(mask)
        elif k > GPU_MAX_K:
            index = self._stored
        with self._lock:
            squared, rows = faiss_search(index, queries, k, parameters)
        # FAISS gives squares, which rounding can push a hair outside what unit vectors allow.
        return np.sqrt(np.clip(squared, 0.0, 4.0)), rows

    def _mask(self, allowed: Allowed) -> NDArray[np.bool_]:
        choice = self._choice
        if choice is None:
            if allowed.labels is not None or allowed.area is not None:
                raise ValueError("This index was not told what its rows are, see `describe`.")
            choice = RowChoice([""] * len(self))
        return choice.mask(allowed)

    def _compared(
        self, queries: NDArray[np.float32], found: NDArray[np.int64], k: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The k nearest of the rows that were found, by their vectors as they are."""
        distances = np.full((len(queries), k), np.inf, np.float32)
        rows = np.full((len(queries), k), -1, np.int64)
        for line, query in enumerate(queries):
            candidates = found[line][found[line] >= 0]
            apart = np.linalg.norm(self.vectors_of(candidates) - query, axis=1)
            nearest = np.argsort(apart, kind="stable")[:k]
            distances[line, : len(nearest)] = np.minimum(apart[nearest], 2.0)
            rows[line, : len(nearest)] = candidates[nearest]
        return distances, rows

    def vectors_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of some rows, as stored: (n, dimension) float32."""
        if not len(rows):
            return np.empty((0, self.dimension), np.float32)
        return np.asarray(self._stored.reconstruct_batch(np.ascontiguousarray(rows, np.int64)), np.float32)

    def vector(self, row: int) -> NDArray[np.float32]:
        """The stored vector of a row: (dimension,) float32."""
        return np.asarray(self._stored.reconstruct(row), np.float32)

    def vectors(self) -> NDArray[np.float32]:
        """A copy of all stored vectors, in the order of the rows: (n, dimension) float32."""
        return np.asarray(self._stored.reconstruct_n(0, len(self)), np.float32)

    @property
    def dimension(self) -> int:
        """Features of a vector."""
        return int(self._stored.d)

    def __len__(self) -> int:
        return int(self._stored.ntotal)


def _on_gpu(index: faiss.Index) -> faiss.Index:
    """A copy on all GPUs that faiss sees; the index itself where it sees none, or was built without.

    On a ZeroGPU Space (package `spaces`) it stays where it is: a GPU is lent there to the network only.
    """
    if importlib.util.find_spec("spaces") or getattr(faiss, "get_num_gpus", lambda: 0)() == 0:
        return index
    return faiss.index_cpu_to_all_gpus(index)
