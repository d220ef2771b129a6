"""What the page's pictures and files are fetched from, beside Gradio's own routes.

    photos/COLLECTION/ID/small      a thumbnail; whole: the photo, or its preview where it is not here
    examples/NAME                   a thumbnail of an example
    brought/NAME                    what was searched of a photo that a visitor brought
    maps/COLLECTION                 where each photo lies on the collection's 2-D map, as JSON
    export/neighbours.csv?ADDRESS   the answer to a query; also .json, and .png for a contact sheet

`ui/urls.py` writes these addresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from mimetypes import guess_type

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from examples.map_views import map_views
from retrieval import Retriever, SearchResult
from retrieval.collections.embedding_map import class_centers
from retrieval.decode_limits import BusyError
from retrieval.query import GONE, PhotoRef, Query, QueryError
from ui.i18n import DEFAULT, LANGUAGES, use_language
from ui.i18n import gettext as _
from ui.limits.fair import FairGate, FullError
from ui.limits.shares import FairStore
from ui.limits.visitors import visitor_of
from ui.map_routes import map_routes
from ui.render.contact_sheet import contact_sheet
from ui.render.export import to_csv, to_json
from ui.render.query_picture import query_picture
from ui.render.screenshots import SHOWN_PIXELS
from ui.thumbnails import MAP_VIEW_SIDE, Picture, example_thumbnail, map_view_picture, thumbnail, whole
from ui.uploads import UploadStore
from ui.whole_maps import WholeMaps

#: A photo does not change under its address; a preview's address says that it is one, and its language.
KEEP = {"Cache-Control": "public, max-age=86400"}

#: Bytes of a picture that is read at once, by the thread that looked for it. Starlette's answer with a file
#: goes to another thread for each step, which takes longer than the reading.
SMALL_BYTES = 1_000_000

NO_LONGER_HERE = "This picture is no longer here."

#: What an answer can be saved as.
FILES = {"csv": "text/csv", "json": "application/json", "png": "image/png"}

#: Contact sheets, which take a second or two of a core each: how many are drawn at a time, how many wait,
#: and after how many seconds one may ask again. They have threads of their own, so that no thumbnail waits
#: for one.
SHEETS, SHEETS_WAITING, SHEETS_AGAIN_AFTER = 2, 24, 10

#: Bytes of contact sheets that are kept, each of some 2 MB, and for how many seconds.
SHEETS_BYTES, SHEETS_SECONDS = 40_000_000, 600

#: The status of an answer that nobody reads, as nginx's log has it.
GONE_AWAY = 499


def routes(retriever: Retriever, uploads: UploadStore, maps: WholeMaps | None = None) -> list[Route]:
    """All of them, for a Starlette application."""

    def photo(request: Request) -> Response:
        stored = PhotoRef(request.path_params["collection"], request.path_params["id"])
        kind = request.path_params["kind"]
        if kind not in ("small", "whole"):
            raise HTTPException(404, f"A photo is here as 'small' and as 'whole', not as '{kind}'.")
        try:
            collection, row = retriever.resolve(stored)
        except QueryError as error:
            raise HTTPException(404, str(error)) from error
        make = thumbnail if kind == "small" else whole
        with use_language(_language(request.query_params.get("preview"))):
            try:
                return _answer(make(collection, row))
            except BusyError as error:
                return busy(error)

    def example(request: Request) -> Response:
        try:
            return _answer(example_thumbnail(request.path_params["name"]))
        except FileNotFoundError as error:
            raise HTTPException(404, f"There is no example '{request.path_params['name']}'.") from error

    def uploaded_photo(request: Request) -> Response:
        kept = uploads.get(request.path_params["name"])
        if kept is None:
            raise HTTPException(
                404,
                _(GONE),
            )
        # Nobody's cache keeps it longer than the server does.
        return Response(kept.preview, media_type="image/webp", headers={"Cache-Control": "no-store"})

    def map_view(request: Request) -> Response:
        view, kind = map_views().get(request.path_params["slug"]), request.path_params["kind"]
        if view is None or kind not in ("small", "whole"):
            raise HTTPException(404, "There is no such example of a map.")
        return _answer(map_view_picture(view.path, MAP_VIEW_SIDE if kind == "small" else SHOWN_PIXELS))

    def collection_map(request: Request) -> Response:
        try:
            collection = retriever.searched(Query(request.path_params["collection"]))
        except QueryError as error:
            raise HTTPException(404, str(error)) from error
        coordinates = collection.coordinates
        if coordinates is None:
            raise HTTPException(404, f"{collection.title} has no map.")
        return JSONResponse(
            {
                "labels": collection.labels,
                "ids": [entry.id for entry in collection.entries],
                "classes": [collection.labels.index(entry.label) for entry in collection.entries],
                "places": [[round(x, 4), round(y, 4)] for x, y in coordinates.tolist()],
                "names": [
                    [label, x, y]
                    for label, (x, y) in class_centers(
                        coordinates, [entry.label for entry in collection.entries]
                    ).items()
                ],
            },
            headers={"Cache-Control": "no-cache"},  # a page asks once, and it may have been made anew
        )

    def answered(request: Request) -> tuple[Query, SearchResult]:
        query = Query.parse(request.url.query, retriever.collection().name)
        return query, retriever.answer(query, uploads.vectors(query.uploads))

    def export(kind: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            with use_language(_language(request.query_params.get("language"))):
                try:
                    query, result = answered(request)
                except QueryError as error:
                    return PlainTextResponse(_(error.message), 404)
                return saved(kind, to_csv(result) if kind == "csv" else to_json(result, query))

        return endpoint

    sheets: FairStore[bytes] = FairStore(SHEETS_BYTES, SHEETS_SECONDS)
    gate = FairGate(SHEETS, SHEETS_WAITING, each=1)
    threads: list[anyio.CapacityLimiter] = []

    async def sheet(request: Request) -> Response:
        """A contact sheet: kept ones at once, others as there is a place."""
        visitor = visitor_of(request.scope)
        await request.body()  # it has none; after it comes that the caller has gone
        threads[:] = threads or [anyio.CapacityLimiter(SHEETS)]
        with use_language(_language(request.query_params.get("language"))):
            try:
                query, result = await anyio.to_thread.run_sync(answered, request)
                name = _digest(request.url.query, result)
                if kept := sheets.get(name):
                    return saved("png", kept.value)
                async with gate.enter(visitor):
                    if kept := sheets.get(name):  # drawn while this one waited
                        return saved("png", kept.value)
                    if await request.is_disconnected():  # went away while he waited: nobody reads the answer
                        return Response(status_code=GONE_AWAY)
                    body = await anyio.to_thread.run_sync(drawing, query, result, limiter=threads[0])
                    sheets.keep(name, body, len(body), visitor)
                    return saved("png", body)
            except QueryError as error:
                return PlainTextResponse(_(error.message), 404)
            except BusyError as error:
                return busy(error)
            except FullError:
                again = SHEETS_AGAIN_AFTER
                sentence = _(
                    "Many contact sheets are being drawn: try again in {seconds} seconds.", seconds=again
                )
                return PlainTextResponse(sentence, 503, {"Retry-After": str(again)})

    def drawing(query: Query, result: SearchResult) -> bytes:
        return contact_sheet(result, query_picture(retriever, uploads, query))

    return [
        Route("/photos/{collection}/{id:path}/{kind}", photo),
        Route("/examples/{name}", example),
        Route("/brought/{name}", uploaded_photo),
        Route("/map-views/{slug}/{kind}", map_view),
        Route("/maps/{collection}", collection_map),
        Route("/export/neighbours.csv", export("csv")),
        Route("/export/neighbours.json", export("json")),
        Route("/export/neighbours.png", sheet),
        *map_routes(retriever, maps or WholeMaps()),
    ]


def _answer(picture: Picture) -> Response:
    if isinstance(picture, bytes):
        return Response(picture, media_type="image/webp", headers=KEEP)
    try:
        if picture.stat().st_size > SMALL_BYTES:
            return KeptFileResponse(picture, headers=KEEP)
        data = picture.read_bytes()
    except OSError:
        return PlainTextResponse(NO_LONGER_HERE, 404)
    return Response(data, media_type=guess_type(picture.name)[0], headers=KEEP)


class KeptFileResponse(FileResponse):
    """A file that may be moved or deleted before it is opened: then there is none, which is no fault."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the head goes out with the first of the body, which is read by then."""
        head: list[Message] = []
        sent = False

        async def send_opened(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start":
                head.append(message)
                return
            sent = True
            while head:
                await send(head.pop())
            await send(message)

        try:
            await super().__call__(scope, receive, send_opened)
        except (OSError, RuntimeError):  # the latter of Starlette, of a path where no file is
            if sent:
                raise
            await PlainTextResponse(NO_LONGER_HERE, 404)(scope, receive, send)


def busy(error: BusyError) -> Response:
    """Photos of somebody else's collection are decoded as strangers' files are, and those are too many."""
    return PlainTextResponse(_(error.message), 503, {"Retry-After": "5"})


def saved(kind: str, body: str | bytes) -> Response:
    """An answer as a file that the browser saves."""
    headers = {"Content-Disposition": f'attachment; filename="neighbours.{kind}"'}
    return Response(body, media_type=FILES[kind], headers=headers)


def _digest(address: str, result: SearchResult) -> str:
    """What a contact sheet shows, in short: what was asked, what was found, and which photos are here."""
    found = [(neighbour.id, neighbour.distance, bool(neighbour.photo)) for neighbour in result.neighbours]
    return hashlib.sha256(repr((address, found)).encode()).hexdigest()


def _language(code: str | None) -> str:
    return code if code in LANGUAGES else DEFAULT
