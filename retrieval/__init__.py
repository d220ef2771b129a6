"""A photo -> its neighbours. `Retriever` is the way in; importing this costs no torch and no download."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval.collections.artifacts import ArtifactError
    from retrieval.images import ImageError
    from retrieval.results import Neighbour, SearchResult
    from retrieval.retriever import Retriever

__all__ = ["ArtifactError", "ImageError", "Neighbour", "Retriever", "SearchResult"]

#: Where each is. Imported when it is asked for, so that a process that only decodes images loads no FAISS.
_MODULES = {
    "ArtifactError": "retrieval.collections.artifacts",
    "ImageError": "retrieval.images",
    "Neighbour": "retrieval.results",
    "Retriever": "retrieval.retriever",
    "SearchResult": "retrieval.results",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever it is
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
