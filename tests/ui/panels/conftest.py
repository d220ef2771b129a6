"""The parts of the page that show a search, put together as `page.compose` does, without a browser."""

from types import SimpleNamespace

import gradio as gr
import pytest

from ui.components import photo_grid
from ui.components.history import history_bar
from ui.components.query_image import QueryImage
from ui.panels.filters import FiltersPanel
from ui.panels.screenshot import ScreenshotPanel
from ui.search import Search
from ui.state import Parts


@pytest.fixture
def page():
    """Where parts are put together."""
    return gr.Blocks()


@pytest.fixture
def search(retriever, brought, page):
    """A search in the scenes, whose photos are all here."""
    with page:
        parts = Parts(
            gr.State(),
            QueryImage(),
            gr.Markdown(),
            ScreenshotPanel(),
            gr.Markdown(),
            history_bar(),
            FiltersPanel(retriever, "scenes"),
            gr.Markdown(),
            photo_grid.photo_grid(),
            gr.Column(),
        )
    return Search(retriever, brought, parts, lambda: "scenes")


@pytest.fixture
def event():
    """What Gradio hands over of an event of a component."""
    return lambda **data: SimpleNamespace(_data=data)
