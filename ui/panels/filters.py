"""What may be an answer: the collection, how many, which classes, how far; no near-duplicates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.query import DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS, Question, Refinement
from ui.i18n import readable, say
from ui.render import sentences

#: The network's features are never negative, so no two photos are farther apart than a right angle: sqrt(2).
FARTHEST = 1.42

#: The number field may hold nothing, or too much, while somebody types: that is no error. k comes first.
WITH_VALID_K = f"""(k, ...others) => {{
  const typed = Math.round(parseFloat(k));
  const valid = Number.isNaN(typed) ? {DEFAULT_NEIGHBOURS} : Math.min(Math.max(typed, 1), {MAX_NEIGHBOURS});
  return [valid, ...others];
}}"""


class RefinePanel:
    """The components; made where it is constructed, in a `gr.Blocks`.

    Args:
        retriever: Has the collections.
        opened: The name of the one that is open at first.
    """

    def __init__(self, retriever: Retriever, opened: str) -> None:
        self.retriever = retriever
        collections = retriever.collections.values()
        self.collection = gr.Radio(
            [(sentences.choice(each), each.name) for each in collections],
            value=opened, label=say("refine.collection"), elem_id="collection",
        )  # fmt: skip
        with gr.Accordion(say("refine.refine"), open=False, elem_id="refine"):
            with gr.Row():
                self.k = gr.Slider(
                    1, MAX_NEIGHBOURS, DEFAULT_NEIGHBOURS, step=1, label=say("refine.k"), elem_id="k",
                    min_width=220,
                )  # fmt: skip
                self.farthest = gr.Slider(
                    0, FARTHEST, FARTHEST, step=0.01, label=say("refine.farthest", most=FARTHEST),
                    elem_id="farthest", min_width=220,
                )  # fmt: skip
            self.classes = gr.Dropdown(
                self._choices(opened), value=[], multiselect=True, label=say("refine.classes"),
                elem_id="classes",
            )  # fmt: skip
            self.distinct = gr.Checkbox(label=say("refine.distinct"), elem_id="distinct")
        self.controls = [self.k, self.collection, self.classes, self.farthest, self.distinct]

    def asked(
        self, question: Question, k: float, name: str, classes: list[str], farthest: float, distinct: bool
    ) -> Question:
        """The question with what the controls say, in the order of `controls`."""
        known = self.retriever.collection(name).labels
        refinement = Refinement(
            tuple(label for label in classes or () if label in known),
            farthest if farthest < FARTHEST else None,
            bool(distinct),
        )
        return replace(question, collection=name, k=round(k), refinement=refinement)

    def show(self, question: Question) -> dict[Any, Any]:
        """Updates that make the controls say what the question does."""
        refinement, farthest = question.refinement, question.refinement.max_distance
        return {
            self.k: question.k,
            self.collection: question.collection,
            self.classes: self.offer(question),
            self.farthest: FARTHEST if farthest is None else min(farthest, FARTHEST),
            self.distinct: refinement.distinct,
        }

    def offer(self, question: Question) -> Any:  # noqa: ANN401 - an update for the field of classes
        """The classes of the question's collection to choose from, with those that it has chosen."""
        return gr.update(choices=self._choices(question.collection), value=list(question.refinement.classes))

    def _choices(self, name: str | None) -> list[tuple[str, str]]:
        return [(readable(label), label) for label in self.retriever.collection(name).labels]
