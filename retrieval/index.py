"""Vectors -> nearest vectors: an exact FAISS index that speaks of distances in [0, 2]."""

from __future__ import annotations

import importlib.util
import os
import struct
import threading
from pathlib import Path
from typing import BinaryIO

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import MAX_DIMENSION, ArtifactError
from retrieval.collections.fields import MAX_ROWS
from retrieval.files import open_regular

#: How far from 1 the norm of a vector may be, which is more than rounding does.
NORM_TOLERANCE = 1e-3

#: How a file of an `IndexFlatL2` begins: kind, features, rows, two numbers without a meaning, whether it is
#: trained, metric; then how many float32 follow. (FAISS, `impl/index_write.cpp`: `write_index_header`.)
_HEADER = struct.Struct("<4siqqqBiQ")
_KIND = b"IxF2"
_ROWS_AT_ONCE = 4096

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
        """Read what `save` wrote.

        FAISS does not read it: its reader believes what a file says of itself, of whatever kind and size,
        and a stranger's file can end the process. Of the one kind that `save` writes, what the header says
        is checked with the size of the file, and the vectors are handed over checked.

        Raises:
            ArtifactError: If it is another file, of another metric, or its vectors are not of unit length.
        """
        try:
            with open_regular(path) as file:
                index = _read(file, os.fstat(file.fileno()).st_size)
        except (OSError, ValueError, struct.error) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ArtifactError(
                f"The index {path.name} cannot be read ({reason}): build it again."
            ) from error
        return cls(index, gpu=gpu)

    def save(self, path: Path) -> None:
        """Write the index as one file. Raises OSError where there is no room, or no right to."""
        try:
            faiss.write_index(self._stored, str(path))
        except RuntimeError as error:
            raise OSError(f"{path} could not be written") from error

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
    with np.errstate(over="ignore", invalid="ignore"):  # of any numbers
        norms = np.linalg.norm(vectors, axis=1)
    if not np.allclose(norms, 1.0, atol=NORM_TOLERANCE):  # not so of nan
        raise ValueError("Vectors have to be of unit length: distances would mean nothing otherwise.")
    return vectors


def _read(file: BinaryIO, size: int) -> faiss.Index:
    """An index from a file of so many bytes. Raises ValueError or struct.error where they do not fit."""
    if size < _HEADER.size:
        raise ValueError("it is too short")
    kind, dimension, rows, _, _, trained, metric, numbers = _HEADER.unpack(file.read(_HEADER.size))
    if kind != _KIND or trained != 1:
        raise ValueError("it is no exact index of vectors as they are")
    if metric != faiss.METRIC_L2:
        raise ValueError("it has another metric than L2")
    if not (1 <= dimension <= MAX_DIMENSION and 1 <= rows <= MAX_ROWS and numbers == rows * dimension):
        raise ValueError("its header has numbers that cannot be")
    if size != _HEADER.size + 4 * numbers:
        raise ValueError("its size is not what its header says")
    index = faiss.IndexFlatL2(dimension)
    for start in range(0, rows, _ROWS_AT_ONCE):
        block = file.read(4 * dimension * min(_ROWS_AT_ONCE, rows - start))
        index.add(_checked(np.frombuffer(block, "<f4").reshape(-1, dimension)))
    if index.ntotal != rows:
        raise ValueError("it ends too early")
    return index


def _on_gpu(index: faiss.Index) -> faiss.Index:
    """A copy on all GPUs that faiss sees; the index itself where it sees none, or was built without.

    On a ZeroGPU Space (package `spaces`) it stays where it is: a GPU is lent there to the network only.
    """
    if importlib.util.find_spec("spaces") or getattr(faiss, "get_num_gpus", lambda: 0)() == 0:
        return index
    return faiss.index_cpu_to_all_gpus(index)
