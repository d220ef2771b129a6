"""Large files that take no room on the disk."""

from __future__ import annotations

from pathlib import Path


def write_sparse(path: Path, beginning: bytes, size: int) -> Path:
    """Write a file that begins so and has so many bytes, all others of them 0."""
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(size)
    return path
