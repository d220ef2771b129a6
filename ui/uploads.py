"""The photos that visitors bring: kept in memory for two hours under names that nobody can guess.

So a visitor comes back to a photo by the browser's buttons, and may send somebody a link to a search with it.
Nothing is written to a disk; a restart forgets all.
"""

from __future__ import annotations

import io
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from retrieval.maps.crops import cut
from retrieval.maps.locate import Reading, Said, read
from retrieval.maps.screenshot import Picture, open_picture

if TYPE_CHECKING:
    from retrieval.retriever import Retriever

#: What the page promises: after two hours a photo is gone.
KEPT_SECONDS = 7200

#: Of more, the oldest go first. Each is a vector and a small picture.
MOST_KEPT = 1000

#: Side of what is kept of a photo, in pixels: what the network sees of it.
SEEN = 256


@dataclass(frozen=True)
class Shot:
    """A screenshot.

    Attributes:
        path: Of the upload.
        file_scale: See `retrieval.maps.screenshot.open_picture`.
        reading: What is searched of it.
    """

    path: str
    file_scale: float | None
    reading: Reading


@dataclass(frozen=True)
class Brought:
    """A photo of a visitor.

    Attributes:
        vector: (2048,) float32, unit length.
        picture: A WebP file of the square that the network saw, `SEEN` pixels wide.
        note: A sentence about how it was read, or an empty string.
        shot: Of a screenshot, where it is and what is searched of it; None for a photo.
        title: What people call it; empty for 'your photo'.
        attribution: Whom to name wherever it is shown; empty for a visitor's own.
    """

    vector: NDArray[np.float32] = field(repr=False)
    picture: bytes = field(repr=False)
    note: str = ""
    shot: Shot | None = None
    title: str = ""
    attribution: str = ""

    @property
    def image(self) -> Image.Image:
        """What the network saw, RGB."""
        return Image.open(io.BytesIO(self.picture)).convert("RGB")


def seen_picture(image: Image.Image) -> bytes:
    """The middle square of an RGB image as a small WebP file."""
    file = io.BytesIO()
    ImageOps.fit(image, (SEEN, SEEN), Image.Resampling.BICUBIC).save(file, "WEBP", quality=90)
    return file.getvalue()


def opened(shot: Shot) -> Picture:
    """The picture of a screenshot, decoded again if others came between. Raises ImageError if it is gone."""
    picture = open_picture(shot.path, shot.file_scale)
    assert picture is not None  # it was a screenshot when it was read
    return picture


def square_of(screenshot: Picture, shot: Shot) -> Brought:
    """The square that is searched of a screenshot."""
    square = cut(screenshot.image, shot.reading.square)
    return Brought(shot.reading.vector, seen_picture(square), shot=shot)


def bring(
    retriever: Retriever, path: str, said: Said, file_scale: float | None, collection: str | None
) -> tuple[Brought, dict[str, float]]:
    """Read and embed a file: a photo as a whole, of a screenshot of a map a square of 78 m.

    Args:
        retriever: Embeds, and guesses a scale that nobody says.
        path: Of the file.
        said: What is known of the scale.
        file_scale: Metres per pixel, where something beside the file says so.
        collection: By whose photos a scale is guessed.

    Returns:
        The photo, and the seconds spent in 'decode' and 'embed'.

    Raises:
        ImageError: If the file cannot be used.
        retrieval.maps.scale.ScaleError: If what is said of the scale does not fit.
    """
    started = time.perf_counter()
    screenshot = open_picture(path, file_scale)
    if screenshot is None:
        seen = retriever.see(path)
        return Brought(seen.vector, seen_picture(seen.image), seen.note), seen.seconds
    decoded = time.perf_counter()
    reading = read(retriever, screenshot, said, collection)
    seconds = {"decode": decoded - started, "embed": time.perf_counter() - decoded}
    return square_of(screenshot, Shot(path, file_scale, reading)), seconds


class BroughtPhotos:
    """All that are kept at the moment; may be used from several threads.

    Args:
        seconds: How long one is kept.
        most: How many.
        clock: Seconds since 1970.
    """

    def __init__(
        self, seconds: float = KEPT_SECONDS, most: int = MOST_KEPT, clock: Callable[[], float] = time.time
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: OrderedDict[str, tuple[float, Brought]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, photo: Brought, instead_of: str | None = None) -> str:
        """Keep a photo, and no longer than the one that it takes the place of. Returns its name."""
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._forget_old()
            until = self._clock() + self._seconds
            if instead_of is not None and instead_of in self._kept:
                until = self._kept[instead_of][0]
            self._kept[name] = (until, photo)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return name

    def get(self, name: str) -> Brought | None:
        """The photo of a name; None if there is none, or it is gone."""
        with self._lock:
            self._forget_old()
            kept = self._kept.get(name)
        return kept[1] if kept else None

    def vectors(self, names: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those of these names that are kept."""
        return {name: photo.vector for name in names if (photo := self.get(name))}

    def until(self, names: Iterable[str]) -> float | None:
        """When the first of these goes, in seconds since 1970; None of no names, or if one is gone."""
        with self._lock:
            self._forget_old()
            times = [self._kept[name][0] if name in self._kept else None for name in names]
        known = [each for each in times if each is not None]
        return min(known) if known and len(known) == len(times) else None

    def _forget_old(self) -> None:
        now = self._clock()
        for name in [name for name, (until, _) in self._kept.items() if until <= now]:
            del self._kept[name]
