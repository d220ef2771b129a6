"""Weights and training photos -> what tells how much ground an image shows, see `retrieval.scale_probe`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from tqdm import tqdm

from retrieval.collections.artifacts import WEIGHTS, read_manifest, write_manifest
from retrieval.collections.new_folder import changed_folder
from retrieval.embedder import Embedder
from retrieval.maps.crops import CROP_PIXELS
from retrieval.scale_probe import ScaleProbe, write_probe
from retrieval.weights import check_model
from train.data.dataset import LabeledImages
from train.fit.augment import lower_view
from train.fit.higher_views import HigherViews

#: Views that are drawn.
VIEWS = 4000
SEED = 7
#: What lies around a place that is seen from higher up, in turn; see `HigherViews`.
AROUND = ("mirror", "class", "any")
#: What views show, in octaves of a photo's ground: from a quarter to eleven times as much across.
LEAST_OCTAVE, MOST_OCTAVE = -2.0, 3.5
STEP = 0.5
#: The smallest side, in pixels, that half of the views are resized to before they get the size of a photo.
LEAST_SHARP = 90
#: A view counts for the bins beside the true one too: by a normal curve of this standard deviation (octaves).
BLUR = 0.35
#: Of squared weights, in the loss.
DECAY = 3e-4
#: Unit vectors have features of about a 45th, which is small for an optimiser that starts at 0.
GAIN = 30.0
#: Steps of the optimiser, at most.
ITERATIONS = 500


class ScaleViews(Sequence[Image.Image]):
    """Views of photos from nearer and from higher up, drawn when they are indexed.

    A place that is seen from higher up lies among its own mirror images, photos of its class, or
    any photos. Half of the views are made less sharp, as screenshots are, and each is compressed as JPEG.

    Attributes:
        octaves: How much ground each shows: (n,), 0 as much as a photo, 1 twice as much across.

    Args:
        photos: With their classes; all show the same width of ground.
        count: Views.
        seed: Decides which.
    """

    def __init__(self, photos: LabeledImages, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.octaves: NDArray[np.float64] = rng.uniform(LEAST_OCTAVE, MOST_OCTAVE, count)
        self._images, self._rows = photos.images, rng.integers(len(photos.labels), size=count)
        self._higher = [HigherViews(photos.images, photos.labels, 2**MOST_OCTAVE, kind) for kind in AROUND]
        self._seed = seed

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, number: int) -> Image.Image: ...
    @overload
    def __getitem__(self, number: slice) -> list[Image.Image]: ...
    def __getitem__(self, number: int | slice) -> Image.Image | list[Image.Image]:
        """A view, RGB."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        seed = np.random.SeedSequence((self._seed, number)).generate_state(1, np.uint64)[0]
        torch.manual_seed(int(seed >> 1))  # as `HigherViews` and `lower_view` draw from torch
        row, octave = int(self._rows[number]), float(self.octaves[number])
        if octave > 0:
            view = self._higher[number % len(self._higher)].from_height(row, 2**octave)
        else:
            view = lower_view(self._images[row], 2**-octave)
        return _as_on_a_screen(view)


def _as_on_a_screen(view: Image.Image) -> Image.Image:
    """The view at the size of a photo, half of the time less sharp, and compressed."""
    if torch.rand(()) < 0.5:
        side = int(torch.randint(LEAST_SHARP, CROP_PIXELS, ()))
        view = view.resize((side, side), Image.Resampling.BICUBIC)
    data = io.BytesIO()
    view = view.resize((CROP_PIXELS, CROP_PIXELS), Image.Resampling.BICUBIC)
    view.save(data, "JPEG", quality=int(torch.randint(70, 95, ())))
    return Image.open(data).convert("RGB")


def fit_probe(vectors: NDArray[np.float32], octaves: NDArray[np.float64]) -> ScaleProbe:
    """Fit a linear classifier of vectors to how much ground their images show (logistic regression).

    Args:
        vectors: (n, features), unit length.
        octaves: (n,), in [`LEAST_OCTAVE`, `MOST_OCTAVE`].
    """
    bins = np.arange(LEAST_OCTAVE, MOST_OCTAVE + STEP / 2, STEP)
    wanted = softmax(-(((octaves[:, None] - bins) / BLUR) ** 2) / 2, axis=1)
    features = vectors.astype(np.float64) * GAIN

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The cross-entropy with the decay, and its gradient."""
        weights, bias = parameters[: -len(bins)].reshape(len(bins), -1), parameters[-len(bins) :]
        likely = log_softmax(features @ weights.T + bias, axis=1)
        errors = (np.exp(likely) - wanted) / len(wanted)
        gradient = np.concatenate([(errors.T @ features + 2 * DECAY * weights).ravel(), errors.sum(axis=0)])
        return float(DECAY * np.sum(weights**2) - np.sum(wanted * likely) / len(wanted)), gradient

    begin = np.zeros(len(bins) * (features.shape[1] + 1))
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
    weights, bias = np.split(found.astype(np.float32), [-len(bins)])
    return ScaleProbe(bins.astype(np.float32), weights.reshape(len(bins), -1) * np.float32(GAIN), bias)


def measure_probe(embedder: Embedder, photos: LabeledImages, count: int, seed: int) -> ScaleProbe:
    """Embed views of photos, and fit what tells how much ground they show."""
    views = ScaleViews(photos, count, seed)
    return fit_probe(_embedded(embedder, views, "views to learn from"), views.octaves)


def share_near(probe: ScaleProbe, embedder: Embedder, photos: LabeledImages, count: int, seed: int) -> float:
    """The share of views, each looked at alone, that are told within half an octave, in [0, 1]."""
    views = ScaleViews(photos, count, seed)
    likely = probe.log_probabilities(_embedded(embedder, views, "views to check")).argmax(axis=1)
    return float(np.mean(np.abs(probe.octaves[likely] - views.octaves) <= STEP))


def write_scale(folder: Path, probe: ScaleProbe) -> None:
    """Write a classifier into the artifact folder with the weights that it is for.

    Raises:
        ArtifactError: If the folder does not hold together, or has no weights.
    """
    manifest = read_manifest(folder)
    check_model(folder / WEIGHTS, manifest.model)
    with changed_folder(folder) as copy:
        write_probe(copy, manifest.model.sha256, probe)
        write_manifest(copy, manifest)


def _embedded(embedder: Embedder, views: ScaleViews, words: str) -> NDArray[np.float32]:
    with tqdm(total=len(views), desc=words, unit="view") as bar:
        return embedder.embed(views, bar.update)
