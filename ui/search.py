"""The search of the page: what visitors do becomes a query, and the query and its answer are shown."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from examples.catalog import PREFIX
from retrieval import Retriever, SearchResult
from retrieval.errors import Message, UserError
from retrieval.maps.locate import LocatedSquare
from retrieval.query import FIELDS, MAX_PHOTOS, PhotoRef, Query, QueryError
from retrieval.vector_store import Area
from retrieval.verdict import VOTERS
from ui.components import photo_grid
from ui.components.area_token import area_shown, clicked_area
from ui.components.history import PUSH, REPLACE, empty_entry, entry, visited_address
from ui.components.query_image import QueryImage
from ui.example_uploads import FIRST_SCENE, ExampleUploads, NotYetError
from ui.i18n import gettext as _
from ui.panels.details import DetailsPanel
from ui.panels.filters import FiltersPanel
from ui.panels.screenshot import ScreenshotPanel
from ui.render import sentences, verdict
from ui.render.photo_list import Alone, photo_rows
from ui.render.previews import previews_line, some_previews_line
from ui.render.query_picture import query_picture
from ui.render.query_place import query_places
from ui.render.start import start_card
from ui.state import SearchState, Updates
from ui.uploads import Upload, UploadStore, recent_screenshot
from ui.urls import example_url, upload_url
from ui.views import FOLDERS_VIEW, view_fields

logger = logging.getLogger(__name__)

#: What a search does to the picture of the query: shows another, leaves it, or moves the square on it.
ANOTHER, SAME, MOVED = "another", "same", "moved"


@dataclass(frozen=True, kw_only=True)
class Search:
    """The search, with the components that show it. Its methods answer events, with updates of them.

    Attributes:
        retriever: Answers queries.
        uploads: Keeps the photos of visitors, and knows the examples.
        examples: What can be clicked, of which one is searched at first.
        first_collection: Says which collection is open at first; photos may come while the page is served.
        state: A `SearchState`.
        query_image: The picture that is searched for.
        query_line: What it is, where it is not the visitor's one photo.
        screenshot: What takes the place of `query_image` for a screenshot.
        trouble: What went wrong.
        history: The bar with the searches before this one.
        filters: What may be an answer.
        summary: How well the answer fits, in words.
        photo_list: How each of several photos fares alone.
        grid: The neighbours, or photos to start from.
        answered: What is only there when something was found.
        details: What the answer is made of.
        apart: The `elem_id` of what shows photos apart from the search, perhaps of another collection.
        managing: Whether folders are managed on the page.
    """

    retriever: Retriever
    uploads: UploadStore
    examples: ExampleUploads
    first_collection: Callable[[], str]
    state: gr.State
    query_image: QueryImage
    query_line: gr.Markdown
    screenshot: ScreenshotPanel
    trouble: gr.Markdown
    history: gr.HTML
    filters: FiltersPanel
    summary: gr.HTML
    photo_list: gr.HTML
    grid: gr.HTML
    answered: gr.Column
    details: DetailsPanel
    apart: Collection[str] = ()
    managing: bool = False

    @property
    def outputs(self) -> list[Any]:
        """All that a search may change, but for the details."""
        return [
            self.state, self.query_image, self.query_line, self.trouble, self.history, self.summary,
            self.photo_list, self.grid, self.answered, *self.filters.controls, self.filters.area,
            *self.screenshot.outputs,
        ]  # fmt: skip

    # Showing

    def show(
        self,
        query: Query,
        how: str = PUSH,
        *,
        seconds: dict[str, float] | None = None,
        given: Any = None,  # noqa: ANN401 - a value for the query's field
        picture: str = ANOTHER,
        unread: Sequence[tuple[str, Message]] = (),
    ) -> Updates:
        """Answer a query, and show both.

        Args:
            query: Not empty.
            how: What becomes of the browser's history, see `ui.components.history`.
            seconds: What was spent already, by stage.
            given: What the query's field shows; by default the photos of the query.
            picture: `ANOTHER`, `SAME` or `MOVED`.
            unread: Files of several that could not be read: the name of each, and why.

        Raises:
            QueryError: If it names what there is not.
        """
        result = self.retriever.answer(query, self.uploads.vectors(query.uploads))
        upload = self.upload(query)
        located = upload.screenshot.located if upload and upload.screenshot else None
        result = replace(
            result, notes=upload.notes if upload else (), seconds=(seconds or {}) | result.seconds
        )
        judged = verdict.judged(result, located)
        several = len(query.stored) + len(query.uploads) > 1 or unread
        updates: Updates = {
            self.state: SearchState(query, result, query_places(self.retriever, self.uploads, query)),
            self.trouble: gr.update(visible=False),
            self.history: entry(self.retriever, self.uploads, query, how, result),
            self.summary: _summary(result, query, located),
            self.photo_list: photo_rows(self._each_alone(query), unread) if several else "",
            self.grid: photo_grid.answer(result, query, far=judged.is_far, compared=judged.label is not None),
            self.answered: gr.update(visible=True),
            self.filters.area: area_shown(query),
        }
        if picture == SAME:
            return updates
        updates[self.query_line] = sentences.query_line(query, self._labels(query))
        if upload and upload.footprint and upload.screenshot is None:
            updates[self.query_line] = sentences.where_line(upload.footprint)
        shown = self.shown_screenshot(query, result, new=picture == ANOTHER)
        if shown:
            return updates | shown
        if upload and upload.screenshot:  # its preview, until `SearchScreenshot.read` has read it
            updates[self.history]["unread"] = time.time_ns()
        value = query_picture(self.retriever, self.uploads, query) if given is None else given
        return updates | self.screenshot.hide() | {self.query_image: gr.update(value=value, visible=True)}

    def shown_screenshot(self, query: Query, result: SearchResult, *, new: bool) -> Updates:
        """Updates that show the screenshot that is searched; none where there is none, or it is not decoded.

        Strangers' files are decoded by events that wait in the queue; most others come at once.
        """
        upload = self.upload(query)
        if upload is None or upload.screenshot is None:
            return {}
        picture = recent_screenshot(upload.screenshot)
        if picture is None:
            return {}
        attribution = _(upload.attribution) if upload.attribution else ""
        shown = self.screenshot.show(
            picture, upload.screenshot.located, result, upload_url(query.uploads[0]), attribution, new=new
        )
        return shown | {self.query_image: gr.update(value=None, visible=False)}

    def show_start(self, how: str = REPLACE) -> Updates:
        """What the page shows before anybody did anything: the answer to one of the examples.

        It is under the page's bare address, and the query's field stays free for the visitor's own photo.
        """
        blank = Query(self.first_collection())
        name = self.examples.first
        example = self.uploads.get(name)
        if example is None:
            return self.show_photos(blank, how)
        updates = self.show(replace(blank, uploads=(name,)), how, picture=SAME)
        shared = updates[self.history]["address"]
        updates[self.history] |= {"address": "", "title": "", "heading": "", "shared": shared}
        short = name.removeprefix(PREFIX)
        card = start_card(_(example.title), example_url(short, self.examples.version(short)))
        return updates | self._empty_field() | {self.query_line: card}

    def show_photos(self, query: Query, how: str = REPLACE) -> Updates:
        """What is shown where nothing is searched: photos to start from, one of each class.

        Raises:
            QueryError: If it names what there is not.
        """
        collection = self.retriever.searched(query)
        name = (
            _("Photos to start from, one of each class")
            if collection.has_classes
            else _("Photos to start from, one of each group")
        )
        photos = photo_grid.photos(collection, collection.first_of_classes, name)
        return {
            self.state: SearchState(query),
            self.trouble: gr.update(visible=False),
            self.history: empty_entry(query, self.first_collection(), how),
            self.summary: previews_line(collection, collection.first_of_classes) + verdict.waiting(),
            self.photo_list: "",
            self.grid: photos,
            self.answered: gr.update(visible=False),
            self.filters.area: area_shown(query),
            self.query_line: "",
            **self._empty_field(),
        }

    def _show_pending(self, query: Query, sentence: str) -> Updates:
        """Say that an example is not here yet; its address stays, for `photos_came` and for a reload."""
        blank = replace(query, stored=(), uploads=(), relevant=(), irrelevant=())
        updates = self.show_photos(blank) | self.complain(sentence)
        updates[self.history]["address"] = query.address()
        return updates | {self.state: SearchState(query)}

    def _empty_field(self) -> Updates:
        return self.screenshot.hide() | {self.query_image: gr.update(value=None, visible=True)}

    def attempt(
        self, search: Callable[[], Updates], before: SearchState, *, restore: bool = False
    ) -> Updates:
        """What a search shows; or what went wrong, beside what was there before.

        Args:
            search: What may fail.
            before: What is shown.
            restore: Whether the query's field shows what failed by now.
        """
        try:
            return search()
        except UserError as error:
            sentence = _(error.message)
        except Exception:
            logger.exception("A search failed")
            sentence = sentences.our_fault()
        if before.result:  # what was there stays
            sentence += " " + _("You still see the search before it.")
        updates = self.complain(sentence)
        if restore:
            updates[self.query_image] = self._restored(before)
        return updates

    def complain(self, sentence: str) -> Updates:
        """Say what went wrong; all else stays."""
        return {self.trouble: gr.update(value=f"**{sentences.plain(sentence)}**", visible=True)}

    def nothing(self) -> Updates:
        """Change nothing; Gradio wants an update all the same."""
        return {self.trouble: gr.skip()}

    def upload(self, query: Query) -> Upload | None:
        """The visitor's photo, where it alone is looked for and is still here."""
        alone = len(query.uploads) == 1 and not query.stored
        return self.uploads.get(query.uploads[0]) if alone else None

    def _each_alone(self, query: Query) -> list[Alone]:
        """How each photo of visitors fares that is looked for."""
        found = []
        for name in query.uploads[:MAX_PHOTOS]:
            if upload := self.uploads.get(name):
                result = self.retriever.search_vector(upload.vector, VOTERS, query.collection)
                located = upload.screenshot.located if upload.screenshot else None
                found.append(Alone(upload_url(name), verdict.judged(result, located)))
        return found

    def _labels(self, query: Query) -> list[str]:
        places = [self.retriever.resolve(photo) for photo in query.stored]
        return [collection.label_of(row) for collection, row in places]

    def _restored(self, before: SearchState) -> Any:  # noqa: ANN401 - an update for the query's field
        """The picture of the search before; nothing if it is in its own view, or gone in the meantime."""
        upload = self.upload(before.query)
        if before.result is None or (upload and upload.screenshot):
            return None
        try:
            return query_picture(self.retriever, self.uploads, before.query)
        except QueryError:
            return None

    # What visitors do

    def walk(self, before: SearchState, click: Any) -> Updates:  # noqa: ANN401 - whatever a browser sends
        """Go where a click leads, or the browser's buttons.

        Args:
            before: What is shown.
            click: From `ui.events.last_click`.
        """
        match click:
            case {"event": "travel"}:
                return self.visit(visited_address(click), before)
            case {"event": "random"}:
                return self.surprise(before)
        try:
            match click:
                case {"event": "area"}:
                    return self.search_area(before, clicked_area(click))
                case {"event": "again"}:
                    return self.mark(before, photo_grid.submitted_marks(click))
                case {"event": "follow", "part": str(part)} if part in self.apart:
                    return self.search_photo_elsewhere(before, photo_grid.clicked_photo(click))
            return self.search_photo(before, photo_grid.clicked_photo(click))
        except QueryError as error:
            return self.complain(_(error.message))

    def start(self, request: gr.Request) -> Updates:
        """The page was opened, perhaps by a link to a search."""
        address = str(request.query_params)
        blank = Query(self.first_collection())
        asked = parse_qs(address)
        if view_fields(address) or asked.keys().isdisjoint(FIELDS):
            updates = self.attempt(self.show_start, SearchState(blank))
            if self.state not in updates:  # an example cannot be searched: there are photos all the same
                updates = self.show_photos(blank) | updates
            if blank.collection != self.filters.collection.value:  # photos came since the page was built
                updates |= self.filters.show(blank)
            if asked.get("view") == [FOLDERS_VIEW.name] and not self.managing:
                updates |= self.complain(
                    _("Your folders are on the page only where it is started with --manage.")
                )
            return updates  # else the controls are left alone: somebody may have been quick
        updates = self.visit(address, SearchState(blank))
        if self.state not in updates:  # the link asks for what there is not, and that is said
            updates = self.show_photos(blank) | self.filters.show(blank) | updates
        return updates

    def visit(self, address: str, before: SearchState) -> Updates:
        """Show the search of an address, and set the controls to what it says."""

        def visited() -> Updates:
            first = self.first_collection()
            query = Query.parse(address, first)
            if query == Query(first) and "collection" not in parse_qs(address.removeprefix("?")):
                return self.show_start() | self.filters.show(query)
            try:
                updates = self.show_photos(query) if query.is_empty else self.show(query, REPLACE)
            except NotYetError as error:
                updates = self._show_pending(query, _(error.message))
            return updates | self.filters.show(query)

        return self.attempt(visited, before)

    def search_photo(self, before: SearchState, photo: PhotoRef) -> Updates:
        """Search with a photo of a collection, in the collection that is open."""
        query = replace(before.query, stored=(photo,), uploads=(), relevant=(), irrelevant=())
        return self.attempt(lambda: self.show(query), before)

    def search_photo_elsewhere(self, before: SearchState, photo: PhotoRef) -> Updates:
        """Search with a photo that is looked at apart from the search, in its own collection."""
        filters = replace(before.query.filters, classes=(), area=None)
        query = replace(before.query, collection=photo.collection, filters=filters)
        updates = self.search_photo(SearchState(query, before.result), photo)
        shown = updates.get(self.state)
        return updates | (self.filters.show(shown.query) if shown else {})

    def search_area(self, before: SearchState, area: Area | None) -> Updates:
        """Search in a part of the map, or everywhere again."""
        query = replace(before.query, filters=replace(before.query.filters, area=area))
        if query.is_empty:
            return self.attempt(lambda: self.show_photos(query), before)
        return self.attempt(lambda: self.show(query, picture=SAME), before)

    def surprise(self, before: SearchState) -> Updates:
        """Search with any photo of the collection."""
        collection = self.retriever.collection(before.query.collection)
        return self.search_photo(before, PhotoRef(collection.name, random.choice(collection.entries).id))

    def mark(self, before: SearchState, marked: tuple[list[PhotoRef], list[PhotoRef]] | None) -> Updates:
        """Search again with neighbours marked right and wrong; marks on others than the shown stay.

        Args:
            before: What is shown.
            marked: The shown ones that are right, and those that are wrong; None to forget all marks.
        """
        query, result = before.query, before.result
        if result is None:
            return self.nothing()
        if marked is None:
            return self.attempt(lambda: self.show(replace(query, relevant=(), irrelevant=())), before)
        shown = {PhotoRef(result.collection.name, neighbour.id) for neighbour in result.neighbours}
        relevant, irrelevant = (
            tuple([*(photo for photo in earlier if photo not in shown), *now][-MAX_PHOTOS:])
            for earlier, now in zip((query.relevant, query.irrelevant), marked, strict=True)
        )
        return self.attempt(
            lambda: self.show(replace(query, relevant=relevant, irrelevant=irrelevant)), before
        )

    def settle(
        self, k: float, name: str, classes: list[str], distance: float, deduplicate: bool, before: SearchState
    ) -> Updates:
        """Bring what is shown in line with the controls, which may have moved, and show its details."""
        query = self.filters.apply(before.query, k, name, classes, distance, deduplicate)
        updates = self.nothing()
        if query != before.query:
            updates = self.attempt(lambda: self._adjusted(query, before.query), before)
        return updates | self.details.show(updates.get(self.state, before))

    def _adjusted(self, query: Query, before: Query) -> Updates:
        updates = self.show_photos(query) if query.is_empty else self.show(query, REPLACE, picture=SAME)
        if query.collection != before.collection:
            updates[self.filters.classes] = self.filters.offer(query)
        return updates

    def photos_came(self, before: SearchState) -> Updates:
        """Photos came while this was looked at: show it with them; or the start anew, with one of them."""
        query = before.query
        if query.is_empty:
            return self.attempt(lambda: self.show_photos(query), before)
        if query.uploads == (PREFIX + FIRST_SCENE,) and self.examples.first not in query.uploads:
            blank = Query(self.first_collection())
            return self.attempt(lambda: self.show_start() | self.filters.show(blank), before)
        if before.result is None:  # it waited for them
            return self.visit(query.address(), before)
        picture = SAME if query.uploads else ANOTHER
        return self.attempt(lambda: self.show(query, REPLACE, picture=picture), before)

    def forget(self, before: SearchState) -> Updates:
        """The query was removed."""
        return self.show_photos(
            replace(before.query, stored=(), uploads=(), relevant=(), irrelevant=()), PUSH
        )


def _summary(result: SearchResult, query: Query, located: LocatedSquare | None) -> str:
    """What was found, in words; of blurred previews only that they are such."""
    rows = [neighbour.row for neighbour in result.neighbours]
    if line := previews_line(result.collection, rows):
        return line + verdict.notes(result)
    return verdict.summary(result, query, located, some_previews_line(result.collection, rows))
