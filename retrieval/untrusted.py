"""Strangers' files -> images, decoded at arm's length: in a worker process with limits of time and memory.

What visitors and callers of the endpoints bring comes in here; photos of a collection are decoded where they
are needed, by `retrieval.images.decode`. A worker (`retrieval.decoder_worker`) gets the bytes of a file, or a
large one as an open file, and answers with pixels or with the sentence of an `ImageError`. One that takes
too long or ends is replaced. What it answers is numbers and text only, which are checked.

This bounds time and memory, and keeps a crash out of the server. It is no sandbox: a file that took over a
worker by a flaw of a decoder would have the rights of the page's user. It is given none of the server's
secrets, but what that user may read and reach is for the system to limit, see `docs/deploy.md`.
"""

from __future__ import annotations

import atexit
import json
import logging
import math
import os
import queue
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from retrieval.camera import MAKERS, UNKNOWN
from retrieval.decode_limits import (
    BUSY,
    EVENT_SECONDS,
    PLACES,
    WAIT_SECONDS,
    BusyError,
    one_budget,
    place_to_work,
)
from retrieval.decoder_worker import MEMORY_BYTES, READY, message_from_json, strips
from retrieval.errors import Message
from retrieval.files import open_regular
from retrieval.georeference import MAX_NAME, Georeference
from retrieval.image_files import open_image_file, open_own_file
from retrieval.images import (
    MAX_PIXELS,
    TOO_DEMANDING,
    DecodedImage,
    ImageError,
    Source,
    decode,
    read_image_file,
    with_source,
)
from retrieval.plain_text import one_line
from retrieval.raster_file import Larger, OpenFile, Tones

#: How long a file may take, in seconds of wall clock, with the start of a worker where that is needed.
SECONDS = 10.0

#: Workers at most. Each is started when it is needed, takes some 40 MB, and stays.
WORKERS = PLACES

#: A raster that was read smaller is not there any more as it was, so that no square of it can be read.
CHANGED = Message("The file is gone, or was written to meanwhile: choose it again.")

UNAVAILABLE = Message("No photo can be read on this server at the moment: tell whoever runs it.")

_PROJECT = Path(__file__).resolve().parents[1]

#: What Python, its libraries and temporary files may need. No other variable of the server is for a worker:
#: some hold secrets, such as HF_TOKEN.
_INHERITED = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHOME", "SYSTEMROOT"),
    *("HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
)

#: Where its program is, wherever the server was started; and NumPy's threads would only take memory.
_ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH")))),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}

logger = logging.getLogger(__name__)


def decode_untrusted(source: Source) -> DecodedImage:
    """As `retrieval.images.decode`, with the work done in a process of its own; may be called by any thread.

    Args:
        source: A path or the bytes of a file. A `PIL.Image` is in memory already, and taken over here.

    Raises:
        ImageError: As `decode`; and if the file takes too much time or memory.
        BusyError: If no worker is free, or nothing of the event's budget is left (`retrieval.decode_limits`).
    """
    if isinstance(source, Image.Image):
        return decode(source)
    with place_to_work():
        if isinstance(source, bytes):
            return _pool.decode(read_image_file(source))
        opened = open_image_file(source)
        if isinstance(opened, bytes):
            return with_source(_pool.decode(opened), source, None)
        with opened:
            return with_source(_pool.decode(opened), source, opened)


def decode_own(path: Path) -> DecodedImage:
    """As `retrieval.images.decode`, of a photo in a folder of the operator's own, which may be large.

    One that is goes to a worker: in the server's own process it would take too much memory.

    Raises:
        ImageError: As `decode_untrusted`.
        BusyError: As `decode_untrusted`, of a large one.
    """
    opened = open_own_file(path)
    if isinstance(opened, bytes):
        return with_source(decode(opened), path, None)
    with opened, place_to_work():
        return with_source(_pool.decode(opened), path, opened)


def read_square(larger: Larger, box: tuple[float, float, float, float], side: int) -> Image.Image:
    """Read a square of a raster that was decoded smaller, with all its pixels.

    Args:
        larger: The raster.
        box: Left, top, right, bottom in pixels of the raster.
        side: Of the image, pixels, to which it is resampled.

    Raises:
        ImageError: If its file is gone, or another one, or cannot be read within the limits.
        BusyError: As `decode_untrusted`.
    """
    with place_to_work():
        try:
            if isinstance(larger.source, bytes):
                file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - `OpenFile` closes it
                file.write(larger.source)
                file.flush()
            else:
                file = open_regular(larger.source)
        except OSError:
            raise ImageError(CHANGED) from None
        with OpenFile(file) as opened:
            if larger.state not in (None, opened.state):
                raise ImageError(CHANGED)
            tones = larger.tones
            image = _pool.decode(opened, [tones.between, tones.opaque, box, side]).image
        if image.size != (side, side):
            raise ImageError(TOO_DEMANDING)
        return image


