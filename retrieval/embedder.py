"""Images -> unit vectors: the one place that owns the network, whatever runs it and whoever asks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.batching import Batcher
from retrieval.collections.artifacts import file_sha256
from retrieval.preprocessing import Preprocessing
from retrieval.runtime import ZERO_GPU, Runtime, serving_runtime
from retrieval.scale_probe import ScaleProbe, read_probe
from retrieval.weights import DIMENSION

if TYPE_CHECKING:
    import torch


class Embedder:
    """A ResNet-50 without its last layer: images -> unit vectors of 2,048 features.

    It may be used from many threads: images that are embedded at the same time go through the network
    together. Many images go in batches, and what others ask for comes in between.

    Attributes:
        preprocessing: As given.
        runtime: What runs the network.
        scale_probe: As given.

    Args:
        weights: A runtime that is ready, see `retrieval.runtime.serving_runtime`; or a safetensors file, see
            `retrieval.weights`, or a network in training, which is copied: those run in torch, in float32 on
            CPUs and in half precision on GPUs. So are vectors computed that are stored or evaluated.
        preprocessing: As stored in the manifest.
        device: For torch: 'cuda', 'cpu', …; by default CUDA where there is a GPU.
        scale_probe: What tells how much ground an image shows; None where these weights have none.

    Raises:
        ArtifactError: If the file is not safetensors, or its keys or shapes are not those of the network.
        DeviceError: If CUDA is asked for and there is none.
    """

    def __init__(
        self,
        weights: Runtime | Path | torch.nn.Module,
        preprocessing: Preprocessing,
        device: str | None = None,
        scale_probe: ScaleProbe | None = None,
    ) -> None:
        self.preprocessing = preprocessing
        self.scale_probe = scale_probe
        if isinstance(weights, Path) or not isinstance(weights, Runtime):
            from retrieval.torch_runtime import TorchRuntime  # here: torch takes seconds to import

            weights = TorchRuntime(weights, preprocessing, device)
        self.runtime: Runtime = weights
        self._batcher = Batcher(lambda: self.runtime.batch)
        # One object each: jobs go together that ask for the same one.
        self._vectors, self._maps = self.runtime.vectors, self.runtime.maps

    @property
    def device(self) -> str:
        """Where the network is, as 'cpu' or 'cuda'."""
        return self.runtime.device

    @property
    def dtype(self) -> str:
        """What the network computes in, as 'float32' or 'int8'."""
        return self.runtime.dtype

    @property
    def pooling_power(self) -> float:
        """The power of generalised-mean pooling, see `retrieval.network.GeM`; 1 for the average."""
        return self.runtime.pooling_power

    def embed(
        self, images: Sequence[Image.Image], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Embed RGB images.

        Args:
            images: Any sequence; one that opens its images when indexed keeps memory low.
            on_batch: Called after each batch with its number of images, for a progress bar.

        Returns:
            (n, 2048) float32, each row of L2 norm 1.
        """
        vectors = np.empty((len(images), DIMENSION), np.float32)
        start = 0
        while start < len(images):
            stop = min(start + self.runtime.batch, len(images))
            pixels = self._pixels([images[row] for row in range(start, stop)])
            vectors[start:stop] = self._batcher.run(self._vectors, pixels)
            if on_batch:
                on_batch(stop - start)
            start = stop
        return vectors

    def maps(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """What the network sees where: its last feature maps, before they are pooled to vectors.

        Args:
            images: RGB, at least one; few, because all go through the network in one batch.

        Returns:
            (n, 2048, height, width) float32, no value below 0. The places are those of the middle square of
            each image; height and width are a 32nd of the preprocessing's size.
        """
        return self._batcher.run(self._maps, self._pixels(images))

    def warm_up(self) -> None:
        """Embed one grey image, so that the first visitor does not wait for the first-time costs."""
        self.embed([Image.new("RGB", (self.preprocessing.size,) * 2, "grey")])

    def _pixels(self, images: Sequence[Image.Image]) -> NDArray[np.uint8]:
        return np.stack([self.preprocessing.pixels(image) for image in images])


@functools.cache
def load_embedder(
    weights: Path,
    preprocessing: Preprocessing,
    device: str | None = None,
    quantization: Path | None = None,
    scale: Path | None = None,
) -> Embedder:
    """The embedder of these weights, loaded and warmed once a process and shared from then on.

    It is the fastest of this machine, see `retrieval.runtime.serving_runtime`.

    Args:
        weights: A safetensors file, see `retrieval.weights`.
        preprocessing: As stored in the manifest.
        device: 'cuda' or 'cpu'.
        quantization: The file that lets a CPU compute in int8.
        scale: The file that tells how much ground an image shows, see `retrieval.scale_probe`.

    Raises:
        ArtifactError: If a file cannot be used.
    """
    runtime = serving_runtime(weights, preprocessing, device, quantization)
    probe = read_probe(scale, file_sha256(weights), DIMENSION) if scale else None
    embedder = Embedder(runtime, preprocessing, scale_probe=probe)
    if not ZERO_GPU:  # there, only a forked worker would be warmed
        embedder.warm_up()
    return embedder
