"""What may be an answer: the collection, how many, which classes, how far; no near-duplicates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.query import DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS, Filters, Query
from ui.components.area_token import area_token
from ui.components.collection_choice import collection_choice
from ui.i18n import class_name
from ui.i18n import gettext as _

#: The network's features are never negative, so no two photos are farther apart than a right angle: sqrt(2).
MAX_DISTANCE = 1.42

#: The number field may hold nothing, or too much, while somebody types: that is no error. k comes first.
WITH_VALID_K = f"""(k, ...others) => {{
  const typed = Math.round(parseFloat(k));
  const valid = Number.isNaN(typed) ? {DEFAULT_NEIGHBOURS} : Math.min(Math.max(typed, 1), {MAX_NEIGHBOURS});
  return [valid, ...others];
}}"""


class FiltersPanel:
    """The components; made where it is constructed, in a `gr.Blocks`.

    Args:
        retriever: Has the collections.
        opened: The name of the one that is open at first.
    """

    def __init__(self, retriever: Retriever, opened: str) -> None:
        self.retriever = retriever
        self.collection = collection_choice(
            retriever, value=opened, label=_("Search in"), elem_id="collection", show_label=False,
            container=False, min_width=120,
        )  # fmt: skip
        with gr.Accordion(_("Refine"), open=False, elem_id="refine", elem_classes="sheet"):
            with gr.Row():
                self.k = gr.Slider(
                    1, MAX_NEIGHBOURS, DEFAULT_NEIGHBOURS, step=1, label=_("Neighbours"), elem_id="k",
                    min_width=220,
                )  # fmt: skip
                self.max_distance = gr.Slider(
                    0, MAX_DISTANCE, MAX_DISTANCE, step=0.01, elem_id="farthest", min_width=220,
                    label=_("Largest distance ({most}, the most there is: no limit)", most=MAX_DISTANCE),
                )  # fmt: skip
            self.classes = gr.Dropdown(
                self._choices(opened), value=[], multiselect=True, label=_("Only these classes (none: all)"),
                elem_id="classes", visible=bool(self._choices(opened)),
            )  # fmt: skip
            self.deduplicate = gr.Checkbox(label=_("Hide near-duplicates"), elem_id="distinct")
        self.area = area_token()
        self.controls = [self.k, self.collection, self.classes, self.max_distance, self.deduplicate]

    def apply(
        self, query: Query, k: float, name: str, classes: list[str], max_distance: float, deduplicate: bool
    ) -> Query:
        """The query with what the controls say, in the order of `controls`."""
        known = self.retriever.collection(name).classes
        filters = Filters(
            tuple(label for label in classes or () if label in known),
            max_distance if max_distance < MAX_DISTANCE else None,
            bool(deduplicate),
            query.filters.area if name == query.collection else None,
        )
        return replace(query, collection=name, k=round(k), filters=filters)

    def show(self, query: Query) -> dict[Any, Any]:
        """Updates that make the controls say what the query does."""
        filters, max_distance = query.filters, query.filters.max_distance
        return {
            self.k: query.k,
            self.collection: query.collection,
            self.classes: self.offer(query),
            self.max_distance: MAX_DISTANCE if max_distance is None else min(max_distance, MAX_DISTANCE),
            self.deduplicate: filters.deduplicate,
        }

    def offer(self, query: Query) -> Any:  # noqa: ANN401 - an update for the field of classes
        """The classes of the query's collection to choose from, with those that it has chosen."""
        choices = self._choices(query.collection)
        return gr.update(choices=choices, value=list(query.filters.classes), visible=bool(choices))

    def _choices(self, name: str | None) -> list[tuple[str, str]]:
        return [(class_name(label), label) for label in self.retriever.collection(name).classes]
