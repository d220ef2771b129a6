"""What an answer is made of: its distances, its classes, its place on the collection's map; and its files."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval.errors import Message
from ui.components.embedding_map import around, embedding_map
from ui.components.photo_grid import answer, photo_grid
from ui.i18n import gettext as _
from ui.panels.places import PlacesPanel
from ui.render.charts import distances, histogram, table_html
from ui.state import SearchState, Updates
from ui.urls import export_url

#: What an answer can be saved as, and what the link says.
DOWNLOADS = {
    "csv": Message("Download CSV"),
    "json": Message("Download JSON"),
    "png": Message("Download contact sheet (PNG)"),
}
#: Likewise where the collection says where its photos lie.
PLACED_DOWNLOADS = {
    "geojson": Message("Download GeoJSON"),
    "gpkg": Message("Download GeoPackage"),
}


class DetailsPanel:
    """The components and what they show; made where it is constructed, in a `gr.Blocks`."""

    def __init__(self) -> None:
        gr.Markdown(
            _(
                "**Or go on to another kind:** the nearest photo of each class, or group, that is not among "
                "these."
            ),
            elem_id="others-told",
        )
        self.other_classes = photo_grid(elem_id="others")
        with gr.Accordion(_("Understand the result"), open=False, elem_id="understand", elem_classes="sheet"):
            with gr.Row():
                with gr.Column(min_width=320):
                    self.distances = gr.HTML(elem_classes="chart")
                with gr.Column(min_width=320):
                    self.classes = gr.HTML(elem_classes="chart")
            gr.Markdown(
                _(
                    "**Where it lies.** The query on the map of the collection, with its neighbours "
                    "ringed; it is put between the photos that are nearest to it."
                )
            )
            self.map = embedding_map(elem_id="result-map")
        self.places = PlacesPanel()
        with gr.Accordion(_("Save and table"), open=False, elem_id="save", elem_classes="sheet"):
            self.links = gr.HTML()
            self.table = gr.HTML(elem_id="table")
        self.outputs = [
            self.other_classes, self.distances, self.classes, self.map, self.links, self.table,
            *self.places.outputs,
        ]  # fmt: skip

    def show(self, state: SearchState) -> Updates:
        """Draw what a visitor may open after the neighbours are there; the answer holds it all."""
        result, query = state.result, state.query
        if result is None or result.surroundings is None:
            return {self.links: gr.skip()}
        address = query.address()
        downloads = DOWNLOADS | (PLACED_DOWNLOADS if result.collection.places else {})
        links = "".join(
            f'<a class="download" download href="{export_url(kind, address)}">{_(label)}</a>'
            for kind, label in downloads.items()
        )
        name = (
            _("The nearest of other classes")
            if result.collection.has_classes
            else _("The nearest of other groups")
        )
        others: dict[str, Any] = answer(result, query, result.surroundings.other_classes)
        return {
            self.other_classes: others | {"name": name},
            self.distances: distances(result, result.surroundings.plotted),
            self.classes: histogram(result) if result.neighbours else "",
            self.map: around(result),
            self.links: links,
            self.table: table_html(result),
            **self.places.show(state),
        }
