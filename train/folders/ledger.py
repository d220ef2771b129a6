"""What was embedded so far, on the disk as it comes: a run that is cut off at any moment goes on from there.

Two files grow together: vectors first, then a line of JSON for each. Whatever a kill leaves of the last ones
is cut off by the next run. They are of one network: what another one made is thrown away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import Model
from retrieval.collections.places import Footprint, Place, Window
from retrieval.index import NORM_TOLERANCE

LINES, VECTORS = "photos.jsonl", "vectors.f32"


@dataclass(frozen=True)
class Photo:
    """A photo, or a tile of a raster, whose vector is known.

    Attributes:
        file: Its path in the folder.
        size: Of the file that was read, in bytes.
        modified: Likewise, in nanoseconds; 0 where it had just been written, so that its time says nothing.
        content: SHA-256 of the file; of a tile, of that and its window.
        pixels: See `retrieval.images.pixel_sha256`.
        blurhash: The preview.
        part: The name of a tile in its raster; '' of what is a whole file.
        window: Of a tile, see `retrieval.collections.places.Place`.
        footprint: Likewise; None where nobody knows.
    """

    file: str
    size: int
    modified: int
    content: str
    pixels: str
    blurhash: str
    part: str = ""
    window: Window | None = None
    footprint: Footprint | None = None

    @property
    def id(self) -> str:
        """Its name in the collection."""
        return f"{self.file}/{self.part}" if self.part else self.file

    @property
    def place(self) -> Place:
        """Which part of its file it is, and where on Earth."""
        return Place(self.window, self.footprint)


class Ledger:
    """The two files, in a folder that is made when the first photo comes.

    Attributes:
        photos: What was there at the start.
        vectors: A row each, (n, dimension) float32, which stay on the disk.

    Args:
        folder: Where the files are; nobody else writes there meanwhile.
        model: What makes the vectors.
    """

    def __init__(self, folder: Path, model: Model) -> None:
        self.folder = folder
        self._head = json.dumps(asdict(model), sort_keys=True).encode() + b"\n"
        self._dimension = model.dimension
        self.photos, self.vectors, self._bytes = self._read()
        self._opened = False  # the files, which grow

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened:
            self._lines.close()
            self._rows.close()

    def add(self, photos: Sequence[Photo], vectors: NDArray[np.float32]) -> None:
        """Keep photos with their vectors. Raises OSError where there is no room."""
        try:
            if not self._opened:
                self._open()
            _write(self._rows, np.ascontiguousarray(vectors, "<f4").tobytes())
            _write(self._lines, "".join(json.dumps(asdict(photo)) + "\n" for photo in photos).encode())
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.folder)) from error

    def remove(self) -> None:
        """Remove all of it: it is in the collection now."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self) -> None:
        """Open both files at the end of what was read of them; what a kill left after it is cut off."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # Not buffered: what was written is there when the process is killed.
        self._lines = (self.folder / LINES).open("ab", buffering=0)
        self._rows = (self.folder / VECTORS).open("ab", buffering=0)
        self._opened = True
        self._lines.truncate(self._bytes)
        self._rows.truncate(4 * self._dimension * len(self.photos))
        if not self._bytes:
            _write(self._lines, self._head)

    def _read(self) -> tuple[list[Photo], NDArray[np.float32], int]:
        """The photos, their vectors, and how many bytes their lines have; nothing of another network."""
        nothing: tuple[list[Photo], NDArray[np.float32], int] = [], np.empty((0, self._dimension), "f4"), 0
        try:
            data = (self.folder / LINES).read_bytes()
            if not data.startswith(self._head):
                return nothing
            lines = data[len(self._head) :].split(b"\n")[:-1]  # the last is not whole
            count = min(len(lines), (self.folder / VECTORS).stat().st_size // (4 * self._dimension))
            if not count:
                return [], nothing[1], len(self._head)
            mapped = np.memmap(self.folder / VECTORS, "<f4", "r", shape=(count, self._dimension))
            vectors = np.asarray(mapped, np.float32)
            norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))  # without a copy
            # A machine that lost power may have lines whose vectors never reached the disk.
            torn = np.flatnonzero(~(np.abs(norms - 1) <= NORM_TOLERANCE))
            count = int(torn[0]) if len(torn) else count
            photos = [_photo(json.loads(line)) for line in lines[:count]]
        except (OSError, ValueError, TypeError):  # not there, or not ours
            return nothing
        return photos, vectors[:count], len(self._head) + sum(len(line) + 1 for line in lines[:count])


def _photo(fields: dict[str, Any]) -> Photo:
    """A photo as JSON has it, which knows lists alone."""
    if fields.get("window"):
        fields["window"] = tuple(fields["window"])
    if fields.get("footprint"):
        fields["footprint"] = tuple(map(tuple, fields["footprint"]))
    return Photo(**fields)


def _write(file: FileIO, data: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part first."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
