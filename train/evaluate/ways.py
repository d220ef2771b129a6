"""The ways to search with the same weights: what is embedded, and what becomes of the vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from train.evaluate import spaces
from train.evaluate.reciprocal import reciprocal
from train.evaluate.reranking import (
    Similarities,
    augmented,
    cross_domain,
    expanded,
    mutual,
    scaled_locally,
)
from train.evaluate.views import TURNS, WHOLE, view_cost

#: Views whose vectors are averaged to one; and of several such vectors the nearest counts.
Averaged = tuple[str, ...]
Vectors = tuple[Averaged, ...]
Setting = Mapping[str, Any]

PLAIN: Vectors = ((WHOLE,),)
TURNED: Vectors = (TURNS,)


def each(*views: str) -> Vectors:
    """A vector for each view."""
    return tuple((view,) for view in views)


@dataclass(frozen=True)
class Way:
    """A way to search.

    Attributes:
        group: One of `GROUPS`.
        title: In the table.
        queries: Of each query.
        gallery: Of each photo of the gallery.
        one_scale: Of several vectors of a query that counts which finds the nearest photo; else for each
            photo of the gallery the nearest.
        space: Learned of the gallery, with the settings.
        rank: Likewise, what becomes of the similarities.
        settings: Those that are tried on the validation photos, where there is more than one.
    """

    group: str
    title: str
    queries: Vectors = PLAIN
    gallery: Vectors = PLAIN
    one_scale: bool = False
    space: Callable[..., spaces.Space] | None = None
    rank: Callable[..., Similarities] | None = None
    settings: tuple[Setting, ...] = ({},)

    @property
    def cost(self) -> float:
        """How many whole photos the network would embed in the time that it needs for a query."""
        return sum(map(view_cost, {view for views in self.queries for view in views}))


def _grid(**values: tuple[Any, ...]) -> tuple[Setting, ...]:
    return tuple(dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))


HALF, BETWEEN, QUARTER = "middle-0.5", "middle-0.71", "middle-0.25"
HIGHER, LARGE = "mirrored-2", "large-1.5"
THREE = each(WHOLE, BETWEEN, HALF)
WIDE = each(WHOLE, HALF, QUARTER)
AROUND = each(WHOLE, HIGHER, HALF)
AVERAGED: Vectors = ((WHOLE, "mosaic-2"),)
MIRRORED, MOSAICS = each(WHOLE, "mirrored-2", "mirrored-4"), each(WHOLE, "mosaic-2", "mosaic-4")

#: What the other groups found to help, with the settings that they chose.
FEW, DRAWN = partial(spaces.principal, dimensions=256), partial(expanded, neighbours=1, power=3)

_TOGETHER = "256 main axes, in doubt the nearest of twice as high, whole and half"
_DOUBTS = _grid(doubt=(0.85, 0.9, 0.95, 0.97, 0.99))
_NEIGHBOURS = (5, 10, 20, 50)
_DRAWN = _grid(neighbours=(1, 3, 5, 10, 20, 50), power=(0, 1, 3))
_SHRUNK = (0.001, 0.01, 0.1, 0.3, 0.6, 0.9)

GROUPS = {
    "query": "Query",
    "gallery": "Gallery",
    "turns": "Rotations and flips",
    "space": "Features",
    "hubs": "Hubs",
    "rerank": "Re-ranking",
    "together": "Together",
}

WAYS = (
    Way("query", "middle half", each(HALF)),
    Way("query", "whole photo and middle half, averaged", ((WHOLE, HALF),)),
    Way("query", "whole, 0.71 and half, averaged", ((WHOLE, BETWEEN, HALF),)),
    Way("query", "the nearest of whole, 0.71 and half", THREE, one_scale=True),
    Way("query", "the nearest of whole, 0.71 and half, for each photo of the gallery", THREE),
    Way("query", "the nearest of whole, half and quarter", WIDE, one_scale=True),
    Way("query", "the nearest of twice as high, whole and half", AROUND, one_scale=True),
    *(
        Way(
            "query",
            f"the nearest of {title}, where the whole photo finds nothing near",
            views,
            PLAIN,
            True,
            settings=_DOUBTS,
        )
        for title, views in (
            ("twice as high, whole and half", AROUND),
            ("whole, 0.71 and half", THREE),
            ("whole and half", each(WHOLE, HALF)),
        )
    ),
    Way("query", "whole photo with 1.5 times as many pixels", each(LARGE)),
    Way("query", "whole photo with as many and with 1.5 times as many pixels, averaged", ((WHOLE, LARGE),)),
    Way(
        "query",
        "whole photo with as many and with 1.5 times as many pixels, and half, averaged",
        ((WHOLE, LARGE, HALF),),
    ),
    Way(
        "query",
        "the nearest of whole, whole with 1.5 times as many pixels, and half",
        each(WHOLE, LARGE, HALF),
        one_scale=True,
    ),
    Way("gallery", "also from twice as high, mirrored", gallery=MIRRORED[:2]),
    Way("gallery", "also from twice and four times as high, mirrored", gallery=MIRRORED),
    Way("gallery", "also from twice as high, mosaic", gallery=MOSAICS[:2]),
    Way("gallery", "also from twice and four times as high, mosaic", gallery=MOSAICS),
    Way("gallery", "also the middle half", gallery=each(WHOLE, HALF)),
    Way("gallery", "averaged with twice as high, mosaic", gallery=AVERAGED),
    Way(
        "gallery",
        "twice and four times, mosaic; the nearest of three of the query",
        THREE,
        MOSAICS,
        one_scale=True,
    ),
    Way("turns", "8 averaged, gallery only", gallery=TURNED),
    Way("turns", "8 averaged, query only", TURNED),
    Way("turns", "8 averaged, both", TURNED, TURNED),
    Way("space", "256 main axes (PCA)", space=spaces.principal, settings=({"dimensions": 256},)),
    Way("space", "512 main axes", space=spaces.principal, settings=({"dimensions": 512},)),
    *(
        Way(
            "space",
            f"whitened, {dimensions:,} features",
            space=spaces.whitened,
            settings=_grid(dimensions=(dimensions,), shrinkage=_SHRUNK),
        )
        for dimensions in (2048, 512, 256)
    ),
    Way("space", "whitened within classes", space=spaces.whitened_within, settings=_grid(shrinkage=_SHRUNK)),
    Way("hubs", "centred", space=spaces.centred),
    Way("hubs", "local scaling", rank=scaled_locally, settings=_grid(neighbours=_NEIGHBOURS)),
    Way("hubs", "CSLS", rank=cross_domain, settings=_grid(neighbours=_NEIGHBOURS)),
    Way("hubs", "mutual proximity", rank=mutual),
    Way(
        "rerank",
        "k-reciprocal neighbours",
        rank=reciprocal,
        settings=_grid(neighbours=(20, 50), mean_of=(1, 6), share=(0.3, 0.7)),
    ),
    Way("rerank", "query expanded by its nearest", rank=expanded, settings=_DRAWN),
    Way("rerank", "gallery expanded by its nearest", rank=augmented, settings=_DRAWN),
    *(
        Way("together", f"{_TOGETHER}{more}", AROUND, gallery, True, FEW, rank, _DOUBTS)
        for more, gallery, rank in (
            ("", PLAIN, None),
            ("; gallery of 8 averaged", TURNED, None),
            ("; gallery averaged with mosaics", AVERAGED, None),
            ("; gallery averaged with mosaics, query expanded", AVERAGED, DRAWN),
        )
    ),
)
