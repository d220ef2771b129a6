"""The process that decodes strangers' files: bytes come in, pixels go out; `retrieval.untrusted` starts it.

Its input is a socket. A request is a length (4 bytes, big-endian) and so many bytes: a file. A large
file comes open with the length, and the bytes are JSON: what is read of it. The answer is a line of JSON, and
after it, unless that is an error, the pixels R, G, B, row by row. It ends when its input does, so with the
server, however that ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from retrieval.errors import Message
from retrieval.images import DecodedImage, ImageError, decode, decode_open, decode_square
from retrieval.raster_file import OpenFile, Tones

#: What a worker may allocate, bytes. The server's copy of the pixels (at most 200 MB) comes after the worker
#: has freed all but its own, so that a file never takes more than 1 GB of both.
MEMORY_BYTES = 900 * 1000 * 1000

READY = b"ready\n"

#: Of a JPEG inside of a TIFF, which `file_structure` does not look into; libtiff counts them. Each passes
#: over all pixels; programs write fewer.
MAX_TIFF_SCANS = 20

_STRIP_BYTES = 1 << 18  # small enough to stay in a processor's cache on the way through the pipe


def strips(width: int, height: int) -> Iterator[tuple[int, int]]:
    """The first row, and the row after the last, of the parts in which the pixels of an image travel."""
    rows = max(1, _STRIP_BYTES // (3 * width))
    for top in range(0, height, rows):
        yield top, min(height, top + rows)


def message_to_json(message: Message) -> list[Any]:
    """A message as JSON: its template, and its values, which may be messages themselves."""
    return [
        message.template,
        {
            name: {"message": message_to_json(value)} if isinstance(value, Message) else value
            for name, value in message.values.items()
        },
    ]


def message_from_json(given: list[Any]) -> Message:
    """The message again."""
    template, values = given
    return Message(
        str(template),
        **{
            name: message_from_json(value["message"]) if isinstance(value, dict) else value
            for name, value in values.items()
        },
    )


def main(memory: int, seconds: float) -> None:
    """Decode what comes in until nothing comes any more.

    Args:
        memory: Bytes that may be allocated.
        seconds: How long a file may take. The server waits no longer; this is for one that is gone.
    """
    warnings.simplefilter("ignore")  # of Pillow, about strangers' files
    _limit_memory(memory)
    os.environ["LIBTIFF_JPEG_MAX_ALLOWED_SCAN_NUMBER"] = str(MAX_TIFF_SCANS)
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(
        os.open(os.devnull, os.O_WRONLY), 2
    )  # of libraries in C, which tell the log about strangers' files
    requests = socket.socket(fileno=0)
    os.write(1, READY)
    while (request := _request(requests)) is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)  # ends the process
        _answer(*request)
        del request
        signal.setitimer(signal.ITIMER_REAL, 0)


def _request(requests: socket.socket) -> tuple[bytes, OpenFile | None] | None:
    """What comes next, with the file that comes with it; None at the end."""
    header, files, _, _ = socket.recv_fds(requests, 4, 1)
    file = OpenFile(os.fdopen(files[0], "rb")) if files else None
    while 0 < len(header) < 4 and (more := requests.recv(4 - len(header))):
        header += more
    if len(header) < 4:
        return None
    (length,) = struct.unpack(">I", header)
    data = requests.recv(length, socket.MSG_WAITALL)
    return (data, file) if len(data) == length else None


def _limit_memory(memory: int) -> None:
    """Of what is allocated, and not of what libraries map: RLIMIT_DATA, which Linux counts so since 4.7."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _decoded(data: bytes, file: OpenFile | None) -> DecodedImage:
    if file is None:
        return decode(data)
    with file:
        square = json.loads(data)
        if square is None:
            return decode_open(file)
        between, opaque, box, side = square
        return DecodedImage(decode_square(file, Tones(between and tuple(between), opaque), tuple(box), side))


def _answer(data: bytes, file: OpenFile | None) -> None:
    try:
        decoded = _decoded(data, file)
    except ImageError as error:
        _write_line({"error": message_to_json(error.message)})
        return
    (width, height), place, larger = decoded.image.size, decoded.georeference, decoded.larger
    _write_line(
        {
            "size": [width, height],
            "note": decoded.note and message_to_json(decoded.note),
            "metres_per_pixel": decoded.metres_per_pixel,
            "georeference": place and [place.crs, place.corners],
            "made_by": decoded.made_by,
            "pixel_ratio": decoded.pixel_ratio,
            "larger": larger and [larger.size, larger.tones.between, larger.tones.opaque],
        }
    )
    for top, bottom in strips(width, height):
        _write(decoded.image.crop((0, top, width, bottom)).tobytes())


def _write_line(answer: dict[str, Any]) -> None:
    _write(json.dumps(answer).encode() + b"\n")


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), float(sys.argv[2]))
    except BrokenPipeError:  # the server is gone
        sys.exit(0)
