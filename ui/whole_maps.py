"""Mapped screenshots: what is kept of them, under which names, and how an address says what is shown of one.

Those of visitors are kept for an hour under the names of their uploads, which nobody can guess, and no longer
than these; those of the examples longer, for all, so that an example is embedded once.
"""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

from examples.map_views import map_views
from retrieval.errors import Message, UserError
from retrieval.maps.crops import GUESS, TOO_FAR, Scale
from retrieval.maps.land_use import Tiles
from retrieval.maps.placement import Placement
from retrieval.maps.tile_groups import LEAST, MOST
from ui.limits.last_few import LastFew
from ui.limits.shares import FairStore

#: Bytes of all visitors' maps that are kept, some 60 of usual ones, and for how many seconds.
MAPS_BYTES, MAPS_SECONDS = 100_000_000, 3600

#: Likewise of the examples.
EXAMPLES_BYTES, EXAMPLES_SECONDS = 40_000_000, 24 * 3600

#: Bytes of layers that are kept beside each map, some four, so that a click on one computes none anew.
LAYERS_BYTES = 400_000

#: What lies over the picture, as an address says it.
LAND_USE, COLOURS, GROUPS, ALIKE, PICTURE = LAYERS = ("land-use", "colours", "groups", "alike", "picture")

LAYER_NAMES = {
    LAND_USE: Message("Land use"),
    COLOURS: Message("Similarity in colours"),
    GROUPS: Message("Groups"),
    ALIKE: Message("Find more of this"),
    PICTURE: Message("Picture alone"),
}

#: Groups that are shown unless others are asked for.
GROUP_COUNT = 6

#: By this an address is that of a map.
VIEW = {"view": "map"}

MAP_GONE = Message("This map is no longer on the server: map the screenshot again.")


class GoneError(UserError):
    """A map is not kept any more, or never was. The message is a sentence."""


@dataclass(frozen=True)
class WholeMap:
    """A screenshot whose tiles are embedded.

    Attributes:
        tiles: Of it.
        picture: A JPEG file of the screenshot, not larger than a page shows it.
        size: Width and height of the screenshot, in pixels.
        scale: At which it was cut into tiles.
        start: The tile that is marked at first.
        placement: Where it lies on Earth; None where that is not known.
        drawn: Whether this project drew it.
        attribution: Whom to name; may be empty.
        layers: The last ones that took a while to make, as `ui.render.whole_map` has them.
    """

    tiles: Tiles
    picture: bytes
    size: tuple[int, int]
    scale: Scale
    start: int
    placement: Placement | None = None
    drawn: bool = False
    attribution: str = ""
    layers: LastFew[Any] = field(
        default_factory=lambda: LastFew(LAYERS_BYTES, lambda made: made.bytes), init=False, repr=False
    )

    @property
    def bytes(self) -> int:
        """That it takes in memory, or a little less."""
        tiles = int(self.tiles.vectors.nbytes) + int(self.tiles.places.nbytes)
        return tiles + len(self.picture) + self.layers.max_bytes

    @property
    def image(self) -> Image.Image:
        """The picture, RGB."""
        return Image.open(io.BytesIO(self.picture)).convert("RGB")

    @property
    def picture_url(self) -> str:
        """The picture inside a `data:` URL."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.picture).decode()}"

    @property
    def guessed(self) -> bool:
        """Whether the scale is a guess, and nobody said that it may be right."""
        return self.scale.source in (GUESS, TOO_FAR)


@dataclass(frozen=True)
class ShownMap:
    """Which map is shown: the state of a session, so without the picture and the tiles.

    Attributes:
        name: The slug of an example, or the name of an upload.
        is_example: Which of both.
        tile: The one that was clicked last; None: the one that is marked at first.
        coming: Whether it only stands for a map that is on its way; its name is that of nothing, then.
    """

    name: str
    is_example: bool
    tile: int | None = None
    coming: bool = False

    def is_of(self, other: ShownMap | None) -> bool:
        """Whether it is the same map, whatever tile is marked."""
        return other is not None and (self.name, self.is_example) == (other.name, other.is_example)

    def marked(self, whole: WholeMap) -> int:
        """The tile that is marked: one that is there."""
        return self.tile if self.tile is not None and self.tile < len(whole.tiles.places) else whole.start


def map_of_upload(name: str, tile: int | None = None) -> ShownMap:
    """The map of what is searched under a name: of an example that is a map, the example."""
    slug = next((view.slug for view in map_views().values() if view.upload == name), "")
    return ShownMap(slug or name, is_example=bool(slug), tile=tile)


@dataclass(frozen=True)
class MapAddress:
    """What an address says of a map: which one, and how it is shown.

    Attributes:
        shown: Which; None where it names none.
        layer: One of `LAYERS`.
        groups: How many groups, `LEAST` to `MOST`.
        collection: In which it is looked up; empty for the one that is open.
    """

    shown: ShownMap | None
    layer: str = LAND_USE
    groups: int = GROUP_COUNT
    collection: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """As an address has them."""
        if self.shown is None:
            return dict(VIEW)
        which = {"example" if self.shown.is_example else "upload": self.shown.name}
        tile = {} if self.shown.tile is None else {"tile": str(self.shown.tile)}
        collection = {"in": self.collection} if self.collection else {}
        return VIEW | which | {"layer": self.layer, "groups": str(self.groups)} | tile | collection


def read_address(fields: Mapping[str, str], collections: Collection[str]) -> MapAddress:
    """What somebody's address says; of what makes no sense there, what is usual stands.

    Args:
        fields: Names and values, as they came.
        collections: The names of those that there are.
    """
    tile = _whole(fields.get("tile"), 0, 99_999)
    shown = None
    for which, is_example in (("example", True), ("upload", False)):
        name = fields.get(which)
        if isinstance(name, str) and 0 < len(name) <= 200 and shown is None:
            shown = ShownMap(name, is_example, tile) if is_example else map_of_upload(name, tile)
    layer, collection = fields.get("layer"), fields.get("in")
    return MapAddress(
        shown,
        layer if isinstance(layer, str) and layer in LAYERS else LAND_USE,
        _whole(fields.get("groups"), LEAST, MOST) or GROUP_COUNT,
        collection if isinstance(collection, str) and collection in collections else "",
    )


def _whole(text: object, least: int, most: int) -> int | None:
    """A whole number in a range, of ASCII digits; None of anything else."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,5}", text):
        return None
    number = int(text)
    return number if least <= number <= most else None


