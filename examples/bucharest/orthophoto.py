"""Download the orthophoto of a place, and write beside it where it is from.

Romania's national orthophoto is at 1:5000 and free to use with its source named (CC BY 4.0). A photo has
1024 x 1024 pixels of 0.3 m, close to UC Merced's 0.3048 m: four by four of its scenes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

from PIL import Image

from examples.bucharest.answers import MapError
from examples.bucharest.places import FOLDER, Place, photos_of, sidecar
from examples.bucharest.wms import MapServer
from retrieval.images import ImageError, decode
from ui.i18n import say

ENDPOINT = "https://inspire.geomil.ro/network/rest/services/INSPIRE/OI_View/MapServer/WmsServer"
SOURCE = "Ortofotoplan scara 1:5000, Agenția de Informații Geospațiale a Apărării"
LICENCE = "CC BY 4.0"

PIXELS = 1024
METRES_PER_PIXEL = 0.3

#: Bands whose values are no further apart are one colour: JPEG may change an even one a little.
EVEN = 3

_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


@dataclass(frozen=True)
class Settings:
    """Which service is asked.

    Attributes:
        endpoint: Its address; by default $BUCHAREST_WMS, else the national orthophoto.
        layer: Its layer; by default $BUCHAREST_WMS_LAYER, else see `MapServer`.
        timeout: Seconds for each answer.
    """

    endpoint: str = field(default_factory=lambda: os.environ.get("BUCHAREST_WMS") or ENDPOINT)
    layer: str | None = field(default_factory=lambda: os.environ.get("BUCHAREST_WMS_LAYER") or None)
    timeout: float = 30.0

    def open(self) -> MapServer:
        """Ask the service what it has; raises `MapError`."""
        return MapServer(self.endpoint, self.layer, self.timeout)


def download(
    place: Place,
    folder: Path = FOLDER,
    *,
    settings: Settings | None = None,
    server: MapServer | None = None,
) -> Path:
    """Download the photo of a place, in place of one that was downloaded before.

    The file is the one that the server gave, after it was decoded and looked at once. Its sidecar is
    written with it. A photo that has no sidecar is a person's own, and is not replaced.

    Args:
        place: Whose photo.
        folder: Where to; made where there is none.
        settings: Which service; not needed with a server.
        server: One that is open already, so that a second place costs one request less.

    Returns:
        The photo: the place's slug with the suffix of its format.

    Raises:
        MapError: If there is no photo; the folder is as it was before.
    """
    try:
        server = server or (settings or Settings()).open()
        data, bounds = server.picture(
            place.latitude, place.longitude, side=PIXELS * METRES_PER_PIXEL, pixels=PIXELS
        )
        target = folder / f"{place.slug}{_check(data, server.endpoint)}"
        earlier = photos_of(place, folder)
        if target in earlier and not sidecar(target).exists():
            raise MapError(say("map.not_ours", file=target))
        _write(target, data, _sidecar_fields(place, server, bounds))
    except MapError as error:
        raise MapError(f"{place.name}: {error}") from error
    for other in earlier:  # of another format
        if other != target and sidecar(other).exists():
            with suppress(OSError):
                other.unlink()
                sidecar(other).unlink()
    return target


def _check(data: bytes, endpoint: str) -> str:
    """The suffix of a photo that can be used; raises MapError."""
    suffix = next((suffix for start, suffix in _SUFFIXES.items() if data.startswith(start)), None)
    try:
        image = decode(data).image
    except ImageError as error:
        raise MapError(say("map.unusable", service=endpoint, reason=error)) from error
    if suffix is None:
        raise MapError(say("map.other_format", service=endpoint))
    if image.size != (PIXELS, PIXELS):
        width, height = image.size
        raise MapError(say("map.other_size", service=endpoint, width=width, height=height, wanted=PIXELS))
    if _is_even(image):
        raise MapError(say("map.empty", service=endpoint))
    return suffix


def _is_even(image: Image.Image) -> bool:
    """Whether an image is of one colour, as one that was transparent is when it is decoded."""
    return all(
        band.getextrema()[1] - band.getextrema()[0] <= EVEN  # type: ignore[operator]
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
        # Another service's terms are not known here
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
    """Write a photo and its sidecar, both or none as far as a disk allows."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # All that may fill the disk comes first, then two renames. A sidecar without its photo is harmless.
        text = json.dumps(fields, ensure_ascii=False, indent=2) + "\n"
        with _partial(target) as photo, _partial(target) as told:
            photo.write_bytes(data)
            told.write_text(text, encoding="utf-8")
            told.replace(sidecar(target))
            photo.replace(target)
    except OSError as error:
        raise MapError(say("map.unwritable", file=target, reason=error.strerror or error)) from error


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """A temporary name beside a file, which is no photo's; whatever is left there at the end is removed."""
    path = target.with_name(f".{target.name}.{uuid4().hex[:8]}.partial")
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
