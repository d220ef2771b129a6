"""Where the page's pictures and files are fetched from; `ui/routes.py` answers there.

The addresses are short and stay the same, so that browsers keep what they have; Gradio's own would name
folders of the server. They are relative, so that the page may be served from anywhere.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from examples.catalog import PREFIX
from retrieval.collections.collection import Collection
from retrieval.georeference import Position
from retrieval.query import Query
from ui.i18n import DEFAULT, language

#: The strip of land at the top of the page.
BANNER_URL = "banner.webp"

#: A place on a map of the web, marked. A visitor opens it in a tab of its own; the page asks nothing of it.
WEB_MAP = (
    "https://www.openstreetmap.org/?mlat={latitude:.6f}&mlon={longitude:.6f}"
    "#map=18/{latitude:.6f}/{longitude:.6f}"
)


def photo_url(collection: Collection, row: int, kind: str = "small") -> str:
    """Where a photo of a collection is fetched from, as a 'small' or the 'whole' picture."""
    name = quote(collection.entries[row].id, safe="")
    version = collection.entries[row].sha256[:8]
    blurred = "" if collection.photo(row) else f"&preview={language()}"
    return f"photos/{collection.name}/{name}/{kind}?v={version}{blurred}"


def upload_url(name: str) -> str:
    """Where a visitor's photo is fetched from, or an example as if it were one."""
    return f"brought/{quote(name, safe='')}"


def small_upload_url(name: str) -> str:
    """Likewise, small where there is a small one."""
    return example_url(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else upload_url(name)


def example_url(name: str, version: str = "") -> str:
    """Where the thumbnail of an example is fetched from."""
    return f"examples/{quote(name, safe='')}" + (f"?v={version}" if version else "")


def export_url(kind: str, address: str) -> str:
    """Where the answer to a query is fetched from as a file, 'csv', 'json', 'png', 'geojson' or 'gpkg'."""
    in_language = "" if language() == DEFAULT else f"&language={language()}"
    return f"export/neighbours.{kind}?{address}{in_language}"


def has_preview(query: Query) -> bool:
    """Whether a picture of a search may go where its link is sent: not where a visitor's photo is in it."""
    return not query.is_empty and all(name.startswith(PREFIX) for name in query.uploads)


def preview_url(address: str) -> str:
    """Where the picture is that goes with a link to a search; of an empty address, with one to the page."""
    fields = [address] if address else []
    fields += [f"language={language()}"] if language() != DEFAULT else []
    return "preview.jpg" + (f"?{'&'.join(fields)}" if fields else "")


def map_view_url(slug: str, kind: str = "small") -> str:
    """Where the picture of an example of a map is fetched from, as a 'small' or the 'whole' picture."""
    return f"map-views/{quote(slug, safe='')}/{kind}"


def map_export_url(kind: str, fields: dict[str, str]) -> str:
    """Where a whole map is fetched from as a 'png', 'tif' or 'geojson' file; fields of a `MapAddress`."""
    in_language = {} if language() == DEFAULT else {"language": language()}
    return f"export/whole-map.{kind}?{urlencode(fields | in_language)}"


def web_map_url(position: Position) -> str:
    """Where a longitude and a latitude are shown on a map of the web."""
    longitude, latitude = position
    return WEB_MAP.format(longitude=longitude, latitude=latitude)
