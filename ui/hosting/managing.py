"""Where folders may be managed on the page (`--manage`): where nobody but who runs it can reach it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.hosting.hosts import LOOPBACK

_ALONE = "--manage lets folders of this computer be read, so the page has to be for this computer alone: "


def why_not_managed(options: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """Why folders cannot be managed, as a sentence; None where they can.

    Args:
        options: Of `app.py`.
        environment: Of the process.
    """
    host = options["host"] or environment.get("GRADIO_SERVER_NAME") or LOOPBACK[0]
    named = [origin for origin in options["frame_ancestor"] or () if origin != "none"]
    if "SPACE_ID" in environment:
        return f"{_ALONE}a Space is public."
    if host.strip("[]") not in LOOPBACK:
        return f"{_ALONE}leave out --host {host} (or unset GRADIO_SERVER_NAME), or --manage."
    if options["share"]:
        return f"{_ALONE}leave out --share, or --manage."
    if options["root_path"] or environment.get("GRADIO_ROOT_PATH"):
        return f"{_ALONE}leave out --root-path (or unset GRADIO_ROOT_PATH), or --manage."
    if options["allowed_host"]:
        return f"{_ALONE}leave out --allowed-host, or --manage."
    if named:
        return f"{_ALONE}leave out --frame-ancestor, or --manage."
    return None
