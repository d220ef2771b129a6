"""What the page's pictures and files are fetched from, beside Gradio's own routes.

    photos/COLLECTION/ID/small      a thumbnail; whole: the photo, or its preview where it is not here
    examples/NAME                   a thumbnail of an example
    brought/NAME                    what was searched of a photo that a visitor brought, or of an example
    banner.webp                     the strip of land at the top of the page
    fetching                        how much is here of photos that are on their way, as JSON
    maps/COLLECTION                 where each photo lies on the collection's 2-D map, as JSON
    export/neighbours.csv?ADDRESS   the answer to a query; also .json, and with places .geojson and .gpkg;
                                    ui/drawn.py has the pictures of one
    icon.svg, icon-512.png, ...     the page's icon, and what phones are told of it: manifest.json

`ui/urls.py` writes these addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from examples.catalog import PREFIX
from examples.map_views import map_views
from retrieval import Retriever, SearchResult
from retrieval.collections.embedding_map import class_centers
from retrieval.decode_limits import BusyError
from retrieval.query import GONE, PhotoRef, Query, QueryError
from ui.drawn import Drawn, busy, saved
from ui.example_uploads import PREPARING, ExampleUploads
from ui.i18n import DEFAULT, known_language, language, use_language
from ui.i18n import gettext as _
from ui.map_routes import map_routes
from ui.place_routes import place_routes
from ui.render.export import to_csv, to_json
from ui.render.icon import THEME, icon_file, icon_svg
from ui.render.link_words import page_name, page_words
from ui.render.place_files import to_geojson, to_geopackage
from ui.render.screenshots import SHOWN_PIXELS
from ui.thumbnails import MAP_VIEW_SIDE, Picture, example_thumbnail, map_view_picture, thumbnail, whole
from ui.uploads import UploadStore
from ui.urls import BANNER_URL
from ui.whole_maps import WholeMaps

#: A photo does not change under its address; a preview's address says that it is one, and its language.
KEEP = {"Cache-Control": "public, max-age=86400"}

#: Bytes of a picture that is read at once, by the thread that looked for it. Starlette's answer with a file
#: goes to another thread for each step, which takes longer than the reading.
SMALL_BYTES = 1_000_000

NO_LONGER_HERE = "This picture is no longer here."

BANNER = Path(__file__).resolve().parent / "static" / "banner.webp"

#: Sides of the icon, in pixels: of the screens of phones, and of an application that is installed.
ICON_SIDES = (180, 192, 512)


#: An answer as a file, by its ending; some only where the collection says where its photos lie.
EXPORTS: dict[str, Callable[[SearchResult, Query], str | bytes]] = {
    "csv": lambda result, _query: to_csv(result),
    "json": to_json,
    "geojson": lambda result, _query: to_geojson(result),
    "gpkg": lambda result, _query: to_geopackage(result),
}
PLACED = ("geojson", "gpkg")


def routes(
    retriever: Retriever,
    uploads: UploadStore,
    examples: ExampleUploads | None = None,
    maps: WholeMaps | None = None,
) -> list[Route]:
    """All of them, for a Starlette application; without examples it makes those that the retriever has."""
    shown = examples or ExampleUploads(retriever)

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
        with use_language(known_language(request.query_params.get("preview"))):
            try:
                return _answer(make(collection, row))
            except BusyError as error:
                return busy(error)

    def example(request: Request) -> Response:
        try:
            return _answer(example_thumbnail(shown, request.path_params["name"]))
        except FileNotFoundError as error:
            raise HTTPException(404, f"There is no example '{request.path_params['name']}'.") from error
        except BusyError as error:
            return busy(error)

    def uploaded_photo(request: Request) -> Response:
        name = request.path_params["name"]
        kept = uploads.peek(name)  # an event made it before the page asks
        if kept is None:
            missing = PREPARING if name.startswith(PREFIX) else GONE
            raise HTTPException(404, _(missing))
        # Nobody's cache keeps it longer than the server does.
        headers = KEEP if name.startswith(PREFIX) else {"Cache-Control": "no-store"}
        return Response(kept.preview, media_type="image/webp", headers=headers)

    async def fetching(_request: Request) -> Response:
        return JSONResponse({"share": shown.share_fetched}, headers={"Cache-Control": "no-store"})

    def banner(_request: Request) -> Response:
        return FileResponse(BANNER, headers=KEEP)

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

    drawn = Drawn(retriever, uploads)

    def export(kind: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            with use_language(known_language(request.query_params.get("language"))):
                try:
                    query, result = drawn.answered(request)
                except QueryError as error:
                    return PlainTextResponse(_(error.message), 404)
                if kind in PLACED and not result.collection.places:
                    sentence = _("This collection does not say where its photos lie.")
                    return PlainTextResponse(sentence, 404)
                return saved(kind, EXPORTS[kind](result, query))

        return endpoint

    return [
        Route("/photos/{collection}/{id:path}/{kind}", photo),
        Route("/examples/{name}", example),
        Route("/brought/{name}", uploaded_photo),
        Route("/map-views/{slug}/{kind}", map_view),
        Route(f"/{BANNER_URL}", banner),
        Route("/fetching", fetching),
        Route("/maps/{collection}", collection_map),
        *(Route(f"/export/neighbours.{kind}", export(kind)) for kind in EXPORTS),
        *drawn.routes(),
        Route("/icon.svg", icon_picture),
        *(Route(f"/icon-{side}.png", icon_picture) for side in ICON_SIDES),
        Route("/favicon.ico", icon_picture),
        Route("/apple-touch-icon.png", icon_picture),
        Route("/apple-touch-icon-precomposed.png", icon_picture),
        Route("/manifest.json", web_manifest),
        *map_routes(retriever, maps or WholeMaps()),
        *place_routes(retriever),
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


def icon_picture(request: Request) -> Response:
    """The page's icon, as the name that is asked for says."""
    name = request.url.path.rsplit("/", 1)[-1]
    if name.endswith(".svg"):
        return Response(icon_svg(), media_type="image/svg+xml", headers=KEEP)
    if name.endswith(".ico"):
        return Response(icon_file(48, "ICO"), media_type="image/x-icon", headers=KEEP)
    side = next((side for side in ICON_SIDES if name == f"icon-{side}.png"), ICON_SIDES[0])
    return Response(icon_file(side, rounded=side != ICON_SIDES[0]), media_type="image/png", headers=KEEP)


def web_manifest(_request: Request) -> Response:
    """What a phone needs to put the page among its applications. Its addresses are relative to its own."""
    icons = [{"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"}]
    icons += [
        {"src": f"icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png"} for side in ICON_SIDES
    ]
    return JSONResponse(
        {
            "name": page_name(),
            "description": page_words(),
            "lang": language(),
            "start_url": "." if language() == DEFAULT else f"../{language()}",
            "display": "standalone",
            "theme_color": THEME,
            "background_color": "#ffffff",
            "icons": icons,
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )
