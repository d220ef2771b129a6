"""Guessing the scale of an image that does not say it, and how such an image is searched.

Two things are weighed: how near its neighbours are, and what a `ScaleProbe` says. The network was trained at
the photos' scale most of all: at another one the nearest of them are farther. But it was also trained to know
a class from higher up, where that says little. The probe knows the scale of the photos that the weights were
trained on, whatever the collection is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from retrieval.scale_probe import ScaleProbe

#: Neighbours whose mean distance tells a good scale from a bad one.
GUESS_NEIGHBOURS = 5
#: How much nearer, in distance, a size counts for being e times as likely. Chosen with the validation photos
#: (`python -m benchmarks.screenshots --part validation --only search`).
LIKELIHOOD = 0.05
#: How many times as high a photo may be looked at from.
HEIGHTS = (1.0, 2**0.5, 2.0)
#: Side of a view in pixels: that of a photo of UC Merced.
VIEW_PIXELS = 256

Vectors = NDArray[np.float32]
#: As `retrieval.vector_store.VectorStore.search`.
NearestSearch = Callable[[Vectors, int], tuple[Vectors, NDArray[np.int64]]]


def costs(
    probe: ScaleProbe | None,
    vectors: Vectors,
    distances: NDArray[np.float32],
    sides: Sequence[float] = HEIGHTS,
) -> NDArray[np.float64]:
    """What is against each of some squares around one place: against its showing as much ground as a photo.

    Args:
        probe: Of the weights; without one, the distances count alone.
        vectors: Of the squares: (n, features), unit length.
        distances: Of each to its `GUESS_NEIGHBOURS` nearest neighbours: (n, neighbours).
        sides: Of the squares: n numbers above 0, in any unit.

    Returns:
        (n,); the least is the best: the mean distance, less `LIKELIHOOD` times the logarithm of how likely
        the size is (`ScaleProbe.of_squares`).
    """
    near = np.asarray(distances, np.float64).mean(axis=1)
    likely = probe.of_squares(vectors, np.array(sides)) if probe else np.zeros(len(sides))
    return np.asarray(near - LIKELIHOOD * likely, np.float64)


def from_higher(image: Image.Image, height: float, side: int = VIEW_PIXELS) -> Image.Image:
    """The middle square of an RGB image as if from so many times as high: small, among its mirror images.

    Nobody knows what lies around it; its own mirror images at least are ground of the same kind.

    Args:
        image: RGB.
        height: 1 or more.
        side: Of the view, in pixels.
    """
    places = _places(side, height)
    small = ImageOps.fit(image, (round(side / height),) * 2, Image.Resampling.BICUBIC)
    return Image.fromarray(np.asarray(small)[np.ix_(places, places)])


def folded(values: NDArray[np.float32], height: float) -> NDArray[np.float32]:
    """What belongs to the places of a view `from_higher`, put together for the places of the photo.

    Args:
        values: (h, w), of equal cells of the view.
        height: Of the view, 1 or more.

    Returns:
        (h, w), of equal cells of the photo's middle square, with the same sum.
    """
    if height == 1:
        return values
    places = _places(VIEW_PIXELS, height)
    fine = Image.fromarray(values).resize((VIEW_PIXELS, VIEW_PIXELS), Image.Resampling.BILINEAR)
    photo = np.zeros((places.max() + 1,) * 2, np.float32)
    np.add.at(photo, np.ix_(places, places), np.asarray(fine))
    cells = np.asarray(Image.fromarray(photo).resize(values.shape[::-1], Image.Resampling.BOX))
    return np.asarray(cells * (values.sum() / max(float(cells.sum()), 1e-12)), np.float32)


@dataclass(frozen=True)
class Usual:
    """What is usual of photos of the scale of the weights' training.

    Attributes:
        search: Among these photos.
        near: A photo with a neighbour within this distance is taken as it is.
        far: So is one that has no neighbour within this from higher up either.
    """

    search: NearestSearch
    near: float
    far: float


def query_vectors(
    embed: Callable[[Sequence[Image.Image]], Vectors],
    probe: ScaleProbe | None,
    usual: Usual | None,
    images: Sequence[Image.Image],
    others: Sequence[NearestSearch] = (),
) -> tuple[Vectors, NDArray[np.float64]]:
    """Images that do not say their scale -> the vectors that they are searched with.

    An image with a near neighbour is taken as it is. Others may show less ground than a photo does: they are
    looked at from higher up too, and taken as what most likely shows as much as a photo, of what has a
    neighbour that is not too far.

    Args:
        embed: Images -> (n, features), unit length.
        probe: Of the weights.
        usual: Without this, or the probe, images are taken as they are.
        images: RGB; any sequence, which may open them when indexed.
        others: In further collections: an image is taken as it is where it is near to one of their photos,
            or nearer than any view is to the usual ones.

    Returns:
        The vectors, and from which of the `HEIGHTS` each image was looked at.

    Raises:
        StoreError: If a database does not answer.
    """
    vectors, heights = np.array(embed(images)), np.ones(len(images))
    if probe is None or usual is None or not len(images):
        return vectors, heights
    nearest = _nearest(usual.search, vectors)
    elsewhere = np.full(len(images), np.inf)
    doubted = np.flatnonzero(nearest[:, 0] > usual.near)
    for other in others:
        if len(doubted):
            elsewhere[doubted] = np.minimum(elsewhere[doubted], _nearest(other, vectors[doubted])[:, 0])
            doubted = doubted[elsewhere[doubted] > usual.near]
    if not len(doubted):
        return vectors, heights
    views = embed(_Higher(images, doubted.tolist()))
    shape = (len(doubted), len(HEIGHTS) - 1, -1)
    found = _nearest(usual.search, views).reshape(shape)
    candidates = np.concatenate([vectors[doubted][:, None], views.reshape(shape)], 1)
    distances = np.concatenate([nearest[doubted][:, None], found], 1)
    against = np.array([costs(probe, *each) for each in zip(candidates, distances, strict=True)])
    limits = np.minimum(usual.far, elsewhere[doubted])
    against[:, 1:][found[:, :, 0] > limits[:, None]] = np.inf
    best = against.argmin(axis=1)
    vectors[doubted] = candidates[np.arange(len(doubted)), best]
    heights[doubted] = np.array(HEIGHTS)[best]
    return vectors, heights


def _nearest(search: NearestSearch, vectors: Vectors) -> NDArray[np.float32]:
    """Distances (n, `GUESS_NEIGHBOURS`); what a search did not find is as far as its farthest, or 2."""
    found, _ = search(vectors, GUESS_NEIGHBOURS)
    distances = np.full((len(vectors), GUESS_NEIGHBOURS), np.inf, np.float32)
    distances[:, : found.shape[1]] = found
    farthest = np.max(distances, axis=1, where=np.isfinite(distances), initial=-1)
    farthest[farthest < 0] = 2
    return np.where(np.isfinite(distances), distances, farthest[:, None])


class _Higher(Sequence[Image.Image]):
    """Some of the images from each of the greater heights, image after image; made when indexed."""

    def __init__(self, images: Sequence[Image.Image], rows: Sequence[int]) -> None:
        self._images, self._rows = images, rows

    def __len__(self) -> int:
        return len(self._rows) * len(HEIGHTS[1:])

    def __getitem__(self, number: Any) -> Any:  # noqa: ANN401 - int -> image; slices are never used
        row, height = divmod(number, len(HEIGHTS[1:]))
        return from_higher(self._images[self._rows[row]], HEIGHTS[1:][height])


def _places(side: int, height: float) -> NDArray[np.int64]:
    """For each place along a view of this side: which place of the small photo in it lies there."""
    small = round(side / height)
    before = (side - small) // 2
    return np.pad(np.arange(small), (before, side - small - before), mode="symmetric")
