"""Weights and images -> an evaluation: embed each part once, then compute the metrics of each protocol."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from retrieval.collections.artifacts import file_sha256
from retrieval.embedder import Embedder
from retrieval.preprocessing import Preprocessing
from train.data.dataset import LabeledImages
from train.data.orientations import ORIENTATIONS, orient
from train.data.ucmerced import DataError
from train.evaluate.metrics import Embeddings, compute_metrics, expand_queries, l2_normalize
from train.provenance import preprocessing

#: 'QUERIES-GALLERY', each a part of the data; 'shift' is another data set with the same classes.
PROTOCOLS = ("validation-train", "test-train", "test-test", "shift-train")


@dataclass(frozen=True)
class PartEmbeddings:
    """The embeddings of the parts of a data set.

    Attributes:
        weights: SHA-256 of the file of weights.
        size: Side of the square that the network saw, in pixels.
        views: Orientations of each image whose embeddings were averaged.
        by_part: Part -> (n, 2048) float32, unit length.
    """

    weights: str
    size: int
    views: int
    by_part: Mapping[str, Embeddings]


class _OrientedImages(Sequence[Image.Image]):
    """The first `views` orientations of each image, image after image; reads each file once."""

    def __init__(self, images: Sequence[Image.Image], views: int) -> None:
        self._length = len(images) * views
        self._views = views
        self._open = functools.lru_cache(maxsize=1)(images.__getitem__)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - int -> image; slices are never used
        row, view = divmod(index, self._views)
        return orient(self._open(row), view)


def embed(embedder: Embedder, images: Sequence[Image.Image], views: int = 1, name: str = "") -> Embeddings:
    """Embed images with a progress bar.

    Args:
        embedder: The network and its preprocessing.
        images: Read when indexed.
        views: 1, or 8 to average the embeddings of the 8 rotations and flips of each image.
        name: What is embedded, for the progress bar.

    Returns:
        (n, 2048) float32, unit length.
    """
    with tqdm(total=len(images) * views, desc=f"embed {name}".strip(), unit="image") as bar:
        vectors = embedder.embed(_OrientedImages(images, views), bar.update)
    if views == 1:
        return vectors
    return l2_normalize(vectors.reshape(-1, views, vectors.shape[1]).mean(axis=1))


def evaluate(
    weights: Path,
    parts: Mapping[str, LabeledImages],
    *,
    protocols: Collection[str] = PROTOCOLS,
    views: int = 1,
    expansion: int = 0,
    size: int | None = None,
    device: str | None = None,
) -> dict[str, Any]:
    """Compute how well weights retrieve.

    Args:
        weights: A safetensors file, see `retrieval.embedder.Embedder`.
        parts: Part ('train', 'validation', 'test' or 'shift') -> its images.
        protocols: Which of `PROTOCOLS`; those without their parts are left out, see `possible_protocols`.
        views: See `embed`; of queries and gallery.
        expansion: How many neighbours are added to each query, see `train.evaluate.metrics.expand_queries`.
        size: Side of the square that the network sees, in pixels; by default that of the weights' training.
        device: See `retrieval.embedder.Embedder`.

    Returns:
        'weights' (SHA-256), 'size', 'views', 'expansion', and 'protocols': name -> what
        `train.evaluate.metrics.compute_metrics` returns.

    Raises:
        DataError: If an image cannot be read, or queries have a class that the gallery lacks.
        retrieval.ArtifactError: If the weights do not fit.
        ValueError: If the number of views is neither 1 nor 8.
    """
    embeddings = embed_parts(weights, parts, protocols=protocols, views=views, size=size, device=device)
    return evaluate_embeddings(embeddings, parts, protocols=protocols, expansion=expansion)


def embed_parts(
    weights: Path,
    parts: Mapping[str, LabeledImages],
    *,
    protocols: Collection[str] = PROTOCOLS,
    views: int = 1,
    size: int | None = None,
    device: str | None = None,
) -> PartEmbeddings:
    """The first half of `evaluate`, which takes minutes; see there for arguments and errors."""
    if views not in (1, len(ORIENTATIONS)):
        raise ValueError(f"An image has 1 view or {len(ORIENTATIONS)}, not {views}.")
    chosen = [protocol for protocol in possible_protocols(parts) if protocol in protocols]
    for protocol in chosen:
        _check_classes(protocol, parts)
    preparation = Preprocessing(size) if size else preprocessing(weights)
    embedder = Embedder(weights, preparation, device)
    needed = dict.fromkeys(part for protocol in chosen for part in protocol.split("-"))
    by_part = {part: embed(embedder, parts[part].images, views, part) for part in needed}
    return PartEmbeddings(file_sha256(weights), preparation.size, views, by_part)


def evaluate_embeddings(
    embeddings: PartEmbeddings,
    parts: Mapping[str, LabeledImages],
    *,
    protocols: Collection[str] = PROTOCOLS,
    expansion: int = 0,
) -> dict[str, Any]:
    """The second half of `evaluate`, which takes seconds; see there for arguments and returns."""
    results = {}
    for protocol in [protocol for protocol in possible_protocols(parts) if protocol in protocols]:
        query_part, gallery_part = protocol.split("-")
        exclude_self = query_part == gallery_part
        queries, gallery = embeddings.by_part[query_part], embeddings.by_part[gallery_part]
        results[protocol] = compute_metrics(
            expand_queries(queries, gallery, expansion, exclude_self=exclude_self),
            parts[query_part].labels,
            gallery,
            parts[gallery_part].labels,
            exclude_self=exclude_self,
        )
    return {
        "weights": embeddings.weights,
        "size": embeddings.size,
        "views": embeddings.views,
        "expansion": expansion,
        "protocols": results,
    }


def possible_protocols(parts: Mapping[str, LabeledImages]) -> list[str]:
    """The protocols that the parts allow; a part against itself needs two images of each of its classes."""
    return [
        protocol
        for protocol in PROTOCOLS
        for queries, gallery in [protocol.split("-")]
        if {queries, gallery} <= parts.keys()
        and (queries != gallery or min(Counter(parts[queries].labels).values()) > 1)
    ]


def _check_classes(protocol: str, parts: Mapping[str, LabeledImages]) -> None:
    """Raise DataError if the gallery lacks a class of the queries: before the minutes of embedding."""
    queries, gallery = protocol.split("-")
    unknown = sorted(set(parts[queries].labels) - set(parts[gallery].labels))
    if unknown:
        raise DataError(
            f"The {queries} images have the class '{unknown[0]}', which the {gallery} images lack "
            f"({len(unknown)} such classes): name its folder as the {gallery} images do, or leave it out."
        )
