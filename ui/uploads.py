"""The photos of visitors: kept in memory for two hours under names that nobody can guess.

So a visitor comes back to a photo by the browser's buttons, and may send somebody a link to a search with
it. Nothing is written to a disk; a restart forgets all. Of too many, the visitor with the most loses the
oldest first. Examples have names as visitors' photos have, and are never gone.
"""

from __future__ import annotations

import io
import math
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from retrieval import ImageError, Retriever
from retrieval.collections.places import Footprint
from retrieval.errors import Message
from retrieval.maps.locate import LocatedSquare, ScaleHints, locate
from retrieval.maps.placement import footprint
from retrieval.maps.screenshot import Screenshot, load_image, recent_image
from ui.limits.shares import FairStore

#: What the page promises: after two hours a photo is gone.
KEPT_SECONDS = 7200

#: Bytes of all that are kept: some 3,000, each a vector and a small picture.
MAX_BYTES_KEPT = 80_000_000

#: Bytes that one takes beside these: its notes, its name, the objects around them.
OVERHEAD = 2_000

#: Side of what is kept of a photo, in pixels: as much as the network sees.
PREVIEW_PIXELS = 256

SCREENSHOT_GONE = Message(
    "This screenshot is no longer on the server, which deletes them within two hours: drop it again."
)


@dataclass(frozen=True)
class ScreenshotUpload:
    """A screenshot that a visitor uploaded.

    Attributes:
        path: Of the file.
        file_scale: Metres per pixel, where a file beside it says so.
        located: What is searched of it.
    """

    path: str
    file_scale: float | None
    located: LocatedSquare


@dataclass(frozen=True)
class Upload:
    """A photo of a visitor.

    Attributes:
        vector: (2048,) float32, unit length.
        preview: A WebP file of the square that is searched, `PREVIEW_PIXELS` wide.
        notes: Sentences about how it was read.
        screenshot: Of a screenshot, where it is and what is searched of it; None for a photo.
        title: What people call it; empty for 'your photo'.
        in_sentence: Likewise within a sentence, where that is something else.
        footprint: The ground that it shows, where its file or the link of its map says so.
        attribution: Whom to name wherever it is shown; empty for a visitor's own.
        height: How many times as high the network looked at it from, see `retrieval.scale_guess`.
    """

    vector: NDArray[np.float32] = field(repr=False)
    preview: bytes = field(repr=False)
    notes: tuple[Message, ...] = ()
    screenshot: ScreenshotUpload | None = None
    title: str | Message = ""
    attribution: str | Message = ""
    in_sentence: str | Message = ""
    footprint: Footprint | None = None
    height: float = 1.0

    @property
    def named(self) -> str | Message:
        """What it is called within a sentence; empty for a visitor's own."""
        return self.in_sentence or self.title

    @property
    def image(self) -> Image.Image:
        """What is searched, RGB."""
        return Image.open(io.BytesIO(self.preview)).convert("RGB")


def preview_of(image: Image.Image) -> bytes:
    """The middle square of an RGB image as a small WebP file."""
    file = io.BytesIO()
    square = ImageOps.fit(image, (PREVIEW_PIXELS, PREVIEW_PIXELS), Image.Resampling.BICUBIC)
    square.save(file, "WEBP", quality=90, method=1)  # half the time
    return file.getvalue()


def load_screenshot(upload: ScreenshotUpload) -> Screenshot:
    """The whole screenshot, decoded again if others came between. Raises ImageError if the file is gone."""
    screenshot = load_image(upload.path, upload.file_scale)
    if not isinstance(screenshot, Screenshot):  # another file has taken its place
        raise ImageError(SCREENSHOT_GONE)
    return screenshot


def recent_screenshot(upload: ScreenshotUpload) -> Screenshot | None:
    """The whole screenshot where it is decoded already; for what is answered at once."""
    screenshot = recent_image(upload.path, upload.file_scale)
    return screenshot if isinstance(screenshot, Screenshot) else None


def upload_of_square(screenshot: Screenshot, upload: ScreenshotUpload) -> Upload:
    """The square that is searched of a screenshot."""
    square = screenshot.crop(upload.located.square)
    ground = footprint(screenshot, upload.located)
    return Upload(upload.located.vector, preview_of(square), screenshot=upload, footprint=ground)


