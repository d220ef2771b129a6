"""What the page's pictures and files are fetched from, beside Gradio's own routes.

    photos/COLLECTION/ID/small      a thumbnail; whole: the photo, or its preview where it is not here
    examples/NAME                   a thumbnail of an example
    brought/NAME                    what was searched of a photo that a visitor brought
    maps/COLLECTION                 where each photo lies on the collection's 2-D map, as JSON
    export/neighbours.csv?ADDRESS   the answer to a query; also .json, and .png for a contact sheet

`ui/urls.py` writes these addresses.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from retrieval import Retriever, SearchResult
from retrieval.collections.embedding_map import class_centers
from retrieval.query import GONE, PhotoRef, Query, QueryError
from ui.i18n import DEFAULT, LANGUAGES, use_language
from ui.i18n import gettext as _
from ui.render.contact_sheet import contact_sheet
from ui.render.export import to_csv, to_json
from ui.render.query_picture import query_picture
from ui.thumbnails import Picture, example_thumbnail, thumbnail, whole
from ui.uploads import UploadStore

#: A photo does not change under its address; a preview's address says that it is one, and its language.
KEEP = {"Cache-Control": "public, max-age=86400"}

#: What an answer can be saved as.
FILES = {"csv": "text/csv", "json": "application/json", "png": "image/png"}


def routes(retriever: Retriever, uploads: UploadStore) -> list[Route]:
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
            return _answer(make(collection, row))

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

    def export(kind: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            with use_language(_language(request.query_params.get("language"))):
                try:
                    query = Query.parse(request.url.query, retriever.collection().name)
                    result = retriever.answer(query, uploads.vectors(query.uploads))
                    body = written(kind, query, result)
                except QueryError as error:
                    return PlainTextResponse(_(error.message), 404)
            saved_as = {"Content-Disposition": f'attachment; filename="neighbours.{kind}"'}
            return Response(body, media_type=FILES[kind], headers=saved_as)

        return endpoint

    def written(kind: str, query: Query, result: SearchResult) -> str | bytes:
        if kind == "csv":
            return to_csv(result)
        if kind == "json":
            return to_json(result, query)
        return contact_sheet(result, query_picture(retriever, uploads, query))

    return [
        Route("/photos/{collection}/{id:path}/{kind}", photo),
        Route("/examples/{name}", example),
        Route("/brought/{name}", uploaded_photo),
        Route("/maps/{collection}", collection_map),
        *(Route(f"/export/neighbours.{kind}", export(kind)) for kind in FILES),
    ]


def _answer(picture: Picture) -> Response:
    if isinstance(picture, bytes):
        return Response(picture, media_type="image/webp", headers=KEEP)
    return FileResponse(picture, headers=KEEP)


def _language(code: str | None) -> str:
    return code if code in LANGUAGES else DEFAULT
