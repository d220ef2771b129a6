"""How much work a file of an accepted format asks for, read from its structure before anything is decoded.

Bytes and pixels say little of it: a directory of 3,000 tags may name one megabyte 3,000 times, and a
progressive JPEG may pass over its pixels 100,000 times. Files that programs write keep these bounds by far.
"""

from __future__ import annotations

import re
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

#: Tags of a directory; libtiff's own limit.
MAX_TAGS = 4096
#: Numbers of all tags of a directory together, such as the places of strips, and of those the fractions.
MAX_NUMBERS, MAX_FRACTIONS = 500_000, 10_000
#: What the values of a directory may have in common; else they lie apart in a file, and fit into it.
SHARED_BYTES = 1 << 16
MAX_STRIPS = 100_000
#: A tile or strip as large as the largest image: 50 megapixels of four bands of 16 bits.
MAX_TILE_BYTES = 400 * 1000 * 1000
#: Segments of a JPEG before its first scan, and bytes between them.
MAX_SEGMENTS, MAX_JUNK = 1000, 1 << 16
#: Scans of a JPEG, each counted for each of the components that it passes over: programs make 14 of a photo
#: and 24 of CMYK. Those times its pixels: 25 of 50 megapixels. (A larger one is refused for its size.)
MAX_SCANS, MAX_SCANNED, MOST_PIXELS = 100, 1250 * 1000 * 1000, 50 * 1000 * 1000
MAX_CHUNKS = 100_000  # of a PNG: 25 MB in parts of 250 bytes
MAX_HEADERS = 16  # of what may be Exif in an AVIF, where only chance makes more than one
MAX_BLOCKS, MAX_COMMENT = 250_000, 1 << 20  # of a GIF: 25 MB in parts of 100 bytes; and bytes of comments

_SCAN = 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # segments that say the size of a JPEG
_SEGMENT = re.compile(rb"\xff+[^\xff]", re.DOTALL)
_MARKER = re.compile(rb"\xff+[^\xff\0\xd0-\xd7]", re.DOTALL)  # but those inside of what is coded
_TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*|MM\*\0|II\0\*|MM\0\+|II\+\0")
_SUB_DIRECTORIES = (330, 34665, 34853, 40965)  # of images, Exif, GPS and interoperability
_TILE_SIDES, _SAMPLES, _BITS, _STRIPS = (322, 323), 277, 258, (273, 279, 324, 325)
_BYTES_OF_TYPE = np.zeros(1 << 16, np.uint64)
_BYTES_OF_TYPE[1:19] = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]
_TEXT_TYPES, _FRACTION_TYPES = (1, 2, 6, 7), (5, 10)


class ExcessiveFileError(Exception):
    """A file that asks for far more work than any program would write."""


def check_structure(data: bytes) -> None:
    """Check what can be checked of a file before it is opened.

    Args:
        data: A file of any format, damaged or not.

    Raises:
        ExcessiveFileError: If decoding it would take far too much time or memory.
    """
    if data.startswith(b"\xff\xd8\xff"):
        _check_jpeg(data)
    elif data.startswith(b"\x89PNG"):
        _check_png(data)
    elif data.startswith(b"GIF8"):
        _check_gif(data)
    elif data[4:8] == b"ftyp":  # where its Exif lies takes a parser; what looks like one does not
        for number, header in enumerate(_TIFF_HEADER.finditer(data)):
            _refuse_if(number >= MAX_HEADERS)
            _check_directories(memoryview(data)[header.start() :])
    else:
        _check_directories(data)


