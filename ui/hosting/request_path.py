"""What a request asks for, wherever a proxy serves the page."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import Scope


def inner_path(scope: Scope) -> str:
    """The path without what a proxy serves us under, as Starlette's router reads it; it may name a language.

    `ui.i18n.routing.LanguageByPath` makes the language a part of what is left out here, for what is inside
    of it.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) or "/" if path == root or path.startswith(f"{root}/") else path


#: A name, or an address in numbers, and perhaps a port; whatever else a Host header holds is no address.
_HOST = re.compile(r"([A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


def public_root(scope: Scope) -> str:
    """Where visitors find the page, such as 'https://example.org/aerial': no slash at the end, no language.

    As Gradio does it, for the addresses in the page: by what proxies say. `ui.hosting.hosts` refuses names
    that are not ours before.
    """
    root: str = scope.get("root_path", "").rstrip("/")
    code = scope.get("state", {}).get("language", "")
    root = root.removesuffix(f"/{code}") if code else root
    if root.startswith(("http://", "https://")):
        return root
    headers = Headers(scope=scope)
    named = (headers.get("x-forwarded-host", "").split(",")[0].strip(), headers.get("host", ""))
    host = next((name for name in named if _HOST.fullmatch(name)), None)
    if host is None:
        name, port = scope.get("server") or ("localhost", None)
        host = f"{name}:{port}" if port else name
    secure = "https" in (headers.get("x-forwarded-proto", "").split(",")[0].strip(), scope.get("scheme"))
    return f"{'https' if secure else 'http'}://{host}{quote(root)}"
