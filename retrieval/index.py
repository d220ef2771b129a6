"""Vectors -> nearest vectors: an exact FAISS index that speaks of distances in [0, 2]."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import ArtifactError

#: How far from 1 the norm of a vector may be, which is more than rounding does.
NORM_TOLERANCE = 1e-3

#: The most neighbours that FAISS selects on a GPU.
GPU_MAX_K = 2048


class VectorIndex:
    """Unit vectors, searched exhaustively (FAISS `IndexFlatL2`), on the GPU where faiss sees one.

    The distance is the Euclidean one: of unit vectors it lies in [0, 2], and 0 is identical.

    Args:
        index: A FAISS index with the L2 metric, on the CPU.
        gpu: Whether it may move to a GPU.
    """

    def __init__(self, index: faiss.Index, *, gpu: bool = True) -> None:
        self._stored = index
        self._gpu = gpu
        self._searched = _on_gpu(index) if gpu else index
        self._lock = threading.Lock()  # a GPU index may be searched by one thread at a time

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> VectorIndex:
        """An index of these vectors: (n, d) float32, unit length, n >= 1. Raises ValueError otherwise."""
        checked = _checked(vectors)
        index = faiss.IndexFlatL2(checked.shape[1])
        index.add(checked)
        return cls(index)

    @classmethod
    def load(cls, path: Path, *, gpu: bool = True) -> VectorIndex:
        """Read what `save` wrote. Raises ArtifactError if it is no index, or one of another metric."""
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise ArtifactError(f"The index {path.name} cannot be read: build it again.") from error
        if index.metric_type != faiss.METRIC_L2:
            raise ArtifactError(f"The index {path.name} has another metric than L2: build it again.")
        return cls(index, gpu=gpu)

    def save(self, path: Path) -> None:
        """Write the index as one file."""
        faiss.write_index(self._stored, str(path))

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Append vectors: (n, dimension) float32, unit length. Raises ValueError otherwise."""
        checked = _checked(vectors)
        if checked.shape[1] != self.dimension:
            raise ValueError(f"The index holds vectors of {self.dimension} features, not {checked.shape[1]}.")
        self._stored.add(checked)
        self._searched = _on_gpu(self._stored) if self._gpu else self._stored

    def search(
        self, queries: NDArray[np.float32], k: int, allowed_rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The k nearest rows of each query, nearest first.

        Args:
            queries: (n, dimension) float32, unit length.
            k: At least 1; more than there are rows gives all rows.
            allowed_rows: The only rows that may be found, each once; all by default.

        Returns:
            Distances (n, k) float32 in [0, 2], growing along each row, and row numbers (n, k) int64.
        """
        if k < 1:
            raise ValueError(f"k is the number of neighbours and has to be at least 1, not {k}.")
        if allowed_rows is not None:
            # Not by FAISS's own selectors: its add-on for torch, which training imports, does not know them.
            distances, rows = self.search(queries, len(self))
            may = np.isin(rows, allowed_rows)
            shape = (len(queries), len(allowed_rows))
            return distances[may].reshape(shape)[:, :k], rows[may].reshape(shape)[:, :k]
        index = self._searched if k <= GPU_MAX_K else self._stored
        with self._lock:
            squared, rows = index.search(np.ascontiguousarray(queries, np.float32), min(k, len(self)))
        # FAISS gives squares, which rounding can push a hair outside what unit vectors allow.
        return np.sqrt(np.clip(squared, 0.0, 4.0)), rows

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


def _checked(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    vectors = np.ascontiguousarray(vectors, np.float32)
    if vectors.ndim != 2 or not len(vectors):
        raise ValueError(f"Vectors come as (n, dimension) with n of at least 1, not {vectors.shape}.")
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=NORM_TOLERANCE):
        raise ValueError("Vectors have to be of unit length: distances would mean nothing otherwise.")
    return vectors


def _on_gpu(index: faiss.Index) -> faiss.Index:
    """A copy on all GPUs that faiss sees; the index itself where it sees none, or was built without.

    On a ZeroGPU Space (package `spaces`) it stays where it is: a GPU is lent there to the network only.
    """
    if importlib.util.find_spec("spaces") or getattr(faiss, "get_num_gpus", lambda: 0)() == 0:
        return index
    return faiss.index_cpu_to_all_gpus(index)
