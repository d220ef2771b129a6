"""The directories of a TIFF file, and of what is written like one (Exif), read before anything is decoded.

What they ask for is bounded, and what the reader of rasters does not tell is read from them: how the picture
is turned, how it is compressed, and whether further pages follow.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.raster_file import OpenFile

#: Tags of a directory; libtiff's own limit.
MAX_TAGS = 4096
#: Numbers of all tags of a directory together, such as the places of strips, and of those the fractions.
MAX_NUMBERS, MAX_FRACTIONS = 500_000, 10_000
#: What the values of a directory may have in common; else they lie apart in a file, and fit into it.
SHARED_BYTES = 1 << 16
#: Of all values of a directory, which are read into memory, however large the file is.
MAX_VALUE_BYTES = 25 * 1000 * 1000
MAX_STRIPS = 100_000
#: A tile or strip as large as the largest image: 50 megapixels of four bands of 16 bits.
MAX_TILE_BYTES = 400 * 1000 * 1000
#: Each gets an object in memory; satellites with hundreds of them are not photos.
MAX_BANDS = 1000
#: Smaller copies of a picture and their masks, before the file or its next page ends.
MAX_COPIES = 64

TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*|MM\*\0|II\0\*|MM\0\+|II\+\0")
_SUB_DIRECTORIES = (330, 34665, 34853, 40965)  # of images, Exif, GPS and interoperability
_KIND, _OLD_KIND, _BITS, _COMPRESSION, _TURN, _SAMPLES, _EXTRA = 254, 255, 258, 259, 274, 277, 338
_TILE_SIDES, _STRIPS = (322, 323), (273, 279, 324, 325)
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2  # bits of the kind; a value of the old one
_ASSOCIATED = 1  # a value of the extra samples
_BYTES_OF_TYPE = np.zeros(1 << 16, np.uint64)
_BYTES_OF_TYPE[1:19] = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]
_TEXT_TYPES, _FRACTION_TYPES = (1, 2, 6, 7), (5, 10)


Bytes = bytes | memoryview | OpenFile


class ExcessiveFileError(Exception):
    """A file that asks for far more work than any program would write."""


@dataclass(frozen=True)
class TiffFacts:
    """What the first directory of a TIFF file says, and whether there are more.

    Attributes:
        turn: As Exif's orientation: 1 is upright.
        compression: Its number; 1 is none.
        premultiplied: Whether colours are stored already multiplied by their alpha.
        has_pages: Whether another picture follows that is no smaller copy or mask of the first.
    """

    turn: int = 1
    compression: int = 1
    premultiplied: bool = False
    has_pages: bool = False


def refuse_if(excessive: bool) -> None:
    """Raises ExcessiveFileError."""
    if excessive:
        raise ExcessiveFileError


def check_directories(data: Bytes) -> None:
    """Check the first directory of a TIFF file, the copies of its picture, and the directories inside.

    Anything else is passed over.

    Raises:
        ExcessiveFileError: If reading them would take far too much time or memory.
    """
    reader = _Reader.of(data)
    if reader is None:
        return
    seen = set[int]()
    for start in reader.copies():
        pending = [start]
        while pending:
            start = pending.pop()
            if start in seen or len(seen) > 20 + MAX_COPIES:  # damaged; readers take a few of them at most
                continue
            seen.add(start)
            if (entries := reader.entries(start)) is not None:
                pending += reader.check(entries)


def tiff_facts(data: Bytes) -> TiffFacts:
    """What a TIFF file says of itself. Of anything else, and of a damaged one, the usual."""
    reader = _Reader.of(data)
    entries = reader.entries(reader.first) if reader else None
    if reader is None or entries is None:
        return TiffFacts()

    def said(tag: int, default: int) -> int:
        found = entries[entries["tag"] == tag]
        return reader.first_number(found[0]) if len(found) and found[0]["count"] else default

    return TiffFacts(
        said(_TURN, 1), said(_COMPRESSION, 1), said(_EXTRA, 0) == _ASSOCIATED, reader.has_pages()
    )


class _Reader:
    """Directories of a file, wherever they are damaged.

    Args:
        data: Begins with TIFF's header.
    """

    def __init__(self, data: Bytes) -> None:
        self._data, self._is_big = data, 43 in data[2:4]
        self.order = "<" if data[:1] == b"I" else ">"
        kind = self.order + ("u8" if self._is_big else "u4")
        self._entry = np.dtype(
            [("tag", self.order + "u2"), ("type", self.order + "u2"), ("count", kind), ("value", kind)]
        )
        self.first = self._number(8 if self._is_big else 4, 8 if self._is_big else 4)

    @classmethod
    def of(cls, data: Bytes) -> _Reader | None:
        """None of what does not begin as a TIFF file."""
        return cls(data) if TIFF_HEADER.match(data[:4]) else None

    def _number(self, place: int, size: int) -> int:
        return int.from_bytes(self._data[place : place + size], "little" if self.order == "<" else "big")

    def _extent(self, start: int) -> tuple[int, int]:
        """How many entries a directory has, and where they begin."""
        size = 8 if self._is_big else 2
        return self._number(start, size), start + size

    def entries(self, start: int) -> NDArray[np.void] | None:
        """The entries of a directory, as far as they are in the file; None where there are none."""
        count, start = self._extent(start)
        count = min(count, max(0, len(self._data) - start) // self._entry.itemsize)
        if count == 0:
            return None
        refuse_if(count > 16 * MAX_TAGS)
        table = self._data[start : start + count * self._entry.itemsize]
        # A file may have become shorter meanwhile.
        return np.frombuffer(table, self._entry, len(table) // self._entry.itemsize)

    def copies(self) -> list[int]:
        """Where the first directory is, and those of its picture's smaller copies and masks.

        Raises:
            ExcessiveFileError: If there are far too many of them.
        """
        found = [self.first]
        while (after := self._after(found[-1])) and after not in found and self._is_copy(after):
            found.append(after)
            refuse_if(len(found) > MAX_COPIES)
        return found

    def has_pages(self) -> bool:
        """Whether a directory follows that is no copy and no mask; it need not be read to the end."""
        copies = self.copies()
        after = self._after(copies[-1])
        return bool(after) and after not in copies and self.entries(after) is not None

    def _after(self, start: int) -> int:
        """Where the next directory is; 0 after the last."""
        count, start = self._extent(start)
        size = 8 if self._is_big else 4
        place = start + count * self._entry.itemsize
        return self._number(place, size) if place + size <= len(self._data) else 0

    def _is_copy(self, start: int) -> bool:
        entries = self.entries(start)
        if entries is None:
            return False

        def said(tag: int) -> int:
            found = entries[entries["tag"] == tag]
            return self.first_number(found[0]) if len(found) else 0

        return bool(said(_KIND) & (_REDUCED | _MASK)) or said(_OLD_KIND) == _OLD_REDUCED

    def check(self, entries: NDArray[np.void]) -> list[int]:
        """Returns where the directories inside this one begin. Raises ExcessiveFileError."""
        data, inline = self._data, self._entry["value"].itemsize
        tags, types = entries["tag"], entries["type"]
        counts, values = entries["count"].astype(np.uint64), entries["value"].astype(np.uint64)
        sizes = np.where(counts > len(data), 0, counts * _BYTES_OF_TYPE[types])  # others are not read
        is_read = (_BYTES_OF_TYPE[types] > 0) & (counts <= len(data))
        is_read &= (sizes <= inline) | (values + sizes <= len(data))
        sizes, counts = sizes * is_read, counts * is_read
        refuse_if(int(is_read.sum()) > MAX_TAGS)
        refuse_if(int(sizes.sum()) > min(len(data), MAX_VALUE_BYTES) + SHARED_BYTES)
        refuse_if(int(counts[~np.isin(types, _TEXT_TYPES)].sum()) > MAX_NUMBERS)
        refuse_if(int(counts[np.isin(types, _FRACTION_TYPES)].sum()) > MAX_FRACTIONS)
        refuse_if(bool((counts[np.isin(tags, _STRIPS)] > MAX_STRIPS).any()))

        def largest(tag: int, default: int) -> int:
            found = [self.first_number(row) for row in entries[(tags == tag) & is_read & (counts > 0)]]
            return max(found, default=default)

        refuse_if(largest(_SAMPLES, 1) > MAX_BANDS)
        tile_bytes = largest(_TILE_SIDES[0], 0) * largest(_TILE_SIDES[1], 0)
        tile_bytes *= largest(_SAMPLES, 1) * largest(_BITS, 8) // 8
        refuse_if(tile_bytes > MAX_TILE_BYTES)
        inside = entries[np.isin(tags, _SUB_DIRECTORIES) & is_read & (counts > 0)]
        return [self.first_number(row) for row in inside[:8]]

    def first_number(self, row: np.void) -> int:
        """The first value of a tag as a number; 0 where it is none."""
        form = {1: "B", 3: "H", 4: "L", 6: "b", 8: "h", 9: "l", 13: "L", 16: "Q", 17: "q", 18: "Q"}.get(
            int(row["type"])
        )
        if form is None:
            return 0
        size, inline = struct.calcsize(self.order + form), row["value"].itemsize
        if int(row["count"]) * size <= inline:
            field = row.tobytes()[-inline:]  # in the order of the file
        else:
            field = bytes(self._data[int(row["value"]) : int(row["value"]) + size])
        return abs(struct.unpack(self.order + form, field[:size])[0]) if len(field) >= size else 0
