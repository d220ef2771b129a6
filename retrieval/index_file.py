"""The file of an exact index, read without believing what it says of itself.

It holds float32, or float16 in half the space. Rounding to float16 moves a unit vector by less than 0.0005.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import MAX_DIMENSION, ArtifactError
from retrieval.collections.fields import MAX_ROWS
from retrieval.files import open_regular

#: How far from 1 the norm of a vector may be, which is more than rounding does.
NORM_TOLERANCE = 1e-3

#: How a file begins: kind, features, rows, two numbers without a meaning, whether it is trained, metric.
#: (FAISS, `impl/index_write.cpp`: `write_index_header`.)
_HEADER = struct.Struct("<4siqqqBi")
_KIND, _HALF_KIND = b"IxF2", b"IxSQ"
#: Of an `IndexFlatL2` it says then how many float32 follow.
_NUMBERS = struct.Struct("<Q")
#: Of an `IndexScalarQuantizer`: how a number is coded, two settings, features, bytes of a row, how many
#: numbers were learnt, and how many bytes follow.
_QUANTIZER = struct.Struct("<iifQQQQ")
_ROWS_AT_ONCE = 4096

#: A larger file is not copied into memory: the system reads what a search asks for, and keeps what it can.
MAPPED_FROM = 1000**3
#: More numbers are not kept in float16, which no search can do with where it is.
HALF_NUMBERS = MAPPED_FROM // 4


def read_exact(path: Path, mapped_from: int = MAPPED_FROM) -> faiss.Index:
    """An `IndexFlatL2` of a file.

    FAISS's reader believes what a file says of itself, of whatever kind and size, and a stranger's file can
    end the process. So of the two kinds that this project calls exact, what the header says is checked with
    the size of the file, and each vector is looked at. A file of float16, which is never large, is read
    into memory, as float32.

    Args:
        path: Where it is.
        mapped_from: Bytes from which on it stays on the disk.

    Raises:
        ArtifactError: If it is another file, of another metric, or its vectors are not of unit length.
    """
    with _told(path):
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            layout = _check_header(file, size)
            if size < mapped_from or layout.kind == "<f2":
                index = faiss.IndexFlatL2(layout.dimension)
                for block in _blocks(file, layout):
                    index.add(block)
                return index
            for _ in _blocks(file, layout):
                pass
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


def mapped_vectors(path: Path) -> NDArray[np.float32]:
    """The vectors of a file, which stay on the disk: (n, dimension) float32, for reading.

    Args:
        path: Of an exact index. Of float16 they are read into memory.

    Raises:
        ArtifactError: As `read_exact`.
    """
    with _told(path), open_regular(path) as file:
        layout = _check_header(file, os.fstat(file.fileno()).st_size)
        for _ in _blocks(file, layout):
            pass
        shape = layout.rows, layout.dimension
        return np.asarray(np.memmap(file, layout.kind, "r", layout.begin, shape), np.float32)


def write_half(vectors: NDArray[np.float32], path: Path) -> None:
    """Write vectors as the file of an exact index, in float16.

    Args:
        vectors: (n, dimension) of unit length, of at most `HALF_NUMBERS` numbers.
        path: Is replaced if it exists.

    Raises:
        ValueError: If there are more numbers, or vectors that are not of unit length when rounded.
        OSError: Where there is no room, or no right to.
    """
    rows, dimension = vectors.shape
    if rows * dimension > HALF_NUMBERS:
        raise ValueError(f"{rows} vectors of {dimension} features are too many for float16.")
    rounded = vectors.astype("<f2")
    checked_vectors(rounded)
    begin = _QUANTIZER.pack(faiss.ScalarQuantizer.QT_fp16, 0, 0.0, *_half_sizes(rows, dimension))
    path.write_bytes(_header(_HALF_KIND, rows, dimension) + begin + rounded.tobytes())


def _half_sizes(rows: int, dimension: int) -> tuple[int, int, int, int]:
    """What the header of a file of float16 says: features, bytes of a row, numbers learnt, bytes of all."""
    return dimension, 2 * dimension, 0, 2 * dimension * rows


def write_index(index: faiss.Index, path: Path) -> None:
    """Write an index of FAISS as one file. Raises OSError where there is no room, or no right to."""
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        raise OSError(f"{path} could not be written") from error


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say of whatever goes wrong that the file cannot be read."""
    try:
        yield
    except (OSError, ValueError, struct.error, RuntimeError, MemoryError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArtifactError(f"The index {path.name} cannot be read ({reason}): build it again.") from error


def header(rows: int, dimension: int) -> bytes:
    """How the file of an exact index begins; its vectors follow as float32, one after the other."""
    return _header(_KIND, rows, dimension) + _NUMBERS.pack(rows * dimension)


def _header(kind: bytes, rows: int, dimension: int) -> bytes:
    unused = 1 << 20  # what FAISS writes there
    return _HEADER.pack(kind, dimension, rows, unused, unused, 1, faiss.METRIC_L2)


def checked_vectors(vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Vectors as they go into an index. Raises ValueError if they are not of unit length."""
    checked: NDArray[np.float32] = np.ascontiguousarray(vectors, np.float32)
    if checked.ndim != 2 or not len(checked):
        raise ValueError(f"Vectors come as (n, dimension) with n of at least 1, not {checked.shape}.")
    with np.errstate(over="ignore", invalid="ignore"):  # of any numbers
        norms = np.linalg.norm(checked, axis=1)
    if not np.allclose(norms, 1.0, atol=NORM_TOLERANCE):  # not so of nan
        raise ValueError("Vectors have to be of unit length: distances would mean nothing otherwise.")
    return checked


@dataclass(frozen=True)
class _Layout:
    """Where the numbers of a file are, and how many.

    Attributes:
        dimension: Features of a vector.
        rows: How many vectors.
        kind: Of a number, as NumPy calls it.
        begin: The byte where they begin.
    """

    dimension: int
    rows: int
    kind: Literal["<f4", "<f2"]
    begin: int


def _check_header(file: BinaryIO, size: int) -> _Layout:
    """The layout of a file of so many bytes. Raises ValueError or struct.error if its header does not fit."""
    if size < _HEADER.size + _NUMBERS.size:
        raise ValueError("it is too short")
    kind, dimension, rows, _, _, trained, metric = _HEADER.unpack(file.read(_HEADER.size))
    if kind not in (_KIND, _HALF_KIND) or trained != 1:
        raise ValueError("it is no exact index of vectors as they are")
    if metric != faiss.METRIC_L2:
        raise ValueError("it has another metric than L2")
    if not (1 <= dimension <= MAX_DIMENSION and 1 <= rows <= MAX_ROWS):
        raise ValueError("its header has numbers that cannot be")
    if kind == _KIND:
        layout = _Layout(dimension, rows, "<f4", _HEADER.size + _NUMBERS.size)
        (numbers,) = _NUMBERS.unpack(file.read(_NUMBERS.size))
        fits = numbers == rows * dimension
    else:
        layout = _Layout(dimension, rows, "<f2", _HEADER.size + _QUANTIZER.size)
        if size < layout.begin:
            raise ValueError("it is too short")
        coding, _, _, *sizes = _QUANTIZER.unpack(file.read(_QUANTIZER.size))
        if coding != faiss.ScalarQuantizer.QT_fp16:
            raise ValueError("it is no exact index of vectors as they are")
        fits = tuple(sizes) == _half_sizes(rows, dimension) and rows * dimension <= HALF_NUMBERS
    if not fits:
        raise ValueError("its header has numbers that cannot be")
    if size != layout.begin + np.dtype(layout.kind).itemsize * rows * dimension:
        raise ValueError("its size is not what its header says")
    return layout


def _blocks(file: BinaryIO, layout: _Layout) -> Iterator[NDArray[np.float32]]:
    """The vectors that follow the header, checked. Raises ValueError."""
    width = np.dtype(layout.kind).itemsize * layout.dimension
    read = 0
    while read < layout.rows:
        count = min(_ROWS_AT_ONCE, layout.rows - read)
        block = file.read(width * count)
        if len(block) != width * count:
            raise ValueError("it ends too early")
        yield checked_vectors(np.frombuffer(block, layout.kind).reshape(-1, layout.dimension))
        read += count
