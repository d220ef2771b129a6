"""What a visitor sees at the moment: the state of a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from retrieval import SearchResult
from retrieval.collections.places import Footprint
from retrieval.query import Query

#: What a handler gives back: a component of the page -> its new value, or an update of it.
Updates = dict[Any, Any]


@dataclass(frozen=True)
class SearchState:
    """A query and its answer.

    Attributes:
        query: What was asked; it may be empty.
        result: The answer; None for an empty query.
        asked: The ground that the query shows, as far as it is known.
    """

    query: Query
    result: SearchResult | None = None
    asked: tuple[Footprint, ...] = ()
