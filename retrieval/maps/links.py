"""The link of a map -> the view that it opens: a place, and a zoom or a height.

A link is read as text alone: nothing is ever fetched. Each service writes the same numbers in its own way:
`map_sites` knows them.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from retrieval.maps.link_parts import Link, Stated, number, numbers, searched
from retrieval.maps.map_sites import SHORTENED, SITES, WRAPPED, by_names
from retrieval.maps.scale import EQUATOR, MapView, ScaleError, check_place, check_zoom

MAX_LENGTH = 4000  # characters of a link; real ones have a few hundred

#: What stands around a link in a text: brackets and quotes, and the end of a sentence.
_AROUND = " \t\r\n<>\"'“”„«»"


class UnknownMapError(ScaleError):
    """What was given is no link, or one of no map that is understood here."""


def read_link(text: str) -> MapView:
    """Read what a map's link says; also 'geo:' links, and a plain 'latitude, longitude, zoom'.

    Args:
        text: As somebody pasted it: the scheme may be missing, words may stand before 'https://', it may be
            the HTML that embeds a map, and all of it may be percent-encoded.

    Returns:
        The view, all its numbers within their ranges. A link that says a place alone gives a view without a
        scale: `MapView.has_scale`.

    Raises:
        UnknownMapError: If it is no link, or of no known map.
        ScaleError: If it is shortened, tilted, too long, or lacks the place.
    """
    text = text.lstrip(f"{_AROUND}([").rstrip(f"{_AROUND}.,;)")
    if not text:
        raise ScaleError("There is no link yet: paste the address of the map from your browser.")
    if len(text) > MAX_LENGTH:
        raise ScaleError(
            "This has {count:,} characters, too many for a link: paste the address alone.", count=len(text)
        )
    plain = numbers(" ".join(text.replace(",", " ").split()), " ")
    if len(plain) == 3:
        return _view("Coordinates", Stated(plain[:2], plain[2]))
    if text[:4].lower() == "geo:":
        return _view("geo:", _geo(text[4:]))
    link = _unwrapped(_split(text))
    if re.match(SHORTENED, link.address):
        raise ScaleError(
            "This is a shortened link, which says nothing by itself: open it, and copy the long address."
        )
    for service, (address, reader) in SITES.items():
        if re.match(address, link.address, re.IGNORECASE):
            return _view(service, reader(link))
    if named := by_names(link):
        return _view(link.host, named, by_names=True)
    *others, last = SITES
    raise UnknownMapError(
        "{host} is not a map that is understood here: use a link of {others} or {last}, or "
        "give the zoom and the latitude yourself.",
        host=link.host,
        others=", ".join(others),
        last=last,
    )


def _split(text: str) -> Link:
    if "/" not in text:  # it is encoded as a whole
        text = unquote(text)
    text = text.replace("&amp;", "&")  # in the HTML of a map that is to be embedded
    among_others = re.search(r"(?:^|[\s\"'(<])(https?://[^\"<>]*)", text, re.IGNORECASE)
    try:
        parts = urlsplit(among_others[1] if among_others else f"https://{text}")
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        host = ""
    if len(host) > 253 or not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.[a-z][\w-]+", host):
        raise UnknownMapError(
            "This is not a link: paste the whole address of the map, such as "
            "https://www.google.com/maps/@44.43,26.1,19z, or write latitude, longitude and zoom."
        )
    return Link.of(host, parts)


def _unwrapped(link: Link) -> Link:
    """The link that one of Google's own carries, once: what is inside is checked like any other."""
    inner = link.first("q", "url", "continue")
    is_wrapped = re.match(WRAPPED, link.address) and re.match("https?://", inner, re.IGNORECASE)
    return _split(inner) if is_wrapped else link


def _geo(text: str) -> Stated:
    """What follows 'geo:', after RFC 5870 and with the zoom and the place searched that Android adds."""
    stated, _, query = unquote(text).partition("?")
    place = numbers(stated.partition(";")[0])
    values = dict(parse_qsl(query))
    is_place = len(place) in (2, 3) and any(place)  # the third is the altitude
    return Stated(place[:2] if is_place else searched(values.get("q", "")), number(values.get("z", "")))


def _view(service: str, stated: Stated, *, by_names: bool = False) -> MapView:
    """What a link says, checked."""
    if not stated.place:
        raise ScaleError(
            "This {service} link does not say which place it shows: move the map a little, wait "
            "until its address changes, and copy it again.",
            service=service,
        )
    latitude, longitude = stated.place
    check_place(latitude, longitude)
    zoom, height = stated.zoom, stated.height if stated.zoom is None else None
    if zoom is not None:
        check_zoom(zoom)
    if height is not None and not 1 <= height <= 256 * EQUATOR:
        raise ScaleError(
            "No map shows {height:g} metres from top to bottom: copy the address again.", height=height
        )
    return MapView(service, latitude, longitude, zoom, height, stated.satellite, by_names)
