"""Photos are read and decoded ahead of the network, in processes of their own, so that it does not wait."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from retrieval.collections import previews
from retrieval.collections.collection import file_state
from retrieval.decode_limits import PLACES, BusyError
from retrieval.image_files import open_own_file
from retrieval.images import DecodedImage, ImageError, pixel_sha256, with_source
from retrieval.maps.scale import ScaleError
from retrieval.maps.screenshot import searched_part
from retrieval.preprocessing import Preprocessing
from retrieval.raster_file import OpenFile
from retrieval.untrusted import UNAVAILABLE, DecoderPool
from train.data.ucmerced import DataError
from train.folders.footprints import footprint
from train.folders.ledger import Photo
from train.folders.walk import Found, LeftOut, written

#: Processes that decode, at most: one for each core, of which each may take `decoder_worker.MEMORY_BYTES`.
WORKERS = 16
#: Seconds that a photo may take: nobody waits for it, and large ones share the cores with the network.
SECONDS = 60.0
#: Photos that are read before they are asked for. Only their squares are kept, of 200 KB each.
AHEAD = 128
#: A file that was written to so short a time ago may change again without another time: in nanoseconds.
JUST_NOW = 2_000_000_000


@dataclass(frozen=True)
class Read:
    """A photo that was read.

    Attributes:
        photo: What is known of it; without pixels and preview where its content is known already.
        square: What the network sees of it, RGB; None where its content is known already.
    """

    photo: Photo
    square: Image.Image | None


def read_ahead(
    root: Path,
    photos: Iterable[Found],
    preprocessing: Preprocessing,
    known: Container[str],
    cores: int | None = None,
) -> Iterator[Read | LeftOut]:
    """Read photos, in their order.

    Each is decoded as what visitors bring is, so that a photo and the same one as a query are cut alike, and
    a file that ends its decoder, or takes too long, is left out as any other that is damaged.

    Args:
        root: Their folder.
        photos: Which.
        preprocessing: Cuts the square.
        known: Contents that need not be decoded; may grow meanwhile.
        cores: Of this machine, that may be used; by default all.

    Raises:
        DataError: If no process can be started to decode.
    """
    workers = min(WORKERS, cores or os.cpu_count() or 1)
    pool = DecoderPool(workers=workers, seconds=SECONDS)
    reader = _Reader(root, preprocessing, known, pool)
    with closing(pool), ThreadPoolExecutor(workers) as threads:
        waiting: deque[Future[Read | LeftOut]] = deque()
        try:
            for photo in photos:
                waiting.append(threads.submit(reader.read, photo))
                if len(waiting) == AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # whatever ends this ends those that wait, too
            for future in waiting:
                future.cancel()


@dataclass(frozen=True)
class _Reader:
    root: Path
    preprocessing: Preprocessing
    known: Container[str]
    pool: DecoderPool

    def read(self, found: Found) -> Read | LeftOut:
        try:
            return self._read(found)
        except BusyError as error:
            raise DataError(f"{found.file} could not be read now ({error})") from error
        except ImageError as error:
            if error.message == UNAVAILABLE:
                raise DataError(
                    "No process can be started to decode photos: make room in memory, and run this again."
                ) from error
            return LeftOut(written(found.file), str(error))
        except ScaleError as error:
            return LeftOut(written(found.file), str(error))
        except OSError as error:
            words = error.strerror or str(error)
            return LeftOut(written(found.file), f"This file cannot be read to its end ({words}).")

    def _read(self, found: Found) -> Read | LeftOut:
        path = self.root / found.file
        started = time.time_ns()
        before = file_state(path)
        data = open_own_file(path)
        with nullcontext() if isinstance(data, bytes) else data:
            if before is None or file_state(path) != before:
                return _changed(found)
            _, _, size, modified = before
            modified = modified if modified < started - JUST_NOW else 0
            photo = Photo(found.file, size, modified, _sha256(data), "", "")
            read = Read(photo, None) if photo.content in self.known else self._decoded(path, data, photo)
        if not isinstance(data, bytes) and file_state(path) != before:
            return _changed(found)
        return read

    def _decoded(self, path: Path, data: bytes | OpenFile, photo: Photo) -> Read:
        decoded = self.pool.decode(data)
        if not isinstance(data, bytes):
            decoded = with_source(decoded, path, data)
        image = decoded.image
        photo = replace(
            photo,
            pixels=pixel_sha256(image),
            blurhash=previews.encode(image),
            footprint=footprint(data, decoded),
        )
        return Read(photo, self.preprocessing.square(_searched(decoded)))


def _changed(found: Found) -> LeftOut:
    return LeftOut(written(found.file), "It changed while it was read: run this again.")


def _sha256(data: bytes | OpenFile) -> str:
    """Of a file's content. Raises OSError where the disk does not give it."""
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    digest, file = hashlib.sha256(), data.from_start()
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()


def _searched(decoded: DecodedImage) -> Image.Image:
    """What the page searches of a photo: all, or of one that says its scale the first square of 78 m."""
    if decoded.metres_per_pixel is None:
        return decoded.image
    with _places:  # looking for what covers it takes memory
        return searched_part(decoded)[0]


_places = threading.BoundedSemaphore(PLACES)
