"""The link of a map -> the view that it opens: a place, and a zoom or a height.

A link is read as text alone: nothing is ever fetched. Each service writes the same numbers in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from retrieval.maps.scale import EQUATOR, MapView, ScaleError, check_place, check_zoom

MAX_LENGTH = 4000  # characters of a link; real ones have a few hundred


class UnknownMapError(ScaleError):
    """What was given is no link, or one of no map that is understood here."""


def read_link(text: str) -> MapView:
    """Read what a map's link says; also 'geo:' links, and a plain 'latitude, longitude, zoom'.

    Args:
        text: As somebody pasted it: the scheme may be missing, words may stand before 'https://', and all of
            it may be percent-encoded.

    Returns:
        The view, all its numbers within their ranges.

    Raises:
        UnknownMapError: If it is no link, or of no known map.
        ScaleError: If it is shortened, tilted, too long, or lacks the place or the zoom.
    """
    text = text.strip(" \t\r\n<>\"'")
    if not text:
        raise ScaleError("There is no link yet: paste the address of the map from your browser.")
    if len(text) > MAX_LENGTH:
        raise ScaleError(
            "This has {count:,} characters, too many for a link: paste the address alone.", count=len(text)
        )
    plain = _numbers(text)
    if len(plain) == 3:
        return _view("Coordinates", _Stated(plain[:2], plain[2:]))
    if text[:4].lower() == "geo:":
        return _view("geo:", _geo(text[4:]))
    link = _split(text)
    if re.match(_SHORTENED, link.host + link.path):
        raise ScaleError(
            "This is a shortened link, which says nothing by itself: open it, and copy the long address."
        )
    if link.host == "earth.google.com":
        raise ScaleError(
            "Google Earth's links have no zoom: open the place in Google Maps, and copy the address there."
        )
    for service, (address, reader) in _SERVICES.items():
        if re.match(address, link.host + link.path):
            return _view(service, reader(link))
    *others, last = _SERVICES
    raise UnknownMapError(
        "{host} is not a map that is understood here: use a link of {others} or {last}, or "
        "give the zoom and the latitude yourself.",
        host=link.host,
        others=", ".join(others),
        last=last,
    )


@dataclass(frozen=True)
class _Link:
    """A link in its parts, decoded; `values` are those of the query and of what follows the '#'."""

    host: str
    path: str
    values: dict[str, str]

    def first(self, *names: str) -> str:
        """The value of the first of these names that the link has; else empty."""
        return next((self.values[name] for name in names if name in self.values), "")


@dataclass(frozen=True)
class _Stated:
    """What a link says: each list is empty, or too short, where it says nothing."""

    place: list[float]  # latitude, longitude
    zoom: list[float]
    satellite: bool | None = None
    height: list[float] = field(default_factory=list)


def _split(text: str) -> _Link:
    if "/" not in text:  # it is encoded as a whole
        text = unquote(text)
    with_words = re.search(r"(?:^|\s)(https?://.*)", text, re.IGNORECASE | re.DOTALL)
    try:
        parts = urlsplit(with_words[1] if with_words else f"https://{text}")
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if len(host) > 253 or not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.[a-z][\w-]+", host):
        raise UnknownMapError(
            "This is not a link: paste the whole address of the map, such as "
            "https://www.google.com/maps/@44.43,26.1,19z, or write latitude, longitude and zoom."
        )
    values = parse_qsl(unquote(parts.fragment)) + parse_qsl(parts.query)
    return _Link(host, unquote(parts.path) or "/", dict(values))


def _numbers(text: str) -> list[float]:
    """The numbers that a text begins with, between commas, '~', '/' or spaces."""
    numbers: list[float] = []
    for part in re.split(r"\s*[,~/\s]\s*", text.strip()):
        if not re.fullmatch(r"[-+]?[0-9]{1,9}(\.[0-9]{0,30})?", part):
            break
        numbers.append(float(part))
    return numbers


def _is_aerial(kind: str) -> bool | None:
    if not kind:
        return None
    return not {"a", "h", "k", "sat", "satellite", "hybrid"}.isdisjoint(kind.lower().split(","))


def _google(link: _Link) -> _Stated:
    at = re.search(r"@(-?[0-9][^/@]*)", link.path)
    stated = at[1] if at else ""
    camera = {part[-1:]: _numbers(part[:-1]) for part in stated.split(",")[2:]}  # '17z' is {"z": [17.0]}
    panorama = "a" in camera and (camera["a"] == [3.0] or "!1e1!" in link.path)
    if panorama or "cbll" in link.values or link.first("map_action") == "pano":
        raise ScaleError(
            "This is a Street View link, a look from the ground: close Street View, and copy the map's link."
        )
    if not camera.keys().isdisjoint("ayt"):
        raise ScaleError(
            "This link shows a tilted view, whose scale changes across the picture: press its 2D "
            "button, or hold Ctrl and drag until you look straight down, and copy the address "
            "again."
        )
    if not at:  # the addresses of old, and those that Google documents for developers
        kind = link.first("t", "basemap") or "roadmap"
        place, zoom = link.first("ll", "center"), link.first("z", "zoom")
        return _Stated(_numbers(place), _numbers(zoom), _is_aerial(kind))
    # '!3m…' describes the view, in which '1e3' is the photos; in '!5m…', the layers, it is cycle paths.
    aerial = "m" in camera or re.search(r"!3m[0-9]+!1e3(?![0-9])", link.path) is not None
    return _Stated(_numbers(stated), camera.get("z", []), aerial, camera.get("m", []))


def _openstreetmap(link: _Link) -> _Stated:
    numbers = _numbers(link.first("map"))  # zoom first
    return _Stated(numbers[1:], numbers[:1], satellite=False)


def _bing(link: _Link) -> _Stated:
    style = link.first("style", "sty")
    if style in ("b", "o"):  # bird's eye
        raise ScaleError(
            "This link shows a tilted view, whose scale changes across the picture: choose Aerial"
            " and copy the address again."
        )
    return _Stated(_numbers(link.first("cp")), _numbers(link.first("lvl")), _is_aerial(style))


def _yandex(link: _Link) -> _Stated:
    place = _numbers(link.first("ll"))[1::-1]  # longitude first
    return _Stated(place, _numbers(link.first("z")), _is_aerial(link.first("l")))


def _apple(link: _Link) -> _Stated:
    place = _numbers(link.first("ll", "center"))
    return _Stated(place, _numbers(link.first("z")), _is_aerial(link.first("t", "map")))


def _here(link: _Link) -> _Stated:
    stated = link.first("map")
    numbers = _numbers(stated)
    return _Stated(numbers[:2], numbers[2:], _is_aerial(",".join(stated.split(",")[3:])))


def _wayback(link: _Link) -> _Stated:
    numbers = _numbers(link.first("mapCenter"))
    return _Stated(numbers[1::-1], numbers[2:], satellite=True)  # longitude first


def _geo(text: str) -> _Stated:
    """What follows 'geo:', after RFC 5870 and with the zoom that Android adds."""
    stated, _, query = unquote(text).partition("?")
    place = _numbers(stated.partition(";")[0])
    return _Stated(place if any(place) else [], _numbers(dict(parse_qsl(query)).get("z", "")))


#: What the host and the path of a map's address look like, and who reads it.
_SERVICES: dict[str, tuple[str, Callable[[_Link], _Stated]]] = {
    "Google Maps": (r"(www\.)?google(\.[a-z]{2,3}){1,2}/maps|maps\.google(\.[a-z]{2,3}){1,2}/", _google),
    "OpenStreetMap": (r"(www\.)?(openstreetmap|osm)\.org/", _openstreetmap),
    "Bing Maps": (r"(www\.)?bing\.com/maps", _bing),
    "Yandex Maps": (r"(www\.)?yandex(\.[a-z]{2,3}){1,2}/maps|maps\.yandex(\.[a-z]{2,3}){1,2}/", _yandex),
    "Apple Maps": (r"(beta\.)?maps\.apple\.com/", _apple),
    "HERE WeGo": (r"(wego|maps)\.here\.com/", _here),
    "Esri Wayback": (r"livingatlas\.arcgis\.com/wayback", _wayback),
}
_SHORTENED = (
    r"([\w.]+\.)?(goo\.gl|g\.co|share\.google|maps\.apple|osm\.org/go|openstreetmap\.org/go|binged\.it"
    r"|yandex(\.[a-z]{2,3}){1,2}/maps/-|bit\.ly|t\.co|tinyurl\.com|is\.gd|ow\.ly)/"
)


def _view(service: str, stated: _Stated) -> MapView:
    """What a link says, checked."""
    if len(stated.place) < 2:
        raise ScaleError(
            "This {service} link does not say which place it shows: move the map a little, wait "
            "until its address changes, and copy it again.",
            service=service,
        )
    latitude, longitude = stated.place[:2]
    check_place(latitude, longitude)
    if not stated.zoom and not stated.height:
        raise ScaleError(
            "This {service} link says the place, at latitude {latitude:g}, but not the zoom: give"
            " the zoom yourself.",
            service=service,
            latitude=latitude,
        )
    zoom = stated.zoom[0] if stated.zoom else None
    height = stated.height[0] if zoom is None else None
    if zoom is not None:
        check_zoom(zoom)
    if height is not None and not 1 <= height <= 256 * EQUATOR:
        raise ScaleError(
            "No map shows {height:g} metres from top to bottom: copy the address again.", height=height
        )
    return MapView(service, latitude, longitude, zoom, height, stated.satellite)
