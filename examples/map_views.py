"""Views of a map that can be mapped as a whole: the drawn ones, and the photos of Bucharest that are here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PIL import Image

from examples.bucharest.places import find_examples
from examples.catalog import read_screenshots
from retrieval.errors import Message
from retrieval.maps.locate import ScaleHints


@dataclass(frozen=True)
class MapView:
    """A view to click.

    Attributes:
        slug: Its name in addresses: that of the file, without its ending.
        path: The picture.
        name: What people call it.
        hints: What is known of its scale.
        file_scale: Metres per pixel, where a file beside it says so.
        attribution: Whom to name; may be empty.
        drawn: Whether this project drew it: then the link's place is not the one that is seen.
    """

    slug: str
    path: Path
    name: str | Message
    hints: ScaleHints
    file_scale: float | None = None
    attribution: str = ""
    drawn: bool = False

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, from the head of its file."""
        with Image.open(self.path) as image:
            return image.size

    @property
    def metres(self) -> tuple[float, float] | None:
        """Width and height of the ground that it shows; None where nobody says."""
        each = self.file_scale
        if each is None and self.hints.view_by_zoom and self.hints.view:
            each = self.hints.view.metres_per_pixel(self.size[1], self.hints.ratio or 1.0)
        return (self.size[0] * each, self.size[1] * each) if each else None


def map_views() -> dict[str, MapView]:
    """All of them by their slugs, the drawn ones first."""
    views = [
        MapView(
            shot.path.stem, shot.path, shot.name, ScaleHints(shot.link, ratio=shot.pixel_ratio), drawn=True
        )
        for shot in read_screenshots()
    ]
    views += [
        MapView(
            photo.path.stem, photo.path, photo.caption, ScaleHints(),
            photo.metres_per_pixel, photo.attribution,
        )
        for photo in find_examples()
    ]  # fmt: skip
    found: dict[str, MapView] = {}
    for view in views:
        found.setdefault(view.slug, view)
    return found
