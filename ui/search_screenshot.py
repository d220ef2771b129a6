"""The square that is searched of a screenshot: moved, resized, and searched anew when its scale is known."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from retrieval import ImageError
from retrieval.collections.collection import Collection
from retrieval.decode_limits import BusyError
from retrieval.maps.locate import LocatedSquare, answer_guess, locate, move, resize
from retrieval.maps.scale import ScaleError
from retrieval.maps.screenshot import Screenshot
from retrieval.query import GONE
from retrieval.vector_store import StoreError
from ui.components.history import REPLACE
from ui.components.scale_question import ANSWERS, given_answer
from ui.components.screenshot_view import clicked_place
from ui.i18n import gettext as _
from ui.limits.visitors import current_visitor
from ui.panels.screenshot import scale_hints
from ui.render.sentences import our_fault
from ui.search import MOVED, Search
from ui.state import SearchState, Updates
from ui.uploads import SCREENSHOT_GONE, load_screenshot, upload_of_square

logger = logging.getLogger(__name__)

#: How a square is changed: of a screenshot, what was searched before, by a collection's photos.
Change = Callable[[Screenshot, LocatedSquare, Collection], LocatedSquare]


@dataclass(frozen=True)
class SearchScreenshot:
    """Changes the square, and has its search shown.

    Attributes:
        search: Shows it.
    """

    search: Search

    def move_square(self, before: SearchState, click: Any) -> Updates:  # noqa: ANN401 - from a browser
        """Search another place of the screenshot, that of a `pick`."""
        place = clicked_place(click)
        if place is None:
            return self.search.nothing()
        embedder = self.search.retriever.embedder
        return self._changed(
            before, lambda picture, located, collection: move(embedder, collection, picture, located, *place)
        )

    def resize_square(self, before: SearchState, percent: float) -> Updates:
        """Search a square of another size: in per cent of the shorter side."""
        embedder = self.search.retriever.embedder
        return self._changed(
            before,
            lambda picture, located, _: resize(
                embedder, picture, located, percent / 100 * min(picture.image.size)
            ),
        )

    def answer(self, before: SearchState, click: Any) -> Updates:  # noqa: ANN401 - from a browser
        """Take what the visitor says of a scale that was guessed, from an `answer` of the question."""
        said = given_answer(click)
        if said is None:
            return self.search.nothing()
        return self._changed(before, lambda _picture, located, _: answer_guess(located, ANSWERS[said]))

    def set_link(self, before: SearchState, link: str | None, *others: Any) -> Updates:  # noqa: ANN401
        """As `set_scale`, where the link is another than the one that is known.

        As the panel opens, Gradio tells of the link that it was given, and of what the others held before.
        """
        upload = self.search.upload(before.query)
        if upload and upload.screenshot and (link or "") == upload.screenshot.located.hints.link:
            return self.search.nothing()
        return self.set_scale(before, link, *others)

    def set_scale(self, before: SearchState, *fields: Any) -> Updates:  # noqa: ANN401 - values of the fields
        """Search again, knowing more of the scale."""
        hints, upload = scale_hints(*fields), self.search.upload(before.query)
        if upload is None or upload.screenshot is None or hints == upload.screenshot.located.hints:
            return self.search.nothing()
        embedder = self.search.retriever.embedder
        return self._changed(
            before,
            lambda picture, located, collection: locate(
                embedder, collection, picture, hints, (located.square.x, located.square.y)
            ),
        )

    def read(self, before: SearchState, _click: Any = None) -> None:  # noqa: ANN401 - from a browser
        """Have the screenshot decoded that is searched, if its file is still there."""
        upload = self.search.upload(before.query)
        if upload and upload.screenshot:
            with suppress(ImageError):  # its preview stays
                load_screenshot(upload.screenshot)

    def show_read(self, before: SearchState) -> Updates:
        """Show the screenshot that is searched by now in place of its preview, if it is decoded."""
        query, result = before.query, before.result
        shown = self.search.shown_screenshot(query, result, new=True) if result else {}
        return shown or self.search.nothing()

    def _changed(self, before: SearchState, change: Change) -> Updates:
        search, query = self.search, before.query
        upload = search.upload(query)
        if upload is None or upload.screenshot is None:
            gone = bool(query.uploads) and upload is None
            return search.complain(_(GONE)) if gone else search.nothing()
        screenshot = upload.screenshot

        def changed() -> Updates:
            started = time.perf_counter()
            picture = load_screenshot(screenshot)
            collection = search.retriever.collection(query.collection)
            located = change(picture, screenshot.located, collection)
            seconds = {"embed": time.perf_counter() - started}
            square = upload_of_square(picture, replace(screenshot, located=located))
            photo = replace(square, title=upload.title, attribution=upload.attribution)
            name = search.uploads.keep(photo, query.uploads[0], current_visitor())
            return search.show(replace(query, uploads=(name,)), REPLACE, seconds=seconds, picture=MOVED)

        try:
            return changed()
        except ScaleError as error:
            attribution = _(upload.attribution) if upload.attribution else ""
            return search.screenshot.complain(_(error.message), attribution)
        except BusyError as error:
            return search.complain(_(error.message))
        except ImageError:  # the upload is deleted by now
            return search.complain(_(SCREENSHOT_GONE))
        except StoreError as error:
            return search.complain(_(error.message))
        except Exception:
            logger.exception("A search failed")
            return search.complain(our_fault())
