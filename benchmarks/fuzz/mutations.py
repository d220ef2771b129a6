"""Ways to spoil bytes, texts and JSON, chosen by a seeded generator: the same seed gives the same case.

Own and small, where a fuzzer such as atheris would be guided by coverage: most of what is read here is read
by libraries in C, which no instrumentation of Python sees; and a case is made again from its number alone.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

#: Numbers at which counts, sizes and offsets break.
EDGES = [
    0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 1000, 4095, 32767, 32768, 65535, 65536, 10**6, 2**31 - 1, 2**31,
    2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1,
]  # fmt: skip

#: Texts at which names, numbers and addresses break.
ODD_TEXTS = [
    "", " ", "\x00", "\ud800", "\udfff", "\ufeff", "\u202e", "\ue000", "'", '"', "\\", "/", "//", "../../x",
    "/etc/passwd", "%", "%00", "%ED%A0%80", "%FF%FE", "%zz", "%25", "&", "=", ";", "#", "?", "+", "\n",
    "\r\n", "\t", ",", "{0}", "{x}", "-1", "0", "1e999", "-0.0", "nan", "inf", "9" * 30, "9" * 4400, "0x10",
    "1_0", "\u0661", "true", "null", "[]", "{}", "a" * 300, "&a=1" * 600, "@" * 50, "1," * 500, "http://",
    "https://[", "https://[::1", "javascript:x", "=1+1", "$$",
]  # fmt: skip

_PNG = b"\x89PNG\r\n\x1a\n"


def spoil(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Some bytes changed, taken out, put in, doubled or cut off; mostly few, so that much still fits."""
    spoilt = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6, 20))):
        if not spoilt:
            break
        # What says how the rest is read stands at the beginning.
        place = random.randrange(min(len(spoilt), random.choice((32, 256, len(spoilt)))))
        random.choice(_CHANGES)(spoilt, place, others, random)
    made = bytes(spoilt)
    return _with_checksums(made) if made.startswith(_PNG) and random.random() < 0.7 else made


