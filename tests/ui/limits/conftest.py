"""A small page with the bounds of the real one."""

import pytest

from tests.fakes import bounded_page


@pytest.fixture
def work():
    return bounded_page.Work()


@pytest.fixture
def served(work, tmp_path, monkeypatch):
    """The page, its queue, and a client of it."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    with bounded_page.serve(work) as page:
        yield page
