"""What a request asks for, wherever a proxy serves the page."""

from __future__ import annotations

from starlette.types import Scope


def inner_path(scope: Scope) -> str:
    """The path without what a proxy serves us under, as Starlette's router reads it; it may name a language.

    `ui.i18n.routing.LanguageByPath` makes the language a part of what is left out here, for what is inside
    of it.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) or "/" if path == root or path.startswith(f"{root}/") else path
