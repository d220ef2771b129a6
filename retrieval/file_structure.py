"""How much work a file of an accepted format asks for, read from its structure before anything is decoded.

Bytes and pixels say little of it: a directory of 3,000 tags may name one megabyte 3,000 times, and a
progressive JPEG may pass over its pixels 100,000 times. Files that programs write keep these bounds by far.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from PIL import Image, JpegImagePlugin

from retrieval.tiff_structure import (
    TIFF_HEADER,
    ExcessiveFileError,
    check_directories,
    refuse_if,
    tiff_facts,
)

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
        for number, header in enumerate(TIFF_HEADER.finditer(data)):
            refuse_if(number >= MAX_HEADERS)
            check_directories(memoryview(data)[header.start() :])
    else:
        check_directories(data)


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


def _check_exif(exif: bytes) -> None:
    for _ in range(2):
        exif = exif.removeprefix(b"Exif\0\0")
    refuse_if(exif.startswith(b"Exif\0\0"))  # Pillow copies the rest for each
    check_directories(exif)


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
        refuse_if(junk > MAX_JUNK)
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
    check_directories(index)
    most = min(MAX_SCANS, MAX_SCANNED // max(1, min(pixels, MOST_PIXELS)))
    # What is coded has no such two bytes, so each is a scan of one to four components, or inside a segment.
    if 4 * (1 + data.count(bytes((0xFF, _SCAN)), position)) > most:
        refuse_if(_scans(data, position, most) > most)


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
    for number, _ in enumerate(_png_chunks(data)):
        refuse_if(number >= MAX_CHUNKS)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each, and where its content begins and ends, as far as the file goes."""
    position = 8
    while position + 8 <= len(data):
        start = position + 8
        end = start + int.from_bytes(data[position : position + 4], "big")
        yield data[position + 4 : start], start, end
        position = end + 4


def png_turn(data: bytes) -> int:
    """The orientation that the Exif data of a PNG says; 1 where it says none."""
    for kind, start, end in _png_chunks(data):
        if kind == b"eXIf":
            exif = data[start:end].removeprefix(b"Exif\0\0")
            _check_exif(exif)
            return tiff_facts(exif).turn
    return 1


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
            refuse_if(blocks > MAX_BLOCKS)
            continue
        while position < len(data) and data[position]:
            blocks, comment = blocks + 1, comment + is_comment * data[position]
            position += 1 + data[position]
            refuse_if(blocks > MAX_BLOCKS or comment > MAX_COMMENT)
        position += 1
