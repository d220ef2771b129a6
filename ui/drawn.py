"""Pictures that are drawn of an answer, a few at a time: contact sheets, and previews of links.

export/neighbours.png?ADDRESS   the contact sheet of a search
preview.jpg?ADDRESS             what stands beside a link to a search; without one, beside a link to the page
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import partial

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from examples.map_views import map_views
from retrieval import Retriever, SearchResult
from retrieval.decode_limits import BusyError
from retrieval.query import Query, QueryError
from ui.i18n import gettext as _
from ui.i18n import known_language, language, use_language
from ui.limits.fair import FairGate, FullError
from ui.limits.shares import FairStore
from ui.limits.visitors import visitor_of
from ui.render.contact_sheet import contact_sheet
from ui.render.link_words import query_name
from ui.render.preview_picture import preview_of_map, preview_of_page, preview_of_search
from ui.render.query_picture import query_picture
from ui.uploads import UploadStore
from ui.urls import has_preview
from ui.views import view_fields
from ui.whole_maps import read_address

#: What an answer can be saved as.
FILES = {
    "csv": "text/csv",
    "json": "application/json",
    "png": "image/png",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}

#: Contact sheets, which take a second or two of a core each: how many are drawn at a time, how many wait,
#: and after how many seconds one may ask again. They have threads of their own, so that no thumbnail waits
#: for one.
SHEETS, SHEETS_WAITING, SHEETS_AGAIN_AFTER = 2, 24, 10

#: Bytes of what is drawn that are kept, of some 2 MB each sheet, and for how many seconds.
SHEETS_BYTES, SHEETS_SECONDS = 40_000_000, 600

#: The status of an answer that nobody reads, as nginx's log has it.
GONE_AWAY = 499

#: A preview may change when photos come.
PREVIEW_HEADERS = {"Cache-Control": "public, max-age=3600"}

Answered = tuple[Query, SearchResult]


class Drawn:
    """Their routes.

    Args:
        retriever: Answers queries.
        uploads: Keeps the photos of visitors.
    """

    def __init__(self, retriever: Retriever, uploads: UploadStore) -> None:
        self.retriever, self.uploads = retriever, uploads
        self._kept: FairStore[bytes] = FairStore(SHEETS_BYTES, SHEETS_SECONDS)
        self._gate = FairGate(SHEETS, SHEETS_WAITING, each=1)
        self._threads: list[anyio.CapacityLimiter] = []

    def routes(self) -> list[Route]:
        """For a Starlette application."""
        return [
            Route("/export/neighbours.png", self._bounded(self._sheet)),
            Route("/preview.jpg", self._bounded(self._preview)),
        ]

    def answered(self, request: Request) -> Answered:
        """The query of an address, and its answer; nothing is embedded. Raises QueryError."""
        query = Query.parse(request.url.query, self.retriever.collection().name)
        return query, self.retriever.answer(query, self.uploads.vectors(query.uploads, made=True))

    async def _sheet(self, request: Request) -> Response:
        query, result = await anyio.to_thread.run_sync(self.answered, request)

        def draw() -> bytes:
            return contact_sheet(result, query_picture(self.retriever, self.uploads, query))

        return saved("png", await self._draw(request, _digest("sheet", request, result), draw))

    async def _preview(self, request: Request) -> Response:
        fields = view_fields(request.url.query)
        shown = (
            read_address(fields, self.retriever.collections).shown if fields.get("view") == "map" else None
        )
        view = map_views().get(shown.name) if shown and shown.is_example else None
        if view:
            body = await self._draw(request, f"map {view.slug}", partial(preview_of_map, view.path))
            return Response(body, media_type="image/jpeg", headers=PREVIEW_HEADERS)
        try:
            query, result = await anyio.to_thread.run_sync(self.answered, request)
        except QueryError:
            query, result = Query(), None
        if result is None or not has_preview(query) or not result.neighbours:
            body = await self._draw(request, f"page {language()}", preview_of_page)
        else:
            found = result

            def draw() -> bytes:
                picture = query_picture(self.retriever, self.uploads, query)
                return preview_of_search(found, picture, self._name(query))

            body = await self._draw(request, _digest("preview", request, found), draw)
        return Response(body, media_type="image/jpeg", headers=PREVIEW_HEADERS)

    def _name(self, query: Query) -> str:
        places = [self.retriever.resolve(photo) for photo in query.stored]
        labels = [collection.label_of(row) for collection, row in places]
        kept = self.uploads.peek(query.uploads[0]) if query.uploads else None
        return query_name(query, labels, _(kept.named) if kept and kept.named else "")

    async def _draw(self, request: Request, name: str, draw: Callable[[], bytes]) -> bytes:
        """What is drawn under a name: kept ones at once, others as there is a place."""
        if kept := self._kept.get(name):
            return kept.value
        visitor = visitor_of(request.scope)
        self._threads[:] = self._threads or [anyio.CapacityLimiter(SHEETS)]
        async with self._gate.enter(visitor):
            if kept := self._kept.get(name):  # drawn while this one waited
                return kept.value
            if await request.is_disconnected():  # went away while he waited: nobody reads the answer
                raise _GoneError
            body = await anyio.to_thread.run_sync(draw, limiter=self._threads[0])
            self._kept.keep(name, body, len(body), visitor)
            return body

    def _bounded(
        self, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint in the language of its address, with a sentence for what stands in its way."""

        async def answer(request: Request) -> Response:
            await request.body()  # it has none; after it comes that the caller has gone
            with use_language(known_language(request.query_params.get("language"))):
                try:
                    return await endpoint(request)
                except QueryError as error:
                    return PlainTextResponse(_(error.message), 404)
                except BusyError as error:
                    return busy(error)
                except _GoneError:
                    return Response(status_code=GONE_AWAY)
                except FullError:
                    again = SHEETS_AGAIN_AFTER
                    sentence = _(
                        "Many contact sheets are being drawn: try again in {seconds} seconds.", seconds=again
                    )
                    return PlainTextResponse(sentence, 503, {"Retry-After": str(again)})

        return answer


class _GoneError(Exception):
    """Whoever asked has gone."""


def busy(error: BusyError) -> Response:
    """Photos of somebody else's collection are decoded as strangers' files are, and those are too many."""
    return PlainTextResponse(_(error.message), 503, {"Retry-After": "5"})


def saved(kind: str, body: str | bytes) -> Response:
    """An answer as a file that the browser saves."""
    headers = {"Content-Disposition": f'attachment; filename="neighbours.{kind}"'}
    return Response(body, media_type=FILES[kind], headers=headers)


def _digest(kind: str, request: Request, result: SearchResult) -> str:
    """What is drawn, in short: what was asked, what was found, and which photos are here."""
    found = [(neighbour.id, neighbour.distance, bool(neighbour.photo)) for neighbour in result.neighbours]
    return hashlib.sha256(repr((kind, request.url.query, found)).encode()).hexdigest()
