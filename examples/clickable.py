"""The example photos that the page offers to click: their files, and thumbnails of them."""

from __future__ import annotations

from pathlib import Path

from retrieval.images import decode
from retrieval.photos import pictures_folder, save_picture, thumbnail

EXAMPLES = Path(__file__).resolve().parent / "queries"

#: Side of what is shown of an example, in pixels: no more is sent than the page's first view needs.
SIDE = 144


def example_paths() -> list[Path]:
    """Their files, in alphabetical order; the stem is the class."""
    return sorted(EXAMPLES.glob("*.webp"))


def example_path(name: str) -> Path:
    """The file of an example. Raises FileNotFoundError where there is none of that name."""
    for path in example_paths():
        if path.stem == name:
            return path
    raise FileNotFoundError(name)


def example_thumbnail(name: str) -> Path:
    """A small picture of an example, made once. Raises FileNotFoundError where there is none."""
    path = example_path(name)
    target = pictures_folder("examples") / f"{name}-{SIDE}-{path.stat().st_mtime_ns}.webp"
    if not target.exists():
        save_picture(thumbnail(decode(path).image, SIDE), target, quality=70)
    return target
