"""What a link shows, in words: for whoever sends it, for a preview of it, and for the browser's list."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval import SearchResult
from retrieval.collections.collection import Collection
from retrieval.errors import Message
from retrieval.plain_text import one_line
from retrieval.query import Query
from ui.i18n import class_name, label_name, ngettext
from ui.i18n import gettext as _

#: Classes that are named of several; of the others it is said how many.
MOST_NAMED = 3


def page_name() -> str:
    """What the page is called."""
    return _("Aerial Image Retrieval")


def page_words() -> str:
    """What the page is for."""
    return _(
        "Drop an aerial photo, or a screenshot of a satellite map, and see the photos of a collection that "
        "look most like it, nearest first."
    )


def document_title(heading: str) -> str:
    """The title of a page that shows something; of an empty heading, of the page itself."""
    return f"{heading} \u2013 {page_name()}" if heading else page_name()


def collection_name(collection: Collection) -> str:
    """A collection as people call it, in the language in use."""
    return one_line(_(Message(collection.title)))


def query_name(query: Query, labels: Sequence[str], title: str = "") -> str:
    """What is looked for, for somebody who did not bring it himself.

    Args:
        query: Not empty.
        labels: The classes of its stored photos; '' for one of a collection without.
        title: What a photo that is no collection's is called in a sentence; a visitor's own has none.
    """
    if (photos := len(query.stored) + len(query.uploads)) > 1:
        return _("{count} photos together", count=photos)
    if query.stored:
        name = one_line(query.stored[0].id)
        return f"{name} ({class_name(labels[0])})" if labels[0] else name
    return one_line(title) or _("a visitor's photo")


def search_heading(name: str) -> str:
    """What a search is called, by what is looked for."""
    return _("Photos like {photo}", photo=name)


def search_words(query: Query, name: str, collection: Collection, count: int) -> str:
    """What a link to a search shows.

    Args:
        query: What was asked.
        name: As `query_name` gives it.
        collection: Which was searched.
        count: How many photos were found.
    """
    place = collection_name(collection)
    if not count:
        return _(
            "No photo like {photo} is left in {collection} by these filters", photo=name, collection=place
        )
    words = ngettext(
        "The photo most like {photo} in {collection}",
        "The {count} photos most like {photo} in {collection}",
        count,
        photo=name,
        collection=place,
    )
    if query.filters.classes:
        return _("{words}, of: {classes}", words=words, classes=named_classes(query.filters.classes))
    return words


def named_classes(labels: Sequence[str]) -> str:
    """Classes in a row; of many, the first."""
    named = ", ".join(map(class_name, labels[:MOST_NAMED]))
    more = len(labels) - MOST_NAMED
    return (
        ngettext("{named} and one more", "{named} and {count} more", more, named=named) if more > 0 else named
    )


def answer_words(result: SearchResult) -> str:
    """What was found, shortly: how many of which class, where there are classes."""
    collection = collection_name(result.collection)
    total = len(result.collection.entries)
    if not result.neighbours:
        return _("No photo of {collection} is left by these filters.", collection=collection)
    if not result.votes:
        return ngettext(
            "The nearest of {total:,} photos of {collection}.",
            "The {count} nearest of {total:,} photos of {collection}.",
            len(result.neighbours),
            total=total,
            collection=collection,
        )
    votes = [f"{count} {class_name(label)}" for label, count in result.votes]
    more = len(votes) - MOST_NAMED
    found = ", ".join(votes[:MOST_NAMED])
    if more > 0:
        found = ngettext("{named} and one more class", "{named} and {count} more classes", more, named=found)
    return ngettext(
        "The nearest of {total:,} photos of {collection}: {found}.",
        "The {count} nearest of {total:,} photos of {collection}: {found}.",
        len(result.neighbours),
        total=total,
        collection=collection,
        found=found,
    )


def map_heading(title: str, layer: str) -> str:
    """What a mapped screenshot is called, in a layer."""
    return f"{title} · {layer}"


def map_words(title: str, layer: str) -> str:
    """What a link to it shows."""
    return _("{title}, mapped as a whole: {layer}", title=title, layer=layer)


def browse_heading(collection: Collection, label: str) -> str:
    """What the view of a collection, or of one class or group of it, is called."""
    name = collection_name(collection)
    return (
        _("{label} in {collection}", label=label_name(label, collection.has_classes), collection=name)
        if label
        else _("Browse {collection}", collection=name)
    )


def browse_words(collection: Collection, label: str) -> str:
    """What a link to that view shows."""
    name = collection_name(collection)
    if not label:
        total = len(collection.entries)
        return (
            _(
                "The {count:,} photos of {collection}: as a map on which near is similar, and by class",
                count=total,
                collection=name,
            )
            if collection.has_classes
            else _(
                "The {count:,} photos of {collection}: as a map on which near is similar, and in groups",
                count=total,
                collection=name,
            )
        )
    count = sum(entry.label == label for entry in collection.entries)
    if not collection.has_classes:
        return ngettext(
            "The photo of {group} in {collection}",
            "The {count} photos of {group} in {collection}, which are alike",
            count,
            group=label_name(label, collection.has_classes),
            collection=name,
        )
    return ngettext(
        "The photo of the class {label} in {collection}",
        "The {count} photos of the class {label} in {collection}",
        count,
        label=class_name(label),
        collection=name,
    )
