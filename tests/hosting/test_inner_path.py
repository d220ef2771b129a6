"""The path that middleware looks at is the one that Starlette's router goes by."""

import pytest
from starlette._utils import get_route_path

from ui.hosting.drain import inner_path


@pytest.mark.parametrize(
    ("path", "root", "inner"),
    [
        ("/metrics", "", "/metrics"),
        ("/metrics", "/aerial", "/metrics"),
        ("/aerial/metrics", "/aerial", "/metrics"),
        ("/aerialmetrics", "/aerial", "/aerialmetrics"),
        ("/aerial/aerial/metrics", "/aerial", "/aerial/metrics"),
        ("/aerial//metrics", "/aerial", "//metrics"),
        ("/aerial", "/aerial", "/"),
        ("/aerial/ro/photos/a", "/aerial/ro", "/photos/a"),
        ("/aerial/gradio_api/file=/aerial/a", "/aerial", "/gradio_api/file=/aerial/a"),
        ("/", "", "/"),
    ],
)
def test_a_root_is_taken_off_once_and_only_whole(path, root, inner):
    scope = {"type": "http", "path": path, "root_path": root}
    assert inner_path(scope) == inner == (get_route_path(scope) or "/")
