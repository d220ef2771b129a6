"""Why two images match: how much of their similarity each place of either brings.

Method: Stylianou, Souvenir, Pless, 'Visualizing Deep Similarity Networks', WACV 2019. The cosine of two
vectors is a sum over features, and a feature of a vector is pooled from the places of the last feature map:
what it adds to the cosine can be divided among the places, each getting its share in what was pooled. For
average pooling that is the paper's formula, the dot product of a place's features with the other image's
vector. For GeM, of power p, the share of a place with the value x is x^p / sum x^p: with p = 1 the average's,
and as p grows ever more goes to the greatest value, which gets all in the paper's formula for the maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.scale_guess import folded, from_higher

if TYPE_CHECKING:
    from retrieval.embedder import Embedder

#: As `retrieval.network.GeM` does: a feature that is nowhere to be seen has shares too, of next to nothing.
LEAST = 1e-6

#: Pixels of a side of `heat_image`: a browser scales it smoothly to the photo's size from there.
SIDE = 64
#: Over what brings little lies darkness, over what brings much a golden light, and nothing at this level, in
#: between. The two differ in lightness: nobody has to tell colours apart.
CLEAR = 0.55
DARK, DARK_OPACITY = (10, 0, 35), 0.85
LIGHT, LIGHT_OPACITY = (255, 200, 0), 0.55


@dataclass(frozen=True)
class Explanation:
    """How much of the similarity of two images each place of either brings.

    The places are those of the middle square of each image, which is all that the network sees
    (`PIL.ImageOps.fit`), in a grid of h x w equal cells; a cell knows of its surroundings too.

    Attributes:
        query: (h, w) float32, not negative; sums to the similarity.
        neighbour: Likewise, of the other image.
        similarity: The cosine of the two vectors, in [0, 1]; their distance is sqrt(2 - 2 similarity).
    """

    query: NDArray[np.float32]
    neighbour: NDArray[np.float32]
    similarity: float

    @property
    def max_share(self) -> float:
        """What the place brings that brings most of both images: the common scale of their `heat_image`."""
        return float(max(self.query.max(), self.neighbour.max()))


def explain(
    embedder: Embedder, query: Image.Image, neighbour: Image.Image, height: float = 1.0
) -> Explanation:
    """Find which places of two RGB images make them similar; both go through the network in one batch.

    Args:
        embedder: Has the network.
        query: What is looked for.
        neighbour: What was found.
        height: How many times as high the query was looked at from, see `retrieval.scale_guess`: then what
            its mirror images bring counts for its own places.
    """
    seen = from_higher(query, height) if height > 1 else query
    powered = np.maximum(embedder.maps([seen, neighbour]), LEAST) ** embedder.pooling_power
    pooled = powered.mean(axis=(2, 3)) ** (1 / embedder.pooling_power)
    vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    products = vectors[0] * vectors[1]
    shares = powered / powered.sum(axis=(2, 3), keepdims=True)
    maps = np.einsum("c,nchw->nhw", products, shares)
    return Explanation(folded(maps[0], height), maps[1], float(products.sum()))


def heat_image(values: NDArray[np.float32], scale: float) -> Image.Image:
    """A layer to lay over the middle square of a photo: the places that bring most shine, the others fade.

    Args:
        values: (h, w), what each place brings; below 0 is taken for 0.
        scale: What counts as the most there is, above 0; one for both images, so that they can be compared.

    Returns:
        RGBA, `SIDE` x `SIDE` pixels, to be scaled to the square's size. How it looks was chosen by eye over
        photos of all kinds, dark woods and white roofs among them.

    Raises:
        ValueError: If `scale` is not above 0.
    """
    if not scale > 0:
        raise ValueError(f"The scale has to be above 0, not {scale}.")
    cells = Image.fromarray(np.clip(values / scale, 0, 1).astype(np.float32))
    smooth = np.asarray(cells.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).clip(0, 1)
    level = np.sqrt(smooth)  # a few places bring most, and the next to them should still show
    colour = np.where((level < CLEAR)[..., None], DARK, LIGHT)
    opacity = np.interp(level, (0, CLEAR, 1), (DARK_OPACITY, 0, LIGHT_OPACITY))
    return Image.fromarray(np.dstack([colour, np.rint(255 * opacity)]).astype(np.uint8), "RGBA")
