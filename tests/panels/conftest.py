"""The parts of the page that show a search, put together as `page.compose` does, without a browser."""

from types import SimpleNamespace

import gradio as gr
import pytest

from panels import photo_grid
from panels.query_image import QueryImage
from panels.refine import RefinePanel
from panels.screenshot import ScreenshotPanel
from panels.search import Search
from panels.shown import Parts
from panels.trail import trail_bar


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
            trail_bar(),
            RefinePanel(retriever, "scenes"),
            gr.Markdown(),
            photo_grid.photo_grid(),
            gr.Column(),
        )
    return Search(retriever, brought, parts, lambda: "scenes")


@pytest.fixture
def event():
    """What Gradio hands over of an event of a component."""
    return lambda **data: SimpleNamespace(_data=data)
