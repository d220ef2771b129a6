"""Pictures of maps to click: the drawn screenshots, and photos of Bucharest that are here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from examples.bucharest.places import find_examples
from examples.catalog import read_screenshots
from retrieval.errors import Message
from retrieval.maps.locate import ScaleHints

NO_HINTS = ScaleHints()


@dataclass(frozen=True)
class MapExample:
    """A picture of a map to click.

    Attributes:
        path: The picture.
        title: What it is called.
        hints: What is known of its scale from a link.
        file_scale: Metres per pixel, where a file beside it says so.
        attribution: Whom to name; may be empty.
        drawn: Whether this project drew it.
    """

    path: Path
    title: str | Message
    hints: ScaleHints = NO_HINTS
    file_scale: float | None = None
    attribution: str = ""
    drawn: bool = False

    @property
    def name(self) -> str:
        """'map-otopeni-z18'; of a photo 'place-otopeni-apron'."""
        return f"{'map' if self.drawn else 'place'}-{self.path.stem}"


def map_examples() -> list[MapExample]:
    """The drawn screenshots, then each photo in the folder of Bucharest, downloaded or dropped there."""
    drawn = [
        MapExample(drawn.path, drawn.title, ScaleHints(drawn.link, ratio=drawn.pixel_ratio), drawn=True)
        for drawn in read_screenshots()
    ]
    photos = [
        MapExample(
            photo.path, photo.caption, file_scale=photo.metres_per_pixel, attribution=photo.attribution
        )
        for photo in find_examples()
    ]
    return drawn + photos
