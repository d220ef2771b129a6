"""A screenshot, an example or a visitor's own, becomes a whole map: its tiles are cut, embedded and kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from examples.map_views import MapView, map_views
from retrieval import ImageError, Retriever
from retrieval.decode_limits import one_budget
from retrieval.errors import Message
from retrieval.maps.land_use import embed_tiles
from retrieval.maps.locate import LocatedSquare, ScaleHints, locate
from retrieval.maps.placement import placement
from retrieval.maps.screenshot import Screenshot, load_image
from ui.i18n import gettext as _
from ui.limits.queueing import is_abandoned
from ui.limits.visitors import current_visitor
from ui.render.screenshots import SHOWN_PIXELS
from ui.uploads import ScreenshotUpload, Upload, UploadStore, embed_upload, load_screenshot, upload_of_square
from ui.views import MAX_VALUE
from ui.whole_maps import MAP_GONE, GoneError, ShownMap, WholeMap, WholeMaps

#: Told after each batch of tiles: how many are done, and of how many.
OnTiles = Callable[[int, int], None]

NO_EXAMPLE = Message("There is no example of a map of this name: choose one of these.")
NO_SCREENSHOT = Message(
    "This is one photo, no screenshot of a map: that is more than 400 pixels wide and high. Search with a "
    "photo in the tab 'Search'."
)


class AbandonedError(Exception):
    """Nobody waits for the map any more."""


@dataclass(frozen=True)
class Made:
    """What became of a mapping: the state of a session, shown where it is of what is open by then.

    Attributes:
        asked: What was open when it was asked for.
        shown: What was mapped; None where that failed.
        trouble: What went wrong, in Markdown.
    """

    asked: ShownMap
    shown: ShownMap | None
    trouble: str = ""

    def concerns(self, opened: ShownMap | None) -> bool:
        """Whether it is to be shown now.

        A screenshot that a visitor brought is, unless another map was opened meanwhile.

        Args:
            opened: The map that is open now.
        """
        return self.asked.coming if opened is None else opened.is_of(self.asked)


def map_asked_for(click: Any) -> ShownMap | None:  # noqa: ANN401 - whatever a browser sends
    """What an `unmapped` wants to be mapped; None of anything else."""
    match click:
        case {"name": str(name), "is_example": bool(is_example)} if 0 < len(name) <= MAX_VALUE:
            return ShownMap(name, is_example)
    return None


@dataclass(frozen=True)
class MapMaker:
    """Makes maps.

    Attributes:
        retriever: Embeds.
        uploads: Visitors' screenshots.
        maps: Where maps are kept.
    """

    retriever: Retriever
    uploads: UploadStore
    maps: WholeMaps

    def of(self, shown: ShownMap, collection: str, on_tiles: OnTiles) -> WholeMap:
        """The map; made, unless it is kept.

        Args:
            shown: Which.
            collection: By whose photos an unknown scale is guessed.
            on_tiles: Told of the progress.

        Raises:
            GoneError: If there is no such example, or the screenshot went.
            UserError: If it cannot be mapped.
            AbandonedError: If nobody waits any more.
        """
        if whole := self.maps.find(shown):
            return whole
        with one_budget():
            view = map_views().get(shown.name) if shown.is_example else None
            if view is not None:
                screenshot, located = self._example(view, collection)
                attribution, drawn = view.attribution, view.drawn
            else:
                upload, read = self._upload(shown)
                screenshot, located = load_screenshot(read), read.located
                attribution, drawn = _(upload.attribution) if upload.attribution else "", _is_drawn(read)
        whole = self._embedded(screenshot, located, on_tiles)
        whole = replace(whole, attribution=attribution, drawn=drawn)
        until = self.uploads.until([shown.name])
        if until is None and not shown.is_example:  # it went meanwhile, and so does what was made of it
            raise GoneError(MAP_GONE)
        self.maps.keep(shown, whole, current_visitor(), until)
        return whole

    def bring(self, path: str, link: str, collection: str) -> ShownMap:
        """Keep a visitor's own screenshot, so that it can be mapped. Raises UserError where it is none."""
        with one_budget():
            upload, _seconds = embed_upload(self.retriever, path, ScaleHints(link), None, collection)
        if upload.screenshot is None:
            raise ImageError(NO_SCREENSHOT)
        return ShownMap(self.uploads.keep(upload, visitor=current_visitor()), is_example=False)

    def with_link(self, shown: ShownMap, link: str, collection: str) -> ShownMap | None:
        """The same screenshot with another link; None where that changes nothing.

        Raises:
            UserError: If the link says nothing of use, or the screenshot went.
        """
        upload = None if shown.is_example else self.uploads.get(shown.name)
        if upload is None or upload.screenshot is None:
            return None
        hints = upload.screenshot.located.hints
        if link.strip() == hints.link.strip():
            return None
        with one_budget():
            picture = load_screenshot(upload.screenshot)
            embedder = self.retriever.embedder
            located = locate(
                embedder, self.retriever.collection(collection), picture, replace(hints, link=link)
            )
            square = upload_of_square(picture, replace(upload.screenshot, located=located))
        named = replace(square, title=upload.title, attribution=upload.attribution)
        return ShownMap(self.uploads.keep(named, shown.name, current_visitor()), is_example=False)

    def link_of(self, shown: ShownMap | None) -> str:
        """The link that came with a visitor's screenshot; empty where there is none."""
        upload = self.uploads.get(shown.name) if shown and not shown.is_example else None
        return upload.screenshot.located.hints.link.strip() if upload and upload.screenshot else ""

    def _example(self, view: MapView, collection: str) -> tuple[Screenshot, LocatedSquare]:
        screenshot = load_image(str(view.path), view.file_scale)
        if not isinstance(screenshot, Screenshot):  # a small photo that somebody put into the folder
            raise ImageError(NO_SCREENSHOT)
        return screenshot, locate(
            self.retriever.embedder, self.retriever.collection(collection), screenshot, view.hints
        )

    def _upload(self, shown: ShownMap) -> tuple[Upload, ScreenshotUpload]:
        if shown.is_example:
            raise GoneError(NO_EXAMPLE)
        upload = self.uploads.get(shown.name)
        if upload is None or upload.screenshot is None:
            raise GoneError(MAP_GONE)
        return upload, upload.screenshot

    def _embedded(self, screenshot: Screenshot, located: LocatedSquare, on_tiles: OnTiles) -> WholeMap:
        def on_batch(done: int, all_: int) -> None:
            if is_abandoned():
                raise AbandonedError
            on_tiles(done, all_)

        overlays = screenshot.overlays
        tiles = embed_tiles(screenshot.image, overlays, located.scale, self.retriever.embedder, on_batch)
        return WholeMap(
            tiles,
            shown_file(screenshot.image),
            screenshot.image.size,
            located.scale,
            tiles.nearest(located.square.x, located.square.y),
            placement(overlays.map_area, located),
        )


def _is_drawn(read: ScreenshotUpload) -> bool:
    """Whether what is searched is a square of an example that this project drew."""
    return any(view.drawn and str(view.path) == read.path for view in map_views().values())


def shown_file(image: Image.Image) -> bytes:
    """A picture as a JPEG file, small enough to send and sharp enough to point at."""
    small = image.copy()
    small.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=85)
    return file.getvalue()
