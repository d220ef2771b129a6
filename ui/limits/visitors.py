"""Who asks, as limits count visitors: by the address that a request came from.

An address is the one thing that a program cannot invent anew for each request; a page's session is a text
that the caller chooses. So shares are by address, and a session is only what one open page is.

The address is that of the connection, unless a proxy whose own address is trusted says another in
`X-Forwarded-For`. Which proxies are trusted is uvicorn's `FORWARDED_ALLOW_IPS` (a list of addresses or
networks; 127.0.0.1 alone unless it is set), since its middleware has replaced the address before this is
asked. A header that anybody else sends is not looked at. Behind a proxy that is not named there all
visitors count as one: they still share everything in the order in which they come, but a greedy one is not
told apart.

Many people may be behind one address, such as a school: no limit here is a number of requests for an address.
Where nobody else asks, one address gets all there is; where others do, each address gets as much.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from gradio.context import LocalContext

#: A household or a server is given a whole network of this many bits, and may use any address in it.
IPV6_PREFIX = 64

#: Who the request is from that is answered at the moment, where no event is as yet; `RequestLimits` sets it.
asking: ContextVar[str] = ContextVar("asking", default="")


def visitor_of(scope: Mapping[str, Any]) -> str:
    """Who a request is from: an IPv4 address, an IPv6 network of /64, or '' where that is not known.

    Args:
        scope: Of ASGI.
    """
    host = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a socket without an address, or a test
        return str(host)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), IPV6_PREFIX), strict=False))
    return str(address)


def current_visitor() -> str:
    """Who the event is from that is answered at the moment; '' outside of one."""
    request = LocalContext.request.get(None)
    return visitor_of(getattr(getattr(request, "request", None), "scope", {}))
