"""A result whose every number is known."""

import pytest

from retrieval.collections.collection import Collection
from retrieval.results import Neighbour, SearchResult
from retrieval.retriever import SHIPPED_SCENES


@pytest.fixture(scope="module")
def collection():
    return Collection(SHIPPED_SCENES)


@pytest.fixture(scope="module")
def result(collection):
    """Made up, so that every number is known: three neighbours of two classes, at strange distances."""
    neighbours = [
        Neighbour(collection.entries[row].id, label, distance, collection.photo(row), row)
        for row, label, distance in (
            (30, "beach", 0.0),
            (31, "beach", 0.33333333),
            (40, "tenniscourt", 1.99999),
        )
    ]
    seconds = {"decode": 0.0102, "embed": 0.0604, "search": 0.0011}
    return SearchResult(collection, neighbours, collection.index.vector(0), seconds=seconds)
