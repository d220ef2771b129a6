"""What the page's pictures and files are fetched from, beside Gradio's own routes.

    photos/COLLECTION/ID/small      a thumbnail; whole: the photo, or its preview where it is not here
    examples/NAME                   a thumbnail of an example
    brought/NAME                    what was searched of a photo that a visitor brought
    maps/COLLECTION                 where each photo lies on the collection's 2-D map, as JSON
    export/neighbours.csv?ADDRESS   the answer to a question; also .json, and .png for a contact sheet

Short addresses that stay the same let the browser keep what it has; Gradio's own would name folders of the
server. They are relative, so that the page may be served from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from PIL import Image
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from examples.catalog import example_thumbnail
from retrieval import Retriever, SearchResult
from retrieval.collections.collection import Collection
from retrieval.collections.embedding_map import hearts
from retrieval.query import Question, QuestionError, Stored
from ui.i18n import DEFAULT, LANGUAGES, language, say, speaking
from ui.render import sentences
from ui.render.contact_sheet import contact_sheet
from ui.uploads import BroughtPhotos

#: A photo does not change under its address; a preview's address says that it is one, and its language.
KEEP = {"Cache-Control": "public, max-age=86400"}

#: What an answer can be saved as.
FILES = {"csv": "text/csv", "json": "application/json", "png": "image/png"}


def photo_url(collection: Collection, row: int, kind: str = "small") -> str:
    """Where a photo of a collection is fetched from, as a 'small' or the 'whole' picture."""
    name = quote(collection.entries[row].id, safe="")
    version = collection.entries[row].sha256[:8]
    blurred = "" if collection.photo(row) else f"&preview={language()}"
    return f"photos/{collection.name}/{name}/{kind}?v={version}{blurred}"


def brought_url(name: str) -> str:
    """Where a visitor's photo is fetched from."""
    return f"brought/{quote(name, safe='')}"


def export_url(kind: str, address: str) -> str:
    """Where the answer to a question is fetched from as a 'csv', 'json' or 'png' file."""
    spoken = "" if language() == DEFAULT else f"&language={language()}"
    return f"export/neighbours.{kind}?{address}{spoken}"


def routes(retriever: Retriever, brought: BroughtPhotos) -> list[Route]:
    """All of them, for a Starlette application."""

    def photo(request: Request) -> Response:
        stored = Stored(request.path_params["collection"], request.path_params["id"])
        kind = request.path_params["kind"]
        if kind not in ("small", "whole"):
            raise HTTPException(404, f"A photo is here as 'small' and as 'whole', not as '{kind}'.")
        try:
            row, collection = retriever.row(stored), retriever.known(stored.collection)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        make = collection.thumbnail if kind == "small" else collection.picture
        with speaking(_language(request.query_params.get("preview"))):
            return FileResponse(make(row), headers=KEEP)

    def example(request: Request) -> Response:
        try:
            return FileResponse(example_thumbnail(request.path_params["name"]), headers=KEEP)
        except FileNotFoundError as error:
            raise HTTPException(404, f"There is no example '{request.path_params['name']}'.") from error

    def brought_photo(request: Request) -> Response:
        kept = brought.get(request.path_params["name"])
        if kept is None:
            raise HTTPException(404, say("question.gone"))
        # Nobody's cache keeps it longer than the server does.
        return Response(kept.picture, media_type="image/webp", headers={"Cache-Control": "no-store"})

    def collection_map(request: Request) -> Response:
        try:
            collection = retriever.known(request.path_params["collection"])
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        places = collection.places
        if places is None:
            raise HTTPException(404, f"{collection.title} has no map.")
        return JSONResponse(
            {
                "labels": collection.labels,
                "ids": [entry.id for entry in collection.entries],
                "classes": [collection.labels.index(entry.label) for entry in collection.entries],
                "places": [[round(x, 4), round(y, 4)] for x, y in places.tolist()],
                "names": [
                    [label, x, y]
                    for label, (x, y) in hearts(places, [each.label for each in collection.entries]).items()
                ],
            },
            headers={"Cache-Control": "no-cache"},  # a page asks once, and it may have been made anew
        )

    def export(kind: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            with speaking(_language(request.query_params.get("language"))):
                try:
                    question = Question.parse(request.url.query, retriever.collection().name)
                    result = retriever.ask(question, brought.vectors(question.brought))
                    body = written(kind, question, result)
                except QuestionError as error:
                    return PlainTextResponse(str(error), 404)
            saved_as = {"Content-Disposition": f'attachment; filename="neighbours.{kind}"'}
            return Response(body, media_type=FILES[kind], headers=saved_as)

        return endpoint

    def written(kind: str, question: Question, result: SearchResult) -> str | bytes:
        if kind == "csv":
            return sentences.to_csv(result)
        if kind == "json":
            return sentences.to_json(result, question)
        return contact_sheet(result, query_picture(retriever, brought, question))

    return [
        Route("/photos/{collection}/{id:path}/{kind}", photo),
        Route("/examples/{name}", example),
        Route("/brought/{name}", brought_photo),
        Route("/maps/{collection}", collection_map),
        *(Route(f"/export/neighbours.{kind}", export(kind)) for kind in FILES),
    ]


def query_picture(retriever: Retriever, brought: BroughtPhotos, question: Question) -> Image.Image:
    """What is looked for as one picture, RGB. Raises QuestionError if it names what there is not."""
    pictures = [retriever.known(photo.collection).image(retriever.row(photo)) for photo in question.stored]
    pictures += [kept.image for name in question.brought if (kept := brought.get(name))]
    return pictures[0] if len(pictures) == 1 else sentences.together(pictures)


def _language(code: str | None) -> str:
    return code if code in LANGUAGES else DEFAULT
