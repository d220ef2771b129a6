"""What a result is made of: its distances, its classes, its place on the collection's map; and its files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.query import QuestionError
from ui.components import embedding_map as maps
from ui.components.photo_grid import answer, photo_grid
from ui.i18n import say
from ui.render.charts import RETRIEVALS, distances, histogram, table_html
from ui.routes import FILES, export_url
from ui.state import Found
from ui.uploads import BroughtPhotos


class UnderstandPanel:
    """The components and what they show; made where it is constructed, in a `gr.Blocks`.

    Args:
        retriever: Looks up more neighbours than the page shows.
        brought: Has the photos of visitors.
    """

    def __init__(self, retriever: Retriever, brought: BroughtPhotos) -> None:
        self.retriever, self.brought = retriever, brought
        gr.Markdown(say("others.title"))
        self.others = photo_grid(elem_id="others")
        with gr.Accordion(say("understand.title"), open=False, elem_id="understand"):
            with gr.Row():
                with gr.Column(min_width=320):
                    self.distances = gr.HTML(elem_classes="chart")
                with gr.Column(min_width=320):
                    self.classes = gr.HTML(elem_classes="chart")
            gr.Markdown(say("understand.map"))
            self.atlas = maps.atlas(elem_id="result-map")
        with gr.Accordion(say("save.title"), open=False, elem_id="save"):
            self.links = gr.HTML()
            self.table = gr.HTML(elem_id="table")
        self.outputs = [self.others, self.distances, self.classes, self.atlas, self.links, self.table]

    def show(self, found: Found | None) -> list[Any]:
        """Draw what a visitor may open after the neighbours are there."""
        if found is None or found.result is None:
            return [gr.skip()] * len(self.outputs)
        result, question = found.result, found.question
        shown = len(result.neighbours)
        vectors = self.brought.vectors(question.brought)
        try:
            more = self.retriever.ask(replace(question, k=max(question.k, RETRIEVALS)), vectors)
        except QuestionError:  # the photo went in this moment
            return [gr.skip()] * len(self.outputs)
        address = question.address()
        links = "".join(
            f'<a class="download" download href="{export_url(kind, address)}">{say(f"save.{kind}")}</a>'
            for kind in FILES
        )
        others = answer(self.retriever.other_kinds(result, question)) | {"name": say("others.name")}
        return [
            others,
            distances(more, shown),
            histogram(result) if shown else "",
            maps.around(result),
            links,
            table_html(result),
        ]
