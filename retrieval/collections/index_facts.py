"""What the manifest says of a fast index: how it is searched, and how much of the exact answer it finds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict
from pydantic.dataclasses import dataclass

from retrieval.collections.fields import CLOSED, Count, Line, Sha256, Share

#: So many of the nearest photos are compared.
RECALL_AT = 10


@dataclass(frozen=True, config=CLOSED)
class IndexFacts:
    """Of the fast index beside the exact one.

    Attributes:
        kind: As FAISS's `index_factory` has it, such as 'PCA256,IVF4096,SQ8'.
        effort: How many lists, or neighbours of a graph, a search looks through.
        factor: How many times as many photos as are asked for are found by it, to be compared more exactly.
        recall: Of the 10 nearest, the share that it finds: measured against the exact index when it was made.
        queries: With how many photos of the collection.
        mark: Says that this machine made it, see `retrieval.fast_index`.
    """

    kind: Line
    effort: Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
    factor: Annotated[int, Strict(), Field(ge=1, le=1000)]
    recall: Share
    queries: Count
    mark: Sha256
