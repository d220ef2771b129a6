"""Photos in many views -> vectors, which stay on the disk, so that no run embeds what another has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from retrieval.collections.artifacts import file_sha256
from retrieval.files import atomic_write
from retrieval.preprocessing import Preprocessing
from retrieval.runtime import Runtime, bulk_runtime
from train.data.dataset import LabeledImages
from train.evaluate.metrics import Embeddings
from train.evaluate.views import Seen, view_of, view_side
from train.folders.shares import Share


class ViewVectors:
    """Embeds views with the runtime of bulk embedding, and keeps what it has embedded.

    Attributes:
        weights: SHA-256 of the file of weights.
        size: Side of what the network sees of a whole photo.
        dtype: What it computes in.

    Args:
        weights: A safetensors file.
        preprocessing: Theirs.
        folder: Where the vectors are kept: a file for each view of each part.
        device: See `retrieval.runtime.bulk_runtime`, also for `precision`.
        precision: As 'float32'.
    """

    def __init__(
        self,
        weights: Path,
        preprocessing: Preprocessing,
        folder: Path,
        device: str | None = None,
        precision: str | None = None,
    ) -> None:
        self._file, self._preprocessing, self._folder = weights, preprocessing, folder
        self._device, self._precision = device, precision
        self._runtimes: dict[int, Runtime] = {}
        self.weights, self.size = file_sha256(weights), preprocessing.size
        self.dtype = self._runtime(self.size).dtype

    def of(
        self, part: str, photos: LabeledImages, views: Iterable[str], copy: str | None = None
    ) -> dict[str, Embeddings]:
        """The vectors of photos, by view; those that are not kept yet are embedded.

        Args:
            part: A word for these photos, for the names of files.
            photos: Read only where something is missing.
            views: See `train.evaluate.views.view_of`.
            copy: A view that these photos are seen in before all else, so that they look like photos from
                elsewhere.

        Raises:
            DataError: If a photo cannot be read.
        """
        found: dict[str, Embeddings] = {}
        read: LabeledImages | None = None
        for view in dict.fromkeys(views):
            path = self._path(part, photos.files, view, copy)
            kept = _kept(path, len(photos.files))
            if kept is None:
                read = read or self._read(photos, copy)
                kept = self._embed(f"{part} {copy or ''} {view}", view, read)
                with atomic_write(path) as partial, partial.open("wb") as file:
                    np.save(file, kept)
            found[view] = kept
        return found

    def _path(self, part: str, files: Sequence[str], view: str, copy: str | None) -> Path:
        what = [self.weights, asdict(self._preprocessing), self.dtype, [*files]]
        mark = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:12]
        return self._folder / f"{'-'.join(filter(None, (part, copy, view)))}-{mark}.npy"

    def _read(self, photos: LabeledImages, copy: str | None) -> LabeledImages:
        read = replace(photos, images=[*photos.images])
        if copy is None:
            return read
        rows = range(len(read.files))
        return replace(read, images=[view_of(copy, read, row, self.size) for row in rows])

    def _embed(self, name: str, view: str, photos: LabeledImages) -> Embeddings:
        runtime = self._runtime(view_side(view, self.size))
        preprocessing = replace(self._preprocessing, size=view_side(view, self.size))
        images = Seen(view, photos, self.size)

        def vectors(start: int) -> Embeddings:
            squares: list[Image.Image] = [images[row] for row in range(start, min(start + step, len(images)))]
            made = runtime.vectors(np.stack([preprocessing.pixels(square) for square in squares]))
            bar.update(len(made))
            return made

        step = runtime.batch
        with (
            tqdm(total=len(images), desc=" ".join(f"embed {name}".split()), unit="image") as bar,
            ThreadPoolExecutor(runtime.lanes) as threads,
        ):
            return np.concatenate([*threads.map(vectors, range(0, len(images), step))])

    def _runtime(self, side: int) -> Runtime:
        if side not in self._runtimes:
            preprocessing = replace(self._preprocessing, size=side)
            self._runtimes[side] = bulk_runtime(
                self._file, preprocessing, self._device, self._precision, Share().cores
            )
        return self._runtimes[side]


def _kept(path: Path, count: int) -> Embeddings | None:
    """The vectors in a file; None where there is none, or something else in it."""
    try:
        vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return vectors if vectors.ndim == 2 and len(vectors) == count else None
