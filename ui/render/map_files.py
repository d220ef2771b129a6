"""A mapped screenshot -> files to keep: a picture, and for programs that know maps a GeoTIFF and GeoJSON.

GeoTIFF by the tags of the OGC GeoTIFF Standard 1.1, in Web Mercator, as the screenshot was drawn. GeoJSON by
RFC 7946: WGS 84, longitude first, outer rings counter-clockwise; across the 180th meridian longitudes go on.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from retrieval.maps.outlines import Area, Ring
from retrieval.maps.placement import Placement
from ui.whole_maps import WholeMap

#: Decimals of a degree: a centimetre, far finer than the place is known.
DECIMALS = 7

#: TIFF's types of numbers.
_SHORT, _ASCII, _DOUBLE = 3, 2, 12


def png(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    return _file(picture, "PNG", compress_level=5)


def geotiff(picture: Image.Image, placement: Placement) -> bytes:
    """The picture as a GeoTIFF in Web Mercator.

    Args:
        picture: RGB.
        placement: Of its pixels.
    """
    tags = ImageFileDirectory_v2()
    values = {
        33550: (_DOUBLE, (placement.unit, placement.unit, 0.0)),
        33922: (_DOUBLE, (0.0, 0.0, 0.0, placement.left, placement.top, 0.0)),
        # A header, then a projected map, pixels that are areas, EPSG:3857, metres.
        34735: (_SHORT, (1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3857, 3076, 0, 1, 9001)),
        305: (_ASCII, "Aerial Image Retrieval"),
    }
    for tag, (kind, value) in values.items():
        tags.tagtype[tag] = kind
        tags[tag] = value
    return _file(picture, "TIFF", tiffinfo=tags, compression="tiff_adobe_deflate")


def _file(picture: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401 - of Pillow's save
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def geojson(features: Iterable[dict[str, Any]], description: str) -> bytes:
    """Features as a file.

    Args:
        features: As `area_feature` and `cell_feature` make them.
        description: What somebody has to know who uses the file.
    """
    collection = {
        "type": "FeatureCollection",
        "name": "whole map",
        "description": description,
        "features": list(features),
    }
    return json.dumps(collection, ensure_ascii=False).encode()


def area_feature(
    area: Area, whole: WholeMap, placed: Placement, properties: dict[str, Any]
) -> dict[str, Any]:
    """An area as a polygon, with how large it is."""
    hectares = {"hectares": round(area.cells * whole.tiles.hectares, 3)}
    return _feature([area.outer, *area.holes], whole, placed, properties | hectares)


def cell_feature(
    row: int, column: int, whole: WholeMap, placed: Placement, properties: dict[str, Any]
) -> dict[str, Any]:
    """A cell as a polygon."""
    around = [(column, row), (column, row + 1), (column + 1, row + 1), (column + 1, row), (column, row)]
    return _feature([around], whole, placed, properties)


def _feature(
    rings: list[Ring], whole: WholeMap, placed: Placement, properties: dict[str, Any]
) -> dict[str, Any]:
    left, top, *_ = whole.tiles.grid.view
    width, height = whole.tiles.grid.cell_size

    def corner(column: int, row: int) -> list[float]:
        longitude, latitude = placed.wgs84(left + column * width, top + row * height)
        return [round(longitude, DECIMALS), round(latitude, DECIMALS)]

    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[corner(*each) for each in ring] for ring in rings],
        },
    }
