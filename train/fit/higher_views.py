"""Photos as they would look from higher up: each shrunk, and surrounded by what lies around such places.

UC Merced has photos of a single ground scale, 78 m wide. What visitors bring is mostly seen from higher up:
a field is a patch among fields then, an overpass a small knot in a city. Such views are put together of the
training photos themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from PIL import Image

from train.data.orientations import ORIENTATIONS, orient
from train.fit.landscape_shapes import SIDE, shrunk

_CITY = ("buildings", "parkinglot", "denseresidential", "mediumresidential", "intersection")
_COUNTRY = ("agricultural", "chaparral", "forest", "sparseresidential")
#: What lies around a place of each class. A class that is not named lies among its own kind.
NEIGHBOURS = {
    "airplane": ("airplane", "runway", "parkinglot", "buildings"),
    "baseballdiamond": ("baseballdiamond", "golfcourse", "mediumresidential", "parkinglot", "tenniscourt"),
    "beach": ("beach",),
    "buildings": ("buildings", "buildings", "parkinglot", "intersection"),
    "freeway": ("freeway", *_CITY, *_COUNTRY),
    "golfcourse": ("golfcourse", "golfcourse", "forest", "sparseresidential"),
    "harbor": ("harbor", "harbor", "buildings", "parkinglot"),
    "intersection": ("intersection", *_CITY),
    "overpass": ("freeway", "overpass", *_CITY, *_COUNTRY),
    "parkinglot": ("parkinglot", "parkinglot", "buildings"),
    "river": ("river", "river", *_COUNTRY),
    "runway": ("runway", "runway", "agricultural", "chaparral"),
    "storagetanks": ("storagetanks", "storagetanks", "buildings", "parkinglot"),
    "tenniscourt": ("tenniscourt", "mediumresidential", "sparseresidential", "parkinglot", "golfcourse"),
}

#: From how many times as high at most a class can still be told: housing differs by the size of houses and
#: gardens, and single things become too small. Classes that are not named: from as high as the recipe says.
HIGHEST = {
    "airplane": 4.0, "baseballdiamond": 4.0, "freeway": 4.0, "intersection": 2.0, "mediumresidential": 3.0,
    "mobilehomepark": 2.0, "overpass": 4.0, "runway": 4.0, "sparseresidential": 4.0, "storagetanks": 4.0,
    "tenniscourt": 4.0,
}  # fmt: skip


class HigherViews:
    """Views from higher up of the photos of a part of a data set.

    Args:
        images: Decoded RGB images.
        labels: The class of each.
        highest: How many times as high at most, above 1; the height is drawn evenly in its logarithm.
        surroundings: What is around a photo: 'mirror', its own mirror images; 'class', photos of its class;
            'neighbours', photos of classes that are found around it (`NEIGHBOURS`); 'any', of all classes.
    """

    def __init__(
        self, images: Sequence[Image.Image], labels: Sequence[str], highest: float, surroundings: str
    ) -> None:
        self._images, self._labels = images, labels
        self._highest, self._surroundings = highest, surroundings
        self._members: dict[str, list[int]] = {}
        for row, label in enumerate(labels):
            self._members.setdefault(label, []).append(row)

    def __call__(self, row: int) -> Image.Image:
        """The photo of a row from higher up: (256, 256) pixels, the photo in the middle.

        All choices come from torch's global generator.
        """
        highest = min(self._highest, HIGHEST.get(self._labels[row], self._highest))
        return self.from_height(row, highest ** float(torch.rand(())))

    def from_height(self, row: int, height: float) -> Image.Image:
        """As a call, from so many times as high, 1 or more."""
        side = max(4, round(SIDE / height))
        mirrored = self._surroundings == "mirror" or _chance(0.25)
        middle = self._shrunk(row, side)
        view = Image.new("RGB", (SIDE, SIDE))
        # The photo lies in the middle, up to a quarter of its side off it.
        left, top = ((SIDE - side) // 2 + round(side * (float(torch.rand(())) - 0.5) / 2) for _ in range(2))
        columns = range(-math.ceil(left / side), math.ceil((SIDE - left) / side))
        rows = range(-math.ceil(top / side), math.ceil((SIDE - top) / side))
        for x in columns:
            for y in rows:
                if (x, y) == (0, 0):
                    tile = middle
                elif mirrored:
                    tile = _mirror(middle, across=x % 2 == 1, down=y % 2 == 1)
                else:
                    tile = orient(self._shrunk(self._neighbour(row), side), _below(len(ORIENTATIONS)))
                view.paste(tile, (left + x * side, top + y * side))
        return view

    def _neighbour(self, row: int) -> int:
        label = self._labels[row]
        if self._surroundings == "any":
            return _below(len(self._labels))
        if self._surroundings == "neighbours" and _chance(0.5):
            around = [name for name in NEIGHBOURS.get(label, ()) if name in self._members] or [label]
            label = around[_below(len(around))]
        members = self._members[label]
        return members[_below(len(members))]

    def _shrunk(self, row: int, side: int) -> Image.Image:
        return shrunk(self._images[row], side)


def _mirror(image: Image.Image, *, across: bool, down: bool) -> Image.Image:
    if across:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if down else image


def _chance(probability: float) -> bool:
    return bool(torch.rand(()) < probability)


def _below(count: int) -> int:
    return int(torch.randint(count, ()))
