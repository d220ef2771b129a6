"""Where a whole map is fetched from as a file: a picture, a GeoTIFF, or GeoJSON."""

from __future__ import annotations

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from retrieval import Retriever
from retrieval.errors import Message
from ui.i18n import DEFAULT, LANGUAGES, use_language
from ui.i18n import gettext as _
from ui.limits.fair import FairGate, FullError
from ui.limits.visitors import visitor_of
from ui.render.map_files import geojson, geotiff, png
from ui.render.whole_map import accuracy, show_map
from ui.whole_maps import GoneError, MapAddress, WholeMaps, read_address

#: The endings, and what the files are.
MAP_FILES = {"png": "image/png", "tif": "image/tiff", "geojson": "application/geo+json"}

#: Files that are made at a time, each by some hundred milliseconds of a core; how many wait; and after how
#: many seconds one may ask again. They have threads of their own, so that no thumbnail waits for one.
MAKING, WAITING, AGAIN_AFTER = 2, 24, 5

NO_PLACE = Message("Nobody says where on Earth this map lies: paste its link, and there is a file for maps.")
NO_AREAS = Message("The picture alone has no areas: choose what lies over it first.")


def map_routes(retriever: Retriever, maps: WholeMaps) -> list[Route]:
    """The routes, for a Starlette application."""
    gate = FairGate(MAKING, WAITING, each=1)
    threads: list[anyio.CapacityLimiter] = []

    def made(kind: str, address: MapAddress, strength: float | None) -> bytes:
        """The file. Raises GoneError where there is no such map, or nothing that could be in it."""
        whole = maps.get(address.shown)
        tile = address.shown.marked(whole) if address.shown else whole.start
        collection = retriever.collection(address.collection or None)
        answer = show_map(whole, address.layer, address.groups, tile, collection)
        if kind != "png" and whole.placement is None:
            raise GoneError(NO_PLACE)
        if kind == "geojson":
            if answer.features is None or whole.placement is None:
                raise GoneError(NO_AREAS)
            return geojson(answer.features(whole.placement), accuracy(whole))
        picture = whole.image
        if answer.layer:
            over = answer.layer.strength if strength is None else strength
            picture = answer.layer.over(picture, whole.size[0], over)
        if kind == "png" or whole.placement is None:
            return png(picture)
        return geotiff(picture, whole.placement.reduced(whole.size[0] / picture.width))

    def export(kind: str) -> Route:
        async def endpoint(request: Request) -> Response:
            asked = request.query_params
            threads[:] = threads or [anyio.CapacityLimiter(MAKING)]
            code = asked.get("language", DEFAULT)
            with use_language(code if code in LANGUAGES else DEFAULT):
                address = read_address(asked, retriever.collections)
                try:
                    async with gate.enter(visitor_of(request.scope)):
                        body = await anyio.to_thread.run_sync(
                            made, kind, address, _strength(asked.get("strength")), limiter=threads[0]
                        )
                except GoneError as error:
                    return PlainTextResponse(_(error.message), 404)
                except FullError:
                    sentence = _(
                        "Many files are being made: try again in {seconds} seconds.", seconds=AGAIN_AFTER
                    )
                    return PlainTextResponse(sentence, 503, {"Retry-After": str(AGAIN_AFTER)})
                name = f"whole-map-{address.layer}.{kind}"
                headers = {
                    "Content-Disposition": f'attachment; filename="{name}"',
                    "Cache-Control": "no-store",
                }
                return Response(body, media_type=MAP_FILES[kind], headers=headers)

        return Route(f"/export/whole-map.{kind}", endpoint)

    return [export(kind) for kind in MAP_FILES]


def _strength(text: str | None) -> float | None:
    """How much the layer hides of the picture, '0' to '100' per cent; None of anything else."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100):
        return None
    return int(text) / 100
