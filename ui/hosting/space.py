"""A Hugging Face Space: the Hub's proxies stand before the page, and say who asks."""

from __future__ import annotations

from collections.abc import MutableMapping

#: Networks that no visitor comes from, and in which a Space's proxies are; which of them, nothing says.
PRIVATE = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,::1,fc00::/7"


def trust_proxies(environment: MutableMapping[str, str]) -> None:
    """Have uvicorn believe what a Space's proxies say of visitors' addresses, if it is told nothing else.

    Otherwise all visitors of a Space would be one, with one share of every limit (`ui.limits.visitors`).
    What a visitor himself puts into the header stands before what the proxies add, and is not believed.
    """
    if "SPACE_ID" in environment:
        environment.setdefault("FORWARDED_ALLOW_IPS", PRIVATE)
