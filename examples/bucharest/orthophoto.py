"""Download the orthophoto of a place, and write a sidecar file that says where it is from.

Romania's national orthophoto is at 1:5000 and free to use with its source named (CC BY 4.0). A photo has
1024 x 1024 pixels of 0.3 m, close to UC Merced's 0.3048 m: four by four of its scenes.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from PIL import Image

from examples.bucharest.answers import MapError
from examples.bucharest.places import FOLDER, Place, photos_of, sidecar
from examples.bucharest.wms import MapServer
from retrieval.files import atomic_write
from retrieval.images import ImageError, decode

ENDPOINT = "https://inspire.geomil.ro/network/rest/services/INSPIRE/OI_View/MapServer/WmsServer"
SOURCE = "Ortofotoplan scara 1:5000, Agenția de Informații Geospațiale a Apărării"
LICENCE = "CC BY 4.0"

PIXELS = 1024
METRES_PER_PIXEL = 0.3

#: A photo is blank if no band's values differ by more than this: JPEG may change a plain colour a little.
MAX_BLANK_RANGE = 3

_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


@dataclass(frozen=True)
class Settings:
    """The service to download from.

    Attributes:
        endpoint: Its address; by default $BUCHAREST_WMS, else `ENDPOINT`.
        layer: Its layer; by default $BUCHAREST_WMS_LAYER, else see `MapServer`.
        timeout: Seconds for each answer.
    """

    endpoint: str = field(default_factory=lambda: os.environ.get("BUCHAREST_WMS") or ENDPOINT)
    layer: str | None = field(default_factory=lambda: os.environ.get("BUCHAREST_WMS_LAYER") or None)
    timeout: float = 30.0

    def open(self) -> MapServer:
        """Request the capabilities of the service; raises `MapError`."""
        return MapServer(self.endpoint, self.layer, self.timeout)


def download(
    place: Place,
    folder: Path = FOLDER,
    *,
    settings: Settings | None = None,
    server: MapServer | None = None,
) -> Path:
    """Download the photo of a place, and replace the one that was downloaded before.

    The file is stored as the server sent it, once it has been decoded and checked, together with its
    sidecar. A photo without a sidecar was put there by a person, and is not replaced.

    Args:
        place: The place.
        folder: Where to write; made if there is none.
        settings: The service; not needed with a server.
        server: One that is open already, which saves a request.

    Returns:
        The photo's path: the slug of the place, and the suffix of the format.

    Raises:
        MapError: If there is no photo; the folder is then unchanged.
    """
    try:
        server = server or (settings or Settings()).open()
        data, bounds = server.get_image(
            place.latitude, place.longitude, side=PIXELS * METRES_PER_PIXEL, pixels=PIXELS
        )
        target = folder / f"{place.slug}{_checked_suffix(data, server.endpoint)}"
        earlier = photos_of(place, folder)
        if target in earlier and not sidecar(target).exists():
            raise MapError(
                "{file} was not downloaded from here, so it is kept: give it another name.", file=target
            )
        _write(target, data, _sidecar_fields(place, server, bounds))
    except MapError as error:
        raise MapError("{place}: {problem}", place=place.name, problem=error.message) from error
    for other in earlier:  # downloaded before, in another format
        if other != target and sidecar(other).exists():
            with suppress(OSError):
                other.unlink()
                sidecar(other).unlink()
    return target


def _checked_suffix(data: bytes, endpoint: str) -> str:
    """The file suffix of an image that can be used; raises MapError for any other."""
    suffix = next((suffix for start, suffix in _SUFFIXES.items() if data.startswith(start)), None)
    try:
        image = decode(data).image
    except ImageError as error:
        raise MapError(
            "{service} sent an image that cannot be used. {reason}", service=endpoint, reason=error
        ) from error
    if suffix is None:
        raise MapError(
            "{service} sent an image that is neither PNG nor JPEG: try another --endpoint.", service=endpoint
        )
    if image.size != (PIXELS, PIXELS):
        raise MapError(
            "{service} sent an image of {width} x {height} pixels instead of {wanted} x {wanted}: try "
            "another --layer or --endpoint.",
            service=endpoint,
            width=image.width,
            height=image.height,
            wanted=PIXELS,
        )
    if _is_blank(image):
        raise MapError(
            "the orthophoto has nothing here: {service} sent an empty image. Correct the coordinates, or try "
            "another --layer.",
            service=endpoint,
        )
    return suffix


def _is_blank(image: Image.Image) -> bool:
    """Whether an image is of one colour, as a transparent one is once it is decoded."""
    return all(
        band.getextrema()[1] - band.getextrema()[0] <= MAX_BLANK_RANGE  # type: ignore[operator]
        for band in image.split()
    )


def _sidecar_fields(place: Place, server: MapServer, bounds: tuple[float, ...]) -> dict[str, Any]:
    is_national = server.endpoint == ENDPOINT
    source = SOURCE if is_national else server.endpoint
    return {
        "place": place.name,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "label": place.label,
        "source": source,
        # The terms of other services are not known here.
        "licence": LICENCE if is_national else "",
        "attribution": f"{SOURCE} ({LICENCE})" if is_national else source,
        "endpoint": server.endpoint,
        "layer": server.layer,
        "crs": server.system,
        "bbox": list(bounds),  # west, south, east, north
        "metres_per_pixel": METRES_PER_PIXEL,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _write(target: Path, data: bytes, fields: dict[str, Any]) -> None:
    """Write a photo and its sidecar: both or neither, as far as a file system allows."""
    text = json.dumps(fields, ensure_ascii=False, indent=2) + "\n"
    try:
        # Both are written before either is renamed, and the photo last: a sidecar alone is harmless.
        with atomic_write(target) as photo_file, atomic_write(sidecar(target)) as sidecar_file:
            photo_file.write_bytes(data)
            sidecar_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MapError(
            "{file} cannot be written ({reason}): make room, or choose another folder with --folder.",
            file=target,
            reason=error.strerror or error,
        ) from error
