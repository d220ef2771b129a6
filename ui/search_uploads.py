"""Searches with what visitors drop, paste or choose, and with the examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from examples.catalog import PREFIX
from retrieval import ImageError
from retrieval.collections.photos import BROWSER_SUFFIXES
from retrieval.decode_limits import BusyError, one_budget
from retrieval.errors import Message
from retrieval.image_files import MAX_BYTES
from retrieval.maps.locate import ScaleHints
from retrieval.maps.scale import ScaleError
from retrieval.maps.screenshot import load_image
from retrieval.query import MAX_PHOTOS, QueryError
from ui.components.photo_grid import clicked_photo
from ui.i18n import gettext as _
from ui.limits.queueing import is_abandoned
from ui.limits.visitors import current_visitor
from ui.search import Search
from ui.state import SearchState, Updates
from ui.uploads import embed_upload

#: Longer side of what is shown of a file that browsers cannot show themselves.
SHOWN_PIXELS = 1024


@dataclass(frozen=True)
class SearchUploads:
    """Turns files into queries, and has them shown.

    Attributes:
        search: Shows them.
    """

    search: Search

    def upload(
        self,
        before: SearchState,
        paths: str | Sequence[str] | None,
        hints: ScaleHints | None = None,
        if_refused: Updates | None = None,
        unsent: Sequence[tuple[str, Message]] = (),
    ) -> Updates:
        """Search with new files: a photo as a whole, of a screenshot a square of 78 m; several together.

        Args:
            before: What is shown.
            paths: Of the files.
            hints: What is known of the scale of a screenshot among them, by a link that was kept for it.
            if_refused: Further updates for when that link makes it too coarse to search.
            unsent: Names of files that were brought with them and not sent, and why.
        """
        search, query = self.search, before.query
        if not paths and not unsent:
            return {search.trouble: gr.update(visible=False)}
        listed = [paths] if isinstance(paths, str) else list(paths or [])
        alone = len(listed) + len(unsent) == 1
        refused: Updates = {}

        def searched() -> Updates:
            seconds: Counter[str] = Counter()
            names: list[str] = []
            troubles = [trouble for _name, trouble in unsent if alone]
            unread = [] if alone else list(unsent)
            for path in listed[:MAX_PHOTOS]:
                if is_abandoned():
                    break
                try:
                    upload, spent = embed_upload(
                        search.retriever, path, hints or ScaleHints(), None, query.collection
                    )
                except BusyError as error:  # nor would the others be read
                    troubles.append(error.message)
                    break
                except (ImageError, ScaleError) as error:
                    message = error.message
                    if isinstance(error, ScaleError) and hints and hints.view and hints.view.has_scale:
                        message = _by_link(message)
                        refused.update(if_refused or {})
                    if alone:
                        troubles.append(message)
                    else:
                        unread.append((Path(path).name, message))
                else:
                    names.append(search.uploads.keep(upload, visitor=current_visitor()))
                    seconds.update(spent)
            sentence = " ".join(map(_, troubles))
            if not names:
                all_troubles = " ".join([*(_(_of_file(*each)) for each in unread), sentence]).strip()
                raise ImageError(all_troubles)
            if len(listed) > MAX_PHOTOS:
                left_out = _("Only the first {most} photos were looked for.", most=MAX_PHOTOS)
                sentence = f"{sentence} {left_out}".strip()
            new_query = replace(query, stored=(), uploads=tuple(names), relevant=(), irrelevant=())
            photo = search.upload(new_query)
            one = alone and photo is not None and photo.screenshot is None
            given = _for_browser(listed[0]) if one else None
            updates = search.show(new_query, seconds=dict(seconds), given=given, unread=unread)
            return updates | (search.complain(sentence) if sentence else {})

        with one_budget():
            return search.attempt(searched, before, restore=bool(listed)) | refused

    def example(self, before: SearchState, click: Any) -> Updates:  # noqa: ANN401 - from a browser
        """Search with an example, the one that was clicked; it is known already, or made at once."""
        search = self.search
        try:
            name = PREFIX + clicked_photo(click).id
        except QueryError as error:
            return search.complain(_(error.message))

        query = replace(before.query, stored=(), uploads=(name,), relevant=(), irrelevant=())
        with one_budget():
            return search.attempt(lambda: search.show(query), before)


def _by_link(trouble: Message) -> Message:
    """What went wrong by a link that was kept for the picture."""
    return Message(
        "By the link that you gave before: {trouble} That link is put away now: bring the picture again to "
        "search it without.",
        trouble=trouble,
    )


def _of_file(name: str, trouble: Message) -> Message:
    return Message("{file}: {trouble}", file=name, trouble=trouble)


def _for_browser(path: str) -> Any:  # noqa: ANN401 - a value for the query's field
    """A picture for the field where browsers cannot show the file itself, such as a TIFF."""
    file = Path(path)
    if file.suffix.lower() in BROWSER_SUFFIXES and file.stat().st_size <= MAX_BYTES:
        return path
    picture = load_image(path).image.copy()
    picture.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    return picture
