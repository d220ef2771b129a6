"""A screenshot and what a visitor said of it -> the square that is searched, and how much ground it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.maps.crops import (
    BAR,
    FILE,
    GUESS,
    HAND,
    LINK,
    ZOOM,
    Scale,
    Square,
    checked,
    cut,
    sides_to_try,
    starting_square,
)
from retrieval.maps.links import read_link
from retrieval.maps.scale import TILE, MapView, ScaleError, from_scale_bar, metres_per_pixel
from retrieval.maps.screenshot import Picture
from retrieval.retriever import Retriever
from ui.i18n import say


@dataclass(frozen=True)
class Said:
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
class Reading:
    """What is searched of a screenshot.

    Attributes:
        square: What is searched.
        scale: Of the screenshot.
        said: What the visitor said of the scale.
        vector: Of the square: (2048,) float32, unit length.
    """

    square: Square
    scale: Scale
    said: Said
    vector: NDArray[np.float32]

    @property
    def metres(self) -> float:
        """Of ground that the square shows across."""
        return self.square.side * self.scale.metres_per_pixel


def known_scale(picture: Picture, said: Said) -> Scale | None:
    """The scale, from the first that was said: the link, the scale bar, the zoom, the file. None if unknown.

    Raises:
        ScaleError: If what was said makes no sense, or the picture is too coarse to search.
    """
    ratio = said.ratio or picture.probable_ratio
    if view := said.view:
        _, top, _, bottom = picture.furniture.view
        return Scale(checked(view.metres_per_pixel(bottom - top, ratio)), LINK)
    if said.bar_metres is not None and said.bar_pixels is not None:
        return Scale(checked(from_scale_bar(said.bar_metres, said.bar_pixels)), BAR)
    if said.zoom is not None:
        if said.latitude is None:
            raise ScaleError(say("scale.no_latitude"))
        return Scale(checked(metres_per_pixel(said.latitude, said.zoom, ratio)), ZOOM)
    if picture.file_scale is not None:
        return Scale(checked(picture.file_scale), FILE)
    return None


def read(
    retriever: Retriever,
    picture: Picture,
    said: Said,
    collection: str | None = None,
    at: tuple[float, float] | None = None,
) -> Reading:
    """Find the square to search, by the scale that was said, or by a guess.

    Args:
        retriever: Embeds it.
        picture: The screenshot.
        said: What the visitor said of the scale.
        collection: Whose photos a guess is made by; the first by default.
        at: The middle of the square, pixels; by default a place near the middle that is clear of furniture.

    Raises:
        ScaleError: See `known_scale`.
    """
    scale = known_scale(picture, said)
    if at is None:
        begin = starting_square(picture.furniture, scale.side if scale else picture.room / 4)
        at = begin.x, begin.y
    if scale:
        square = Square(*at, scale.side).within(picture.bounds)
        return _embedded(retriever, picture, Reading(square, scale, said, np.empty(0, np.float32)))
    squares = [Square(*at, side).within(picture.bounds) for side in sides_to_try(picture.furniture.view)]
    square, vector = retriever.guess(picture.image, squares, collection)
    return Reading(square, Scale(TILE / square.side, GUESS), said, vector)


def move(
    retriever: Retriever,
    picture: Picture,
    before: Reading,
    x: float,
    y: float,
    collection: str | None = None,
) -> Reading:
    """Another place of the screenshot; a scale that was guessed is guessed anew there."""
    if before.scale.source == GUESS:
        return read(retriever, picture, before.said, collection, (x, y))
    square = Square(x, y, before.square.side).within(picture.bounds)
    return _embedded(retriever, picture, replace(before, square=square))


def resize(retriever: Retriever, picture: Picture, before: Reading, side: float) -> Reading:
    """Another size of the square, in pixels; where the scale was guessed, this says what shows 78 m.

    Raises:
        ScaleError: If that makes the picture too coarse to search.
    """
    square = replace(before.square, side=max(side, 1.0)).within(picture.bounds)
    scale = before.scale
    if scale.source in (GUESS, HAND):
        scale = Scale(checked(TILE / square.side), HAND)
    return _embedded(retriever, picture, replace(before, square=square, scale=scale))


def _embedded(retriever: Retriever, picture: Picture, reading: Reading) -> Reading:
    return replace(reading, vector=retriever.embedder.embed([cut(picture.image, reading.square)])[0])
