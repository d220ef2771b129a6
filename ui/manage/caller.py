"""Who may manage folders: the user who runs the page, in a browser on the same machine, on the page itself.

Each event is checked, since whoever reaches the port can send one, whatever the page shows:

- Another machine, through a proxy or a tunnel: by the address, and by the headers that proxies add.
- Another site in the operator's browser: by Origin and Sec-Fetch-Site, which no site can leave out or write.
  A site whose name leads to this machine ('DNS rebinding') has its own name in Host.
- Another user of this machine: by the owner of the connection, which the kernel tells.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from retrieval.errors import UserError

#: The names of this machine that lead nowhere else.
NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

#: What only those write who pass on what others ask.
PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")

#: Where Linux lists the connections of this machine, by the version of the addresses.
CONNECTIONS = {4: Path("/proc/net/tcp"), 6: Path("/proc/net/tcp6")}


class CallerError(UserError):
    """Whoever asks may not manage folders. The message is a sentence."""


def check_caller(scope: Mapping[str, Any]) -> None:
    """Refuse all but the operator, on the page.

    Args:
        scope: Of the request, as ASGI has it.

    Raises:
        CallerError: The same sentence for all reasons: who was refused learns nothing.
    """
    if not (_is_of_the_page(scope) and _is_of_this_user(scope)):
        raise CallerError(
            "Folders are managed only on the page itself, in a browser on the computer that serves it, by "
            "the user who runs it."
        )


def _is_of_the_page(scope: Mapping[str, Any]) -> bool:
    headers = Headers(raw=list(scope.get("headers", ())))
    host = headers.get("host", "")
    return (
        not any(name in headers for name in PASSED_ON)
        and _host_name(host) in NAMES
        and headers.getlist("origin") == [f"http://{host}"]
        and headers.get("sec-fetch-site", "same-origin") == "same-origin"
    )


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_of_this_user(scope: Mapping[str, Any]) -> bool:
    (address, port), (_, own) = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    return caller.is_loopback and owner(caller, port, own) == os.getuid()


def owner(
    caller: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int | None, own: int | None
) -> int | None:
    """The user whose process is at the other end of a connection within this machine; None if none is.

    Args:
        caller: The other end's address.
        port: And port.
        own: The port here.
    """
    packed = caller.packed
    words = (int.from_bytes(packed[at : at + 4], "little") for at in range(0, len(packed), 4))
    theirs = f"{''.join(f'{word:08X}' for word in words)}:{port or 0:04X}"
    try:
        lines = CONNECTIONS[caller.version].read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        fields = line.split()  # a number, their address and port, ours, the state, ..., the user
        is_open = len(fields) > 7 and fields[3] == "01"
        if is_open and fields[1] == theirs and int(fields[2].rpartition(":")[2], 16) == own:
            return int(fields[7])
    return None
