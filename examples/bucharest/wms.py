"""A web map service (WMS): a picture of a square of ground, or a sentence that says why there is none.

OWSLib speaks the protocol: it reads what a service says about itself, knows the versions and which of them
wants latitude first, and asks for maps. `answers` sets the limits that it does not have.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from examples.bucharest.answers import Guard, MapError, ask
from examples.bucharest.ground import SYSTEMS, Box, box
from ui.i18n import say

if TYPE_CHECKING:
    from owslib.map.wms130 import WebMapService_1_3_0

VERSIONS = ("1.3.0", "1.1.1")

#: The formats to ask for, the best first. To some servers plain PNG may have 256 colours; they offer more
#: of them under names of their own.
FORMATS = ("image/png32", "image/png24", "image/png; mode=24bit", "image/png", "image/jpeg")

#: What INSPIRE calls the layer of orthophotos. The layer beside it, where there is one, draws the outlines
#: of the sheets.
ORTHOPHOTO_LAYER = "OI.OrthoimageCoverage"

USER_AGENT = "aerial-image-retrieval"


class MapServer:
    """One layer of a service. Opening it asks the service what it has; everything may raise `MapError`.

    Args:
        endpoint: The service's address, without a query.
        layer: The name of a layer; without one, the orthophotos of INSPIRE, else the first that can be used.
        timeout: Seconds for each answer as a whole, from the name's look-up to the last byte.

    Attributes:
        layer: The layer's name.
        system: What it is asked for in: one of `ground.SYSTEMS`, as the service writes it.
        format: The kind of image that it is asked for.

    Raises:
        MapError: If the service cannot be reached, is none, or has no such layer.
    """

    def __init__(self, endpoint: str, layer: str | None = None, timeout: float = 30.0) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self._service = self._open()
        self.layer, self.system = self._choose_layer(layer)
        self.format = self._choose_format()

    def picture(self, latitude: float, longitude: float, *, side: float, pixels: int) -> tuple[bytes, Box]:
        """The photo of a square of ground, north at the top.

        Args:
            latitude: Of the centre, degrees north.
            longitude: Of the centre, degrees east.
            side: Metres on the ground.
            pixels: Of each side of the photo.

        Returns:
            The file as the server gave it, of at most 25 MB, not decoded; and its box (see `ground.box`).

        Raises:
            MapError: If the answer is late, an error, too large or no image.
        """
        bounds = box(self.system, latitude, longitude, side)
        request = partial(
            self._service.getmap,
            layers=[self.layer],
            srs=self.system,
            bbox=bounds,  # OWSLib turns it where the version and the system want latitude first
            size=(pixels, pixels),
            format=self.format,
            transparent=self.format != "image/jpeg",  # shows where there is no photo
        )
        try:
            answer = ask(self.endpoint, request, self.timeout)
            kind, data = str(answer.info().get("Content-Type", "")), bytes(answer.read())
        except MapError:
            raise
        except Exception as error:  # OWSLib looks for errors in XML that may be anything
            raise MapError(say("map.no_map", service=self.endpoint)) from error
        if not kind.lower().startswith("image/"):
            sent = kind.partition(";")[0] or say("map.no_kind")
            raise MapError(say("map.no_image", service=self.endpoint, sent=sent))
        return data, bounds

    def _open(self) -> WebMapService_1_3_0:
        """The service, as OWSLib understands it, in the newest version that it speaks."""
        failure: Exception | None = None
        for version in VERSIONS:  # a service that is asked for one that it does not know gives its own
            service, failure = self._try(version)
            if failure is None:
                return service
        raise MapError(say("map.no_service", service=self.endpoint)) from failure

    def _try(self, version: str) -> tuple[WebMapService_1_3_0 | None, Exception | None]:
        from owslib.util import Authentication
        from owslib.wms import WebMapService

        connect = partial(
            WebMapService,
            self.endpoint,
            version=version,
            timeout=self.timeout,
            headers={"User-Agent": USER_AGENT},
            auth=Authentication(auth_delegate=Guard(self.endpoint)),
        )
        try:
            return ask(self.endpoint, connect, self.timeout), None
        except MapError:
            raise
        except Exception as error:  # each kind of rubbish, and each other version, fails elsewhere in OWSLib
            return None, error

    def _choose_layer(self, wanted: str | None) -> tuple[str, str]:
        layers = self._service.contents
        if wanted and wanted not in layers:
            known_names = ", ".join(list(layers)[:8]) or say("map.none")
            raise MapError(say("map.no_layer", service=self.endpoint, layer=wanted, known=known_names))
        # A layer with layers inside shows them all, one above the other
        names = [wanted] if wanted else sorted(layers, key=lambda name: bool(layers[name].children))
        for name in sorted(names, key=lambda name: name != ORTHOPHOTO_LAYER):
            known = {system.upper(): system for system in layers[name].crsOptions}
            for system in SYSTEMS:
                if system in known:
                    return name, known[system]
        raise MapError(say("map.no_system", service=self.endpoint, systems=", ".join(SYSTEMS)))

    def _choose_format(self) -> str:
        operations = [each for each in self._service.operations if each.name == "GetMap"]
        offered = [str(name) for each in operations for name in each.formatOptions]
        for name in FORMATS:
            if name in offered:
                return name
        formats = ", ".join(offered)[:80] or say("map.nothing")
        raise MapError(say("map.no_format", service=self.endpoint, formats=formats))
