"""What runs the network: OpenVINO on CPUs; torch on GPUs, in training, and in place of OpenVINO."""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import sys
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import ArtifactError
from retrieval.preprocessing import Preprocessing

logger = logging.getLogger(__name__)

ZERO_GPU = importlib.util.find_spec("spaces") is not None  # a Space that has its GPU lent for each call


class DeviceError(ValueError):
    """The device that was asked for is not there. The message is a sentence."""


@runtime_checkable
class Runtime(Protocol):
    """A network that is ready. It may be called from as many threads at a time as it has lanes.

    Attributes:
        device: 'cpu', 'cuda', …
        dtype: What it computes in: 'float32', 'float16', 'bfloat16', 'int8'.
        pooling_power: p of generalised-mean pooling, see `retrieval.network.GeM`; 1 for the average.
        batch: As many images are best embedded at once; may shrink where memory runs out.
        lanes: As many batches may run at once.
    """

    device: str
    dtype: str
    pooling_power: float
    batch: int
    lanes: int

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels (n, 3, size, size) -> (n, 2048), each row of L2 norm 1."""

    def maps(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels (n, 3, size, size) -> the last feature maps, (n, 2048, size / 32, size / 32)."""


def serving_runtime(
    weights: Path, preprocessing: Preprocessing, device: str | None = None, quantization: Path | None = None
) -> Runtime:
    """The fastest runtime of this machine.

    A GPU has torch, and so has a ZeroGPU Space. A CPU has OpenVINO, and torch where that is not installed or
    does not run. Torch, which takes seconds to import, is imported only where it is used.

    Args:
        weights: A safetensors file.
        preprocessing: As stored in the manifest.
        device: 'cuda', 'cpu', …; by default CUDA where there is a GPU.
        quantization: The file that lets a CPU compute in int8, see `retrieval.quantization`.

    Raises:
        ArtifactError: If a file cannot be read, or does not fit.
        DeviceError: If CUDA is asked for and there is none.
    """
    if not ZERO_GPU and _is_for_cpu(device):
        if runtime := _openvino(weights, preprocessing, quantization=quantization):
            return runtime
        device = "cpu"
    from retrieval.torch_runtime import TorchRuntime

    return TorchRuntime(weights, preprocessing, device)


def bulk_runtime(
    weights: Path,
    preprocessing: Preprocessing,
    device: str | None = None,
    precision: str | None = None,
    cores: int = 1,
) -> Runtime:
    """The fastest runtime of this machine for many images that are there already, and are stored.

    It never computes in int8, so that what is stored is as the network says it but for the last bits.

    Args:
        weights: A safetensors file.
        preprocessing: As stored in the manifest.
        device: 'cuda', 'cuda:1', 'cpu', …; by default CUDA where there is a GPU.
        precision: 'float32' or 'bfloat16'; by default bfloat16 on CPUs that compute in it and float32 on
            others, and float16 on GPUs.
        cores: Of the CPU, that it may use.

    Raises:
        ArtifactError: If the file cannot be read, or does not fit.
        DeviceError: If CUDA is asked for and there is none.
    """
    if _is_for_cpu(device):
        if runtime := _openvino(weights, preprocessing, precision, lanes=cores):
            return runtime
        device = "cpu"
    from retrieval.torch_runtime import TorchRuntime

    return TorchRuntime(weights, preprocessing, device, precision)


def _is_for_cpu(device: str | None) -> bool:
    return device == "cpu" or (device is None and not _has_cuda())


def _openvino(
    weights: Path,
    preprocessing: Preprocessing,
    precision: str | None = None,
    *,
    quantization: Path | None = None,
    lanes: int | None = None,
) -> Runtime | None:
    """OpenVINO's runtime, or None, with a line in the log, where it does not run. Raises ArtifactError."""
    try:
        from retrieval.openvino_runtime import OpenVinoRuntime

        return OpenVinoRuntime(weights, preprocessing, precision, quantization=quantization, lanes=lanes)
    except ArtifactError:
        raise
    except (ImportError, OSError, RuntimeError) as error:
        reason = str(error).splitlines()[-1] if str(error) else type(error).__name__
        logger.warning("The network runs in torch, which is slower: OpenVINO does not run (%s).", reason)
        return None


def _has_cuda() -> bool:
    """Whether torch can use a CUDA GPU; torch is imported only if the driver sees one."""
    if not _driver_sees_gpu():
        return False
    import torch

    return torch.cuda.is_available()


def _driver_sees_gpu() -> bool:
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        count = ctypes.c_int(0)
        return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
    except (OSError, AttributeError):
        return False
