"""Profiles of colours (ICC), and images in them, made from the numbers that define them."""

from __future__ import annotations

import struct

import numpy as np

#: Red, green and blue as XYZ under D50, one a row, and the exponent; None for sRGB's own curve.
SPACES = {
    "sRGB": (((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)), None),
    "Display P3": (
        ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)), None,
    ),
    "Adobe RGB": (
        ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)), 563 / 256,
    ),
    "ProPhoto": (((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491)), 1.8),
}  # fmt: skip


def _linear(levels, exponent):
    if exponent is not None:
        return levels**exponent
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def profile(name):
    """The bytes of a profile of a matrix and a curve (ICC.1:2001-04)."""
    primaries, exponent = SPACES[name]
    curve = np.round(65535 * _linear(np.linspace(0, 1, 1024), exponent)).astype(">u2").tobytes()
    described = name.encode() + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(described)) + described + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        **{kind: _xyz(values) for kind, values in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)},
        **{kind: b"curv\0\0\0\0" + struct.pack(">I", 1024) + curve for kind in (b"rTRC", b"gTRC", b"bTRC")},
    }
    table, content, start = b"", b"", 128 + 4 + 12 * len(tags)
    for kind, data in tags.items():
        table += struct.pack(">4sII", kind, start + len(content), len(data))
        content += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(content), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + b"\0\0\xf6\xd6\0\x01\0\0\0\0\xd3\x2d"
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def _xyz(values):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def in_space(pixels, name):
    """Pixels of sRGB, (…, 3) uint8, as the numbers that show the same colours in another space."""
    primaries, exponent = SPACES[name]
    xyz = _linear(pixels / 255, None) @ np.array(SPACES["sRGB"][0])
    levels = np.clip(xyz @ np.linalg.inv(np.array(primaries)), 0, 1)
    if exponent is None:
        coded = np.where(levels <= 0.0031308, levels * 12.92, 1.055 * levels ** (1 / 2.4) - 0.055)
    else:
        coded = levels ** (1 / exponent)
    return np.round(coded * 255).astype(np.uint8)
