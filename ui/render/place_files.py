"""An answer -> files for programs that know maps: GeoJSON by RFC 7946, and a GeoPackage.

Each neighbour is a polygon, or two where it lies across the 180th meridian, in longitude and latitude
(WGS 84). One whose place nobody knows is there without a shape.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from typing import Any

from retrieval import SearchResult
from retrieval.collections.places import Footprint
from retrieval.plain_text import encodable
from ui.render.footprints import Ring, rings

#: What the shapes are called in the file, and what is said of each.
LAYER = "neighbours"
COLUMNS = ("rank", "id", "label", "distance", "file")

#: Numbers of OGC's well-known binary form.
_POLYGON, _MULTIPOLYGON, _LITTLE_ENDIAN = 3, 6, 1


def to_geojson(result: SearchResult) -> bytes:
    """The neighbours as features, nearest first."""
    features = [
        {"type": "Feature", "geometry": _geometry(rings(footprint) if footprint else []), "properties": row}
        for row, footprint in _rows(result)
    ]
    collection = {"type": "FeatureCollection", "name": LAYER, "features": features}
    return json.dumps(collection, ensure_ascii=False).encode()


def to_geopackage(result: SearchResult) -> bytes:
    """The neighbours as one layer of polygons, written by GDAL."""
    import numpy as np
    import pyogrio.raw  # takes a quarter of a second, and is for few files

    rows = [row for row, _footprint in _rows(result)]
    shapes = [
        _well_known_binary(rings(footprint)) if footprint else None for _row, footprint in _rows(result)
    ]
    types = {"rank": np.int32, "distance": np.float64}
    file = io.BytesIO()
    pyogrio.raw.write(
        file,
        np.array([*shapes, None], dtype=object)[:-1],  # of none at all too an array of objects
        [np.array([row[name] for row in rows], dtype=types.get(name, object)) for name in COLUMNS],
        np.array(COLUMNS),
        driver="GPKG",
        layer=LAYER,
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
    )
    return file.getvalue()


def _rows(result: SearchResult) -> Iterator[tuple[dict[str, Any], Footprint | None]]:
    """What is said of each neighbour, by the names of `COLUMNS`, and where it lies."""
    collection = result.collection
    for rank, neighbour in enumerate(result.neighbours, start=1):
        place = collection.places[neighbour.row] if collection.places else None
        texts = (neighbour.id, neighbour.label, collection.entries[neighbour.row].file)
        identifier, label, file = map(encodable, texts)
        row = (rank, identifier, label, round(neighbour.distance, 6), file)
        yield dict(zip(COLUMNS, row, strict=True)), place.footprint if place else None


def _geometry(parts: list[Ring]) -> dict[str, Any] | None:
    if len(parts) > 1:
        return {"type": "MultiPolygon", "coordinates": [[ring] for ring in parts]}
    return {"type": "Polygon", "coordinates": parts} if parts else None


def _well_known_binary(parts: list[Ring]) -> bytes | None:
    """Rings as a multipolygon of OGC's Simple Features."""
    if not parts:
        return None
    polygons = b"".join(
        struct.pack("<BIII", _LITTLE_ENDIAN, _POLYGON, 1, len(ring))
        + b"".join(struct.pack("<dd", *position) for position in ring)
        for ring in parts
    )
    return struct.pack("<BII", _LITTLE_ENDIAN, _MULTIPOLYGON, len(parts)) + polygons