def embed_upload(
    retriever: Retriever, path: str, hints: ScaleHints, file_scale: float | None, collection: str | None
) -> tuple[Upload, dict[str, float]]:
    """Read and embed a file, which is decoded once: a photo as a whole, of a screenshot a square of 78 m.

    Args:
        retriever: Has the network, and the collections.
        path: Of the file.
        hints: What is known of the scale.
        file_scale: Metres per pixel, where something beside the file says so.
        collection: By whose photos an unknown scale is guessed.

    Returns:
        The photo, and the seconds spent in 'decode' and 'embed'.

    Raises:
        ImageError: If the file cannot be used.
        retrieval.maps.scale.ScaleError: If what is said of the scale does not fit.
    """
    started = time.perf_counter()
    image = load_image(path, file_scale)
    decoded = time.perf_counter() - started
    if not isinstance(image, Screenshot):
        embedded = retriever.embed_image(image)
        seconds = embedded.seconds | {"decode": decoded}
        place = image.georeference.corners if image.georeference else None
        preview = preview_of(embedded.image)
        upload = Upload(embedded.vector, preview, embedded.notes, footprint=place, height=embedded.height)
        return upload, seconds
    started = time.perf_counter()
    located = locate(retriever.embedder, retriever.collection(collection), image, hints)
    seconds = {"decode": decoded, "embed": time.perf_counter() - started}
    return upload_of_square(image, ScreenshotUpload(path, file_scale, located)), seconds


class AlwaysThere(Protocol):
    """Photos under fixed names that can always be made again, see `ui.example_uploads`."""

    def get(self, name: str) -> Upload | None:
        """The photo of a name, made if need be; None if there is none."""

    def peek(self, name: str) -> Upload | None:
        """Likewise, where it is made already."""

    def require(self, name: str, *, made: bool = False) -> Upload | None:
        """Either, by `made`; None of a name of another kind. Raises a QueryError that says why."""


class UploadStore:
    """All that are kept at the moment; may be used from several threads.

    Args:
        seconds: How long one is kept.
        max_bytes: Of all together.
        clock: Seconds since 1970.

    Attributes:
        examples: What is found beside them, once the page has such.
    """

    def __init__(
        self,
        seconds: float = KEPT_SECONDS,
        max_bytes: int = MAX_BYTES_KEPT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.examples: AlwaysThere | None = None
        self._kept: FairStore[tuple[Upload, str | None]] = FairStore(max_bytes, seconds, clock)

    def keep(self, photo: Upload, instead_of: str | None = None, visitor: str = "") -> str:
        """Keep a photo, and no longer than the one that it takes the place of. Returns its name.

        The one before stays until it is replaced again, for an event that is at work with it. So a square
        that is moved about takes two places, not one for each move. What somebody else brought is left
        alone.
        """
        name = secrets.token_urlsafe(12)
        before = self._kept.get(instead_of) if instead_of is not None else None
        replaced = instead_of if before and before.visitor == visitor else None
        if before and replaced and before.value[1]:
            self._kept.drop(before.value[1])
        held = photo.vector if photo.vector.base is None else photo.vector.base  # one of several is a view
        size = held.nbytes + len(photo.preview) + OVERHEAD
        self._kept.keep(name, (photo, replaced), size, visitor, before.until if before else None)
        return name

    def get(self, name: str) -> Upload | None:
        """The photo of a name; None if there is none, or it is gone."""
        kept = self._kept.get(name)
        return kept.value[0] if kept else self._example(name)

    def peek(self, name: str) -> Upload | None:
        """Likewise, of examples only those that are made already: for what anybody may ask, at once."""
        kept = self._kept.get(name)
        return kept.value[0] if kept else self.examples.peek(name) if self.examples else None

    def _example(self, name: str) -> Upload | None:
        return self.examples.get(name) if self.examples else None

    @property
    def count(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def vectors(self, names: Iterable[str], *, made: bool = False) -> dict[str, NDArray[np.float32]]:
        """The vectors of those of these names that are kept.

        Args:
            names: Of photos.
            made: Whether only examples count that are made already.

        Raises:
            QueryError: If an example is not here; the message says why.
        """
        found = {}
        for name in names:
            if kept := self._kept.get(name):
                found[name] = kept.value[0].vector
            elif self.examples and (example := self.examples.require(name, made=made)):
                found[name] = example.vector
        return found

    def until(self, names: Iterable[str]) -> float | None:
        """When the first of these goes, in seconds since 1970; None of no names, or if one is gone.

        An example goes never: infinity.
        """
        ends: list[float] = []
        for name in names:
            if kept := self._kept.get(name):
                ends.append(kept.until)
            elif self._example(name):
                ends.append(math.inf)
            else:
                return None
        return min(ends, default=None)
