"""Which of Gradio's own routes are open: those that the page and the endpoints use.

Gradio has more of them: for deep links, which write a file for whoever asks; for the history of runs,
recordings, videos, other Spaces, figures, and for its development. What nobody needs need not be kept safe.
Nor is the half of the route of files by which Gradio (6.31) passes on what lies behind any web address.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.hosting.request_path import inner_path

#: Below `/gradio_api/`.
OPEN = re.compile(
    r"(queue/(join|data)|call/.+|run/.+|api/.+|upload|upload_progress|file=(?!(?i:https?:)).+|cancel|reset|"
    r"heartbeat/[^/]+|info|"
    r"openapi\.json|app_id|startup-events|login_check|user|token|theme\.css|mcp(/.*)?)/?"
)

#: Elsewhere.
CLOSED = re.compile(r"/(monitoring|login|logout)(/.*)?")

#: What Gradio's page of the API asks for whether it is there or not: it gets what says nothing, and no error.
#: The tools are answered by Gradio where they are served.
NO_FIGURES: dict[str, Any] = {"/monitoring/summary": {"functions": {}}}
NO_TOOLS: dict[str, Any] = {"/gradio_api/mcp/schema": []}


class OpenRoutes:
    """Middleware: answers 404 to what is closed.

    Args:
        app: Answers what is open.
        mcp: Whether tools for language models are served.
    """

    def __init__(self, app: ASGIApp, *, mcp: bool = False) -> None:
        self.app = app
        self.empty = NO_FIGURES if mcp else NO_FIGURES | NO_TOOLS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = inner_path(scope)
        if path in self.empty:
            await JSONResponse(self.empty[path])(scope, receive, send)
        elif not is_open(path):
            await JSONResponse({"detail": "Not Found"}, 404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def is_open(path: str) -> bool:
    """Whether a path, without a proxy's and without a language, is answered."""
    before, api, route = path.partition("/gradio_api/")
    if api and not before:
        return OPEN.fullmatch(route) is not None
    return CLOSED.fullmatch(path) is None
