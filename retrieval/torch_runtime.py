"""The network in torch: on GPUs, on ZeroGPU Spaces, in training, and where OpenVINO does not run.

Importing this module imports torch, which takes seconds.
"""

from __future__ import annotations

import copy
import logging
from pathlib import Path

from retrieval.runtime import ZERO_GPU, DeviceError

if ZERO_GPU:  # its package has to come before torch
    import spaces

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.batching import Forward
from retrieval.network import build_network, pooling_power, trunk
from retrieval.preprocessing import Preprocessing

logger = logging.getLogger(__name__)

CPU_BATCH, GPU_BATCH = 8, 32
SECONDS_LENT = 10  # of a ZeroGPU Space's GPU for one batch, which needs less than one


class TorchRuntime:
    """A `retrieval.runtime.Runtime`: on CUDA in half precision and channels-last, else in float32.

    Where a GPU's memory runs out, batches are halved, and at last the network moves to the CPU, for good.

    Args:
        weights: A safetensors file, see `retrieval.weights`; or a network, which is copied.
        preprocessing: As stored in the manifest.
        device: 'cuda', 'cpu', …; by default CUDA where there is a GPU.
        precision: 'float32' or 'bfloat16'; by default float16 on CUDA, else float32.

    Raises:
        ArtifactError: If the file is not safetensors, or its keys or shapes are not those of the network.
        DeviceError: If CUDA is asked for and there is none.
    """

    lanes = 1

    def __init__(
        self,
        weights: Path | torch.nn.Module,
        preprocessing: Preprocessing,
        device: str | None = None,
        precision: str | None = None,
    ) -> None:
        if device is not None and device.startswith("cuda") and not torch.cuda.is_available():
            raise DeviceError("There is no CUDA GPU on this machine: leave the device out, or choose 'cpu'.")
        self._preprocessing, self._precision = preprocessing, precision
        self._network = build_network(weights) if isinstance(weights, Path) else copy.deepcopy(weights).eval()
        self.pooling_power = pooling_power(self._network)
        self._place(torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu")))
        self._run = _on_lent_gpu(self._forward)
        self._run_trunk = _on_lent_gpu(self._forward_trunk)

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels (n, 3, size, size) -> (n, 2048), each row of L2 norm 1."""
        return self._within_memory(self._run, pixels)

    def maps(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels (n, 3, size, size) -> the last feature maps, (n, 2048, size / 32, size / 32)."""
        return self._within_memory(self._run_trunk, pixels)

    def _place(self, device: torch.device) -> None:
        """Put the network on a device, in what it computes best in."""
        on_gpu = device.type == "cuda"
        usual = torch.float16 if on_gpu else torch.float32
        self._device = device
        self._dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16, None: usual}[self._precision]
        self.device, self.dtype = str(device), str(self._dtype).removeprefix("torch.")
        self.batch = GPU_BATCH if on_gpu else CPU_BATCH
        network = self._network.to(device, self._dtype)
        self._network = network.to(memory_format=torch.channels_last)
        self._trunk = trunk(self._network)
        self._mean = torch.tensor(self._preprocessing.mean, device=device).view(1, 3, 1, 1)
        self._std = torch.tensor(self._preprocessing.std, device=device).view(1, 3, 1, 1)

    def _within_memory(self, forward: Forward, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Run a forward pass in as many parts as memory asks for."""
        while True:
            size = min(self.batch, len(pixels))
            parts = np.split(pixels, range(size, len(pixels), size))
            try:
                return np.concatenate([forward(part) for part in parts])
            except torch.OutOfMemoryError:
                if self._device.type == "cpu":
                    raise
            self._need_less(size)  # outside, because the error holds on to what filled the memory

    def _need_less(self, size: int) -> None:
        """After a batch of this size did not fit: halve it, or leave the GPU."""
        if size > 1:
            self.batch = size // 2
            message = "The GPU's memory ran out: from now on it is given at most %d images at a time."
            logger.warning(message, self.batch)
        else:
            self._place(torch.device("cpu"))
            logger.warning(
                "The GPU's memory is too small for one image: the network runs on the CPU until a restart."
            )
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

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
        given = torch.from_numpy(pixels)
        if self._device.type == "cuda":  # copied by the GPU itself while the processor goes on
            given = given.pin_memory()
        given = given.to(self._device, non_blocking=True)
        batch = given.float().div_(255).sub_(self._mean).div_(self._std)
        return batch.to(dtype=self._dtype, memory_format=torch.channels_last)


def _on_lent_gpu(forward: Forward) -> Forward:
    """On a ZeroGPU Space, have a GPU lent for the length of a call; elsewhere change nothing.

    The call runs in a forked worker that inherits the network; only pixels and what is made of them travel.
    """
    lent: Forward = spaces.GPU(duration=SECONDS_LENT)(forward) if ZERO_GPU else forward
    return lent
