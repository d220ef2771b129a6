"""Files too large for memory: open; and what squares of a raster are read by that is read smaller."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

#: Bytes of a raster's file. Of it only directories, overviews and windows come into memory.
MAX_RASTER_BYTES = 1_000_000_000

#: What says of a file that it is the same, and nobody wrote to it: device, number, size, time in nanoseconds.
FileState = tuple[int, int, int, int]


class OpenFile:
    """The bytes of an open file, each read when it is asked for; a part of it as of `bytes`.

    What is written behind its end meanwhile is no part of it.

    Args:
        file: Open for reading; it is closed with this, also at the end of a `with` block.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.descriptor = file, file.fileno()
        self.state = state_of(os.fstat(self.descriptor))

    def __len__(self) -> int:
        return self.state[2]

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(len(self))
        return os.pread(self.descriptor, max(stop - start, 0), start)

    def from_start(self) -> BinaryIO:
        """The file, to be read from its beginning. Nobody else may do so meanwhile."""
        self._file.seek(0)
        return self._file

    def __enter__(self) -> OpenFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def state_of(status: os.stat_result) -> FileState:
    """Of a file."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@dataclass(frozen=True)
class Tones:
    """How the samples of a raster become bytes, so that each part of it looks as the whole does.

    Attributes:
        between: The samples that become black and white; None where they are bytes.
        opaque: What an alpha says where all is visible; 0 where there is none that is a mask.
    """

    between: tuple[float, float] | None
    opaque: float


@dataclass(frozen=True)
class Larger:
    """The raster of which an image shows all, smaller: squares of it can be read with all their pixels.

    Attributes:
        size: Width and height of the raster, pixels.
        tones: Of the image.
        source: Its file, or the bytes of that.
        state: Of the file; squares are not read of another that took its place.
    """

    size: tuple[int, int]
    tones: Tones
    source: Path | bytes = field(default=b"", repr=False)
    state: FileState | None = None
