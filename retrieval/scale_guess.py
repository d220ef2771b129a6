"""Guessing the scale of an image that does not say it, and how such an image is searched.

Two things are weighed: how near its neighbours are, and what a `ScaleProbe` says. The network was trained at
the photos' scale most of all: at another one the nearest of them are farther. But it was also trained to know
a class from higher up, where that says little. The probe knows the scale of the photos that the weights were
trained on, whatever the collection is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from retrieval.scale_probe import ScaleProbe

#: Neighbours whose mean distance tells a good scale from a bad one.
GUESS_NEIGHBOURS = 5
#: How much nearer, in distance, a size counts for being e times as likely. Chosen with the validation photos
#: (`python -m benchmarks.screenshots --part validation --only search`).
LIKELIHOOD = 0.05
#: How many times as high a photo may be looked at from. To enlarge its middle, as if from lower down, wins
#: nothing (docs/results.md, 'Without training').
HEIGHTS = (1.0, 2**0.5, 2.0)
#: A photo whose nearest neighbour is nearer than this is taken as it is: 85 % of the validation photos.
NEAR_ENOUGH = 0.3
#: What has no neighbour nearer than this from higher up either is taken as it is, as most pictures are that
#: show something else.
TOO_FAR = 0.5
#: Side of a view in pixels: that of a photo of UC Merced.
VIEW_PIXELS = 256

Vectors = NDArray[np.float32]
#: (n, features) vectors and k -> distances (n, k), growing, and rows, as `VectorIndex.search`.
NearestSearch = Callable[[Vectors, int], tuple[Vectors, NDArray[np.int64]]]


def costs(
    probe: ScaleProbe | None,
    vectors: Vectors,
    distances: NDArray[np.float32],
    sides: Sequence[float] = HEIGHTS,
) -> NDArray[np.float64]:
    """What speaks against each of some squares of ground around one place showing as much as a photo.

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


def from_higher(image: Image.Image, height: float) -> Image.Image:
    """The middle square of an RGB image as if from so many times as high: small, among its mirror images.

    Nobody knows what lies around it; its own mirror images at least are ground of the same kind.
    """
    small = ImageOps.fit(image, (_shrunk(height),) * 2, Image.Resampling.BICUBIC)
    places = _places(small.width)
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
    side, shape = _shrunk(height), values.shape
    places = _places(side)
    fine = Image.fromarray(values).resize((VIEW_PIXELS, VIEW_PIXELS), Image.Resampling.BILINEAR)
    photo = np.zeros((side, side), np.float32)
    np.add.at(photo, np.ix_(places, places), np.asarray(fine))
    cells = np.asarray(Image.fromarray(photo).resize(shape[::-1], Image.Resampling.BOX))
    return np.asarray(cells * (values.sum() / max(float(cells.sum()), 1e-12)), np.float32)


def query_vectors(
    embed: Callable[[Sequence[Image.Image]], Vectors],
    probe: ScaleProbe | None,
    search: NearestSearch,
    images: Sequence[Image.Image],
    others: Sequence[NearestSearch] = (),
) -> tuple[Vectors, NDArray[np.float64]]:
    """Images whose scale nobody says -> the vectors that they are searched with.

    An image with a near neighbour is taken as it is. Others may show less ground than a photo does: they are
    looked at from higher up too, and taken as what most likely shows as much as a photo, of what has a
    neighbour that is not too far.

    Args:
        embed: Images -> (n, features), unit length.
        probe: Of the weights; without one, images are taken as they are.
        search: In photos whose scale is that of the weights' training.
        images: RGB; any sequence, which may open them when indexed.
        others: In other collections: an image that is near to one of their photos is taken as it is, too.

    Returns:
        The vectors, and from which of the `HEIGHTS` each image was looked at.
    """
    vectors, heights = np.array(embed(images)), np.ones(len(images))
    if probe is None or not len(images):
        return vectors, heights
    nearest, _ = search(vectors, GUESS_NEIGHBOURS)
    doubted = np.flatnonzero(nearest[:, 0] > NEAR_ENOUGH)
    for other in others:
        if len(doubted):
            doubted = doubted[other(vectors[doubted], 1)[0][:, 0] > NEAR_ENOUGH]
    if not len(doubted):
        return vectors, heights
    views = embed(_Higher(images, doubted.tolist()))
    found, _ = search(views, GUESS_NEIGHBOURS)
    candidates = np.concatenate(
        [vectors[doubted][:, None], views.reshape(len(doubted), -1, views.shape[1])], 1
    )
    distances = np.concatenate(
        [nearest[doubted][:, None], found.reshape(len(doubted), -1, found.shape[1])], 1
    )
    against = np.array([costs(probe, *each) for each in zip(candidates, distances, strict=True)])
    against[:, 1:][distances[:, 1:, 0] > TOO_FAR] = np.inf
    best = against.argmin(axis=1)
    vectors[doubted] = candidates[np.arange(len(doubted)), best]
    heights[doubted] = np.array(HEIGHTS)[best]
    return vectors, heights


class _Higher(Sequence[Image.Image]):
    """Some of the images from each of the greater heights, image after image; made when indexed."""

    def __init__(self, images: Sequence[Image.Image], rows: Sequence[int]) -> None:
        self._images, self._rows = images, rows

    def __len__(self) -> int:
        return len(self._rows) * len(HEIGHTS[1:])

    @overload
    def __getitem__(self, number: int) -> Image.Image: ...
    @overload
    def __getitem__(self, number: slice) -> list[Image.Image]: ...
    def __getitem__(self, number: int | slice) -> Image.Image | list[Image.Image]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        row, height = divmod(number, len(HEIGHTS[1:]))
        return from_higher(self._images[self._rows[row]], HEIGHTS[1:][height])


def _shrunk(height: float) -> int:
    return round(VIEW_PIXELS / height)


def _places(side: int) -> NDArray[np.int64]:
    """For each place along a view: which place of the photo, of this side in the view, lies there."""
    before = (VIEW_PIXELS - side) // 2
    return np.pad(np.arange(side), (before, VIEW_PIXELS - side - before), mode="symmetric")
