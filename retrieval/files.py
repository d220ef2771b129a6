"""Files that are there whole or not at all: written under a temporary name, and renamed when complete."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """A path to write to, which takes its real name only when the block ends without an error.

    Args:
        target: The final name; a file of that name is replaced. Its folder is made if there is none.

    Yields:
        A path beside it, that nobody else writes to, with the suffix '.partial'.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.partial")
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
