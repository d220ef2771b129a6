"""The parts of the page that show a search, put together as `page.compose` does, without a browser."""

import gradio as gr
import pytest

from ui.components import photo_grid
from ui.components.history import history_bar
from ui.components.query_image import QueryImage
from ui.panels.details import DetailsPanel
from ui.panels.filters import FiltersPanel
from ui.panels.screenshot import ScreenshotPanel
from ui.search import Search


@pytest.fixture
def page():
    """Where parts are put together."""
    return gr.Blocks()


@pytest.fixture
def search(retriever, brought, examples, page):
    """A search in the scenes, whose photos are all here."""
    with page:
        return Search(
            retriever=retriever,
            uploads=brought,
            examples=examples,
            first_collection=lambda: "scenes",
            state=gr.State(),
            query_image=QueryImage(),
            query_line=gr.Markdown(),
            screenshot=ScreenshotPanel(),
            trouble=gr.Markdown(),
            history=history_bar(),
            filters=FiltersPanel(retriever, "scenes"),
            summary=gr.HTML(),
            photo_list=gr.HTML(),
            grid=photo_grid.photo_grid(),
            answered=gr.Column(),
            details=DetailsPanel(),
            apart=["browse-grid"],
        )


@pytest.fixture
def click():
    """What the browser tells of a click."""
    return lambda **data: data
