"""Views of a map to click: the drawn ones, and the photos of Bucharest that are here.

One can be searched like a screenshot, and mapped as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from examples.bucharest.places import find_examples
from examples.catalog import PREFIX, read_screenshots
from retrieval.errors import Message
from retrieval.maps.locate import ScaleHints

NO_HINTS = ScaleHints()


@dataclass(frozen=True)
class MapView:
    """A view to click.

    Attributes:
        path: The picture.
        title: What it is called as a search.
        place: What it shows, where all know that it is a view of a map.
        hints: What is known of its scale from a link.
        file_scale: Metres per pixel, where a file beside it says so.
        attribution: Whom to name; may be empty.
        drawn: Whether this project drew it: then the link's place is not the one that is seen.
    """

    path: Path
    title: str | Message
    place: str | Message
    hints: ScaleHints = NO_HINTS
    file_scale: float | None = None
    attribution: str = ""
    drawn: bool = False

    @property
    def slug(self) -> str:
        """Its name in addresses: that of the file, without its ending."""
        return self.path.stem

    @property
    def name(self) -> str:
        """Its name among all examples: 'map-otopeni-z18'; of a photo 'place-otopeni-apron'."""
        return f"{'map' if self.drawn else 'place'}-{self.slug}"

    @property
    def upload(self) -> str:
        """Its name where it is searched as a photo that was brought, see `ui.example_uploads`."""
        return PREFIX + self.name

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, from the head of its file."""
        return _size(self.path, self.path.stat().st_mtime_ns)

    @property
    def metres(self) -> tuple[float, float] | None:
        """Width and height of the ground that it shows; None where nobody says."""
        each = self.file_scale
        if each is None and self.hints.view_by_zoom and self.hints.view:
            each = self.hints.view.metres_per_pixel(self.size[1], self.hints.ratio or 1.0)
        return (self.size[0] * each, self.size[1] * each) if each else None


@lru_cache(maxsize=256)
def _size(path: Path, _changed: int) -> tuple[int, int]:
    """Read once for each state of the file: all views are listed whenever one is asked for."""
    with Image.open(path) as image:
        return image.size


def map_views() -> dict[str, MapView]:
    """All of them by their slugs: the drawn ones, then the photos in the folder of Bucharest."""
    views = [
        MapView(shot.path, shot.title, shot.name, ScaleHints(shot.link, ratio=shot.pixel_ratio), drawn=True)
        for shot in read_screenshots()
    ]
    views += [
        MapView(
            photo.path,
            photo.caption,
            photo.caption,
            file_scale=photo.metres_per_pixel,
            attribution=photo.attribution,
        )
        for photo in find_examples()
    ]
    found: dict[str, MapView] = {}
    for view in views:
        found.setdefault(view.slug, view)
    return found
