"""Weights and photos -> an evaluation: each part is embedded once, then each protocol is measured."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from retrieval.collections.artifacts import file_sha256
from retrieval.embedder import Embedder, Preprocessing
from train.data.dataset import LabeledImages
from train.data.orientations import ORIENTATIONS, orient
from train.data.ucmerced import DataError
from train.evaluate.metrics import Vectors, expand, measure, unit
from train.provenance import preprocessing

#: 'QUERIES-GALLERY', each a part of the data; 'shift' is another data set with the same classes.
PROTOCOLS = ("validation-train", "test-train", "test-test", "shift-train")

#: How many of the pairs of classes that are confused most the table shows.
PAIRS_SHOWN = 10


@dataclass(frozen=True)
class Embedded:
    """The vectors of the parts of a data set.

    Attributes:
        weights: SHA-256 of the file that made them.
        size: Side of the square that the network saw.
        views: Orientations of each image whose vectors were averaged.
        vectors: Part -> (n, 2048) float32, unit length.
    """

    weights: str
    size: int
    views: int
    vectors: Mapping[str, Vectors]


class _Views(Sequence[Image.Image]):
    """The first `views` orientations of each image, image after image; each is read from its file once."""

    def __init__(self, images: Sequence[Image.Image], views: int) -> None:
        self._length = len(images) * views
        self._views = views
        self._open = functools.lru_cache(maxsize=1)(images.__getitem__)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, number: Any) -> Any:  # noqa: ANN401 - int -> image; slices are never asked for
        row, view = divmod(number, self._views)
        return orient(self._open(row), view)


def embed(embedder: Embedder, images: Sequence[Image.Image], views: int = 1, name: str = "") -> Vectors:
    """Embed images with a progress bar.

    Args:
        embedder: The network and its preprocessing.
        images: Read when indexed.
        views: 1, or 8 to average the vectors of the 8 rotations and flips of each image.
        name: What the progress bar says.

    Returns:
        (n, 2048) float32, unit length.
    """
    with tqdm(total=len(images) * views, desc=f"embed {name}".strip(), unit="image") as bar:
        vectors = embedder.embed(_Views(images, views), bar.update)
    return vectors if views == 1 else unit(vectors.reshape(-1, views, vectors.shape[1]).mean(axis=1))


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
    """Measure how well weights retrieve.

    Args:
        weights: A safetensors file, see `retrieval.embedder.Embedder`.
        parts: The photos of 'train', 'validation', 'test' and 'shift', or of some of them.
        protocols: Which of `PROTOCOLS`; those that the parts do not allow are left out, see `possible`.
        views: See `embed`; holds for queries and gallery.
        expansion: How many neighbours are added to each query, see `train.evaluate.metrics.expand`.
        size: Side of the square that the network sees; by default that of the run that made the weights.
        device: See `retrieval.embedder.Embedder`.

    Returns:
        'weights' (SHA-256), 'size', 'views', 'expansion', and 'protocols': name -> what
        `train.evaluate.metrics.measure` returns.

    Raises:
        DataError: If an image cannot be read, or queries have a class that the gallery lacks.
        retrieval.ArtifactError: If the weights do not fit.
        ValueError: If the number of views is neither 1 nor 8.
    """
    embedded = embed_parts(weights, parts, protocols=protocols, views=views, size=size, device=device)
    return measure_parts(embedded, parts, protocols=protocols, expansion=expansion)


def embed_parts(
    weights: Path,
    parts: Mapping[str, LabeledImages],
    *,
    protocols: Collection[str] = PROTOCOLS,
    views: int = 1,
    size: int | None = None,
    device: str | None = None,
) -> Embedded:
    """The first half of `evaluate`, which takes minutes; arguments and errors are those."""
    if views not in (1, len(ORIENTATIONS)):
        raise ValueError(f"An image has 1 view or {len(ORIENTATIONS)}, not {views}.")
    asked = [protocol for protocol in possible(parts) if protocol in protocols]
    for protocol in asked:
        _check_classes(protocol, parts)
    prepared = Preprocessing(size) if size else preprocessing(weights)
    embedder = Embedder(weights, prepared, device)
    needed = dict.fromkeys(part for protocol in asked for part in protocol.split("-"))
    vectors = {part: embed(embedder, parts[part].images, views, part) for part in needed}
    return Embedded(file_sha256(weights), prepared.size, views, vectors)


def measure_parts(
    embedded: Embedded,
    parts: Mapping[str, LabeledImages],
    *,
    protocols: Collection[str] = PROTOCOLS,
    expansion: int = 0,
) -> dict[str, Any]:
    """The second half of `evaluate`, which takes seconds; arguments and what is returned are those."""
    measured = {}
    for protocol in [protocol for protocol in possible(parts) if protocol in protocols]:
        query_part, gallery_part = protocol.split("-")
        same = query_part == gallery_part
        gallery = embedded.vectors[gallery_part]
        measured[protocol] = measure(
            expand(embedded.vectors[query_part], gallery, expansion, same=same),
            parts[query_part].labels,
            gallery,
            parts[gallery_part].labels,
            same=same,
        )
    return {
        "weights": embedded.weights,
        "size": embedded.size,
        "views": embedded.views,
        "expansion": expansion,
        "protocols": measured,
    }


def possible(parts: Mapping[str, LabeledImages]) -> list[str]:
    """The protocols whose parts are there; a part against itself needs two images of each of its classes."""
    return [
        protocol
        for protocol in PROTOCOLS
        for queries, gallery in [protocol.split("-")]
        if {queries, gallery} <= parts.keys()
        and (queries != gallery or min(Counter(parts[queries].labels).values()) > 1)
    ]


def _check_classes(protocol: str, parts: Mapping[str, LabeledImages]) -> None:
    """Before the minutes of embedding, and with the name of the folder's class."""
    queries, gallery = protocol.split("-")
    unknown = sorted(set(parts[queries].labels) - set(parts[gallery].labels))
    if unknown:
        raise DataError(
            f"The {queries} images have the class '{unknown[0]}', which the {gallery} images lack "
            f"({len(unknown)} such classes): name its folder as the {gallery} images do, or leave it out."
        )


