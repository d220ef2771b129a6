"""What a link is shown as where it is sent: title, words and picture, for each address of the page.

A photo of a collection is looked up; nothing is embedded, and a visitor's photo is neither looked up nor
shown. An address that leads nowhere, or to an example that is not made yet, gets what the page itself is
shown as.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from examples.map_views import map_views
from retrieval import Retriever
from retrieval.query import FIELDS, MAX_ADDRESS, MAX_FIELDS, Query
from retrieval.vector_store import StoreError
from ui.i18n import gettext as _
from ui.render import link_words as words
from ui.render import sentences
from ui.uploads import UploadStore
from ui.urls import has_preview, preview_url
from ui.views import VIEWS, view_address, view_fields
from ui.whole_maps import LAYER_NAMES, read_address


@dataclass(frozen=True)
class LinkCard:
    """What a link is shown as. All of it is plain text, which may hold names that strangers gave.

    Attributes:
        title: Of the document.
        description: A sentence or two.
        address: The query string of what is shown, in its shortest form.
        picture: Where its picture is fetched from, relative to the page.
        lasts: Whether the link leads there for good; a visitor's photo is gone within two hours.
    """

    title: str
    description: str
    address: str
    picture: str
    lasts: bool = True


class LinkCards:
    """Makes them, in the language in use.

    Args:
        retriever: Answers queries.
        uploads: Keeps the photos of visitors.
        first_collection: Says which collection is open at first.
    """

    def __init__(
        self, retriever: Retriever, uploads: UploadStore, first_collection: Callable[[], str]
    ) -> None:
        self.retriever, self.uploads, self.first_collection = retriever, uploads, first_collection

    def of_page(self) -> LinkCard:
        """What the page itself is shown as."""
        return LinkCard(words.document_title(""), words.page_words(), "", preview_url(""))

    def of(self, address: str) -> LinkCard:
        """What an address is shown as.

        Args:
            address: The query string of a request, whatever it holds.
        """
        if not 0 < len(address) <= MAX_ADDRESS:
            return self.of_page()
        try:
            if fields := view_fields(address):
                return self._of_view(fields)
            if parse_qs(address, max_num_fields=MAX_FIELDS).keys().isdisjoint(FIELDS):
                return self.of_page()
            return self._of_search(Query.parse(address, self.first_collection()))
        except (ValueError, StoreError):  # a QueryError is one
            return self.of_page()

    def _of_search(self, query: Query) -> LinkCard:
        if query.is_empty:
            return self.of_page()
        collection = self.retriever.searched(query)
        places = [self.retriever.resolve(photo) for photo in query.stored]
        labels = [photos.label_of(row) for photos, row in places]
        address = query.address()
        kept = self.uploads.peek(query.uploads[0]) if query.uploads and has_preview(query) else None
        title = _(kept.named) if kept and kept.named else ""
        name = words.query_name(query, labels, title)
        first = labels[0] if labels else ""
        called = sentences.history_title(query, first, title or _("a visitor's photo"))
        if not has_preview(query):
            return LinkCard(
                words.document_title(words.search_heading(called)),
                words.search_words(query, name, collection, query.k)
                + ". "
                + _("The link works for two hours at most."),
                address,
                preview_url(""),
                lasts=False,
            )
        result = self.retriever.answer(query, self.uploads.vectors(query.uploads, made=True))
        here = bool(result.neighbours) and all(each.photo for each in result.neighbours)
        return LinkCard(
            words.document_title(words.search_heading(called)),
            words.answer_words(result),
            address,
            preview_url(address if here else ""),  # blurred previews are no picture to send
        )

    def _of_map(self, fields: Mapping[str, str]) -> LinkCard | None:
        """Of a map that an address names; None where it names none. A visitor's is not looked for."""
        address = read_address(fields, self.retriever.collections)
        shown, layer = address.shown, _(LAYER_NAMES[address.layer])
        view = map_views().get(shown.name) if shown and shown.is_example else None
        if shown is None or (shown.is_example and view is None):
            return None
        title = _(view.title) if view else _("A visitor's screenshot")
        named, told = view_address("map", address.fields), words.map_words(title, layer) + "."
        return LinkCard(
            words.document_title(words.map_heading(title, layer)),
            told if view else told + " " + _("The link works for two hours at most."),
            named,
            preview_url(named if view else ""),
            lasts=view is not None,
        )

    def _of_view(self, fields: Mapping[str, str]) -> LinkCard:
        view = next(view for view in VIEWS if view.name == fields["view"])
        if view.name == "map" and (card := self._of_map(fields)):
            return card
        if view.name != "browse":
            rest = {name: value for name, value in fields.items() if name != "view"}
            return LinkCard(
                words.document_title(_(view.title)),
                _(view.words) + ".",
                view_address(view.name, rest),
                preview_url(""),
            )
        collections = self.retriever.collections
        collection = collections.get(fields.get("in", "")) or collections[self.first_collection()]
        label = fields["class"] if fields.get("class") in collection.labels else ""
        return LinkCard(
            words.document_title(words.browse_heading(collection, label)),
            words.browse_words(collection, label) + ".",
            view_address("browse", {"in": collection.name, "class": label}),
            preview_url(""),
        )
