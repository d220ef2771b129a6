"""A photo -> its neighbours. `Retriever` is the way in; importing this costs no torch and no download."""

from retrieval.collections.artifacts import ArtifactError
from retrieval.images import ImageError
from retrieval.results import Neighbour, SearchResult
from retrieval.retriever import Retriever

__all__ = ["ArtifactError", "ImageError", "Neighbour", "Retriever", "SearchResult"]