def valid_groups(count: object) -> int:
    """How many groups a slider says, or whoever sends in its place."""
    if isinstance(count, bool) or not isinstance(count, int | float) or not LEAST <= count <= MOST:
        return GROUP_COUNT
    return round(count)


class WholeMaps:
    """All that are kept at the moment; may be used from several threads.

    Args:
        clock: Seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.visitors: FairStore[WholeMap] = FairStore(MAPS_BYTES, MAPS_SECONDS, clock)
        self.examples: FairStore[WholeMap] = FairStore(EXAMPLES_BYTES, EXAMPLES_SECONDS, clock)

    def find(self, shown: ShownMap) -> WholeMap | None:
        """The map, if it is kept."""
        kept = (self.examples if shown.is_example else self.visitors).get(shown.name)
        return kept.value if kept else None

    def get(self, shown: ShownMap | None) -> WholeMap:
        """Likewise. Raises GoneError where it is not."""
        whole = self.find(shown) if shown else None
        if whole is None:
            raise GoneError(MAP_GONE)
        return whole

    def keep(
        self, shown: ShownMap, whole: WholeMap, visitor: str = "", upload_until: float | None = None
    ) -> None:
        """Keep a map, for the visitor who asked or, of an example, for all.

        Args:
            shown: Which.
            whole: The map.
            visitor: Who asked.
            upload_until: When the upload goes that it was made of, in seconds since 1970: it goes then, too.
        """
        if shown.is_example:
            self.examples.keep(shown.name, whole, whole.bytes)
            return
        ends = [self.visitors.clock() + MAPS_SECONDS, *([upload_until] if upload_until else [])]
        self.visitors.keep(shown.name, whole, whole.bytes, visitor, min(ends))


def elsewhere(shown: ShownMap, tile: int) -> ShownMap:
    """The same map with another tile marked."""
    return replace(shown, tile=tile)