def spoil_png(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """As `spoil`, or with the pixels spoilt before they are compressed, or a chunk doubled or taken out."""
    if random.random() < 0.5:
        return spoil(data, others, random)
    chunks = _chunks(data)
    place = random.randrange(len(chunks))
    kind, body = chunks[place]
    match random.randrange(4):
        case 0:
            del chunks[place]
        case 1:
            chunks.insert(random.randrange(len(chunks)), (kind, body))
        case 2:
            chunks[place] = kind, spoil(body, [body], random)
        case _:
            pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
            packed = zlib.compress(spoil(pixels, [pixels], random))
            chunks = [(b"IDAT", packed) if kind == b"IDAT" else (kind, body) for kind, body in chunks]
    return _PNG + b"".join(png_chunk(kind, body) for kind, body in chunks)


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a whole PNG: kind and data."""
    place, chunks = len(_PNG), []
    while place + 12 <= len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        chunks.append((png[place + 4 : place + 8], png[place + 8 : place + 8 + length]))
        place += 12 + length
    return chunks


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


#: Of TIFF: sizes, kinds of samples and of compression, strips, tiles, further directories, GeoTIFF.
_TAGS = [
    254, 256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 330, 338, 339,
    347, 34665, 34675, 33550, 34735,
]  # fmt: skip


def spoil_tiff(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """As `spoil`, or with fields of the first directory changed: their tags, types, counts and values."""
    end = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if end is None or random.random() < 0.4:  # a BigTIFF among them
        return spoil(data, others, random)
    spoilt = bytearray(data)
    (start,) = struct.unpack_from(end + "I", data, 4)
    (count,) = struct.unpack_from(end + "H", data, start)
    for _ in range(random.choice((1, 1, 2, 5))):
        entry = start + 2 + 12 * random.randrange(count)
        tag, kind, many, value = struct.unpack_from(end + "HHII", spoilt, entry)
        match random.randrange(4):
            case 0:
                tag = random.choice(_TAGS)
            case 1:
                kind = random.randrange(20)
            case 2:
                many = random.choice(EDGES) & 0xFFFFFFFF
            case _:
                value = (
                    random.choice((random.choice(EDGES), value + 1, start, random.randrange(len(data))))
                    & 0xFFFFFFFF
                )
        struct.pack_into(end + "HHII", spoilt, entry, tag, kind, many, value)
    return bytes(spoilt)


def _flip(spoilt: bytearray, place: int, _others: Sequence[bytes], random: Random) -> None:
    spoilt[place] ^= 1 << random.randrange(8)


def _byte(spoilt: bytearray, place: int, _others: Sequence[bytes], random: Random) -> None:
    spoilt[place] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))


def _number(spoilt: bytearray, place: int, _others: Sequence[bytes], random: Random) -> None:
    size, kind = random.choice(((2, "H"), (4, "I"), (8, "Q")))
    value = random.choice(EDGES) & (1 << 8 * size) - 1
    spoilt[place : place + size] = struct.pack(random.choice("<>") + kind, value)


def _remove(spoilt: bytearray, place: int, _others: Sequence[bytes], random: Random) -> None:
    del spoilt[place : place + random.choice((1, 2, 4, 16, 200))]


def _repeat(spoilt: bytearray, place: int, _others: Sequence[bytes], random: Random) -> None:
    piece = spoilt[place : place + random.choice((1, 4, 16, 100, 400))]
    spoilt[place:place] = piece * random.choice((1, 2, 10, 100))


def _insert(spoilt: bytearray, place: int, _others: Sequence[bytes], random: Random) -> None:
    spoilt[place:place] = random.randbytes(random.choice((1, 2, 4, 16)))


def _splice(spoilt: bytearray, place: int, others: Sequence[bytes], random: Random) -> None:
    other = random.choice(others)
    start = random.randrange(max(len(other), 1))
    spoilt[place : place + 64] = other[start : start + random.choice((4, 16, 64, len(other)))]


def _cut(spoilt: bytearray, place: int, _others: Sequence[bytes], random: Random) -> None:
    del spoilt[random.randrange(place, len(spoilt)) :]


_CHANGES: list[Callable[[bytearray, int, Sequence[bytes], Random], None]] = [
    _flip, _flip, _byte, _byte, _number, _number, _number, _remove, _repeat, _insert, _splice, _cut,
]  # fmt: skip


def _with_checksums(png: bytes) -> bytes:
    """A PNG whose chunks have the checksums that fit, or nothing behind the first spoilt one is read."""
    place, parts = len(_PNG), [_PNG]
    while place + 12 <= len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        body = png[place + 4 : place + 8 + length]
        if len(body) < 4 or place + 12 + length > len(png):
            break
        parts.append(png[place : place + 4] + body + zlib.crc32(body).to_bytes(4, "big"))
        place += 12 + length
    return b"".join([*parts, png[place:]])


def spoil_text(text: str, others: Sequence[str], random: Random) -> str:
    """A text with pieces changed, taken out, doubled, or of another one, or odd."""
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice((0, 0, 1, 2, 5, 20)))
        other = random.choice(others)
        at = random.randrange(len(other) + 1)
        letter = chr(random.choice((random.randrange(128), random.randrange(0x11_0000))))
        doubled, piece = text[start:end] * random.choice((2, 3, 50)), other[at : at + 40]
        odd = random.choice(ODD_TEXTS)
        put = random.choice((odd, odd, letter, doubled, piece, ""))
        text = text[:start] + put + text[end:]
    return text


#: Values of every kind of JSON, and some that only Python's JSON has.
ODD_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 3, 0.5, 2.5, 1e308, float("nan"), float("inf"), 10**30, 2**53, [], {}, [[]],
    [None], {"a": 1}, ["a", 1], [1e9] * 20, {"": ""}, "x", "12", "../..", "/tmp", "HOME", "http://127.0.0.1:9/a.zip",
]  # fmt: skip


def spoil_json(value: Any, random: Random) -> Any:  # noqa: ANN401
    """A copy of JSON in which some values are others, missing, renamed, doubled or from elsewhere in it."""
    copy = json.loads(json.dumps(value))
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        if not copy:
            break
        parent, key = _place(copy, random)
        match random.randrange(7):
            case 0 | 1:
                parent[key] = random.choice(ODD_VALUES)
            case 2:
                parent[key] = random.choice(ODD_TEXTS)
            case 3:
                del parent[key]
            case 4 if isinstance(parent, dict):
                parent[random.choice((*ODD_TEXTS, "extra", str(key) + "x"))] = parent[key]
            case 5:
                other, place = _place(copy, random)
                parent[key] = json.loads(json.dumps(other[place]))
            case _:
                parent[key] = _other_of_its_kind(parent[key], random)
    return copy


def _other_of_its_kind(value: Any, random: Random) -> Any:  # noqa: ANN401
    match value:
        case bool():
            return not value
        case int() | float():
            return random.choice(
                (-value, value + 1, value * 1e6, value / 3, str(value), random.choice(EDGES))
            )
        case str():
            return spoil_text(value, ODD_TEXTS, random)
        case list():
            return random.choice(
                (value * 2, value[::-1], value[:1], [value], dict(enumerate(map(str, value))))
            )
        case dict():
            return random.choice((list(value), list(value.items()), {"a": value}, {}))
    return [value]


def _place(value: Any, random: Random) -> tuple[Any, Any]:  # noqa: ANN401
    """A container in JSON and one of its keys, found by going down from the top, where the fields count."""
    while True:
        key = random.choice(list(value) if isinstance(value, dict) else range(len(value)))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or random.random() < 0.3:
            return value, key
        value = inner
