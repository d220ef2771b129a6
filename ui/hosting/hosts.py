"""By which names the page may be asked for: not by another site's name that leads to this machine.

A page that listens on this machine alone can still be reached by any site in the browser of whoever runs it:
the site gives its own name a second address, 127.0.0.1 ('DNS rebinding'). The request then carries the site's
name in Host, which tells it from one of ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: Names of this machine, for itself: they lead nowhere else.
LOOPBACK = ("127.0.0.1", "localhost", "::1")

ANY = "*"


def allowed_hosts(named: Sequence[str], listens_on: str | None, *, share: bool, space: bool) -> list[str]:
    """The names that are answered to.

    Args:
        named: By whoever runs the page; '*' for any, '*.example.com' for all names within one.
        listens_on: The address, as given; None for Gradio's default, which is this machine alone.
        share: Whether Gradio's public link is open, which leads here under a name of its own.
        space: Whether this is a Hugging Face Space, where all requests come through the Hub.
    """
    if not named and (space or (listens_on or LOOPBACK[0]).strip("[]") not in LOOPBACK):
        return [ANY]  # it is meant for others, who know it by names that nobody told here
    shared = ["*.gradio.live"] if share else []
    own = [listens_on.strip("[]")] if listens_on else []
    return [*LOOPBACK, *own, *shared, *(name.lower() for name in named)]


class AllowedHosts:
    """Middleware: refuses what asks for the page by another name.

    Args:
        app: Answers the rest.
        allowed: As `allowed_hosts` gives them.
    """

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self.app, self.allowed = app, tuple(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            # Gradio writes the page's addresses with the second, where a proxy says it.
            for named in (headers.get("host", ""), headers.get("x-forwarded-host", "").split(",")[0]):
                host = host_name(named)
                if host and not self._allows(host):
                    await refusal(host)(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    def _allows(self, host: str) -> bool:
        return any(
            pattern in (ANY, host) or (pattern.startswith("*.") and host.endswith(pattern[1:]))
            for pattern in self.allowed
        )


def host_name(value: str) -> str:
    """The name in a Host header, in small letters and without the port: '[::1]:7860' -> '::1'."""
    value = value.strip().lower()
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.rpartition(":")[0] if value.count(":") == 1 else value


def refusal(host: str) -> PlainTextResponse:
    """Tells whoever runs the page what to do; a stranger learns only what he sent."""
    shown = "".join(character for character in host[:100] if character.isalnum() or character in ".-_:")
    return PlainTextResponse(
        f"This page is not served under the name '{shown}'. Whoever runs it can allow that: --allowed-host "
        f"{shown}\n",
        421,  # Misdirected Request
    )
