"""The file of an exact index, read without believing what it says of itself."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
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

#: A larger file is not copied into memory: the system reads what a search asks for, and keeps what it can.
MAPPED_FROM = 1000**3


def read_exact(path: Path, mapped_from: int = MAPPED_FROM) -> faiss.Index:
    """An `IndexFlatL2` of a file.

    FAISS's reader believes what a file says of itself, of whatever kind and size, and a stranger's file can
    end the process. So of the one kind that this project calls exact, what the header says is checked with
    the size of the file, and each vector is looked at.

    Args:
        path: Where it is.
        mapped_from: Bytes from which on it stays on the disk.

    Raises:
        ArtifactError: If it is another file, of another metric, or its vectors are not of unit length.
    """
    with _told(path):
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            dimension, rows = _check_header(file, size)
            if size < mapped_from:
                index = faiss.IndexFlatL2(dimension)
                for block in _blocks(file, dimension, rows):
                    index.add(block)
                return index
            for _ in _blocks(file, dimension, rows):
                pass
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


def mapped_vectors(path: Path) -> NDArray[np.float32]:
    """The vectors of a file, which stay on the disk: (n, dimension) float32, for reading.

    Args:
        path: Of an exact index.

    Raises:
        ArtifactError: As `read_exact`.
    """
    with _told(path), open_regular(path) as file:
        dimension, rows = _check_header(file, os.fstat(file.fileno()).st_size)
        for _ in _blocks(file, dimension, rows):
            pass
        return np.asarray(np.memmap(file, "<f4", "r", _HEADER.size, (rows, dimension)), np.float32)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say of whatever goes wrong that the file cannot be read."""
    try:
        yield
    except (OSError, ValueError, struct.error, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArtifactError(f"The index {path.name} cannot be read ({reason}): build it again.") from error


def header(rows: int, dimension: int) -> bytes:
    """How the file of an exact index begins; its vectors follow as float32, one after the other."""
    unused = 1 << 20  # what FAISS writes there
    return _HEADER.pack(_KIND, dimension, rows, unused, unused, 1, faiss.METRIC_L2, rows * dimension)


def checked_vectors(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors as they go into an index. Raises ValueError if they are not of unit length."""
    vectors = np.ascontiguousarray(vectors, np.float32)
    if vectors.ndim != 2 or not len(vectors):
        raise ValueError(f"Vectors come as (n, dimension) with n of at least 1, not {vectors.shape}.")
    with np.errstate(over="ignore", invalid="ignore"):  # of any numbers
        norms = np.linalg.norm(vectors, axis=1)
    if not np.allclose(norms, 1.0, atol=NORM_TOLERANCE):  # not so of nan
        raise ValueError("Vectors have to be of unit length: distances would mean nothing otherwise.")
    return vectors


def _check_header(file: BinaryIO, size: int) -> tuple[int, int]:
    """Features and rows of a file of so many bytes. Raises ValueError or struct.error if they do not fit."""
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
    return dimension, rows


def _blocks(file: BinaryIO, dimension: int, rows: int) -> Iterator[NDArray[np.float32]]:
    """The vectors that follow the header, checked. Raises ValueError."""
    read = 0
    while read < rows:
        count = min(_ROWS_AT_ONCE, rows - read)
        block = file.read(4 * dimension * count)
        if len(block) != 4 * dimension * count:
            raise ValueError("it ends too early")
        yield checked_vectors(np.frombuffer(block, "<f4").reshape(-1, dimension))
        read += count
