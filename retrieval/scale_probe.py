"""`scale.safetensors` of an artifact folder: what a vector says of how much ground its image shows.

A photo of UC Merced shows 78 m across. A linear classifier says of another image, by its vector, how many
times as wide the ground is that it shows, in octaves: 0 is as wide, 1 is twice as wide. `python -m train
scale` fits it to views of the training photos, from nearer and from higher up.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from retrieval.collections.artifacts import SCALE, ArtifactError
from retrieval.files import atomic_write
from retrieval.tensor_file import read_header

#: Under this key, the metadata say the SHA-256 of the weights whose vectors it is for.
FOR_WEIGHTS = "weights"
#: A bin's log-probability counts as at least this, so that one square, as under a panel, cannot decide alone.
LEAST_LIKELY = -5.0
MAX_BINS = 64
#: No number of a file is larger; those of the shipped one are up to 23. Beyond, scores would be infinite.
MAX_NUMBER = 1e4


@dataclass(frozen=True)
class ScaleProbe:
    """A linear classifier of vectors: how much ground an image shows.

    Attributes:
        octaves: The middle of each bin, growing: (bins,) float32.
        weights: (bins, features) float32.
        bias: (bins,) float32.
    """

    octaves: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def log_probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, features) unit vectors -> how likely each bin is: (n, bins) float32, natural logarithms."""
        scores = vectors @ self.weights.T + self.bias
        scores -= scores.max(axis=1, keepdims=True)
        return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)

    def of_squares(self, vectors: NDArray[np.float32], sides: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely it is, of each of some squares around one place, that it shows as much as a photo.

        If it does, the sides say how much each other square shows; the likelihoods of these are multiplied.

        Args:
            vectors: Of the squares: (n, features), unit length.
            sides: Of the squares: (n,), above 0, in any unit.

        Returns:
            (n,) natural logarithms, up to a constant.
        """
        each = np.maximum(self.log_probabilities(vectors), LEAST_LIKELY)
        octaves = np.log2(sides)
        shown = octaves[:, None] - octaves  # by each, if the square of the column shows as much as a photo
        likely = [np.interp(row, self.octaves, bins) for row, bins in zip(shown, each, strict=True)]
        return np.asarray(np.sum(likely, axis=0), np.float64)


def read_probe(path: Path, sha256: str, features: int) -> ScaleProbe | None:
    """The classifier in a file; None where it is for other weights.

    Args:
        path: The file, which may be a stranger's.
        sha256: Of the weights.
        features: Of their vectors.

    Raises:
        ArtifactError: If the file cannot be read, or holds something else.
    """
    try:
        header = read_header(path)
    except ArtifactError as error:
        raise _unfit(path, "it is no whole file of tensors") from error
    shapes = {name: tensor.shape for name, tensor in header.tensors.items()}
    bins = (shapes.get("octaves") or (0,))[0]
    expected = {"octaves": (bins,), "weights": (bins, features), "bias": (bins,)}
    if FOR_WEIGHTS not in header.metadata or not 2 <= bins <= MAX_BINS or shapes != expected:
        raise _unfit(path, "its tensors are not 'octaves', 'weights' and 'bias' in fitting shapes")
    try:
        with safe_open(path, framework="np") as file, np.errstate(over="ignore"):
            probe = ScaleProbe(*(np.asarray(file.get_tensor(name), np.float32) for name in expected))
    except (SafetensorError, OSError) as error:
        raise _unfit(path, str(error)) from error
    within = [np.abs(values) <= MAX_NUMBER for values in (probe.octaves, probe.weights, probe.bias)]
    if not all(each.all() for each in within):  # nan is not within
        raise _unfit(path, f"it has numbers beyond {MAX_NUMBER:.0f}, or what is no number")
    if not (np.diff(probe.octaves) > 0).all():
        raise _unfit(path, "'octaves' does not grow")
    return probe if header.metadata[FOR_WEIGHTS] == sha256 else None


def write_probe(folder: Path, sha256: str, probe: ScaleProbe) -> None:
    """Write what `read_probe` reads into an artifact folder, whose manifest then has to be written anew.

    The classifier is stored as float16: half the bytes.
    """
    tensors = {"octaves": probe.octaves, "weights": probe.weights, "bias": probe.bias}
    halves = {name: np.ascontiguousarray(values, np.float16) for name, values in tensors.items()}
    with atomic_write(folder / SCALE) as partial:
        partial.write_bytes(save(halves, {FOR_WEIGHTS: sha256}))


def _unfit(path: Path, reason: str) -> ArtifactError:
    return ArtifactError(f"{path} cannot be used ({reason}): restore it, or run 'python -m train scale'.")
