"""Where on Earth the photos of an answer lie; there is nothing of it where the collection does not say."""

from __future__ import annotations

import gradio as gr

from ui.components.place_map import around, place_map
from ui.i18n import gettext as _
from ui.state import SearchState, Updates

#: It is put away by its class: Gradio 6.31 does not show what becomes visible with the part that it is in.
PLACED, NOWHERE = ["sheet"], ["sheet", "nowhere"]


class PlacesPanel:
    """The components and what they show; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        self.group = gr.Accordion(_("Where on Earth"), open=False, elem_id="where", elem_classes=NOWHERE)
        with self.group:
            self.map = place_map(elem_id="place-map")
        self.outputs = [self.group, self.map]

    def show(self, state: SearchState) -> Updates:
        """Show the places of an answer."""
        value = around(state.result, state.asked, state.query.filters.area) if state.result else {}
        return {self.group: gr.update(elem_classes=PLACED if value else NOWHERE), self.map: value}
