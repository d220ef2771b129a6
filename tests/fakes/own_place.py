"""Where a page or a command has all that it keeps in a folder of its own, and reaches no other machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def own_place(folder: Path) -> Iterator[Path]:
    """Have what is started in the block keep its files in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AERIAL_CACHE", str(folder / "cache"))
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
        yield folder