class DecoderPool:
    """Worker processes that decode, started when they are needed.

    Args:
        workers: How many at most.
        seconds: How long a file may take.
        wait_seconds: How long a file waits for a free worker.
        memory: Bytes that a worker may allocate.
        command: What starts a worker.
    """

    def __init__(
        self,
        workers: int = WORKERS,
        seconds: float = SECONDS,
        wait_seconds: float = WAIT_SECONDS,
        memory: int = MEMORY_BYTES,
        command: tuple[str, ...] = (sys.executable, "-m", "retrieval.decoder_worker"),
    ) -> None:
        self._seconds, self._wait_seconds = seconds, wait_seconds
        self._command = (*command, str(memory), str(seconds))
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()  # None: a place without a worker
        for _ in range(workers):
            self._idle.put(None)
        self._started: list[_Worker] = []

    def decode(self, data: bytes | OpenFile, square: Sequence[Any] | None = None) -> DecodedImage:
        """Decode the bytes of a file, or an open one; of that perhaps only a square. Raises ImageError."""
        try:
            worker = self._idle.get(timeout=self._wait_seconds)
        except queue.Empty:
            raise BusyError(BUSY) from None
        try:
            if worker is None or not worker.alive():
                worker = _Worker(self._command)
                self._started = [*filter(_Worker.alive, self._started), worker]
            return self._decode(worker, data, square)
        except OSError as error:
            logger.error("No process can be started to decode images: %s", error)
            raise ImageError(UNAVAILABLE) from error
        finally:
            self._idle.put(worker if worker is not None and worker.alive() else None)

    def _decode(self, worker: _Worker, data: bytes | OpenFile, square: Sequence[Any] | None) -> DecodedImage:
        """Decode within what is left of the event's budget; outside of events, in the time of a file."""
        with one_budget(max(EVENT_SECONDS, self._seconds)) as budget:
            try:
                with budget.working() as seconds:
                    image = worker.decode(data, min(self._seconds, seconds), square)
            except ImageError as error:
                if error.message == TOO_DEMANDING:
                    budget.check()  # it may not be this file's fault alone
                raise
        return with_source(image, data, None) if isinstance(data, bytes) else image

    def close(self) -> None:
        """End all workers; who waits for one is told that the file took too long."""
        for worker in self._started:
            worker.end()


class _Worker:
    """A process that decodes one file after another."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._ready = False
        self._requests, its_end = socket.socketpair()  # a pipe takes no open file
        with its_end:
            self._process = subprocess.Popen(
                command,
                stdin=its_end.fileno(),
                stdout=subprocess.PIPE,
                cwd=_PROJECT,
                env={name: os.environ[name] for name in _INHERITED if name in os.environ} | _ENVIRONMENT,
                start_new_session=True,  # Ctrl+C in the server's terminal is not for it
            )

    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        with suppress(OSError):
            self._process.kill()

    def kill(self) -> None:
        """End it and all that is left of it."""
        self.end()
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.wait(5)
        self._requests.close()
        if self._process.stdout:
            self._process.stdout.close()

    def decode(
        self, data: bytes | OpenFile, seconds: float, square: Sequence[Any] | None = None
    ) -> DecodedImage:
        """Raises ImageError; the process is dead then unless the file was refused as such."""
        timer = threading.Timer(seconds, self._process.kill)  # ends reading and writing too
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(data, square)
        except ImageError:
            raise
        except BaseException as error:  # nobody knows what would come next from it
            self.kill()
            if not isinstance(error, Exception):
                raise
            status = self._process.returncode
            if not self._ready and status not in (-9, None):
                raise OSError(f"it ended with status {status}") from error
            logger.warning("A process that decoded an image was ended, or ended with status %s", status)
            raise ImageError(TOO_DEMANDING) from error
        finally:
            timer.cancel()

    def _exchange(self, data: bytes | OpenFile, square: Sequence[Any] | None) -> DecodedImage:
        stdout = self._process.stdout
        assert stdout
        if not self._ready:
            if stdout.read(len(READY)) != READY:
                raise EOFError
            self._ready = True
        body = data if isinstance(data, bytes) else json.dumps(square).encode()
        files = [] if isinstance(data, bytes) else [data.descriptor]
        socket.send_fds(self._requests, [struct.pack(">I", len(body))], files)
        self._requests.sendall(body)
        answer: dict[str, Any] = json.loads(stdout.readline(100_000))
        if "error" in answer:
            raise ImageError(message_from_json(answer["error"]))
        width, height = map(int, answer["size"])
        if not (width > 0 and height > 0 and width * height <= MAX_PIXELS):
            raise ValueError("an impossible size")
        image = Image.new("RGB", (width, height), None)  # uninitialised: it is filled from the pipe
        for top, bottom in strips(width, height):
            pixels = stdout.read(3 * width * (bottom - top))
            if len(pixels) != 3 * width * (bottom - top):
                raise EOFError
            image.paste(Image.frombuffer("RGB", (width, bottom - top), pixels, "raw", "RGB", 0, 1), (0, top))
        return DecodedImage(
            image,
            message_from_json(answer["note"]) if answer["note"] else None,
            _positive(answer["metres_per_pixel"]),
            _georeference(answer["georeference"]),
            answer["made_by"] if answer["made_by"] in MAKERS else UNKNOWN,
            _positive(answer["pixel_ratio"]),
            _larger(answer["larger"], image),
        )


def _positive(given: Any) -> float | None:  # noqa: ANN401 - of JSON
    number = float(given or 0)
    return number if 0 < number < math.inf else None


def _larger(given: Any, image: Image.Image) -> Larger | None:  # noqa: ANN401 - of JSON
    if not given:
        return None
    (width, height), between, opaque = given
    if not (image.width <= int(width) < 1 << 31 and image.height <= int(height) < 1 << 31):
        raise ValueError("an impossible size")
    dark_and_bright = (float(between[0]), float(between[1])) if between else None
    return Larger((int(width), int(height)), Tones(dark_and_bright, float(opaque)))


def _georeference(given: Any) -> Georeference | None:  # noqa: ANN401 - of JSON
    if not given:
        return None
    crs, corners = given
    first, second, third, fourth = ((float(longitude), float(latitude)) for longitude, latitude in corners)
    return Georeference(one_line(str(crs), MAX_NAME), (first, second, third, fourth))


_pool = DecoderPool()
atexit.register(lambda: _pool.close())


def _start_anew() -> None:
    """In a forked process: the workers are those of the process that was forked."""
    global _pool
    _pool = DecoderPool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
