"""Which of Gradio's own routes are open: those that the page and the endpoints use.

Gradio has more of them: for deep links, which write a file for whoever asks; for the history of runs,
recordings, videos, other Spaces, figures, and for its development. What nobody needs need not be kept safe.
Nor is the half of the route of files by which Gradio (6.31) passes on what lies behind any web address.
"""

from __future__ import annotations

import re

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


class OpenRoutes:
    """Middleware: answers 404 to what is closed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and not is_open(inner_path(scope)):
            await JSONResponse({"detail": "Not Found"}, 404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def is_open(path: str) -> bool:
    """Whether a path, without a proxy's and without a language, is answered."""
    before, api, route = path.partition("/gradio_api/")
    if api and not before:
        return OPEN.fullmatch(route) is not None
    return CLOSED.fullmatch(path) is None
