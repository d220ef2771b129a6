"""A bar at the bottom of a phone's screen that says that the answer is further down, and leads there."""

from __future__ import annotations

import gradio as gr

from ui.components.html_component import html_component
from ui.i18n import gettext as _


def answer_bar() -> gr.HTML:
    """Made where it is called, in a `gr.Blocks`, after the grid with `elem_id="neighbours"`."""
    return html_component(
        "answer_bar", {"results": _("See the {count} photos found", count="COUNT")}, elem_id="answer-bar"
    )
