"""What the address of each map says, and where: a few lines a site.

The sites differ in the names, in whether latitude or longitude comes first, and in what says the scale: a
zoom, the height of the view in metres or degrees, or a camera above it. `by_names` reads all other addresses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from retrieval.errors import Message
from retrieval.maps.link_parts import (
    Link,
    Stated,
    camera,
    first_pair,
    in_a_row,
    number,
    numbers,
    pair,
    searched,
    zoom_first,
)
from retrieval.maps.scale import MAX_LATITUDE, MAX_ZOOM, RADIUS, ScaleError

#: Degrees; a camera with the usual angle that is tilted less than that has the same scale within 1 %.
STRAIGHT_DOWN = 1.0

#: Of the camera of Google's embedded maps, where the link does not say it: degrees from top to bottom.
EMBEDDED_ANGLE = 13.1

TILTED = Message(
    "This link shows a tilted view, whose scale changes across the picture: press its 2D "
    "button, or hold Ctrl and drag until you look straight down, and copy the address again."
)
FROM_THE_GROUND = Message(
    "This is a Street View link, a look from the ground: close Street View, and copy the map's link."
)


def _seen_by_camera(distance: float | None, angle: float | None) -> float | None:
    """Metres from top to bottom that a camera sees from above: its distance, and its angle in degrees."""
    if distance is None or angle is None or not 0 < angle < 180:
        return None
    return 2 * distance * math.tan(math.radians(angle / 2))


def _of_degrees(place: list[float], degrees: float | None) -> float | None:
    """Metres from top to bottom of a map of so many degrees of latitude, by the scale in its middle."""
    if not place or degrees is None or not 0 < degrees <= 180:
        return None
    south, north = place[0] - degrees / 2, place[0] + degrees / 2
    if not -MAX_LATITUDE <= south < north <= MAX_LATITUDE:
        return None
    bottom, top = (math.asinh(math.tan(math.radians(latitude))) for latitude in (south, north))
    return RADIUS * math.cos(math.radians(place[0])) * (top - bottom)


def _is_aerial(kind: str) -> bool | None:
    if not kind:
        return None
    return not {"a", "h", "k", "sat", "satellite", "hybrid"}.isdisjoint(kind.lower().split(","))


def _google(link: Link) -> Stated:
    place, seen = camera(link.pieces)
    data = next((piece for piece in link.pieces if piece.startswith("data=")), "")
    fields = data.split("!")
    panorama = "a" in seen and (seen["a"] == 3 or "1e1" in fields)
    if panorama or "cbll" in link.values or link.first("map_action") == "pano":
        raise ScaleError(FROM_THE_GROUND)
    if not seen.keys().isdisjoint("ayt"):
        raise ScaleError(TILTED)
    if place:
        # '!3m…' describes the view, in which '1e3' is the photos; in '!5m…', the layers, it is cycle paths.
        aerial = any(view.startswith("3m") and kind == "1e3" for view, kind in pairwise(fields))
        return Stated(place, seen.get("z"), aerial or "m" in seen, seen.get("m"))
    if "pb" in link.values:
        return _google_embedded(link.first("pb"))
    # The addresses of old, those that Google documents for developers, and those of apps.
    kind = _is_aerial(link.first("t", "basemap", "maptype") or "roadmap")
    place = first_pair([link.first("ll"), link.first("center")])
    span = pair(link.first("spn"))
    place = place or searched(link.first("q")) or searched(link.first("query"))
    for before, piece in pairwise(link.pieces):
        if not place and before in ("place", "search"):
            place = searched(piece.replace("+", " "))
    zoom = number(link.first("z", "zoom"))
    height = _of_degrees(place, span[0]) if span else None
    return Stated(place or in_a_row(data, "3d", "4d"), zoom, kind, height)


def _google_embedded(text: str) -> Stated:
    """The view that was embedded, as a camera above it sees it; a small frame may show twice as much."""
    if in_a_row(text, "1d", "2d", "3f"):
        raise ScaleError(FROM_THE_GROUND)
    if not (found := in_a_row(text, "1d", "2d", "3d")):
        return Stated()
    distance, longitude, latitude = found
    angle = in_a_row(text, "4f") or [EMBEDDED_ANGLE]
    return Stated([latitude, longitude], None, "5e1" in text.split("!"), _seen_by_camera(distance, angle[0]))


def _google_earth(link: Link) -> Stated:
    place, seen = camera(link.pieces)
    tilt = seen.get("t")
    if tilt is None:
        return Stated(place, satellite=True)
    if abs(tilt) >= STRAIGHT_DOWN:
        raise ScaleError(TILTED)
    return Stated(place, None, True, _seen_by_camera(seen.get("d"), seen.get("y")))


def _openstreetmap(link: Link) -> Stated:
    place, zoom, _ = zoom_first(link.first("map"))
    if not place:  # the view before the marker
        place = first_pair(f"{link.first(a)},{link.first(b)}" for a, b in (("lat", "lon"), ("mlat", "mlon")))
        zoom = number(link.first("zoom"))
    return Stated(place, zoom, "edit" in link.pieces or "editor" in link.values)  # one draws over photos


def _bing(link: Link) -> Stated:
    style = link.first("style", "sty")
    if style in ("b", "o"):  # bird's eye
        raise ScaleError(
            "This link shows a tilted view, whose scale changes across the picture: choose Aerial"
            " and copy the address again."
        )
    place = pair(link.first("cp"), "~")
    points = link.first("sp").split("~")
    if not place and len(points) == 1 and points[0].startswith("point."):  # 'point.44.43_26.1_A name'
        place = pair("_".join(points[0].removeprefix("point.").split("_")[:2]), "_")
    return Stated(place, number(link.first("lvl")), _is_aerial(style))


def _yandex(link: Link) -> Stated:
    names = ("ll", "whatshere[point]", "whereami[point]", "whereami")
    place = first_pair(link.first(name) for name in names)[::-1]  # longitude first, in the span too
    span = pair(link.first("spn"))
    zoom = number(link.first("z", "whatshere[zoom]", "whereami[zoom]"))
    height = _of_degrees(place, span[1]) if span else None
    return Stated(place, zoom, _is_aerial(link.first("l")), height)


def _apple(link: Link) -> Stated:
    names = ("ll", "center", "coordinate")
    place = first_pair(link.first(name) for name in names) or searched(link.first("q"))
    span = pair(link.first("span", "spn"))
    height = _of_degrees(place, span[0]) if span else None
    return Stated(place, number(link.first("z")), _is_aerial(link.first("t", "map")), height)


def _zoom_earth(link: Link) -> Stated:
    view = (link.first("view") or link.fragment).split("/")[0]
    place, seen = camera([f"@{view}"])
    return Stated(place, seen.get("z"), "satellite" in link.pieces or None)


def _here(link: Link) -> Stated:
    parts = link.first("map").split(",")
    if any(number(part) is not None for part in parts[3:]):
        return Stated()
    zoom = number(parts[2]) if len(parts) > 2 else None
    return Stated(pair(",".join(parts[:2])), zoom, _is_aerial(",".join(parts[3:])))


def _wayback(link: Link) -> Stated:
    found = numbers(link.first("mapcenter"))  # longitude first
    if len(found) not in (2, 3):
        return Stated(satellite=True)
    return Stated(found[1::-1], found[2] if len(found) == 3 else None, satellite=True)


#: The end of hosts that a company has in each country.
_LAND = r"\.(com|net|cat|[a-z]{2}|com?\.[a-z]{2})"

#: What the host and the path of a map's address look like, and who reads it.
SITES: dict[str, tuple[str, Callable[[Link], Stated]]] = {
    "Google Maps": (rf"(www\.)?google{_LAND}/maps(/|$)|(maps|ditu)\.google{_LAND}/", _google),
    "OpenStreetMap": (r"(www\.)?(openstreetmap|osm)\.org/", _openstreetmap),
    "Bing Maps": (r"((www|cn)\.)?bing\.com/maps(/|$)", _bing),
    "Yandex Maps": (
        rf"((www|m)\.)?(yandex{_LAND}|ya\.ru)/(maps|web-maps|map-widget|harita|navi)(/|$)"
        rf"|(maps|harita)\.(yandex{_LAND}|ya\.ru)/",
        _yandex,
    ),
    "Apple Maps": (r"(beta\.)?maps\.apple\.com/", _apple),
    "Google Earth": (r"earth\.google\.com/", _google_earth),
    "Zoom Earth": (r"(www\.)?zoom\.earth/", _zoom_earth),
    "HERE WeGo": (r"(wego|maps)\.here\.com/", _here),
    "Esri Wayback": (r"livingatlas\.arcgis\.com/wayback(/|$)", _wayback),
}
#: Addresses that carry another one: Google's results and mails, and its question about cookies.
WRAPPED = rf"(www\.)?google{_LAND}/url$|consent\.google{_LAND}/"
SHORTENED = (
    r"([\w.]+\.)?(goo\.gl|g\.co|share\.google|maps\.apple|osm\.org/go|openstreetmap\.org/go|binged\.it"
    rf"|(yandex{_LAND}|ya\.ru)/maps/-|bit\.ly|t\.co|tinyurl\.com|is\.gd|ow\.ly)/"
)

#: Usual names of a latitude and a longitude, and of a zoom.
_PLACES = (
    (("lat", "latitude"), ("lon", "lng", "long", "longitude")),
    (("mlat",), ("mlon",)),
    (("y",), ("x",)),
)
_ZOOMS = ("zoom", "z", "zl", "lvl", "level")


def by_names(link: Link) -> Stated | None:
    """What the address of any other map says, if it plainly has a place and a zoom, by their usual names.

    Numbers that could be something else, such as the row and the column of a tile, are not taken.
    """
    zoom = number(link.only(*_ZOOMS))
    for latitudes, longitudes in _PLACES:
        place = pair(f"{link.only(*latitudes)},{link.only(*longitudes)}")
        if place and zoom is not None and ("y" not in latitudes or _is_plain(place, zoom)):
            return Stated(place, zoom)
    bare = link.fragment.partition("&")[0]
    for text in (link.first("map"), bare):
        place, zoom, tilt = zoom_first(text)
        if place and zoom is not None and _is_plain(place, zoom):
            if abs(tilt) >= STRAIGHT_DOWN:
                raise ScaleError(TILTED)
            return Stated(place, zoom)
    values = (value for each in link.values.values() for value in each)
    place, seen = camera([*link.pieces, *bare.split("/"), *values])
    zoom = seen.get("z")
    return Stated(place, zoom) if place and zoom is not None else None


def _is_plain(place: list[float], zoom: float) -> bool:
    """Whether numbers without a name of their own are those of a map: in range, and not all of them whole."""
    latitude, longitude = place
    inside = abs(latitude) <= MAX_LATITUDE and abs(longitude) <= 180 and 0 <= zoom <= MAX_ZOOM
    return inside and not (latitude.is_integer() and longitude.is_integer())
