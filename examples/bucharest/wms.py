"""A web map service (WMS): gives an image of a square of ground, or an error that says why there is none.

OWSLib handles the protocol: it reads the capabilities of a service, knows the versions and which of them
puts latitude first, and requests maps. `answers` adds the limits that OWSLib does not have.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from examples.bucharest.answers import Guard, MapError, ask
from examples.bucharest.ground import SYSTEMS, Box, box
from retrieval.errors import Message

if TYPE_CHECKING:
    from owslib.map.wms130 import WebMapService_1_3_0

VERSIONS = ("1.3.0", "1.1.1")

#: The formats to ask for, the best first. Plain PNG has only 256 colours on some servers; these offer
#: full colour under names of their own.
FORMATS = ("image/png32", "image/png24", "image/png; mode=24bit", "image/png", "image/jpeg")

#: INSPIRE's name for the layer of orthophotos. A second layer, where there is one, only outlines the sheets.
ORTHOPHOTO_LAYER = "OI.OrthoimageCoverage"

USER_AGENT = "aerial-image-retrieval"


class MapServer:
    """One layer of a service. The constructor requests the capabilities; every method may raise `MapError`.

    Args:
        endpoint: The service's address, without a query.
        layer: The name of a layer; by default `ORTHOPHOTO_LAYER`, else the first that can be used.
        timeout: Seconds for each answer as a whole, from the look-up of the name to the last byte.

    Attributes:
        layer: The layer's name.
        system: The coordinate system of the requests: one of `ground.SYSTEMS`, as the service writes it.
        format: The media type of the images to ask for.

    Raises:
        MapError: If the service cannot be reached, is no WMS, or has no such layer.
    """

    def __init__(self, endpoint: str, layer: str | None = None, timeout: float = 30.0) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self._service = self._open()
        self.layer, self.system = self._choose_layer(layer)
        self.format = self._choose_format()

    def get_image(self, latitude: float, longitude: float, *, side: float, pixels: int) -> tuple[bytes, Box]:
        """Request the photo of a square of ground, north at the top.

        Args:
            latitude: Of the centre, degrees north.
            longitude: Of the centre, degrees east.
            side: Metres on the ground.
            pixels: Of each side of the photo.

        Returns:
            The image file as the server sent it, at most 25 MB, not decoded; and its box (see `ground.box`).

        Raises:
            MapError: If the answer is late, an error, too large or no image.
        """
        bounds = box(self.system, latitude, longitude, side)
        request = partial(
            self._service.getmap,
            layers=[self.layer],
            srs=self.system,
            bbox=bounds,  # OWSLib swaps the axes where the version and the system put latitude first
            size=(pixels, pixels),
            format=self.format,
            transparent=self.format != "image/jpeg",  # so that areas without a photo can be told
        )
        try:
            answer = ask(self.endpoint, request, self.timeout)
            kind, data = str(answer.info().get("Content-Type", "")), bytes(answer.read())
        except MapError:
            raise
        except Exception as error:  # OWSLib parses an XML answer, and fails in many ways if it is malformed
            raise MapError(
                "{service} sent something that is no map: try again later, or another --layer.",
                service=self.endpoint,
            ) from error
        if not kind.lower().startswith("image/"):
            raise MapError(
                "{service} sent {sent} instead of an image: try again later, or check the --endpoint.",
                service=self.endpoint,
                sent=kind.partition(";")[0] or Message("a file of no kind"),
            )
        return data, bounds

    def _open(self) -> WebMapService_1_3_0:
        """The capabilities of the service, in the newest version of the protocol that it knows."""
        failure: Exception | None = None
        for version in VERSIONS:  # to one that it does not know, a service answers in another version
            service, failure = self._try(version)
            if failure is None:
                return service
        raise MapError(
            "{service} does not answer as a web map service (WMS): check the --endpoint.",
            service=self.endpoint,
        ) from failure

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
        except Exception as error:  # invalid answers and other versions raise many kinds of errors in OWSLib
            return None, error

    def _choose_layer(self, wanted: str | None) -> tuple[str, str]:
        layers = self._service.contents
        if wanted and wanted not in layers:
            raise MapError(
                "{service} has no layer '{layer}'; it has {known}: name one with --layer.",
                service=self.endpoint,
                layer=wanted,
                known=", ".join(list(layers)[:8]) or Message("none"),
            )
        # Single layers first: a group shows all its layers on top of each other.
        names = [wanted] if wanted else sorted(layers, key=lambda name: bool(layers[name].children))
        for name in sorted(names, key=lambda name: name != ORTHOPHOTO_LAYER):
            known = {system.upper(): system for system in layers[name].crsOptions}
            for system in SYSTEMS:
                if system in known:
                    return name, known[system]
        raise MapError(
            "{service} has no layer that can be asked for in {systems}: name another layer or service with "
            "--layer or --endpoint.",
            service=self.endpoint,
            systems=", ".join(SYSTEMS),
        )

    def _choose_format(self) -> str:
        operations = [operation for operation in self._service.operations if operation.name == "GetMap"]
        offered = [str(name) for operation in operations for name in operation.formatOptions]
        for name in FORMATS:
            if name in offered:
                return name
        raise MapError(
            "{service} offers neither PNG nor JPEG, but {formats}: name another service with --endpoint.",
            service=self.endpoint,
            formats=", ".join(offered)[:80] or Message("nothing"),
        )
