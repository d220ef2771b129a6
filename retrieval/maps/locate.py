"""A screenshot and what a visitor said of it -> the square that is searched, and how much ground it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.collections.collection import Collection
from retrieval.maps.crops import (
    BAR,
    CONFIRMED,
    FILE,
    GUESS,
    HAND,
    LINK,
    TOO_FAR,
    ZOOM,
    Crops,
    Scale,
    Square,
    candidate_sides,
    checked_scale,
    initial_square,
)
from retrieval.maps.links import read_link
from retrieval.maps.scale import TILE_METRES, MapView, ScaleError, from_scale_bar, metres_per_pixel
from retrieval.maps.screenshot import Screenshot
from retrieval.scale_guess import GUESS_NEIGHBOURS, costs

if TYPE_CHECKING:
    from retrieval.embedder import Embedder


@dataclass(frozen=True)
class ScaleHints:
    """What the visitor said of the scale; what is empty was not said.

    Attributes:
        link: Of the map.
        zoom: Of the map, for tiles of 256 pixels.
        latitude: Degrees.
        ratio: Pixels of the screenshot per pixel of the map; None to take what its size suggests.
        bar_metres: What the scale bar says.
        bar_pixels: How long it is in the screenshot.
    """

    link: str = ""
    zoom: float | None = None
    latitude: float | None = None
    ratio: float | None = None
    bar_metres: float | None = None
    bar_pixels: float | None = None

    @cached_property
    def view(self) -> MapView | None:
        """What the link says; None without one. Raises ScaleError if it says nothing of use."""
        return read_link(self.link) if self.link.strip() else None

    @property
    def view_by_zoom(self) -> bool:
        """Whether the link gives a zoom, so that the screen's pixel ratio counts."""
        return self.view is not None and self.view.zoom is not None


@dataclass(frozen=True)
class LocatedSquare:
    """What is searched of a screenshot.

    Attributes:
        square: What is searched.
        scale: Of the screenshot.
        hints: What the visitor said of the scale.
        vector: Of the square: (2048,) float32, unit length.
        content: What the screenshot shows, as `Overlays` has it: 'imagery', or what stands in its place.
    """

    square: Square
    scale: Scale
    hints: ScaleHints
    vector: NDArray[np.float32]
    content: str = "imagery"

    @property
    def metres(self) -> float:
        """Of ground that the square shows across."""
        return self.square.side * self.scale.metres_per_pixel


def known_scale(screenshot: Screenshot, hints: ScaleHints) -> Scale | None:
    """The scale, from the first that was given: the link, the scale bar, the zoom, the file. None if unknown.

    Raises:
        ScaleError: If what was said makes no sense, or the picture is too coarse to search.
    """
    ratio, detail = hints.ratio or screenshot.probable_pixel_ratio, screenshot.detail
    view = hints.view
    if view and view.has_scale:
        _, top, _, bottom = screenshot.overlays.map_area
        return Scale(checked_scale(view.metres_per_pixel(bottom - top, ratio), detail), LINK)
    if hints.bar_metres is not None and hints.bar_pixels is not None:
        return Scale(checked_scale(from_scale_bar(hints.bar_metres, hints.bar_pixels), detail), BAR)
    if hints.zoom is not None:
        latitude = view.latitude if hints.latitude is None and view else hints.latitude
        if latitude is None:
            raise ScaleError("A zoom needs a latitude too: 44.43 for Bucharest, 0 at the equator.")
        return Scale(checked_scale(metres_per_pixel(latitude, hints.zoom, ratio), detail), ZOOM)
    if screenshot.file_scale is not None:
        return Scale(checked_scale(screenshot.file_scale, detail), FILE)
    return None


