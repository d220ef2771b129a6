"""Photos go to the network in batches, and with their vectors to the disk.

The network runs in threads of its own, and batches wait for it: reading goes on meanwhile.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.preprocessing import Preprocessing
from retrieval.runtime import Runtime, bulk_runtime
from train.folders.known import Known
from train.folders.ledger import Ledger, Photo
from train.folders.shares import Share

#: Photos that go to the network at once and are kept together, at most; a runtime may take fewer.
BATCH = 32

Vectors = NDArray[np.float32]


class Embedding:
    """What is new goes to the network; what that makes of it, into the ledger, in the same order.

    Whoever leaves its context by Ctrl+C has what was computed kept.

    Attributes:
        count: Photos that the network saw and that are kept.
        dtype: What the network computes in, as 'bfloat16'; '' while nothing was embedded.

    Args:
        weights: A safetensors file.
        preprocessing: Theirs.
        device: 'cuda' or 'cpu'; by default CUDA where there is a GPU.
        known: Gets the vectors.
        ledger: Likewise.
        precision: See `retrieval.runtime.bulk_runtime`.
        share: Which of several processes this one is.
    """

    def __init__(
        self,
        weights: Path,
        preprocessing: Preprocessing,
        device: str | None,
        known: Known,
        ledger: Ledger,
        precision: str | None = None,
        share: Share | None = None,
    ) -> None:
        self._weights, self._preprocessing = weights, preprocessing
        self._device, self._precision, self._share = device, precision, share or Share()
        self._known, self._ledger = known, ledger
        self._runtime: Runtime | None = None
        self._photos: list[Photo] = []
        self._squares: list[Image.Image] = []
        self._sent: deque[tuple[list[Photo], Future[Vectors]]] = deque()
        self.count, self.dtype = 0, ""

    def __enter__(self) -> Embedding:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runtime is None:
            return
        self._threads.shutdown(wait=True, cancel_futures=True)
        if kind is KeyboardInterrupt:
            while self._sent and not self._sent[0][1].cancelled():
                self._keep_first()

    def known(self, photo: Photo) -> Photo:
        """A photo whose content is known under another name, or from another time."""
        same = self._known.contents[photo.content]
        place = photo.footprint or same.footprint
        return replace(photo, pixels=same.pixels, blurhash=same.blurhash, footprint=place)

    def add(self, photo: Photo, square: Image.Image) -> int:
        """Add a photo. Returns how many more are kept now; waits where the network is far behind."""
        if self._runtime is None:
            self._runtime = self._start()
        self._photos.append(photo)
        self._squares.append(square)
        if len(self._photos) < min(BATCH, self._runtime.batch):
            return 0
        self._send()
        return self._keep(leave=2 * self._runtime.lanes)  # one at work for each thread, and one ready

    def rest(self) -> int:
        """Embed those that wait. Returns how many more are kept now."""
        if self._photos:
            self._send()
        return self._keep(leave=0)

    def _start(self) -> Runtime:
        device = self._share.device(self._device)
        runtime = bulk_runtime(self._weights, self._preprocessing, device, self._precision, self._share.cores)
        self.dtype = runtime.dtype
        self._threads = ThreadPoolExecutor(runtime.lanes)
        return runtime

    def _send(self) -> None:
        pixels = np.stack([self._preprocessing.pixels(square) for square in self._squares])
        self._sent.append((self._photos, self._threads.submit(self._vectors, pixels)))
        self._photos, self._squares = [], []

    def _vectors(self, pixels: NDArray[np.uint8]) -> Vectors:
        """In one of the threads."""
        assert self._runtime
        return self._runtime.vectors(pixels)

    def _keep(self, leave: int) -> int:
        before = self.count
        while len(self._sent) > leave or (self._sent and self._sent[0][1].done()):
            self._keep_first()
        return self.count - before

    def _keep_first(self) -> None:
        photos, future = self._sent.popleft()
        vectors = future.result()
        self._ledger.add(photos, vectors)
        self._known.add(photos, vectors)
        self.count += len(photos)
