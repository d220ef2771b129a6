"""Where on Earth that lies which is looked for."""

from __future__ import annotations

from retrieval import Retriever
from retrieval.collections.places import Footprint
from retrieval.query import Query
from ui.uploads import UploadStore


def query_places(retriever: Retriever, uploads: UploadStore, query: Query) -> tuple[Footprint, ...]:
    """The ground that each photo of a query shows, of those whose place is known."""
    found = [upload.footprint for name in query.uploads if (upload := uploads.peek(name))]
    for photo in query.stored:
        collection, row = retriever.resolve(photo)
        found.append(collection.places[row].footprint if collection.places else None)
    return tuple(filter(None, found))
