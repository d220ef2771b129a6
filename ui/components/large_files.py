"""Files larger than any that is read: the browser does not send them, and asks what to say of them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from retrieval.errors import Message
from retrieval.image_files import BEGINNING, LARGE, MAX_BYTES, RASTERS, too_large
from retrieval.plain_text import one_line
from retrieval.query import MAX_PHOTOS
from retrieval.raster_file import MAX_RASTER_BYTES

#: The largest number that browsers hold exactly.
_MOST_BYTES = 2**53 - 1


def limits() -> dict[str, Any]:
    """What `page.js` knows of it: bytes of a file, and how those begin that may have more."""
    large = [begins.pattern.decode("ascii") for begins, driver in RASTERS.items() if driver in LARGE]
    return {
        "image": MAX_BYTES,
        "raster": MAX_RASTER_BYTES,
        "beginning": BEGINNING,
        "rasters": f"^(?:{'|'.join(large)})",
    }


def left_out(click: Any) -> list[tuple[str, Message]]:  # noqa: ANN401 - whatever a browser sends
    """The names of the files that were not sent, each with what would have been said of it."""
    match click:
        case {"files": list(files)}:
            return [told for each in files[:MAX_PHOTOS] if (told := _told(each))]
    return []


def for_map(click: Any) -> bool:  # noqa: ANN401 - whatever a browser sends
    """Whether they were brought to be mapped, not searched."""
    return isinstance(click, dict) and click.get("mapping") is True


def _told(file: Any) -> tuple[str, Message] | None:  # noqa: ANN401
    match file:
        case {"name": str(name), "size": int(size), "raster": bool(raster)} if 0 < size <= _MOST_BYTES:
            known = PurePath(one_line(name)).name or "?"
            most = MAX_RASTER_BYTES if raster else MAX_BYTES
            return known, too_large(size, most, Message("The file {name}", name=known)).message
    return None
