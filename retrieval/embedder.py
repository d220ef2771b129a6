"""Images -> unit vectors: the preprocessing, and the `Embedder` that runs it and the network.

Importing this module imports torch, which takes seconds; the rest of the package does so only when an
embedder is asked for.
"""

from __future__ import annotations

import copy
import functools
import importlib.util
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

if importlib.util.find_spec("spaces"):  # a ZeroGPU Space: its package has to come before torch
    import spaces

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from retrieval.network import DIMENSION, build_network, pooling_power, trunk

_ZERO_GPU = importlib.util.find_spec("spaces") is not None
BATCH = 32
SECONDS_LENT = 10  # of a ZeroGPU Space's GPU for one batch, which needs less than one


@dataclass(frozen=True)
class Preprocessing:
    """What happens to an image before the network; it travels with the weights in the manifest.

    The middle square of the image is scaled to `size` pixels with an antialiased bicubic filter, divided
    by 255, and normalised by the mean and standard deviation of each channel (those of ImageNet).

    Attributes:
        size: Side of the square that the network sees, in pixels.
        mean: Of the red, green and blue channel, in [0, 1].
        std: Likewise.
    """

    size: int = 256
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> Preprocessing:
        """The inverse of `to_dict`. Raises KeyError, TypeError or ValueError where settings do not fit."""
        red, green, blue = (float(value) for value in settings["mean"])
        stds = tuple(float(value) for value in settings["std"])
        if len(stds) != 3 or min(stds) <= 0 or int(settings["size"]) < 32:
            raise ValueError("preprocessing needs a size of 32 or more and three positive deviations")
        return cls(int(settings["size"]), (red, green, blue), (stds[0], stds[1], stds[2]))

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON can hold them."""
        return asdict(self)

    def pixels(self, image: Image.Image) -> NDArray[np.uint8]:
        """The middle square of an RGB image, scaled: (3, size, size), 0-255."""
        square = ImageOps.fit(image, (self.size, self.size), Image.Resampling.BICUBIC)
        return np.ascontiguousarray(np.asarray(square, np.uint8).transpose(2, 0, 1))


class DeviceError(ValueError):
    """The device that was asked for is not there. The message is a sentence."""


class Embedder:
    """A ResNet-50 without its last layer: images -> unit vectors of 2,048 features.

    On CUDA it runs in half precision and channels-last, else in float32 on the CPU. It may be used from
    several threads.

    Attributes:
        preprocessing: As given.
        device: Where the network is.
        dtype: What it computes in.
        pooling_power: p of generalised-mean pooling, see `retrieval.network.GeM`; 1 for the average.

    Args:
        weights: A safetensors file, see `retrieval.network`; or a network in training, which is copied.
        preprocessing: As stored in the manifest.
        device: 'cuda', 'cpu', …; by default CUDA where there is a GPU.

    Raises:
        ArtifactError: If the file is not safetensors, or its keys or shapes are not those of the network.
        DeviceError: If CUDA is asked for and there is none.
    """

    def __init__(
        self, weights: Path | torch.nn.Module, preprocessing: Preprocessing, device: str | None = None
    ) -> None:
        self.preprocessing = preprocessing
        if device == "cuda" and not torch.cuda.is_available():
            raise DeviceError("There is no CUDA GPU on this machine: leave the device out, or choose 'cpu'.")
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.dtype = torch.float16 if self.device.type == "cuda" else torch.float32
        network = build_network(weights) if isinstance(weights, Path) else copy.deepcopy(weights).eval()
        network = network.to(self.device, self.dtype)
        self._network = network.to(memory_format=torch.channels_last)
        self._trunk = trunk(self._network)
        self.pooling_power = pooling_power(self._network)
        self._mean = torch.tensor(preprocessing.mean, device=self.device).view(1, 3, 1, 1)
        self._std = torch.tensor(preprocessing.std, device=self.device).view(1, 3, 1, 1)
        self._run = _on_lent_gpu(self._forward)
        self._run_trunk = _on_lent_gpu(self._forward_trunk)
        self._lock = threading.Lock()  # two forwards at once on the same cores are slower than in turn

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
        for start in range(0, len(images), BATCH):
            stop = min(start + BATCH, len(images))
            pixels = self._pixels([images[row] for row in range(start, stop)])
            with self._lock:
                vectors[start:stop] = self._run(pixels)
            if on_batch:
                on_batch(stop - start)
        return vectors

    def maps(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """What the network sees where: its last feature maps, before they are pooled to vectors.

        Args:
            images: RGB, at least one; few, because all go through the network in one batch.

        Returns:
            (n, 2048, height, width) float32, no value below 0. The places are those of the middle square of
            each image; height and width are a 32nd of the preprocessing's size.
        """
        pixels = self._pixels(images)
        with self._lock:
            return self._run_trunk(pixels)

    def warm_up(self) -> None:
        """Embed one grey image, so that the first visitor does not wait for the first-time costs."""
        self.embed([Image.new("RGB", (self.preprocessing.size,) * 2, "grey")])

    def _pixels(self, images: Sequence[Image.Image]) -> NDArray[np.uint8]:
        return np.stack([self.preprocessing.pixels(image) for image in images])

    def _forward(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            features = self._network(self._normalised(pixels)).float()
            vectors: NDArray[np.float32] = torch.nn.functional.normalize(features).cpu().numpy()
            return vectors

    def _forward_trunk(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            maps: NDArray[np.float32] = self._trunk(self._normalised(pixels)).float().cpu().numpy()
            return maps

    def _normalised(self, pixels: NDArray[np.uint8]) -> torch.Tensor:
        """Pixels as the network takes them."""
        batch = torch.from_numpy(pixels).to(self.device).float().div_(255).sub_(self._mean).div_(self._std)
        return batch.to(dtype=self.dtype, memory_format=torch.channels_last)


@functools.cache
def load_embedder(weights: Path, preprocessing: Preprocessing, device: str | None = None) -> Embedder:
    """The embedder of these weights, loaded and warmed once a process and shared from then on."""
    embedder = Embedder(weights, preprocessing, device)
    if not _ZERO_GPU:  # there, only a forked worker would be warmed
        embedder.warm_up()
    return embedder


def _on_lent_gpu(forward: Callable[..., NDArray[np.float32]]) -> Callable[..., NDArray[np.float32]]:
    """On a ZeroGPU Space, have a GPU lent for the length of a call; elsewhere change nothing.

    The call runs in a forked worker that inherits the network; only pixels and what is made of them travel.
    """
    return spaces.GPU(duration=SECONDS_LENT)(forward) if _ZERO_GPU else forward
