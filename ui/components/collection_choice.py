"""The choice of a collection, of those that there are by then: they come and go while the page is open."""

from __future__ import annotations

from typing import Any

import gradio as gr

from retrieval import Retriever


class CollectionChoice(gr.Radio):
    """The field.

    Its handlers get the name of a collection that there is, which may be one that came after the field was
    made; in place of one that is gone they get the first.

    Args:
        retriever: Has the collections.
        options: Of `gr.Radio`; the choices may be given later, with an update.
    """

    is_template = True  # the front end draws it as the Radio that it extends

    def __init__(self, retriever: Any, **options: Any) -> None:  # noqa: ANN401 - Gradio's stub has no imports
        self.retriever = retriever
        super().__init__(**options)

    def get_config(self, cls: Any = None) -> dict[str, Any]:  # noqa: ANN401 - Gradio's
        """As of a `gr.Radio`: the browser is not told of the retriever."""
        config: dict[str, Any] = super().get_config(cls or gr.Radio)
        return config

    def preprocess(self, payload: Any) -> str:  # noqa: ANN401 - whatever a browser sends
        """The name of a collection that there is."""
        names = self.retriever.collections
        return payload if isinstance(payload, str) and payload in names else str(next(iter(names)))


def collection_choice(retriever: Retriever, **options: Any) -> CollectionChoice:  # noqa: ANN401 - of gr.Radio
    """The field with what can be chosen now; made where it is called, in a `gr.Blocks`."""
    return CollectionChoice(retriever=retriever, choices=choices(retriever), **options)


def choices(retriever: Retriever) -> list[tuple[str, str]]:
    """What can be chosen, as `gr.Radio` takes it."""
    from ui.render import sentences  # here: Gradio writes a stub of this file, without what it imports

    return [(sentences.choice(each), each.name) for each in retriever.collections.values()]
