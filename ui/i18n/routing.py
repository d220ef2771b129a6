"""The language of a request: `/ro` is the page in Romanian, and `/ro/...` all that the page asks for.

The page in another language is the same application under a path of its own, as behind a proxy that serves it
there. So Gradio's script asks for everything under that path, and each request says its language by itself.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.i18n import DEFAULT, LANGUAGES, use_language


def language_of(request: Any) -> str:  # noqa: ANN401 - gr.Request, which wraps a request of Starlette
    """The code of the language of the page that an event came from; English for all else.

    Where GRADIO_ROOT_PATH is set, Gradio sends the events of every page to that path alone. There the page is
    known by the address that browsers send along.
    """
    scope = getattr(getattr(request, "request", None), "scope", {})
    code: str = scope.get("state", {}).get("language", DEFAULT)
    if code == DEFAULT and scope.get("root_path"):
        named = PurePosixPath(urlsplit(Headers(scope=scope).get("referer", "")).path).name
        code = named if named in LANGUAGES else DEFAULT
    return code


class LanguageByPath:
    """Middleware: takes a language off the path, and has the rest answered in that language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        root = scope.get("root_path", "")
        before, _, inside = scope["path"].removeprefix(root).partition("/")
        code, slash, rest = inside.partition("/")
        if before or code not in LANGUAGES or code == DEFAULT:
            await self.app(scope, receive, send)
            return
        if slash and not rest:  # the page's own addresses are relative to /ro, not to /ro/
            query = scope.get("query_string", b"").decode("latin-1")
            await RedirectResponse(f"../{code}?{query}".rstrip("?"), 301)(scope, receive, send)
            return
        inner = {
            "root_path": f"{root}/{code}",
            "path": f"{root}/{code}/{rest}",
            "state": {**scope.get("state", {}), "language": code},
        }
        with use_language(code):
            await self.app({**scope, **inner}, receive, send)