def check_exif(image: Image.Image) -> None:
    """Check the Exif data of an opened image, which Pillow reads no earlier than it is asked for it.

    Raises:
        ExcessiveFileError: As `check_structure`.
    """
    exif = image.info.get("exif")
    if isinstance(exif, bytes):
        _check_exif(exif)
    profile = image.info.get("Raw profile type exif")  # a PNG's: three lines, then hexadecimal digits
    if isinstance(profile, str):
        try:
            _check_exif(bytes.fromhex("".join(profile.split("\n")[3:])))
        except ValueError:  # Pillow finds this out itself
            return


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP file, whose decoder takes the memory for them as soon as it is opened."""
    kind, first = data[12:16], data[20:30]
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(first) < 10:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(first[4:7], "little"), 1 + int.from_bytes(first[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(first[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", first[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _refuse_if(excessive: bool) -> None:
    if excessive:
        raise ExcessiveFileError


def _check_exif(exif: bytes) -> None:
    for _ in range(2):
        exif = exif.removeprefix(b"Exif\0\0")
    _refuse_if(exif.startswith(b"Exif\0\0"))  # Pillow copies the rest for each
    _check_directories(exif)


def _check_directories(data: bytes | memoryview) -> None:
    """The first directory of a TIFF file, or of what else is written like one, and those inside it."""
    if not _TIFF_HEADER.match(data):
        return
    order, is_big = ("<" if data[:1] == b"I" else ">"), 43 in data[2:4]
    entry = np.dtype(
        [("tag", order + "u2"), ("type", order + "u2"), ("count", order + ("u8" if is_big else "u4")),
         ("value", order + ("u8" if is_big else "u4"))]
    )  # fmt: skip
    first = data[8:16] if is_big else data[4:8]
    pending, seen = [int.from_bytes(first, "little" if order == "<" else "big")], set[int]()
    while pending:
        start = pending.pop()
        if start in seen or len(seen) > 20:  # damaged; Pillow reads three of them at most
            continue
        seen.add(start)
        count = int.from_bytes(
            data[start : start + (8 if is_big else 2)], "little" if order == "<" else "big"
        )
        start += 8 if is_big else 2
        count = min(count, max(0, len(data) - start) // entry.itemsize)
        if count == 0:
            continue
        _refuse_if(count > 16 * MAX_TAGS)
        entries = np.frombuffer(data, entry, count, start)
        pending += _check_directory(data, entries, order)


def _check_directory(data: bytes | memoryview, entries: NDArray[np.void], order: str) -> list[int]:
    """Returns where the directories inside this one begin."""
    inline = entries.dtype["value"].itemsize
    tags, types = entries["tag"], entries["type"]
    counts, values = entries["count"].astype(np.uint64), entries["value"].astype(np.uint64)
    sizes = np.where(counts > len(data), 0, counts * _BYTES_OF_TYPE[types])  # others are not read
    is_read = (_BYTES_OF_TYPE[types] > 0) & (counts <= len(data))
    is_read &= (sizes <= inline) | (values + sizes <= len(data))
    sizes, counts = sizes * is_read, counts * is_read
    _refuse_if(int(is_read.sum()) > MAX_TAGS)
    _refuse_if(int(sizes.sum()) > len(data) + SHARED_BYTES)
    _refuse_if(int(counts[~np.isin(types, _TEXT_TYPES)].sum()) > MAX_NUMBERS)
    _refuse_if(int(counts[np.isin(types, _FRACTION_TYPES)].sum()) > MAX_FRACTIONS)
    _refuse_if(bool((counts[np.isin(tags, _STRIPS)] > MAX_STRIPS).any()))

    def largest(tag: int, default: int) -> int:
        found = [_first_number(data, row, order) for row in entries[(tags == tag) & is_read & (counts > 0)]]
        return max(found, default=default)

    tile_bytes = largest(_TILE_SIDES[0], 0) * largest(_TILE_SIDES[1], 0)
    tile_bytes *= largest(_SAMPLES, 1) * largest(_BITS, 8) // 8
    _refuse_if(tile_bytes > MAX_TILE_BYTES)
    inside = entries[np.isin(tags, _SUB_DIRECTORIES) & is_read & (counts > 0)]
    return [_first_number(data, row, order) for row in inside[:8]]


def _first_number(data: bytes | memoryview, row: np.void, order: str) -> int:
    """The first value of a tag as a number; 0 where it is none."""
    form = {1: "B", 3: "H", 4: "L", 6: "b", 8: "h", 9: "l", 13: "L", 16: "Q", 17: "q", 18: "Q"}.get(
        int(row["type"])
    )
    if form is None:
        return 0
    size, inline = struct.calcsize(order + form), row["value"].itemsize
    if int(row["count"]) * size <= inline:
        field = row["value"].tobytes()
    else:
        field = data[int(row["value"]) : int(row["value"]) + size]
    return abs(struct.unpack(order + form, field[:size])[0]) if len(field) >= size else 0


def _check_jpeg(data: bytes) -> None:
    """Its segments up to the first scan, as Pillow reads them one by one, and the number of scans."""
    exif: list[bytes] = []
    index = b""
    position = junk = pixels = 0
    for _ in range(MAX_SEGMENTS):
        found = _SEGMENT.search(data, position)
        if found is None:
            return  # cut off
        junk += found.end() - 2 - position
        _refuse_if(junk > MAX_JUNK)
        code, position = found[0][-1], found.end()
        if code == _SCAN:
            break
        if JpegImagePlugin.MARKER.get(0xFF00 + code, ("", "", None))[2] is None:
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        segment = data[position + 2 : position + length]
        position += max(length, 2)
        if code == 0xE1 and segment.startswith(b"Exif\0\0"):
            exif.append(segment[6:] if exif else segment)
        elif code == 0xE2 and segment.startswith(b"MPF\0"):
            index = segment[4:]
        elif code in _FRAMES:
            height, width = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
            pixels = max(pixels, height * width)
    else:
        raise ExcessiveFileError
    _check_exif(b"".join(exif))
    _check_directories(index)
    most = min(MAX_SCANS, MAX_SCANNED // max(1, min(pixels, MOST_PIXELS)))
    # What is coded has no such two bytes, so each is a scan of one to four components, or inside a segment.
    if 4 * (1 + data.count(bytes((0xFF, _SCAN)), position)) > most:
        _refuse_if(_scans(data, position, most) > most)


def _scans(data: bytes, position: int, most: int) -> int:
    """How many scans there are up to the end of the picture, each counted for each of its components.

    Args:
        data: The file.
        position: After the marker of the first scan.
        most: Where counting may end.
    """
    count, code = 0, _SCAN
    while True:
        if code == _SCAN:
            count += max(1, min(4, *data[position + 2 : position + 3]))
        position += int.from_bytes(data[position : position + 2], "big")
        found = _MARKER.search(data, position)
        if count > most or found is None or found[0][-1] == 0xD9:
            return count
        code, position = found[0][-1], found.end()


def _check_png(data: bytes) -> None:
    position = 8
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(data):
            return
        position += 12 + int.from_bytes(data[position : position + 4], "big")
    raise ExcessiveFileError


def _check_gif(data: bytes) -> None:
    """Its blocks up to the second picture, which is where Pillow stops."""
    if len(data) < 13:
        return
    position = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    pictures = blocks = comment = 0
    while position + 10 < len(data) and pictures < 2:
        kind, is_comment = data[position], data[position : position + 2] == b"!\xfe"
        blocks += 1
        if kind == 0x3B:
            return
        if kind == 0x2C:
            pictures += 1
            flags = data[position + 9]
            position += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
        elif kind == 0x21:
            position += 2
        else:
            position += 1
            _refuse_if(blocks > MAX_BLOCKS)
            continue
        while position < len(data) and data[position]:
            blocks, comment = blocks + 1, comment + is_comment * data[position]
            position += 1 + data[position]
            _refuse_if(blocks > MAX_BLOCKS or comment > MAX_COMMENT)
        position += 1