def locate(
    embedder: Embedder,
    collection: Collection,
    screenshot: Screenshot,
    hints: ScaleHints,
    at: tuple[float, float] | None = None,
) -> LocatedSquare:
    """Find the square to search, by the scale that was given, or by a guess, and embed it.

    Args:
        embedder: Makes the vector.
        collection: Whose photos a guess is made by.
        screenshot: Where to look.
        hints: What the visitor said of the scale.
        at: The middle of the square, pixels; by default a place near the middle that is clear of overlays.

    Raises:
        ScaleError: See `known_scale`.
    """
    scale = known_scale(screenshot, hints)
    if at is None:
        begin = initial_square(screenshot.overlays, scale.side if scale else screenshot.room / 4)
        at = begin.x, begin.y
    if scale:
        square = Square(*at, scale.side).within(screenshot.bounds)
        vector, content = _vector(embedder, screenshot, square), screenshot.overlays.content
        return LocatedSquare(square, scale, hints, vector, content)
    squares = [
        Square(*at, side).within(screenshot.bounds) for side in candidate_sides(screenshot.overlays.map_area)
    ]
    square, vector = guess_square(embedder, collection, screenshot.image, squares)
    if screenshot.larger:
        vector = _vector(embedder, screenshot, square)
    guess = Scale(TILE_METRES / square.side, GUESS)
    return LocatedSquare(square, guess, hints, vector, screenshot.overlays.content)


def guess_square(
    embedder: Embedder, collection: Collection, image: Image.Image, squares: Sequence[Square]
) -> tuple[Square, NDArray[np.float32]]:
    """Of squares of several sizes around one place, the one that most likely shows as much as a photo.

    Args:
        embedder: Makes the vectors.
        collection: Of photos whose scale is known.
        image: A screenshot whose scale nobody says, RGB.
        squares: Where to look; at least one.

    Returns:
        The square that has the least against it, see `retrieval.scale_guess.costs`, and its vector.
    """
    vectors = embedder.embed(Crops(image, squares))
    distances, _ = collection.index.search(vectors, GUESS_NEIGHBOURS)
    against = costs(embedder.scale_probe, vectors, distances, [square.side for square in squares])
    best = int(np.argmin(against))
    return squares[best], vectors[best]


def move(
    embedder: Embedder,
    collection: Collection,
    screenshot: Screenshot,
    before: LocatedSquare,
    x: float,
    y: float,
) -> LocatedSquare:
    """Another place of the screenshot; a scale that was guessed is guessed anew there."""
    if before.scale.source == GUESS:
        return locate(embedder, collection, screenshot, before.hints, (x, y))
    square = Square(x, y, before.square.side).within(screenshot.bounds)
    return replace(before, square=square, vector=_vector(embedder, screenshot, square))


def resize(embedder: Embedder, screenshot: Screenshot, before: LocatedSquare, side: float) -> LocatedSquare:
    """Another size of the square, in pixels; where the scale was guessed, this says what shows 78 m.

    Raises:
        ScaleError: If that makes the screenshot too coarse to search.
    """
    square = replace(before.square, side=max(side, 1.0)).within(screenshot.bounds)
    scale = before.scale
    if scale.source in (GUESS, HAND, CONFIRMED):
        scale = Scale(checked_scale(TILE_METRES / square.side, screenshot.detail), HAND)
    elif scale.source == TOO_FAR:
        scale = Scale(TILE_METRES / square.side, TOO_FAR)
    return replace(before, square=square, scale=scale, vector=_vector(embedder, screenshot, square))


def answer_guess(before: LocatedSquare, answer: bool | None) -> LocatedSquare:
    """What the visitor says of a scale that was guessed: the square stays, and so does its vector.

    Args:
        before: Of a scale that was guessed, and perhaps answered before; of another one nothing changes.
        answer: Whether single cars can be made out; None to take back what was said.
    """
    if before.scale.source not in (GUESS, CONFIRMED, TOO_FAR):
        return before
    source = GUESS if answer is None else CONFIRMED if answer else TOO_FAR
    return replace(before, scale=replace(before.scale, source=source))


def _vector(embedder: Embedder, screenshot: Screenshot, square: Square) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = embedder.embed([screenshot.crop(square)])[0]
    return vector
