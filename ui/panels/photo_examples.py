"""The row of examples between the tabs and the search, which is filled when the page is opened."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.components.example_strip import example_strip, strip_of
from ui.events import AT_ONCE, bind, bind_clicks
from ui.example_uploads import ExampleUploads


class ExampleStrip:
    """The component; made where it is constructed, in a `gr.Blocks`.

    Args:
        examples: What there is.
    """

    def __init__(self, examples: ExampleUploads) -> None:
        self.examples = examples
        self.strip = example_strip()

    def listen(self, page: gr.Blocks) -> None:
        """Show those of the day on which the page is opened."""
        bind(page.load, self.show, None, self.strip, **AT_ONCE)

    def came(self, clicks: gr.JSON) -> Any:  # noqa: ANN401 - Gradio's
        """Show anew when photos came that were on their way; returns what comes after that."""
        events = [(self.strip, "came")]
        return bind_clicks(events, lambda _click: self.show(), [clicks], self.strip, **AT_ONCE).then

    def show(self) -> dict[str, Any]:
        """What there is now: photos may have come since the page was built."""
        return strip_of(self.examples)
