"""What the map of the Earth is fetched from: where a collection's photos lie, and what draws the map."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from retrieval import Retriever
from retrieval.query import Query, QueryError
from ui.components.place_map import all_places

#: The files of Leaflet 1.9.4, as npm has them, which draws maps of the Earth.
LEAFLET = Path(__file__).resolve().parent / "static" / "vendor" / "leaflet"
LEAFLET_FILES = ("leaflet.js", "leaflet.css", "LICENSE")

#: They change with a release only.
KEEP = {"Cache-Control": "public, max-age=86400"}


def place_routes(retriever: Retriever) -> list[Route]:
    """The routes, for a Starlette application."""

    def places(request: Request) -> Response:
        try:
            collection = retriever.searched(Query(request.path_params["collection"]))
        except QueryError as error:
            raise HTTPException(404, str(error)) from error
        if collection.places is None:
            raise HTTPException(404, f"{collection.title} does not say where its photos lie.")
        return JSONResponse(all_places(collection), headers={"Cache-Control": "no-cache"})

    return [Route("/places/{collection}", places), Route("/vendor/leaflet/{name}", leaflet)]


def leaflet(request: Request) -> Response:
    """A file of Leaflet."""
    name = request.path_params["name"]
    if name not in LEAFLET_FILES:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(LEAFLET / name, headers=KEEP)
