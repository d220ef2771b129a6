"""The proxies that the environment names: never used for this machine, and said in words that httpx knows.

Gradio asks its own page once at the start, and the tools for language models ask it each time; both read the
usual variables, as do the downloads.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import MutableMapping
from urllib.parse import urlsplit

from ui.hosting.hosts import LOOPBACK

#: Read in this order of letters by httpx, requests and urllib alike.
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class ProxyError(ValueError):
    """A proxy is named that cannot be used. The message is a sentence."""


def use_proxies(environment: MutableMapping[str, str] = os.environ) -> None:
    """Make the variables fit for this process.

    Raises:
        ProxyError: If a proxy is of a kind that is not known: to go on without it would be no one's wish.
    """
    for name in (*VARIABLES, *map(str.lower, VARIABLES)):
        if proxy := environment.get(name, "").strip():
            environment[name] = _known(name, proxy)
    # Some read the one, some the other, and what stands in either is meant.
    named = ",".join(environment.get(name, "") for name in ("NO_PROXY", "no_proxy"))
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    direct = "*" if "*" in hosts else ",".join(dict.fromkeys([*hosts, *LOOPBACK]))
    environment["NO_PROXY"] = environment["no_proxy"] = direct


def _known(name: str, proxy: str) -> str:
    scheme, separated, rest = proxy.partition("://")
    if not separated:  # 'proxy.example:3128', as curl takes it
        scheme, rest = "http", proxy
    if scheme.lower() == "socks":  # what desktops write, and mean SOCKS 5 by
        scheme = "socks5"
    known = {"http", "https"} | ({"socks5", "socks5h"} if importlib.util.find_spec("socksio") else set())
    if scheme.lower() not in known or not _has_host(f"{scheme}://{rest}"):
        # The address itself may hold a password: only its kind is said.
        raise ProxyError(
            f"{name} names a proxy that cannot be used ('{scheme}://...'): give one of the kinds "
            f"{', '.join(sorted(known))}, such as http://proxy.example:3128, or unset {name}."
        )
    return f"{scheme.lower()}://{rest}"


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
