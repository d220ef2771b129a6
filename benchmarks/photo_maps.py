"""Screenshots of maps made of labelled photos, so that the class of every place is known."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from examples.map_pages.overlays import draw_overlays
from retrieval.maps.crops import CROP_PIXELS, Square
from retrieval.maps.scale import METRES_PER_PIXEL, TILE_METRES, metres_per_pixel
from train.data.dataset import LabeledImages

LATITUDE = 44.43

#: Width and height of the map, CSS pixels.
VIEW = (1440, 900)


@dataclass(frozen=True)
class PhotoMap:
    """A screenshot of a map that shows a photo among others.

    Attributes:
        image: The screenshot.
        square: Where the photo is in it.
        metres_per_pixel: Of the screenshot.
    """

    image: Image.Image
    square: Square
    metres_per_pixel: float


def draw_photo_map(
    photos: LabeledImages,
    row: int,
    zoom: int,
    ratio: int,
    rng: np.random.Generator,
    *,
    own_class: bool = False,
) -> PhotoMap:
    """Draw a map that shows a photo among others.

    The photo lies somewhere in the middle half of the view. Overlays may hide its outer tenths, but no more:
    people move the place that they search into view.

    Args:
        photos: The photos.
        row: Of the photo; those around it are chosen at random.
        zoom: Of the map.
        ratio: Pixels of the screenshot for each CSS pixel.
        rng: Decides everything else.
        own_class: Whether those around it are of its class.
    """
    labels = np.array(photos.labels)
    around = np.flatnonzero(labels == labels[row]) if own_class else len(labels)
    scale = metres_per_pixel(LATITUDE, zoom, ratio)
    width, height = (side * ratio for side in VIEW)
    side = CROP_PIXELS * METRES_PER_PIXEL / scale
    x, y = (rng.uniform(0.5, 1.5) * room / 2 for room in (width, height))
    square = Square(x, y, side).within((0, 0, width, height))
    left, top = square.box[:2]
    picture = Image.new("RGB", (width, height))
    first_column, first_row = -int(np.ceil(left / side)), -int(np.ceil(top / side))
    for down in range(first_row, int(np.ceil((height - top) / side))):
        for across in range(first_column, int(np.ceil((width - left) / side))):
            here = down == 0 and across == 0
            photo = photos.images[row if here else int(rng.choice(around))]
            edges = [round(left + n * side) for n in (across, across + 1)]
            edges += [round(top + n * side) for n in (down, down + 1)]
            shown = photo.resize((edges[1] - edges[0], edges[3] - edges[2]), Image.Resampling.BICUBIC)
            picture.paste(shown, (edges[0], edges[2]))
    inner = replace(square, side=0.8 * side)
    left, top, right, bottom = (round(edge) for edge in inner.box)
    picture, _ = draw_overlays(picture, rng, scale, ratio, keep_clear=(left, top, right, bottom))
    return PhotoMap(jpeg_compressed(picture), square, scale)


def jpeg_compressed(picture: Image.Image) -> Image.Image:
    """The picture as a JPEG file shows it."""
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=80)
    return Image.open(data).convert("RGB")


def draw_block_map(
    photos: LabeledImages, block: int, rng: np.random.Generator
) -> tuple[Image.Image, NDArray[np.str_]]:
    """Draw a map at zoom 18 of blocks of `block` x `block` photos, each block of one class.

    Returns:
        The screenshot, and the class of each photo: (rows, columns), the first at the upper left corner.
    """
    side = TILE_METRES / metres_per_pixel(LATITUDE, 18)
    columns, rows = (int(np.ceil(room / side)) for room in VIEW)
    labels, classes = np.array(photos.labels), sorted(set(photos.labels))
    picture = Image.new("RGB", VIEW)
    blocks = rng.choice(classes, (rows // block + 1, columns // block + 1))
    plan = blocks.repeat(block, 0).repeat(block, 1)
    for row in range(rows):
        for column in range(columns):
            photo = photos.images[int(rng.choice(np.flatnonzero(labels == plan[row, column])))]
            left, top = round(column * side), round(row * side)
            size = (round((column + 1) * side) - left, round((row + 1) * side) - top)
            picture.paste(photo.resize(size, Image.Resampling.BICUBIC), (left, top))
    picture, _ = draw_overlays(picture, rng, metres_per_pixel(LATITUDE, 18))
    return jpeg_compressed(picture), plan


def draw_photo_grid(
    photos: LabeledImages, size: tuple[int, int], side: float, rng: np.random.Generator
) -> Image.Image:
    """Fill an image of `size` with random photos, each of `side` pixels."""
    picture = Image.new("RGB", size)
    step = round(side)
    for top in range(0, size[1], step):
        for left in range(0, size[0], step):
            photo = photos.images[int(rng.integers(len(photos.labels)))]
            picture.paste(photo.resize((step, step), Image.Resampling.BICUBIC), (left, top))
    return picture
