"""The tab 'Browse': a collection as a map, and as a grid by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.collections.collection import Collection
from ui.components import embedding_map as maps
from ui.components import photo_grid
from ui.components.collection_choice import collection_choice
from ui.components.history import PUSH, REPLACE, view_entry
from ui.events import AT_ONCE, bind
from ui.i18n import class_name, label_name
from ui.i18n import gettext as _
from ui.render import link_words, sentences
from ui.views import view_address


class BrowseTab:
    """The components and what they do; made where it is constructed, in a `gr.Tab`.

    Args:
        retriever: Has the collections.
        opened: The name of the one that is open at first.
    """

    def __init__(self, retriever: Retriever, opened: str) -> None:
        self.retriever = retriever
        collection = retriever.collection(opened)
        with gr.Row():
            self.collection = collection_choice(
                retriever, value=opened, label=_("Collection"), elem_id="browse-collection", min_width=280,
            )  # fmt: skip
            self.label = gr.Dropdown(
                _choices(collection), value="", label=_kind(collection), elem_id="browse-class",
                min_width=280,
            )  # fmt: skip
        with gr.Row():
            with gr.Column(scale=2, min_width=320):
                gr.Markdown(
                    _(
                        "Every photo is a dot, and near is similar. Point at a dot to see its photo, click it"
                        " to keep it in view and search with it; zoom with the wheel, two fingers or the "
                        "buttons."
                    )
                )
                self.map = maps.embedding_map(elem_id="browse-map")
            with gr.Column(scale=3, min_width=320):
                self.line = gr.Markdown(elem_id="browse-line")
                self.grid = photo_grid.photo_grid(elem_id="browse-grid")
        self._shown = [self.label, self.line, self.grid, self.map]

    def listen(self, history: gr.HTML) -> list[Any]:
        """Show what is chosen, each choice a step of the history. Returns what `visit` updates."""
        shown = [*self._shown, history]
        for control in (self.collection, self.label):
            bind(control.input, self.show, [self.collection, self.label], shown, **AT_ONCE)
        return [self.collection, *shown]

    def visit(self, fields: Mapping[str, str]) -> list[Any]:
        """What the tab shows at an address; of what there is not, the collection that is open at first.

        Args:
            fields: From `ui.views.view_fields`.
        """
        name = fields.get("in", self.collection.value)
        known = name in self.retriever.collections
        chosen = name if known else self.collection.value
        label = fields.get("class", "")
        updates = self.show(chosen, label, REPLACE)
        if not known:
            updates[1] = _("There is no collection of this name here.") + " " + updates[1]
        elif label and label not in self.retriever.collection(chosen).labels:
            missing = (
                _("There is no class of this name here.")
                if self.retriever.collection(chosen).has_classes
                else _("There is no group of this name here.")
            )
            updates[1] = f"{missing} {updates[1]}"
        return [gr.update(value=chosen), *updates]

    def show(self, name: str, label: str, how: str = PUSH) -> list[Any]:
        """The class's photos, or one of each class; the map; and the step of the history.

        Args:
            name: Of the collection.
            label: Of the class; empty for all.
            how: See `ui.components.history.PUSH`.
        """
        collection = self.retriever.collection(name)
        if label not in collection.labels:
            label = ""
        rows = [row for row, entry in enumerate(collection.entries) if entry.label == label]
        if label and collection.has_classes:
            line = _(
                "{count} photos of the class {label}. Click one to search with it.",
                count=len(rows),
                label=class_name(label),
            )
        elif label:
            line = _(
                "{count} photos of {label}, which are alike. Click one to search with it.",
                count=len(rows),
                label=label_name(label, collection.has_classes),
            )
        elif collection.has_classes:
            rows = collection.first_of_classes
            line = _(
                "One photo of each of {count} classes. Click one to search with it, or choose a class.",
                count=len(rows),
            )
        else:
            rows = collection.first_of_classes
            line = _(
                "Nobody labelled these photos. They are in {count} groups of photos that are alike: here is "
                "one of each. Click one to search with it, or choose a group.",
                count=len(rows),
            )
        return [
            gr.update(choices=_choices(collection), value=label, label=_kind(collection)),
            sentences.plain(line),
            photo_grid.photos(collection, rows, line),
            maps.whole(collection),
            view_entry(
                "browse",
                view_address("browse", {"in": name, "class": label}),
                link_words.browse_heading(collection, label),
                link_words.browse_words(collection, label),
                how,
            ),
        ]


def _choices(collection: Collection) -> list[tuple[str, str]]:
    first = _("one photo of each class") if collection.has_classes else _("one photo of each group")
    names = [(label_name(label, collection.has_classes), label) for label in collection.labels]
    return [(first, ""), *names]


def _kind(collection: Collection) -> str:
    return _("Class") if collection.has_classes else _("Group")