def table(evaluation: Mapping[str, Any]) -> str:
    """An evaluation as plain text: the protocols, the classes of test-train, and the pairs confused most."""
    protocols = evaluation["protocols"]
    columns = ("P@5", "P@10", "P@50", "R@5", "R@10", "R@50", "ANMRR")
    rows = [["protocol", "queries", "gallery", "P@1 (95 %)", "mAP (95 %)", *columns]]
    for name, measures in protocols.items():
        overall = measures["overall"]
        rows.append(
            [
                name,
                str(measures["queries"]),
                str(measures["gallery"]),
                *(_with_interval(measures, key) for key in ("P@1", "mAP")),
                *(f"{overall[key]:.3f}" for key in columns),
            ]
        )
    texts = [_grid(rows)]
    if "test-train" in protocols:
        shown = ("P@1", "P@10", "P@50", "mAP", "ANMRR")
        classes = protocols["test-train"]["per_class"]
        lines = [[label, *(f"{of[key]:.3f}" for key in shown)] for label, of in classes.items()]
        texts.append(_grid([["test-train", *shown], *lines]))
        pairs = confused(protocols["test-train"]["confusion"])[:PAIRS_SHOWN]
        texts.append("\n".join(["First neighbours of another class in test-train:", *pairs] if pairs else []))
    return "\n\n".join(text for text in texts if text)


def confused(confusion: Mapping[str, Any]) -> list[str]:
    """A line for each pair of different classes that has first neighbours, the most frequent first."""
    counts = np.array(confusion["counts"])
    pairs = [
        (int(counts[row, column]), label, other, int(counts[row].sum()))
        for row, label in enumerate(confusion["labels"])
        for column, other in enumerate(confusion["columns"])
        if label != other and counts[row, column]
    ]
    pairs.sort(key=lambda pair: (-pair[0], *pair[1:]))
    return [f"  {label} finds {other}: {count} of {total}" for count, label, other, total in pairs]


def _with_interval(measures: Mapping[str, Any], key: str) -> str:
    low, high = measures["intervals"][key]
    return f"{measures['overall'][key]:.3f} ({low:.3f}-{high:.3f})"


def _grid(rows: list[list[str]]) -> str:
    """Rows in columns as wide as they need: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
