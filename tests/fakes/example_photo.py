"""An example photo by its class."""

from pathlib import Path

from examples.catalog import example_paths


def example_path(label: str) -> Path:
    """The file of the example photo of this class."""
    return next(path for path in example_paths() if path.stem == label)
