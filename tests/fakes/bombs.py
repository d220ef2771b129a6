"""Files within the limits of bytes and pixels that ask for far more time or memory than those suggest."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

SIDE = 7000  # 49 megapixels


def directory(entries, tail=b"", big=False):
    """A TIFF file of one directory: (tag, type, count, value), and the bytes after it, which begin at END."""
    form = "<HHQQ" if big else "<HHII"
    head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if big else struct.pack("<2sHI", b"II", 42, 8)
    count = struct.pack("<Q" if big else "<H", len(entries))
    end = len(head) + len(count) + len(entries) * struct.calcsize(form) + (8 if big else 4)
    rows = b"".join(
        struct.pack(
            form, tag, kind, n, end + value if kind > 0x100 or n * _SIZES[kind] > (8 if big else 4) else value
        )
        for tag, kind, n, value in entries
    )
    return head + count + rows + bytes(8 if big else 4) + tail


_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 11: 4, 12: 8, 16: 8}


def tiff(entries, tail=b"", big=False, size=(4, 4)):
    """An uncompressed grey TIFF, with further tags; their values begin at offset 0 of the tail."""
    own = {
        256: (4, size[0]),
        257: (4, size[1]),
        258: (3, 8),
        259: (3, 1),
        262: (3, 1),
        277: (3, 1),
        278: (4, size[1]),
    }
    given = {tag for tag, *_ in entries}
    tags = [(tag, kind, 1, value) for tag, (kind, value) in own.items() if tag not in given]
    tags += [(tag, kind, n, value) for tag, kind, n, value in entries]
    if not given & {273, 324}:
        tags += [(273, 4, 1, 8), (279, 4, 1, size[0] * size[1])]
    return directory(sorted(tags), tail, big)


def many_tags(count=3000, size=1_000_000, kind=7):
    """Exif of one directory whose tags all have the same value."""
    tags = [(40000 + tag, kind, size // _SIZES[kind], 0) for tag in range(count)]
    return directory(tags, bytes(size))


def tiff_of_many_tags():
    return tiff([(40000 + tag, 7, 1_000_000, 0) for tag in range(3000)], bytes(1_000_000))


def bigtiff_of_many_tags():
    return tiff([(40000 + tag, 7, 1_000_000, 0) for tag in range(3000)], bytes(1_000_000), big=True)


def tiff_with_exif_of_many_tags():
    """The tags are in a directory inside the first, which Pillow reads as the pixels are loaded."""
    plain = tiff([(34665, 4, 1, 0)])
    inner = struct.pack("<H", 3000) + b"".join(
        struct.pack("<HHII", 40000 + tag, 7, 1_000_000, 8) for tag in range(3000)
    )
    return tiff([(34665, 4, 1, len(plain))]) + inner + bytes(1_000_000)


def tiff_of_fractions():
    return tiff([(282, 5, 3_000_000, 0)], bytes(range(1, 251)) * 96_000)


def tiff_of_many_strips():
    count = 2_000_000
    return tiff([(278, 4, 1, 1), (273, 4, count, 0), (279, 4, count, 4 * count)],
                struct.pack("<I", 8) * count + struct.pack("<I", 4) * count, size=(4, 4))  # fmt: skip


def tiff_of_a_huge_tile():
    """A small picture in one tile of two gigabytes, which are compressed well."""
    data = zlib.compress(bytes(400_000_000), 9)
    tile = [(322, 4, 1, 46000), (323, 4, 1, 46000), (324, 4, 1, 500), (325, 4, 1, len(data))]
    return tiff([(259, 3, 1, 8), *tile], bytes(500) + data)


def deep_tiff(rows=100):
    """49 megapixels of four bands of 16 bits; the strips, of so many rows, all have the same bytes."""
    strips, data = -(-SIDE // rows), zlib.compress(bytes(8 * SIDE * rows), 9)
    entries = [
        (256, 4, 1, SIDE), (257, 4, 1, SIDE), (258, 3, 4, 0), (259, 3, 1, 8), (262, 3, 1, 2),
        (273, 4, strips, 8 if strips > 1 else 500), (277, 3, 1, 4), (278, 4, 1, rows),
        (279, 4, strips, 8 + 4 * strips if strips > 1 else len(data)), (338, 3, 1, 2),
    ]  # fmt: skip
    head = directory(entries, struct.pack("<4H", 16, 16, 16, 16))
    if strips > 1:
        start = len(head) + 8 * strips
        head += struct.pack(f"<{strips}I", *[start] * strips) + struct.pack(
            f"<{strips}I", *[len(data)] * strips
        )
        return head + data
    return head.ljust(500, b"\0") + data


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(chunks=b"", size=(4, 4), depth=8, colour_type=0, bytes_per_pixel=1):
    row = bytes(1 + size[0] * bytes_per_pixel)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(size[1])) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunks + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def deep_png():
    return png(size=(SIDE, SIDE), depth=16, colour_type=6, bytes_per_pixel=8)


def png_with_exif():
    return png(chunk(b"eXIf", many_tags()))


def png_with_exif_as_text():
    digits = many_tags(size=200_000).hex().encode()
    text = b"Raw profile type exif\0" + b"\nexif\n%d\n" % (len(digits) // 2) + digits
    return png(chunk(b"tEXt", text))


def png_with_repeated_exif():
    return png(chunk(b"eXIf", b"Exif\0\0" * 4_000_000))


def png_of_many_chunks():
    return png(chunk(b"prVt", b"") * 2_000_000)


def saved(kind, **options):
    file = io.BytesIO()
    Image.fromarray(np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)).convert("RGB").save(
        file, kind, **options
    )
    return file.getvalue()


def webp_with_exif():
    data, exif = saved("WEBP", exif=b"Exif\0\0" + directory([(274, 3, 1, 1)])), many_tags()
    start = data.index(b"EXIF")
    data = data[:start] + b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2)
    return b"RIFF" + struct.pack("<I", len(data) - 8) + data[8:]


def webp_of_a_huge_canvas():
    side = (16383).to_bytes(3, "little")
    frame = saved("WEBP", lossless=True)[12:]
    data = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + side + side + frame
    return b"RIFF" + struct.pack("<I", len(data)) + data


def avif_with_exif():
    return saved("AVIF", exif=many_tags())


def segment(code, data):
    return b"\xff" + bytes([code]) + struct.pack(">H", len(data) + 2) + data


def jpeg_with(segments):
    data = saved("JPEG")
    return data[:2] + segments + data[2:]


def jpeg_with_exif():
    """One segment of 64 kB with as many tags as go into it."""
    return jpeg_with(segment(0xE1, b"Exif\0\0" + many_tags(2500, 34_000)))


def jpeg_of_exif_segments():
    """320 segments, which Pillow puts together to one directory of 20 MB."""
    exif = many_tags(300, 20_000_000)
    parts = [exif[start : start + 65_000] for start in range(0, len(exif), 65_000)]
    return jpeg_with(b"".join(segment(0xE1, b"Exif\0\0" + part) for part in parts))


def jpeg_with_picture_index():
    return jpeg_with(segment(0xE2, b"MPF\0" + many_tags(2500, 34_000)))


def jpeg_of_padding():
    return jpeg_with(b"\xff" * 20_000_000)


def jpeg_of_many_segments():
    return jpeg_with(segment(0xFE, b"") * 5_000_000)


def jpeg_of_many_scans():
    """A progressive picture of 49 megapixels that is refined again and again, by scans of a few bytes."""
    file = io.BytesIO()
    Image.new("L", (SIDE, SIDE)).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    starts = [start for start in range(len(data)) if data[start : start + 2] == b"\xff\xda"]
    last = data[starts[-1] : -2]
    tables = data[: starts[-1]]
    return tables + last * (3_000_000 // len(last)) + data[-2:]


def tiff_of_scans(scans, side=64):
    """A TIFF whose one strip is a progressive JPEG, refined so many times."""
    file = io.BytesIO()
    Image.new("L", (side, side)).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    start = data.rindex(b"\xff\xda")
    picture = data[:start] + data[start:-2] * scans + data[-2:]
    own = {256: side, 257: side, 258: 8, 259: 7, 262: 1, 273: 8 + 2 + 9 * 12 + 4, 277: 1, 278: side}
    tags = [(tag, 4, 1, value) for tag, value in (own | {279: len(picture)}).items()]
    return directory(tags, picture)


def gif(extensions):
    data = saved("GIF")
    start = data.index(b",", 13 + 3 * 256)
    return data[:start] + extensions + data[start:]


def gif_of_comments():
    return gif(b"!\xfe" + (b"\xff" + bytes(255)) * 90_000 + b"\0")


def gif_of_small_blocks():
    return gif(b"!\xf0" + b"\1\1" * 10_000_000 + b"\0")


def gif_of_junk():
    return gif(b"\0" * 20_000_000)


#: Refused by its structure, whoever decodes it.
EXCESSIVE = [
    tiff_of_many_tags, bigtiff_of_many_tags, tiff_with_exif_of_many_tags, tiff_of_fractions,
    tiff_of_many_strips, tiff_of_a_huge_tile, png_with_exif, png_with_exif_as_text, png_with_repeated_exif,
    png_of_many_chunks, webp_with_exif, avif_with_exif, jpeg_with_exif, jpeg_of_exif_segments,
    jpeg_with_picture_index, jpeg_of_padding, jpeg_of_many_segments, jpeg_of_many_scans, gif_of_comments,
    gif_of_small_blocks, gif_of_junk,
]  # fmt: skip

#: Large, but read: within a gigabyte.
LARGE = [deep_png, deep_tiff]
